"""How many live here and how many of them come, counted at most once in a while: these figures are for show."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts import store_census
from townsquare.db.pool import Db

KEPT = 600.0
"""Seconds for which a count is good enough."""


class Counts(msgspec.Struct, frozen=True):
    """People are those who are confirmed, approved and not suspended; active: they came within so many days."""

    people: int
    active_week: int
    active_month: int
    active_half_year: int
    posts: int


class Census:
    """The last count of this process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counts | None = None
        self._at = 0.0

    async def counts(self, db: Db) -> Counts:
        """Counted anew when the last count is older than KEPT."""
        now = self._clock()
        if self._counts is None or now - self._at > KEPT:
            self._at = now
            today = datetime.now(UTC).date()
            days = [today - timedelta(days=span) for span in (7, 30, 180)]
            self._counts = Counts(**await store_census.count(db, *days))
        return self._counts
