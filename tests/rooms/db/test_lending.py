"""Connections are kept at hand, and nobody waits for one that lies about."""

import asyncio

import asyncpg
import pytest

from tests.support.database import KEYS
from townsquare.db import lending
from townsquare.db.pool import Database


async def pid(db: Database) -> int:
    return await db.value("SELECT pg_backend_pid()")


async def test_many_share_few(dsn: str) -> None:
    async with Database.connect(dsn, lambda: KEYS, connections=2) as db:
        answers = await asyncio.gather(*(db.value("SELECT $1::int", number) for number in range(200)))
        assert answers == list(range(200))
        assert db.connections() == (2, 0)
        assert await pid(db) == await pid(db)


async def test_a_snapshot_is_of_one_moment(dsn: str) -> None:
    count = "SELECT count(*) FROM pg_largeobject_metadata WHERE oid = 4711"
    async with Database.connect(dsn, lambda: KEYS, connections=2) as db:
        async with db.snapshot() as tx:
            before = await tx.value(count)
            await db.execute("SELECT lo_create(4711)")
            assert await tx.value(count) == before == 0
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await tx.execute("CREATE TABLE not_here (n int)")
        assert await db.value(count) == 1
        await db.execute("SELECT lo_unlink(4711)")


async def test_one_whose_request_was_given_up_is_not_lent_before_it_is_clean(dsn: str) -> None:
    async with Database.connect(dsn, lambda: KEYS, connections=1) as db:
        slow = asyncio.create_task(db.value("SELECT pg_sleep(60)"))
        await asyncio.sleep(0.05)
        slow.cancel()
        assert await asyncio.wait_for(db.value("SELECT 1"), 30) == 1


async def test_one_that_was_lost_is_not_lent_again(dsn: str) -> None:
    async with (
        Database.connect(dsn, lambda: KEYS, connections=2) as db,
        Database.connect(dsn, lambda: KEYS, connections=1) as other,
    ):
        lost = await pid(db)
        await other.execute("SELECT pg_terminate_backend($1)", lost)
        await asyncio.sleep(0.05)
        assert await pid(db) != lost


async def test_what_is_under_way_is_finished_before_the_end(dsn: str) -> None:
    async with asyncio.timeout(30):
        async with Database.connect(dsn, lambda: KEYS, connections=2) as db:
            last = asyncio.create_task(db.value("SELECT 7 FROM pg_sleep(0.2)"))
            await asyncio.sleep(0.05)
        assert await last == 7


async def test_those_that_are_not_needed_go_back(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "EBB", 0.02)
    async with asyncpg.create_pool(dsn, min_size=0, max_size=4) as pool, lending.Lending(pool) as lent:
        async with lent.lend(), lent.lend(), lent.lend():
            assert lent.sizes() == (3, 3)
        assert pool.get_idle_size() == 0
        async with asyncio.timeout(30):
            while pool.get_idle_size() < 3:  # noqa: ASYNC110 (the pool tells nobody when one comes back)
                await asyncio.sleep(0.01)
