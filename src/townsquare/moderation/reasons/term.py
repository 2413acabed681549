"""For how long appeals are open: six months by the calendar, from the day on which somebody was told. Pure.

Regulation 1182/71, article 3: the day itself does not count, the last one does, to its end; where its month has no such
day it is the last of the month, and where it is a Saturday or Sunday, the Monday after it. Which zone somebody lives in
is not asked: the day begins where it begins last, and ends where it ends last.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

MONTHS: Final = 6
_FIRST: Final = timezone(timedelta(hours=14))
"""Where it is the next day before it is anywhere else."""
_SATURDAY: Final = 5


def last_day(told_at: datetime) -> datetime:
    """On which one can still appeal: its noon in UTC, which is on that day (in the far east of the Pacific on the next
    one, which is not over then either).
    """
    told = told_at.astimezone(_FIRST).date()
    year, month = divmod(told.year * 12 + told.month - 1 + MONTHS, 12)
    last = date(year, month + 1, min(told.day, monthrange(year, month + 1)[1]))
    last += timedelta(days=max(0, 7 - last.weekday()) if last.weekday() >= _SATURDAY else 0)
    return datetime(last.year, last.month, last.day, 12, tzinfo=UTC)


def is_open(told_at: datetime, now: datetime) -> bool:
    """Whether somebody who was told then can still appeal: the day ends last where it is noon in UTC of the next."""
    return now < last_day(told_at) + timedelta(days=1)


def over_before(now: datetime) -> datetime:
    """Whoever was told before this cannot appeal any more, whoever was told then or later can."""
    day = now.astimezone(_FIRST).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (day - timedelta(days=ago) for ago in range(30 * MONTHS, 33 * MONTHS))
    return next(one for one in days if not is_open(one - timedelta(microseconds=1), now))
