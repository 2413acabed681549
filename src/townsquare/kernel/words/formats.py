"""How a language writes dates, numbers and lists: patterns of the Unicode CLDR, and the little that reads them."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

_FIELD: Final = re.compile(r"'(?P<quoted>[^']*)'|(?P<field>([a-zA-Z])\3*)")
"""https://www.unicode.org/reports/tr35/tr35-dates.html#Date_Format_Patterns"""
_NOON: Final = 12
_TEN: Final = 10


class Compact(msgspec.Struct, frozen=True):
    """From `least` on, a number in little room is divided by `unit` and stands in `pattern`, as `{0}`."""

    least: int
    unit: int
    pattern: str


class Formats(msgspec.Struct, frozen=True, kw_only=True):
    """What `make catalogues` takes from the CLDR for one language."""

    name: str
    """What the language calls itself."""
    direction: str
    months: Sequence[str]
    short_months: Sequence[str]
    days: Sequence[str]
    short_days: Sequence[str]
    halves: Sequence[str]
    """Of a day: before and after noon."""
    date: str
    long_date: str
    full_date: str
    time: str
    date_and_time: str
    """Of both: `{1}` is the date, `{0}` the time."""
    decimal: str
    group: str
    least_grouped: int
    """The least number whose digits are grouped."""
    compact: Sequence[Compact]
    two: str
    middle: str
    end: str
    languages: Mapping[str, str]
    """Names of languages, by their codes."""

    def number(self, number: int) -> str:
        """All of its digits: 1,234."""
        if abs(number) < self.least_grouped:
            return str(number)
        return f"{number:,}".replace(",", self.group)

    def count(self, number: int) -> str:
        """A number in little room: 999, 1.2K, 34K, 5.6M. Rounded down: nobody is told of more than there is."""
        found = next((one for one in self.compact if number >= one.least), None)
        if found is None:
            return self.number(number)
        tenths = number * 10 // found.unit
        if tenths < _TEN * _TEN and tenths % 10:
            return found.pattern.format(f"{tenths // 10}{self.decimal}{tenths % 10}")
        return found.pattern.format(self.number(number // found.unit))

    def written(self, pattern: str, at: datetime) -> str:
        """A time by a pattern of the CLDR."""
        return _FIELD.sub(lambda found: self._field(found, at), pattern)

    def join(self, items: Sequence[str]) -> str:
        """Several in a row: a, b and c."""
        match items:
            case [*before, one, last] if before:
                row = self.end.format(one, last)
                for item in reversed(before):
                    row = self.middle.format(item, row)
                return row
            case [one, other]:
                return self.two.format(one, other)
            case _:
                return "".join(items)

    def _field(self, found: re.Match[str], at: datetime) -> str:
        field = found["field"]
        if not field:
            return found["quoted"] or "'"
        return _FIELDS[field](self, at)


_FIELDS: Final[Mapping[str, Callable[[Formats, datetime], str]]] = {
    "y": lambda _, at: str(at.year),
    "yy": lambda _, at: f"{at.year % 100:02}",
    "yyyy": lambda _, at: f"{at.year:04}",
    "M": lambda _, at: str(at.month),
    "MM": lambda _, at: f"{at.month:02}",
    "MMM": lambda words, at: words.short_months[at.month - 1],
    "MMMM": lambda words, at: words.months[at.month - 1],
    "d": lambda _, at: str(at.day),
    "dd": lambda _, at: f"{at.day:02}",
    "EEE": lambda words, at: words.short_days[at.weekday()],
    "EEEE": lambda words, at: words.days[at.weekday()],
    "H": lambda _, at: str(at.hour),
    "HH": lambda _, at: f"{at.hour:02}",
    "h": lambda _, at: str((at.hour - 1) % _NOON + 1),
    "hh": lambda _, at: f"{(at.hour - 1) % _NOON + 1:02}",
    "mm": lambda _, at: f"{at.minute:02}",
    "a": lambda words, at: words.halves[at.hour >= _NOON],
}
