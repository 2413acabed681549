"""Collect the sentences that people read, put them into the catalogues, and take what the CLDR says of each language.

`make catalogues` for all languages there are, `make catalogues ARGS=fr` to begin one.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import townsquare.app
from townsquare.kernel.errors import Refused
from townsquare.kernel.text import LANGUAGES
from townsquare.kernel.words.catalogues import SOURCE, TONGUES
from townsquare.kernel.words.formats import Compact, Formats
from townsquare.kernel.words.tongue import PREFIX

PROGRAM: Final = Path(townsquare.app.__file__).parent
FOLDER: Final = PROGRAM / "kernel" / "words" / "catalogues"
CLDR: Final[Mapping[str, str]] = {"en": "en_GB"}
"""Whose formats a language takes, where it is not its own."""
WRITTEN: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""The date in the catalogues: it never changes, so that they do only where a sentence does."""

FOR_PROGRAMS: Final = (
    "api/**.py",
    "federation/**.py",
    "cli/**.py",
    "auth/oauth_*.py",
    "kernel/http/**.py",
    "timelines/push_subscriptions.py",
    "timelines/streaming/**.py",
)
"""What speaks to programs, in English."""
_METHODS: Final = [
    *((pattern, "ignore") for pattern in FOR_PROGRAMS),
    ("**.py", "scripts.catalogues:from_python"),
    ("**/templates/**.html", "jinja2"),
]
_OPTIONS: Final = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.i18n",
        "newstyle_gettext": "true",
        "trimmed": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
_MARKS: Final[dict[str, Any]] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "N_": None,
    "Words": None,
    "plural": (1, 2),
}


def from_python(file: IO[bytes], keywords: Mapping[str, Any], comments: Sequence[str], options: Any) -> Iterator[Any]:
    """Like Babel's own, and without what stands before a sentence for apps only."""
    for line, name, messages, remarks in extract_python(file, keywords, comments, options):
        many = cast("tuple[str | None, ...]", messages if isinstance(messages, tuple) else (messages,))
        yield line, name, tuple(one and one.removeprefix(PREFIX) for one in many), remarks


def collected() -> Catalog:
    """Every sentence of the program."""
    marks = _MARKS | {error.__name__: None for error in (Refused, *below(Refused))}
    found = Catalog(project="Townsquare", creation_date=WRITTEN, revision_date=WRITTEN, charset="utf-8")
    methods = cast("Any", [(pattern, method) for pattern, method in _METHODS])
    for name, line, message, remarks, context in extract_from_dir(
        PROGRAM, methods, _OPTIONS, marks, ("For translators:",)
    ):
        if message and message != "":
            found.add(message, None, [(name, line)], auto_comments=remarks, context=context)
    return found


def below(error: type[Refused]) -> Iterator[type[Refused]]:
    """All kinds of it."""
    for one in error.__subclasses__():
        yield one
        yield from below(one)


def updated(code: str, template: Catalog) -> Catalog:
    """The catalogue of a language with the sentences that there are now; those that are gone are left out."""
    file = FOLDER / f"{code}.po"
    if file.exists():
        with file.open("rb") as opened:
            kept = read_po(opened, locale=code)
    else:
        kept = Catalog(locale=code, project="Townsquare", charset="utf-8")
    kept.update(template, no_fuzzy_matching=True)
    kept.creation_date = kept.revision_date = WRITTEN
    return kept


def po_of(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalogue, width=120, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return written.getvalue()


def mo_of(catalogue: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def formats(code: str) -> Formats:
    """What the CLDR says of a language."""
    locale = Locale.parse(CLDR.get(code, code))
    shorts = locale.days["format"]["abbreviated"]
    days = locale.days["format"]["wide"]
    lists = locale.list_patterns["standard"]
    halves = locale.day_periods["format"]
    symbols = locale.number_symbols["latn"]
    named = cast("Mapping[str, str]", locale.languages)
    return Formats(
        name=locale.get_language_name(code) or code,
        direction=locale.character_order.replace("left-to-right", "ltr").replace("right-to-left", "rtl"),
        months=[locale.months["format"]["wide"][month] for month in range(1, 13)],
        short_months=[locale.months["format"]["abbreviated"][month] for month in range(1, 13)],
        days=[days[day] for day in range(7)],
        short_days=[shorts[day] for day in range(7)],
        halves=[next(kind[half] for kind in halves.values() if half in kind) for half in ("am", "pm")],
        date=str(locale.date_formats["medium"].pattern),
        long_date=str(locale.date_formats["long"].pattern),
        full_date=str(locale.date_formats["full"].pattern),
        time=str(locale.time_formats["short"].pattern),
        date_and_time=str(locale.datetime_formats["medium"]).replace("'", ""),
        decimal=symbols["decimal"],
        group=symbols["group"],
        least_grouped=10_000 if code in ("es", "pt", "pl", "it") else 1000,
        compact=_compact(locale),
        two=lists["2"],
        middle=lists["middle"],
        end=lists["end"],
        languages={one: named[key] for one in LANGUAGES if (key := one.replace("-", "_")) in named},
    )


def _compact(locale: Locale) -> list[Compact]:
    """From the largest down; a number that the language does not shorten is left out."""
    found: list[Compact] = []
    patterns = locale.compact_decimal_formats["short"]["other"]
    for least, pattern in sorted(((int(least), str(one.pattern)) for least, one in patterns.items()), reverse=True):
        zeros = pattern.count("0")
        if pattern.strip("0"):
            shown = pattern.replace("'", "").replace("0" * zeros, "{0}")
            found.append(Compact(least, least // 10 ** (zeros - 1), shown))
    return found


def write(codes: Sequence[str]) -> None:
    template = collected()
    (FOLDER / "townsquare.pot").write_bytes(po_of(template))
    for code in codes:
        made = msgspec.json.format(msgspec.json.encode(formats(code)), indent=1)
        (FOLDER / f"{code}.json").write_bytes(made + b"\n")
        if code != SOURCE:
            catalogue = updated(code, template)
            (FOLDER / f"{code}.po").write_bytes(po_of(catalogue))
            (FOLDER / f"{code}.mo").write_bytes(mo_of(catalogue))


if __name__ == "__main__":
    write([*TONGUES, *sys.argv[1:]])
