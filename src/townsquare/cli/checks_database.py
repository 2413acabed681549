"""What `doctor` looks at in the database."""

import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import asyncpg

from townsquare.cli.checks import Finding, bad, good, note
from townsquare.cli.errors import CommandError
from townsquare.cli.place import connection
from townsquare.cli.progress import DONE
from townsquare.db import rights
from townsquare.db.migrate import State, status
from townsquare.kernel.ids import time_of
from townsquare.moderation.cases import store_queue

SLOW = 5.0
"""Milliseconds of a round trip from which on pages feel slow."""
APART = 2.0
"""Seconds by which clocks may differ."""


async def examine(dsn: str, *, own: bool) -> list[Finding]:
    """Version, speed, connections, schema and clock. `own`: it runs in the data folder, on this machine."""
    try:
        async with connection(dsn) as one:
            return [finding async for finding in _findings(one, own=own)]
    except CommandError as error:
        return [bad("Database", str(error))]


async def _findings(one: asyncpg.Connection, *, own: bool) -> AsyncGenerator[Finding]:
    yield await _server(one)
    yield await _connections(one)
    if await one.fetchval("SHOW data_checksums") != "on":
        yield note("Checksums", "off: damage on the disk goes unnoticed. Turn them on with pg_checksums --enable.")
    else:
        yield good("Checksums", "on")
    schema = await _schema(one)
    yield schema
    if schema.mark is DONE:
        yield await _audit_log(one)
        yield await cases(one)
    yield await _clock(one, own=own)


async def _server(one: asyncpg.Connection) -> Finding:
    server = one.get_server_version()
    version = f"PostgreSQL {server.major}.{server.micro}"
    started = time.perf_counter()
    for _ in range(10):
        await one.fetchval("SELECT 1")
    took = (time.perf_counter() - started) * 100
    if took > SLOW:
        return note("Database", f"{version}, {took:.1f} ms away: bring it closer to the web, every page asks it twice")
    return good("Database", f"{version}, {took:.1f} ms away")


async def _connections(one: asyncpg.Connection) -> Finding:
    used: int = await one.fetchval("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    most: int = await one.fetchval("SELECT current_setting('max_connections')::int")
    text = f"{used} of {most} in use"
    if used > most * 0.8:
        return bad("Connections", f"{text}. Raise max_connections, or lower database.connections or --workers.")
    return good("Connections", text)


async def _schema(one: asyncpg.Connection) -> Finding:
    rows = await status(one)
    states = [row.state for row in rows]
    if State.CHANGED in states or State.UNKNOWN in states:
        return bad("Schema", "is not this program's. `townsquare db status` shows what differs.")
    pending = states.count(State.PENDING)
    if pending:
        return bad("Schema", f"{pending} migrations have not run. Run: townsquare db migrate")
    return good("Schema", f"up to date ({rows[-1].version:04} {rows[-1].name})")


async def _audit_log(one: asyncpg.Connection) -> Finding:
    if await rights.is_protected(one, await rights.current_role(one)):
        return good("Audit log", "the service can read it and add to it, and nothing else")
    return note(
        "Audit log",
        "belongs to the service's own role, which could change it. Hand it over with an administrator's address: "
        "townsquare db migrate --admin URL",
    )


async def cases(one: asyncpg.Connection) -> Finding:
    """Whether there is somebody for each that waits at the desk."""
    asked = f"SELECT count(*) FROM ({store_queue.FOR_NOBODY}) AS c"
    many: int = await one.fetchval(asked, *store_queue.VALUES_OF_NOBODY)
    if many:
        return note(
            "Cases",
            f"{many} wait that nobody of the staff may decide: about an owner, reported or decided before by all who "
            "could, or in a queue that nobody works. `townsquare moderation left` lists them.",
        )
    return good("Cases", "there is somebody of the staff for each that waits")


async def _clock(one: asyncpg.Connection, *, own: bool) -> Finding:
    now = datetime.now(UTC)
    newest: int | None = None
    if await one.fetchval("SELECT to_regclass('statuses') IS NOT NULL"):
        newest = await one.fetchval("SELECT max(id) FROM statuses")
    if newest is not None and time_of(newest) > now + timedelta(seconds=APART):
        return bad(
            "Clock", f"the newest post is of {time_of(newest):%Y-%m-%d %H:%M:%S}, so the clock is behind. Set it."
        )
    if own:
        return note("Clock", "cannot be compared: the database runs on this machine. See that it is kept by NTP.")
    before = datetime.now(UTC)
    there: datetime = await one.fetchval("SELECT clock_timestamp()")
    after = datetime.now(UTC)
    apart = max((before - there).total_seconds(), (there - after).total_seconds(), 0.0)
    if apart > APART:
        return bad("Clock", f"{apart:.1f} s apart from the database's. Have both kept by NTP.")
    return good("Clock", "as the database's")
