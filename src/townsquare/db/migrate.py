"""Brings a database to the schema that this program knows, by the numbered files in `migrations/`.

A file `NNNN_name.sql` runs once, in one transaction with the row that records it. One whose first line is
`-- no transaction` runs statement by statement instead (for CREATE INDEX CONCURRENTLY), so each of its statements must
bear being run again. A file that has run anywhere is never changed.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import asyncpg
import msgspec

from townsquare.db.statements import split

FOLDER = Path(__file__).parent / "migrations"
KEY = 0x746F776E7371
"""Of the advisory lock that one migrating program holds ("townsq")."""
LOCK_TIMEOUT = "3s"
"""How long a migration waits for a table, and the sessions that come after it for the migration."""
ATTEMPTS = 10


class MigrationError(Exception):
    """The schema cannot be brought up to date. The text says why, and what to do."""


class SchemaTooNew(MigrationError):
    """A later program has migrated this database; this one could damage it."""


class SchemaTooOld(MigrationError):
    """Migrations are waiting to be run."""


class MigrationChanged(MigrationError):
    """What was run is not what the file says now."""


class MigrationFailed(MigrationError):
    """PostgreSQL refused a statement; nothing of the file (that runs in a transaction) was kept."""


class State(StrEnum):
    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """Recorded in the database, and in no file of this program."""


class Migration(msgspec.Struct, frozen=True):
    version: int
    name: str
    sql: str
    sha256: str
    transactional: bool

    def __str__(self) -> str:
        return f"{self.version:04} {self.name}"


class Applied(msgspec.Struct, frozen=True):
    """A row of schema_migrations."""

    version: int
    name: str
    sha256: str
    applied_at: datetime


class Row(msgspec.Struct, frozen=True):
    version: int
    name: str
    state: State
    applied_at: datetime | None


async def migrate(
    conn: asyncpg.Connection, *, progress: Callable[[Migration], None] | None = None, folder: Path = FOLDER
) -> list[Applied]:
    """Run what is pending, in order, and return it. `progress` is called with each file before it runs.

    One program migrates at a time; the others wait for it. Raises SchemaTooNew, MigrationChanged, MigrationFailed.
    """
    known = read(folder)
    async with _alone(conn):
        await _make_table(conn)
        pending = check_history(known, await _history(conn))
        done: list[Applied] = []
        for migration in pending:
            if progress is not None:
                progress(migration)
            done.append(await _run(conn, migration))
        return done


async def status(conn: asyncpg.Connection, *, folder: Path = FOLDER) -> list[Row]:
    """All migrations that the program or the database knows, by version."""
    return compare(read(folder), await _history(conn))


async def check_schema(conn: asyncpg.Connection, *, folder: Path = FOLDER) -> None:
    """Raises SchemaTooNew, SchemaTooOld or MigrationChanged unless the program and the database fit."""
    pending = check_history(read(folder), await _history(conn))
    if pending:
        raise SchemaTooOld(
            f"The database lacks {len(pending)} migrations, from {pending[0]} on. Run: townsquare db migrate"
        )


def read(folder: Path) -> list[Migration]:
    """The files of a folder, by version. Raises MigrationError for two of one number or a wrong name."""
    found: dict[int, Migration] = {}
    for file in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", file.name)
        if match is None:
            raise MigrationError(f"{file.name} is no name for a migration; write it like 0007_add_lists.sql.")
        version = int(match[1])
        if version in found:
            raise MigrationError(f"{file.name}: there are two migrations of this number; give one the next free one.")
        content = file.read_bytes()
        sql = content.decode()
        plain = sql.partition("\n")[0].strip() != "-- no transaction"
        found[version] = Migration(version, match[2], sql, hashlib.sha256(content).hexdigest(), plain)
    return list(found.values())


def compare(known: Sequence[Migration], history: Sequence[Applied]) -> list[Row]:
    """Files and history side by side."""
    ran = {applied.version: applied for applied in history}
    rows = [_row(migration, ran.get(migration.version)) for migration in known]
    files = {migration.version for migration in known}
    rows += [Row(a.version, a.name, State.UNKNOWN, a.applied_at) for a in history if a.version not in files]
    return sorted(rows, key=lambda row: row.version)


def check_history(known: Sequence[Migration], history: Sequence[Applied]) -> list[Migration]:
    """What is pending. Raises SchemaTooNew or MigrationChanged when the history is not of these files."""
    newest = max((migration.version for migration in known), default=0)
    for row in compare(known, history):
        if row.state is State.UNKNOWN and row.version > newest:
            raise SchemaTooNew(
                f"A later version of Townsquare has changed this database (migration {row.version:04} {row.name}; this "
                f"program knows up to {newest:04}). Start that version, or restore a backup from before."
            )
        if row.state in (State.UNKNOWN, State.CHANGED):
            raise MigrationChanged(
                f"Migration {row.version:04} {row.name} ran on this database, but this program has "
                f"{'another text of it' if row.state is State.CHANGED else 'no such file'}. "
                "Start the version that ran it, or restore the file as it was."
            )
    ran = {applied.version for applied in history}
    return [migration for migration in known if migration.version not in ran]


def _row(migration: Migration, applied: Applied | None) -> Row:
    if applied is None:
        return Row(migration.version, migration.name, State.PENDING, None)
    same = (applied.sha256, applied.name) == (migration.sha256, migration.name)
    return Row(migration.version, migration.name, State.APPLIED if same else State.CHANGED, applied.applied_at)


@asynccontextmanager
async def _alone(conn: asyncpg.Connection) -> AsyncGenerator[None]:
    """Hold the lock, with no limit on the time that a statement may take."""
    limits = await conn.fetchrow("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    await conn.execute("SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)")
    await conn.execute("SELECT pg_advisory_lock($1)", KEY)
    try:
        await conn.execute("SELECT set_config('lock_timeout', $1, false)", LOCK_TIMEOUT)
        yield
    finally:
        if not conn.is_closed():
            await conn.execute("SELECT pg_advisory_unlock($1)", KEY)
            await conn.execute(
                "SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false)",
                *(limits or ("0", "0")),
            )


async def _make_table(conn: asyncpg.Connection) -> None:
    await conn.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version integer PRIMARY KEY,
            name text NOT NULL,
            sha256 text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )


async def _history(conn: asyncpg.Connection) -> list[Applied]:
    if not await conn.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL"):
        return []
    records = await conn.fetch("SELECT version, name, sha256, applied_at FROM schema_migrations ORDER BY version")
    return [Applied(**dict(record)) for record in records]


async def _record(conn: asyncpg.Connection, migration: Migration) -> Applied:
    at = await conn.fetchval(
        "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3) RETURNING applied_at",
        migration.version,
        migration.name,
        migration.sha256,
    )
    return Applied(migration.version, migration.name, migration.sha256, at)


async def _run(conn: asyncpg.Connection, migration: Migration) -> Applied:
    try:
        if migration.transactional:
            return await _run_whole(conn, migration)
        for statement in split(migration.sql):
            await conn.execute(statement)
        return await _record(conn, migration)
    except asyncpg.LockNotAvailableError as error:
        raise MigrationFailed(
            f"Migration {migration} did not get a table that other sessions keep busy. Nothing is lost: run "
            "`townsquare db migrate` again at a quieter time, or stop the service for it."
        ) from error
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"Migration {migration} was refused by PostgreSQL: {error}") from error


async def _run_whole(conn: asyncpg.Connection, migration: Migration) -> Applied:
    """In one transaction, tried again while sessions hold on to what it needs: so it never makes others wait long."""
    attempt = 0
    while True:
        try:
            async with conn.transaction():
                await conn.execute(migration.sql)
                return await _record(conn, migration)
        except asyncpg.LockNotAvailableError:
            attempt += 1
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(0.5 * attempt)
