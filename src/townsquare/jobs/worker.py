"""Runs the effects of events, in batches and in order.

Jobs are taken by deleting them in a transaction that stays open until their effects have run, so a crash at any moment
leaves them in the queue. Those of one kind that follow each other go to an effect together: a hundred posts are pushed
to timelines by one statement. What happened later is worked off later, so that a favourite that was taken back does not
come after its end. An effect that fails is tried again alone, later and later; the others are not run again.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Final

import msgspec
import structlog

from townsquare.db.pool import Database, Tx
from townsquare.jobs import store
from townsquare.jobs.events import CHANNELS, Event, Queue, read
from townsquare.jobs.store import TRIES, Job, New
from townsquare.kernel.keyring import KeyringError

Effect = Callable[[Sequence[Any]], Awaitable[None]]
Effects = Mapping[type[Event], Sequence[Effect]]
"""What follows from each kind of event, in this order."""
Observe = Callable[[str, str, float], None]
"""Kind, outcome (done, failed: tried again later, gave up) and seconds of a job that has run."""

PAUSE = 0.02
"""Seconds between two looks into the queue: the jobs of a busy moment go together."""
POLL = 2.0
"""Seconds after which the queue is looked at though nobody said that there is something in it."""

log = structlog.get_logger("jobs")


class Crew(msgspec.Struct, frozen=True):
    """How a queue is worked off: by so many hands at once, each of which takes so many jobs together."""

    hands: int
    most: int


CREWS: Final[Mapping[Queue, Crew]] = {
    "default": Crew(1, 500),
    "mail": Crew(2, 1),
    "outside": Crew(2, 1),
    "push": Crew(1, 100),
    "media": Crew(1, 1),
    "evidence": Crew(1, 1),
}
HANDS: Final = sum(crew.hands for crew in CREWS.values())
"""So many connections may be held at a time by work that waits for another."""


class Bell:
    """Wakes the hands that wait for work in a queue. `heard`: what whoever listens does, by channel."""

    def __init__(self) -> None:
        self._hands: dict[Queue, list[asyncio.Event]] = {queue: [] for queue in CREWS}
        self.heard: Mapping[str, Callable[[str], None]] = {
            CHANNELS[queue]: partial(self.ring, queue) for queue in CREWS
        }

    def hand(self, queue: Queue) -> asyncio.Event:
        """For one hand to wait on, and to clear before it looks into the queue."""
        self._hands[queue].append(asyncio.Event())
        return self._hands[queue][-1]

    def ring(self, queue: Queue, _payload: str = "") -> None:
        for hand in self._hands[queue]:
            hand.set()


def _unobserved(_kind: str, _outcome: str, _seconds: float) -> None:
    """For those who do not count."""


async def run(
    db: Database, effects: Effects, stop: asyncio.Event, *, bell: Bell, observe: Observe = _unobserved
) -> None:
    """Work until `stop` is set; then finish what is under way. Raises asyncpg's errors when the database is lost."""
    try:
        async with asyncio.TaskGroup() as group:
            for queue, crew in CREWS.items():
                known = {kind.__name__: (kind, called) for kind, called in effects.items() if kind.queue == queue}
                for _ in range(crew.hands):
                    hand = Hand(db, queue, known, observe)
                    group.create_task(hand.work(crew.most, bell.hand(queue), stop))
            await stop.wait()
            for queue in CREWS:
                bell.ring(queue)
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


