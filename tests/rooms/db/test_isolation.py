"""The fixture that all other tests stand on."""

import asyncpg

from townsquare.db.pool import Database


async def test_what_a_test_writes_is_seen_by_it_and_by_nobody_else(db: Database, dsn: str) -> None:
    async with db.transaction() as tx:
        await tx.execute("CREATE TABLE seen_by_one (n int)")
        await tx.execute("INSERT INTO seen_by_one VALUES (1)")
    assert await db.value("SELECT n FROM seen_by_one") == 1
    other = await asyncpg.connect(dsn)
    assert await other.fetchval("SELECT to_regclass('seen_by_one')") is None
    await other.close()


async def test_the_schema_is_the_newest(db: Database) -> None:
    assert await db.value("SELECT count(*) FROM schema_migrations") >= 1
