"""Events and how they get into the queue."""

from datetime import UTC, datetime

import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from townsquare.db.pool import Tx


class Event(msgspec.Struct, frozen=True):
    """Something that happened. A subclass lists the ids that its effects need, and nothing that may change."""


async def emit(tx: Tx, *events: Event, at: datetime | None = None) -> None:
    """Write events into the queue within the caller's transaction; effects run after it commits, or `at` a time."""
    if not events:
        return
    wait = None if at is None else max(at - datetime.now(UTC), datetime.resolution)
    await Queries(AsyncpgDriver(tx.connection)).enqueue(
        [type(event).__name__ for event in events],
        [msgspec.json.encode(event) for event in events],
        [0] * len(events),
        [wait] * len(events),
    )
