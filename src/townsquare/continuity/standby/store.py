"""The SQL of following: asked by an administrator of the server, not by the service."""

import msgspec

from townsquare.db.pool import Db


class Standing(msgspec.Struct, frozen=True):
    """Where a server stands, in bytes of its log. `flushed` of a follower: what has arrived on its disk."""

    follows: bool
    lsn: int
    flushed: int


class Follower(msgspec.Struct, frozen=True):
    """A slot, and who is connected to it."""

    slot: str
    state: str
    synchronous: bool
    behind_bytes: int
    behind_seconds: float
    kept_bytes: int


async def standing(db: Db) -> Standing:
    """Of the server that is asked."""
    found = await db.row(
        Standing,
        """
        SELECT pg_is_in_recovery() AS follows,
            (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
                ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn)::bigint AS lsn,
            (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), '0/0')
                ELSE pg_current_wal_flush_lsn() END - '0/0'::pg_lsn)::bigint AS flushed
        """,
    )
    if found is None:
        raise LookupError
    return found


async def followers(db: Db) -> list[Follower]:
    """All for whom the log is kept."""
    return await db.rows(
        Follower,
        """
        SELECT s.slot_name AS slot, coalesce(r.state, '') AS state,
            coalesce(r.sync_state IN ('sync', 'quorum'), false) AS synchronous,
            coalesce(pg_current_wal_lsn() - r.flush_lsn, 0)::bigint AS behind_bytes,
            coalesce(extract(epoch FROM r.flush_lag), 0)::float8 AS behind_seconds,
            coalesce(pg_current_wal_lsn() - s.restart_lsn, 0)::bigint AS kept_bytes
        FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
        WHERE s.slot_name LIKE 'standby\\_%' ORDER BY s.slot_name
        """,
    )


async def ensure_role(db: Db) -> None:
    """The role as which standbys read the log and, to come back after a parting, files. It can write nothing."""
    if not await db.value("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'townsquare_standby')"):
        await db.execute("CREATE ROLE townsquare_standby LOGIN REPLICATION")
    await db.execute("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO townsquare_standby")
    await db.execute("GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO townsquare_standby")
    await db.execute("GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO townsquare_standby")
    await db.execute(
        "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO townsquare_standby"
    )


async def ensure_slot(db: Db, slot: str) -> None:
    """Have the log kept for a standby from now on; anew, where too much of it was dropped already."""
    await db.execute(
        """
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE slot_name = $1 AND wal_status = 'lost' AND NOT active
        """,
        slot,
    )
    await db.execute(
        """
        SELECT pg_create_physical_replication_slot($1, true)
        WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)
        """,
        slot,
    )


async def read_settings_again(db: Db) -> None:
    """Have the server read its files of settings."""
    await db.execute("SELECT pg_reload_conf()")


async def end_waiting(db: Db) -> int:
    """End the sessions whose commit waits for a standby. They are told of no success, for there was none elsewhere.

    To cancel them instead would acknowledge what stands on this host alone.
    """
    return await db.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'
        """
    )


async def promote(db: Db) -> bool:
    """Make a follower lead. Whether it does; one that leads already does."""
    return bool(await db.value("SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 60) ELSE true END"))


async def checkpoint(db: Db) -> None:
    """Write to the disk what is only in memory and in the log, so that a stop is short."""
    await db.execute("CHECKPOINT")


async def note_term(db: Db, term: int, host: str) -> None:
    """Which host leads in which term."""
    await db.execute(
        "INSERT INTO terms (term, host) VALUES ($1, $2) ON CONFLICT (term) DO UPDATE SET host = excluded.host",
        term,
        host,
    )


async def at_work(db: Db) -> int:
    """Sessions of the background work."""
    return await db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'townsquare-work'")
