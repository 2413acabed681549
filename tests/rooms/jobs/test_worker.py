"""What follows from events: once each, in order, and not lost by errors, crashes or a wrong moment."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.support.database import KEYS
from townsquare.db.listen import listen
from townsquare.db.pool import BACKGROUND, Database
from townsquare.jobs import Bell, Effects, Event, emit, run, store_failed
from townsquare.jobs.store import TRIES, waiting
from townsquare.jobs.worker import CREWS, Hand
from townsquare.kernel.errors import DATABASE_LOST

PATIENCE = 30


class Poured(Event, frozen=True):
    number: int


class Spilt(Event, frozen=True):
    number: int


class Sent(Event, frozen=True):
    queue = "outside"
    number: int


class Mailed(Event, frozen=True):
    queue = "mail"
    number: int


@pytest.fixture
async def db(dsn: str) -> AsyncGenerator[Database]:
    """A pool of real connections: what is committed is seen by others."""
    async with Database.connect(dsn, lambda: KEYS, connections=8, session=BACKGROUND) as one:
        await one.execute("DELETE FROM jobs WHERE kind = ANY($1)", ["Poured", "Spilt", "Sent", "Mailed"])
        await one.execute("DELETE FROM failed_jobs")
        yield one


async def say(db: Database, *events: Event, at: datetime | None = None) -> None:
    async with db.transaction() as tx:
        await emit(tx, *events, at=at)


def ignore(_kind: str, _outcome: str, _seconds: float) -> None:
    pass


def hand(db: Database, effects: Effects) -> Hand:
    return Hand(db, "default", {kind.__name__: (kind, called) for kind, called in effects.items()}, ignore)


async def left(db: Database) -> list[tuple[str, str, int]]:
    kinds = {"Poured", "Spilt", "Sent", "Mailed"}
    return [(one.kind, one.state, one.jobs) for one in await waiting(db) if one.kind in kinds]


class Heard:
    """An effect that remembers what it was called with; it fails for the numbers in `bad`."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.calls: list[list[int]] = []
        self.called = asyncio.Event()
        self.__name__ = "heard"

    async def __call__(self, events: Sequence[Poured | Spilt | Sent]) -> None:
        numbers = [event.number for event in events]
        if self.bad & set(numbers):
            raise ValueError("not this one")
        self.calls.append(numbers)
        self.called.set()

    async def wait(self) -> None:
        """Until it is called."""
        await asyncio.wait_for(self.called.wait(), PATIENCE)
        self.called.clear()


async def test_events_that_follow_each_other_go_together_and_all_go_in_order(db: Database) -> None:
    heard = Heard()
    await say(db, Poured(1), Poured(2), Spilt(3), Poured(4))
    assert await hand(db, {Poured: [heard], Spilt: [heard]}).batch(100) == 4
    assert heard.calls == [[1, 2], [3], [4]]
    assert await left(db) == []


async def test_what_is_rolled_back_never_happened(db: Database) -> None:
    async def say_and_fail() -> None:
        async with db.transaction() as tx:
            await emit(tx, Poured(1))
            await tx.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await say_and_fail()
    assert await left(db) == []


async def test_one_that_fails_is_tried_again_alone_and_only_where_it_failed(db: Database) -> None:
    good, bad = Heard(), Heard(2)
    bad.__name__ = "choosy"
    worker = hand(db, {Poured: [good, bad]})
    await say(db, Poured(1), Poured(2), Poured(3))
    await worker.batch(100)
    assert (good.calls, bad.calls) == ([[1, 2, 3]], [[1], [3]])
    assert await left(db) == [("Poured", "later", 1)]

    await db.execute("UPDATE jobs SET due_at = now() WHERE kind = 'Poured'")
    bad.bad.clear()
    await worker.batch(100)
    assert (good.calls, bad.calls) == ([[1, 2, 3]], [[1], [3], [2]])
    assert await left(db) == []


async def test_what_fails_again_and_again_is_kept_for_a_person(db: Database) -> None:
    worker = hand(db, {Poured: [Heard(1)]})
    await say(db, Poured(1))
    for _ in range(TRIES + 1):
        await worker.batch(100)
        await db.execute("UPDATE jobs SET due_at = now() WHERE kind = 'Poured'")
    assert await left(db) == [("Poured", "failed", 1)]
    assert await db.value("SELECT error FROM failed_jobs") == "ValueError('not this one')"


