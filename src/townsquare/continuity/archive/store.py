"""All SQL of the archive. It asks the server as a whole, by an address that may replicate."""

from datetime import datetime

import asyncpg
import msgspec

from townsquare.db.pool import Db

SLOT = "townsquare_archive"


class Server(msgspec.Struct, frozen=True):
    """What a server says of itself."""

    version: str
    segment_bytes: int
    summarises: bool
    """It notes which blocks change, so that a backup can be of these alone."""
    database: str
    role: str
    superuser: str


async def server(one: asyncpg.Connection) -> Server:
    row = await one.fetchrow(
        """
        SELECT current_setting('server_version') AS version,
               pg_size_bytes(current_setting('wal_segment_size')) AS segment_bytes,
               coalesce(current_setting('summarize_wal', true), 'off') = 'on' AS summarises,
               current_database() AS database,
               (SELECT pg_get_userbyid(d.datdba) FROM pg_database d
                 WHERE d.datname = current_database()) AS role,
               (SELECT r.rolname FROM pg_roles r WHERE r.rolsuper ORDER BY r.oid LIMIT 1) AS superuser
        """
    )
    assert row is not None  # noqa: S101 (a SELECT without FROM gives one row)
    return Server(
        row["version"].split()[0],
        row["segment_bytes"],
        row["summarises"],
        row["database"],
        row["role"],
        row["superuser"],
    )


async def flushed(one: asyncpg.Connection) -> str:
    """Up to where the server has its log on the disk."""
    return await one.fetchval("SELECT pg_current_wal_flush_lsn()::text")


async def in_recovery(one: asyncpg.Connection) -> bool:
    """Whether the server goes through its log, and takes no writes yet."""
    return await one.fetchval("SELECT pg_is_in_recovery()")


async def keep_log(one: asyncpg.Connection) -> None:
    """Have the server keep its log from here on for whoever comes to archive it."""
    await one.execute("SELECT pg_create_physical_replication_slot($1, true)", SLOT)


async def drop_lost_slot(one: asyncpg.Connection) -> bool:
    """Drop the slot if the server could not keep for it what it needs; then the log has a hole."""
    dropped = await one.fetch(
        """
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE slot_name = $1 AND NOT active AND (wal_status = 'lost' OR invalidation_reason IS NOT NULL)
        """,
        SLOT,
    )
    return bool(dropped)


async def summarise(one: asyncpg.Connection) -> None:
    """Have the server note which blocks change, from now on. It takes a twentieth of the time of a post, so only who
    makes backups of what changed has it.
    """
    await one.execute("ALTER SYSTEM SET summarize_wal = on")
    await one.execute("SELECT pg_reload_conf()")


async def behind(one: asyncpg.Connection) -> list[int]:
    """The server's processes that work for the archive alone: who notes which blocks change, and who sends the log."""
    found = await one.fetch(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsummarizer' OR application_name = $1", SLOT
    )
    return [row["pid"] for row in found]


async def note(one: asyncpg.Connection, said: bytes) -> None:
    """For those who look on another machine. The table is not logged: noting it is nothing that is to be archived."""
    await one.execute(
        """
        INSERT INTO archive_status (account_id, said, at) VALUES (0, $1::text::jsonb, now())
        ON CONFLICT (account_id) DO UPDATE SET said = excluded.said, at = excluded.at
        """,
        said.decode(),
    )


async def noted(db: Db) -> bytes | None:
    """What was noted last."""
    said: str | None = await db.value("SELECT said::text FROM archive_status WHERE account_id = 0")
    return None if said is None else said.encode()


async def sample_posts(one: asyncpg.Connection, number: int) -> list[int]:
    """The newest posts, and some from anywhere, of whomever: to find out whether a copy has them too."""
    return await one.fetchval(
        """
        SELECT coalesce(array_agg(DISTINCT id), '{}') FROM (
            (SELECT id FROM statuses ORDER BY id DESC LIMIT $1)
            UNION ALL (SELECT id FROM statuses TABLESAMPLE SYSTEM (1) LIMIT $1)
        ) AS found
        """,
        number,
    )


async def lacking_posts(one: asyncpg.Connection, ids: list[int]) -> list[int]:
    """Those that are not there."""
    return await one.fetchval(
        "SELECT coalesce(array_agg(id), '{}') FROM unnest($1::bigint[]) id "
        "WHERE id NOT IN (SELECT s.id FROM statuses s WHERE s.id = ANY($1))",
        ids,
    )


async def sample_people(one: asyncpg.Connection, number: int) -> list[int]:
    """The newest people, and some from anywhere."""
    return await one.fetchval(
        """
        SELECT coalesce(array_agg(DISTINCT id), '{}') FROM (
            (SELECT id FROM accounts ORDER BY id DESC LIMIT $1)
            UNION ALL (SELECT id FROM accounts TABLESAMPLE SYSTEM (1) LIMIT $1)
        ) AS found
        """,
        number,
    )


async def lacking_people(one: asyncpg.Connection, ids: list[int]) -> list[int]:
    """Those that are not there."""
    return await one.fetchval(
        "SELECT coalesce(array_agg(id), '{}') FROM unnest($1::bigint[]) id "
        "WHERE id NOT IN (SELECT a.id FROM accounts a WHERE a.id = ANY($1))",
        ids,
    )


async def take_names(one: asyncpg.Connection, database: str, role: str, name: str) -> None:
    """Call a database and its owner by our name, and let the owner sign in."""
    async with one.transaction():
        await one.execute(
            """
            SELECT set_config('archive.database', $1, true), set_config('archive.role', $2, true),
                   set_config('archive.name', $3, true)
            """,
            database,
            role,
            name,
        )
        await one.execute(
            """
            DO $$
            DECLARE
                database text := current_setting('archive.database');
                role text := current_setting('archive.role');
                name text := current_setting('archive.name');
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres') THEN
                    CREATE ROLE postgres SUPERUSER LOGIN;
                END IF;
                IF role <> name THEN
                    EXECUTE format('CREATE ROLE %I LOGIN', name);
                    EXECUTE format('ALTER DATABASE %I OWNER TO %I', database, name);
                    EXECUTE format('GRANT %I TO %I', role, name);
                END IF;
                IF database <> name THEN
                    EXECUTE format('ALTER DATABASE %I RENAME TO %I', database, name);
                END IF;
            END $$
            """
        )


async def keep_concerns(db: Db, keys: list[str], texts: list[str], now: datetime) -> None:
    """What is of concern now: what has been stays as old as it is, what is well again goes."""
    await db.execute("DELETE FROM archive_concerns WHERE account_id = 0 AND key <> ALL($1::text[])", keys)
    await db.execute(
        """
        INSERT INTO archive_concerns (account_id, key, said, since)
        SELECT 0, now.key, now.said, $3 FROM unnest($1::text[], $2::text[]) AS now (key, said)
        ON CONFLICT (account_id, key) DO UPDATE SET said = excluded.said
        """,
        keys,
        texts,
        now,
    )


async def concerns_to_tell(db: Db, now: datetime, since: datetime, told: datetime) -> list[str]:
    """Those that are older than `since` and were not told after `told`; from now on they were."""
    rows = await db.records(
        """
        UPDATE archive_concerns SET told_at = $1
        WHERE account_id = 0 AND since <= $2 AND (told_at IS NULL OR told_at < $3) RETURNING said
        """,
        now,
        since,
        told,
    )
    return [row["said"] for row in rows]
