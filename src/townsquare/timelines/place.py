"""What the place says of itself: how much happens here, and which other places it knows."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import first_id_of
from townsquare.timelines import store_place as store
from townsquare.timelines.store_place import Week

KEPT = 3600.0
"""Seconds for which these figures are good enough: counting them reads much."""
WEEKS: Final = 12


class Figures(msgspec.Struct, frozen=True):
    """`weeks`: the latest first. `peers`: domains of other places."""

    weeks: Sequence[Week]
    peers: Sequence[str]


class Almanac:
    """The last figures of this process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._figures: Figures | None = None
        self._at = 0.0

    async def figures(self, db: Db) -> Figures:
        """Counted anew when the last figures are older than KEPT."""
        now = self._clock()
        if self._figures is None or now - self._at > KEPT:
            self._at = now
            self._figures = Figures(await weeks(db, datetime.now(UTC)), await store.peers(db))
        return self._figures


async def weeks(db: Db, now: datetime) -> list[Week]:
    """The twelve weeks up to now."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [monday + timedelta(weeks=number) for number in range(1 - WEEKS, 2)]
    return await store.weeks(db, days, [first_id_of(int(day.timestamp() * 1000)) for day in days])