async def test_what_deletes_is_tried_for_ever_and_shown_meanwhile(db: Database) -> None:
    async def later(hours: float) -> None:
        await db.execute("UPDATE failed_jobs SET failed_at = failed_at - $1::interval", timedelta(hours=hours))
        await store_failed.go_on(db, ["Heard"])
        await worker.batch(100)

    heard = Heard(1)
    heard.__name__ = "Heard"
    worker = hand(db, {Poured: [heard]})
    await say(db, Poured(1))
    for _ in range(TRIES + 1):
        await worker.batch(100)
        await db.execute("UPDATE jobs SET due_at = now() WHERE kind = 'Poured'")
    for hours, tried in ((0, 0), (1, 1), (1, 1), (1, 2)):
        await later(hours)
        assert await db.value("SELECT tries FROM failed_jobs") == TRIES + 1 + tried
        assert await left(db) == [("Poured", "failed", 1)]
    heard.bad.clear()
    await later(5)
    assert (heard.calls, await left(db)) == ([[1]], [])


async def test_a_job_that_cannot_be_read_does_not_stand_in_the_way(db: Database) -> None:
    heard = Heard()
    await say(db, Poured(1), Poured(2))
    await db.execute("""UPDATE jobs SET payload = '{"number":"one"}' WHERE kind = 'Poured' AND payload LIKE '%1%'""")
    await hand(db, {Poured: [heard]}).batch(100)
    assert heard.calls == [[2]]
    assert await left(db) == [("Poured", "failed", 1)]


async def test_what_a_worker_had_taken_is_there_again_when_it_dies(db: Database, dsn: str) -> None:
    heard = Heard()
    await say(db, Poured(1))

    async def die(_: Sequence[Poured]) -> None:
        await db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dying'")

    session = {**BACKGROUND, "application_name": "dying"}
    async with Database.connect(dsn, lambda: KEYS, connections=1, session=session) as other:
        with pytest.raises(DATABASE_LOST):
            await hand(other, {Poured: [die]}).batch(100)
    await hand(db, {Poured: [heard]}).batch(100)
    assert heard.calls == [[1]]


async def test_two_workers_never_take_the_same_job(db: Database) -> None:
    heard = Heard()

    async def slow(events: Sequence[Poured]) -> None:
        await asyncio.sleep(0.01)
        await heard(events)

    await say(db, *(Poured(number) for number in range(60)))
    workers = [hand(db, {Poured: [slow]}) for _ in range(3)]
    taken = await asyncio.gather(*(worker.batch(20) for worker in workers))
    assert sum(taken) == 60
    assert sorted(number for call in heard.calls for number in call) == list(range(60))


async def test_an_event_for_later_waits(db: Database) -> None:
    heard = Heard()
    await say(db, Poured(1), at=datetime.now(UTC) + timedelta(hours=1))
    await hand(db, {Poured: [heard]}).batch(100)
    assert heard.calls == []
    assert await left(db) == [("Poured", "later", 1)]


@asynccontextmanager
async def working(db: Database, dsn: str, effects: Effects) -> AsyncGenerator[None]:
    """A worker as the service runs it, listening."""
    bell, stop, heard = Bell(), asyncio.Event(), asyncio.Event()

    async def up() -> None:
        heard.set()

    ear = asyncio.create_task(listen(dsn, bell.heard, up=up, down=heard.clear))
    await asyncio.wait_for(heard.wait(), PATIENCE)
    worker = asyncio.create_task(run(db, effects, stop, bell=bell))
    yield
    stop.set()
    await asyncio.wait_for(worker, PATIENCE)
    ear.cancel()


async def test_a_worker_hears_of_what_was_committed(db: Database, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townsquare.jobs.worker.POLL", 3600)
    heard = Heard()
    async with working(db, dsn, {Poured: [heard]}):
        for number in range(3):
            await say(db, Poured(number))
            await heard.wait()
    assert heard.calls == [[0], [1], [2]]


async def test_what_waits_for_others_holds_up_nothing(db: Database, dsn: str) -> None:
    heard, free = Heard(), asyncio.Event()

    async def stuck(_: Sequence[Sent]) -> None:
        await free.wait()

    async with working(db, dsn, {Sent: [stuck], Poured: [heard], Mailed: [heard]}):
        await say(db, *(Sent(number) for number in range(CREWS["outside"].hands + 1)), Poured(1))
        await heard.wait()
        await say(db, Mailed(2))
        await heard.wait()
        assert heard.calls == [[1], [2]]
        free.set()
