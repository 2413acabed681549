"""Events and how they get into the queue."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import store

Queue = Literal["default", "mail", "outside", "push", "media"]
CHANNELS: Final[Mapping[Queue, LiteralString]] = {
    "default": "townsquare_jobs_default",
    "mail": "townsquare_jobs_mail",
    "outside": "townsquare_jobs_outside",
    "push": "townsquare_jobs_push",
    "media": "townsquare_jobs_media",
}
"""On which the workers hear that there is something to do in a queue."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened. A subclass lists the ids that its effects need, and nothing that may change."""

    queue: ClassVar[Queue] = "default"
    """`mail`, `push` and `outside` where an effect waits for other machines, so that they never hold up what is quick:
    our mail server, push services, and whatever strangers have us ask, which may take its time on purpose.
    `media` where it computes for minutes."""


async def emit(tx: Tx, *events: Event, at: datetime | None = None) -> None:
    """Write events into the queue within the caller's transaction; effects run after it commits, or `at` a time."""
    if events:
        await store.insert(tx, [job_of(event) for event in events], at)
        for event in events:
            tx.tell(CHANNELS[event.queue])


def job_of(event: Event) -> store.New:
    """The job that an event becomes, for statements that write it together with what happened (`store.ENQUEUE`)."""
    return store.New(event.queue, type(event).__name__, msgspec.json.encode(event).decode(), None, 0)