class Hand:
    """Works off one batch after the other. `known`: the events of its queue, by name, and their effects."""

    def __init__(
        self, db: Database, queue: Queue, known: Mapping[str, tuple[type[Event], Sequence[Effect]]], observe: Observe
    ) -> None:
        self._db = db
        self._queue = queue
        self._known = known
        self._observe = observe

    async def work(self, most: int, rung: asyncio.Event, stop: asyncio.Event) -> None:
        """Until `stop`; when the queue is empty, wait until somebody rings, or for POLL."""
        clock = asyncio.get_running_loop().time
        while not stop.is_set():
            rung.clear()
            began = clock()
            if await self.batch(most) < most:
                with suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), about(POLL))
                await asyncio.sleep(began + PAUSE - clock())

    async def batch(self, most: int) -> int:
        """Take what is due, run it, and commit that it has run. How many jobs were taken."""
        async with self._db.transaction() as tx:
            jobs = await store.take(tx, self._queue, list(self._known), most)
            for (kind, effect), alike in groupby(jobs, key=lambda job: (job.kind, job.effect)):
                await self._together(tx, kind, effect, list(alike))
        return len(jobs)

    async def _together(self, tx: Tx, name: str, effect: str | None, jobs: Sequence[Job]) -> None:
        began = time.perf_counter()
        kind, called = self._known[name]
        good, events = await self._read(tx, kind, jobs)
        chosen = [one for one in called if effect is None or name_of(one) == effect]
        if effect is not None and not chosen:
            log.warning("an effect that is no more is not tried again", kind=name, effect=effect)
        outcomes = ["done"] * len(good)
        for one in chosen:
            for index, error in (await attempt(one, events)).items():
                outcomes[index] = await self._failed(tx, good[index], name_of(one), error)
        seconds = time.perf_counter() - began
        for outcome in outcomes:
            self._observe(name, outcome, seconds)

    async def _read(self, tx: Tx, kind: type[Event], jobs: Sequence[Job]) -> tuple[list[Job], list[Event]]:
        """The jobs whose events can be read. One that cannot be would stand in the way for ever."""
        good: list[Job] = []
        events: list[Event] = []
        for job in jobs:
            try:
                events.append(read(tx.keys, kind, job.payload))
                good.append(job)
            except (msgspec.MsgspecError, KeyringError) as error:
                log.error("a job that cannot be read was given up", kind=job.kind, job=job.id, error=str(error))
                await store.give_up(tx, self._queue, job, job.effect, str(error))
                self._observe(job.kind, "gave up", 0.0)
        return good, events

    async def _failed(self, tx: Tx, job: Job, effect: str, error: Exception) -> str:
        tries = job.tries + 1
        if tries > TRIES:
            log.error("effect failed too often", kind=job.kind, effect=effect, tries=tries, exc_info=error)
            await store.give_up(tx, self._queue, job, effect, repr(error))
            return "gave up"
        wait = timedelta(seconds=min(5 * 2**tries, 3600))
        log.warning("effect failed", kind=job.kind, effect=effect, tries=tries, again_in=wait, exc_info=error)
        again = New(self._queue, job.kind, job.payload, effect, tries)
        await store.insert(tx, [again], datetime.now(UTC) + wait)
        return "failed"


async def attempt(effect: Effect, events: Sequence[Event]) -> dict[int, Exception]:
    """Run an effect for events together; where that fails, for each alone. The errors by the events' places."""
    if not events:
        return {}
    try:
        await effect(events)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is logged, and tried again)
        if len(events) == 1:
            return {0: error}
        alone = [await attempt(effect, [event]) for event in events]
        return {index: failed[0] for index, failed in enumerate(alone) if failed}
    return {}


def name_of(effect: Callable[..., object]) -> str:
    """The function's name, also where arguments are bound to it."""
    return getattr(effect, "func", effect).__name__


def about(seconds: float) -> float:
    """A tenth more or less, so that those who look again and again do not all look at one moment: each needs a
    connection then, and all of these would be kept.
    """
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311 (when it is looked is no secret)


async def every(interval: timedelta, act: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Run `act` about so often until `stop`; one that fails is logged and comes again at its next time."""
    while not stop.is_set():
        try:
            await act()
        except Exception:
            log.exception("periodic work failed", act=name_of(act))
        try:
            await asyncio.wait_for(stop.wait(), about(interval.total_seconds()))
        except TimeoutError:
            continue
