"""Runs the effects of events, in batches.

pgqueuer hands out one job an event; jobs of one kind that are under way at the same moment go to an effect together,
so that a hundred posts are pushed to timelines by one statement. An effect that fails is tried again alone, later and
later; the others of the event are not run again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import structlog
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from townsquare.db.loader import Loader
from townsquare.db.pool import Database
from townsquare.jobs.events import Event, emit

Effect = Callable[[Sequence[Any]], Awaitable[None]]
Effects = Mapping[type[Event], Sequence[Effect]]
Observe = Callable[[str, str, float], None]
"""Kind, outcome (done, failed: tried again later, gave up) and seconds of a job that has run."""

TRIES = 12
BATCH = 100
PAUSE = 0.02
"""Seconds between two looks into the queue."""

log = structlog.get_logger("jobs")


class Gathering(Queries):
    """Takes jobs from the queue not more often than each PAUSE, so that those of a busy moment go together."""

    _next = 0.0

    async def dequeue(self, *args: Any, **kwargs: Any) -> list[Job]:
        """See Queries."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next - loop.time()))
        self._next = loop.time() + PAUSE
        return await super().dequeue(*args, **kwargs)


class Retry(Event, frozen=True):
    """One effect of one event that failed before."""

    kind: str
    effect: str
    payload: str
    tries: int


class GaveUp(Exception):
    """An effect failed too often; the job stays in the queue as failed, for a person to look at."""


def _unobserved(_kind: str, _outcome: str, _seconds: float) -> None:
    """For those who do not count."""


async def run(db: Database, dsn: str, effects: Effects, stop: asyncio.Event, *, observe: Observe = _unobserved) -> None:
    """Work until `stop` is set; then finish what is under way."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "townsquare-jobs"})
    try:
        manager = QueueManager(Gathering(AsyncpgDriver(connection)))
        for kind, called in effects.items():
            _register(manager, db, kind, called, observe)
        _register_retry(manager, db, effects, observe)
        ending = asyncio.create_task(_end(manager, stop))
        await manager.run(batch_size=BATCH, dequeue_timeout=timedelta(seconds=5))
        ending.cancel()
    finally:
        await connection.close()


async def _end(manager: QueueManager, stop: asyncio.Event) -> None:
    await stop.wait()
    manager.shutdown.set()


def _register(
    manager: QueueManager, db: Database, kind: type[Event], effects: Sequence[Effect], observe: Observe
) -> None:
    together = [(name_of(effect), Loader(_answering(effect))) for effect in effects]
    decode = msgspec.json.Decoder(kind).decode

    async def work(job: Job) -> None:
        payload = job.payload or b"{}"
        event = decode(payload)
        began = time.perf_counter()
        results = await asyncio.gather(*(loader.load(event) for _, loader in together), return_exceptions=True)
        failed = [(name, one) for (name, _), one in zip(together, results, strict=True) if one is not None]
        observe(kind.__name__, "failed" if failed else "done", time.perf_counter() - began)
        for name, error in failed:
            await _again(db, Retry(kind.__name__, name, payload.decode(), 1), error)

    manager.entrypoint(kind.__name__, on_failure="hold")(work)


def _register_retry(manager: QueueManager, db: Database, effects: Effects, observe: Observe) -> None:
    by_name = {
        (kind.__name__, name_of(effect)): (kind, effect) for kind, called in effects.items() for effect in called
    }

    async def work(job: Job) -> None:
        retry = msgspec.json.decode(job.payload or b"", type=Retry)
        kind, effect = by_name[retry.kind, retry.effect]
        began = time.perf_counter()
        outcome = "done"
        try:
            await effect([msgspec.json.decode(retry.payload, type=kind)])
        except Exception as error:
            outcome = "failed"
            if retry.tries >= TRIES:
                outcome = "gave up"
                raise GaveUp(f"{retry.kind}: {retry.effect} failed {retry.tries} times") from error
            await _again(db, msgspec.structs.replace(retry, tries=retry.tries + 1), error)
        finally:
            observe(retry.kind, outcome, time.perf_counter() - began)

    manager.entrypoint(Retry.__name__, on_failure="hold")(work)


async def _again(db: Database, retry: Retry, error: BaseException) -> None:
    wait = timedelta(seconds=min(5 * 2**retry.tries, 3600))
    log.warning("effect failed", kind=retry.kind, effect=retry.effect, tries=retry.tries, again_in=wait, exc_info=error)
    async with db.transaction() as tx:
        await emit(tx, retry, at=datetime.now(UTC) + wait)


def _answering(effect: Effect) -> Callable[[Sequence[Any]], Awaitable[list[None]]]:
    async def answer(events: Sequence[Any]) -> list[None]:
        await effect(events)
        return [None] * len(events)

    return answer


def name_of(effect: Callable[..., object]) -> str:
    """The function's name, also where arguments are bound to it."""
    return getattr(effect, "func", effect).__name__


async def every(interval: timedelta, act: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Run `act` again and again until `stop`; one that fails is logged and comes again at its next time."""
    while not stop.is_set():
        try:
            await act()
        except Exception:
            log.exception("periodic work failed", act=name_of(act))
        try:
            await asyncio.wait_for(stop.wait(), interval.total_seconds())
        except TimeoutError:
            continue
