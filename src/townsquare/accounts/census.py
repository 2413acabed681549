"""How many live here and how many of them come.

These figures are for show, and may not cost more than that: a count is kept for a while, longer where it took longer.
Where few live it is all but true at any moment, and of all processes the same.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from townsquare.accounts import store_census
from townsquare.db.pool import Db

MOST_KEPT = 600.0
"""Seconds for which a count is good enough."""
SHARE = 500
"""So many times as long as it took a count is kept."""


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
        self._until = 0.0

    async def counts(self, db: Db) -> Counts:
        """Counted anew when the last count has been kept for long enough."""
        now = self._clock()
        if self._counts is None or now > self._until:
            self._until = now + MOST_KEPT  # the others do not wait for this count
            today = datetime.now(UTC).date()
            days = [today - timedelta(days=span) for span in (7, 30, 180)]
            self._counts = Counts(**await store_census.count(db, *days))
            self._until = now + min(MOST_KEPT, SHARE * (self._clock() - now))
        return self._counts
