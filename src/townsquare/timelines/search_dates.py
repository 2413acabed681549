"""Dates as people type them into a search: 2026, 2026-11, 2026-11-30, today, yesterday, 7d. All in UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import LARGEST, first_id_of
from townsquare.kernel.words import Words

_DAY: Final = timedelta(days=1)
_CALENDAR: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_AGO: Final = re.compile(r"(\d{1,4})([hdwmy])", re.ASCII)
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
HELP: Final = Words(
    "a day (2026-11-30), a month (2026-11), a year (2026), today, yesterday or how long ago (12h, 7d, 2w, 3m, 1y)"
)

Span = tuple[int, int]
"""Of ids: the first one in it, and the first one after it. Ids tell when something was posted."""


def span_of(operator: str, text: str, now: datetime) -> Span:
    """The time that a date stands for; a moment is one without length. Raises Invalid."""
    try:
        start, end = _span(text.strip().lower(), now.astimezone(UTC))
        return _first_id(start), _first_id(end)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            Words("“%(said)s” is not a date: write %(help)s", said=f"{operator}:{text[:40]}", help=HELP)
        ) from error


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    if text in ("today", "yesterday"):
        day = _midnight(now.date()) - (_DAY if text == "yesterday" else timedelta())
        return day, day + _DAY
    if ago := _AGO.fullmatch(text):
        moment = now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])
        return moment, moment
    if calendar := _CALENDAR.fullmatch(text):
        return _calendar(*(None if part is None else int(part) for part in calendar.groups()))
    moment = datetime.fromisoformat(text.upper())
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment, moment


def _calendar(year: int | None, month: int | None, day: int | None) -> tuple[datetime, datetime]:
    start = _midnight(date(year or 0, 1 if month is None else month, 1 if day is None else day))
    if day is not None:
        return start, start + _DAY
    if month is not None:
        return start, (start + 31 * _DAY).replace(day=1)
    return start, start.replace(year=start.year + 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _first_id(at: datetime) -> int:
    return min(first_id_of(int(at.timestamp() * 1000)), LARGEST)
