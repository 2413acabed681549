"""Events and how they get into the queue."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, Literal, LiteralString, TypeVar

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import store
from townsquare.kernel.keyring import Keyring

Queue = Literal["default", "mail", "outside", "push", "media", "evidence"]
CHANNELS: Final[Mapping[Queue, LiteralString]] = {
    "default": "townsquare_jobs_default",
    "mail": "townsquare_jobs_mail",
    "outside": "townsquare_jobs_outside",
    "push": "townsquare_jobs_push",
    "media": "townsquare_jobs_media",
    "evidence": "townsquare_jobs_evidence",
}
"""On which the workers hear that there is something to do in a queue."""

_SEALED: Final = "sealed:"


class Event(msgspec.Struct, frozen=True):
    """Something that happened. A subclass lists the ids that its effects need, and nothing that may change."""

    queue: ClassVar[Queue] = "default"
    """`mail`, `push` and `outside` where an effect waits for other machines, so that they never hold up what is quick:
    our mail server, push services, and whatever strangers have us ask, which may take its time on purpose.
    `media` where it computes for minutes, and `evidence` where it copies for as long: what anybody reports, be it hours
    of film, holds up neither what is decided nor what others post."""
    closed: ClassVar[bool] = False
    """It has an address or words that are not for everybody: while it waits it is sealed."""


E = TypeVar("E", bound=Event)


async def emit(tx: Tx, *events: Event, at: datetime | None = None) -> None:
    """Write events into the queue within the caller's transaction; effects run after it commits, or `at` a time."""
    if events:
        await store.insert(tx, [_job(tx.keys, event) for event in events], at)
        for event in events:
            tx.tell(CHANNELS[event.queue])


def job_of(event: Event) -> store.New:
    """The job that an event becomes, for statements that write it together with what happened (`store.ENQUEUE`)."""
    return store.New(event.queue, type(event).__name__, msgspec.json.encode(event).decode(), None, 0)


def read(keys: Keyring, kind: type[E], payload: str) -> E:
    """An event as it was. Raises msgspec.MsgspecError or KeyringError."""
    if payload.startswith(_SEALED):
        sealed = base64.b64decode(payload.removeprefix(_SEALED))
        return msgspec.json.decode(keys.open("jobs", sealed, kind.__name__), type=kind)
    return msgspec.json.decode(payload, type=kind)


def _job(keys: Keyring, event: Event) -> store.New:
    job = job_of(event)
    if not event.closed:
        return job
    sealed = keys.seal("jobs", job.payload.encode(), job.kind)
    return msgspec.structs.replace(job, payload=_SEALED + base64.b64encode(sealed).decode())
