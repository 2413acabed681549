"""Migrations, each test in a schema of its own."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from townsquare.db.migrate import (
    MigrationChanged,
    MigrationError,
    MigrationFailed,
    SchemaTooNew,
    SchemaTooOld,
    State,
    check_schema,
    migrate,
    read,
    status,
)


class Place(NamedTuple):
    dsn: str
    schema: str

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.dsn, server_settings={"search_path": self.schema})


@pytest.fixture
async def place(dsn: str) -> AsyncGenerator[Place]:
    """A schema with nothing in it."""
    schema = f"m_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"CREATE SCHEMA {schema}")
    yield Place(dsn, schema)
    await connection.execute(f"DROP SCHEMA {schema} CASCADE")
    await connection.close()


@pytest.fixture
async def conn(place: Place) -> AsyncGenerator[asyncpg.Connection]:
    connection = await place.connect()
    yield connection
    await connection.close()


def files(folder: Path, content: Mapping[str, str]) -> Path:
    for name, sql in content.items():
        (folder / name).write_text(sql)
    return folder


TWO = {
    "0001_people.sql": "CREATE TABLE people (name text);\nINSERT INTO people VALUES ('Ada; Lovelace');",
    "0002_ages.sql": "ALTER TABLE people ADD age int;",
}


async def test_files_run_once_and_in_order(conn: asyncpg.Connection, tmp_path: Path) -> None:
    folder = files(tmp_path, TWO)
    seen: list[str] = []
    done = await migrate(conn, folder=folder, progress=lambda migration: seen.append(str(migration)))
    assert [applied.name for applied in done] == ["people", "ages"]
    assert seen == ["0001 people", "0002 ages"]
    assert await conn.fetchval("SELECT count(age) + count(*) FROM people") == 1
    assert await migrate(conn, folder=folder) == []
    files(folder, {"0003_more.sql": "CREATE TABLE more ();"})
    assert [applied.version for applied in await migrate(conn, folder=folder)] == [3]


async def test_a_file_that_fails_leaves_nothing_and_stops_the_rest(conn: asyncpg.Connection, tmp_path: Path) -> None:
    bad = {"0002_bad.sql": "CREATE TABLE half (); SELECT 1/0;", "0003_later.sql": "CREATE TABLE later ();"}
    folder = files(tmp_path, {"0001_good.sql": "CREATE TABLE good ();", **bad})
    with pytest.raises(MigrationFailed, match="0002 bad was refused by PostgreSQL: division by zero"):
        await migrate(conn, folder=folder)
    found = await conn.fetch("SELECT to_regclass(n) IS NOT NULL AS there FROM unnest($1::text[]) n", TABLES)
    assert [record["there"] for record in found] == [True, False, False]
    files(folder, {"0002_bad.sql": "CREATE TABLE half ();"})
    assert [applied.version for applied in await migrate(conn, folder=folder)] == [2, 3]


TABLES = ["good", "half", "later"]


async def test_status_and_check_tell_where_the_database_is(conn: asyncpg.Connection, tmp_path: Path) -> None:
    folder = files(tmp_path, TWO)
    assert [row.state for row in await status(conn, folder=folder)] == [State.PENDING, State.PENDING]
    with pytest.raises(SchemaTooOld, match=r"lacks 2 migrations, from 0001 people on\. Run: townsquare db migrate"):
        await check_schema(conn, folder=folder)
    await migrate(conn, folder=folder)
    await check_schema(conn, folder=folder)
    (folder / "0002_ages.sql").unlink()
    files(folder, {"0001_people.sql": "CREATE TABLE persons ();"})
    assert [row.state for row in await status(conn, folder=folder)] == [State.CHANGED, State.UNKNOWN]


async def test_an_older_program_refuses_a_newer_schema(conn: asyncpg.Connection, tmp_path: Path) -> None:
    folder = files(tmp_path, TWO)
    await migrate(conn, folder=folder)
    (folder / "0002_ages.sql").unlink()
    for act in (migrate, check_schema):
        with pytest.raises(SchemaTooNew, match=r"migration 0002 ages; this program knows up to 0001"):
            await act(conn, folder=folder)


async def test_a_file_that_was_changed_after_it_ran_is_refused(conn: asyncpg.Connection, tmp_path: Path) -> None:
    folder = files(tmp_path, TWO)
    await migrate(conn, folder=folder)
    files(folder, {"0001_people.sql": "CREATE TABLE people (name varchar);"})
    with pytest.raises(MigrationChanged, match="0001 people ran on this database, but this program has another text"):
        await migrate(conn, folder=folder)


async def test_a_file_without_a_transaction_runs_statement_by_statement(
    conn: asyncpg.Connection, tmp_path: Path
) -> None:
    index = """-- no transaction
    CREATE INDEX CONCURRENTLY IF NOT EXISTS by_name ON people (name);
    DO $$ BEGIN PERFORM 1; END $$; -- and; a remark
    CREATE INDEX CONCURRENTLY IF NOT EXISTS by_age ON people (age);
    """
    folder = files(tmp_path, TWO | {"0003_indexes.sql": index})
    assert len(await migrate(conn, folder=folder)) == 3
    assert await conn.fetchval("SELECT to_regclass('by_name') IS NOT NULL AND to_regclass('by_age') IS NOT NULL")


async def test_two_programs_at_once_run_each_file_once(place: Place, conn: asyncpg.Connection, tmp_path: Path) -> None:
    folder = files(tmp_path, TWO | {"0003_slow.sql": "SELECT pg_sleep(0.2);"})
    second = await place.connect()
    done = await asyncio.gather(migrate(conn, folder=folder), migrate(second, folder=folder))
    assert sorted(len(applied) for applied in done) == [0, 3]
    await second.close()


async def test_a_table_that_is_busy_for_a_moment_is_waited_for(
    place: Place, conn: asyncpg.Connection, tmp_path: Path
) -> None:
    folder = files(tmp_path, TWO)
    await conn.execute(TWO["0001_people.sql"])
    (folder / "0001_people.sql").unlink()
    busy = await place.connect()
    reading = busy.transaction()
    await reading.start()
    await busy.fetch("SELECT * FROM people")
    running = asyncio.create_task(migrate(conn, folder=folder))
    await asyncio.sleep(0.2)
    assert not running.done()
    await reading.rollback()
    assert len(await running) == 1
    await busy.close()


async def test_the_session_is_as_before(conn: asyncpg.Connection, tmp_path: Path) -> None:
    await conn.execute("SET statement_timeout = '7s'; SET lock_timeout = '5s'")
    await migrate(conn, folder=files(tmp_path, TWO))
    assert await conn.fetchval("SHOW statement_timeout") == "7s"
    assert await conn.fetchval("SHOW lock_timeout") == "5s"
    assert (
        await conn.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()") == 0
    )


@pytest.mark.parametrize("name", ["1_short.sql", "0001-dash.sql", "0001_Upper.sql"])
def test_a_wrong_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MigrationError, match=r"write it like 0007_add_lists\.sql"):
        read(files(tmp_path, {name: "SELECT 1"}))


def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="there are two migrations of this number"):
        read(files(tmp_path, {"0001_a.sql": "SELECT 1", "0001_b.sql": "SELECT 1"}))
