"""The SQL of `sessions`."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

import msgspec

from townsquare.db.pool import Db, Tx


class Session(msgspec.Struct, frozen=True):
    """A browser that is or was signed in."""

    id: int
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    address: IPv4Address | IPv6Address | None
    user_agent: str


async def insert(tx: Tx, account_id: int, session: Session, token_hash: bytes) -> None:
    await tx.execute(
        """
        INSERT INTO sessions (account_id, id, token_hash, created_at, used_at, expires_at, address, user_agent)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        account_id,
        session.id,
        token_hash,
        session.created_at,
        session.used_at,
        session.expires_at,
        session.address,
        session.user_agent,
    )


async def recent(db: Db, account_id: int, limit: int = 100) -> list[Session]:
    """Sessions of an account, ended ones too, newest first."""
    return await db.rows(
        Session,
        """
        SELECT id, created_at, used_at, expires_at, ended_at, address, user_agent FROM sessions
        WHERE account_id = $1 ORDER BY id DESC LIMIT $2
        """,
        account_id,
        limit,
    )


async def end(tx: Tx, account_id: int, session_id: int, now: datetime) -> bool:
    """False when there is no such session, or it has ended."""
    return bool(
        await tx.execute(
            "UPDATE sessions SET ended_at = $3 WHERE account_id = $1 AND id = $2 AND ended_at IS NULL",
            account_id,
            session_id,
            now,
        )
    )


async def end_others(tx: Tx, account_id: int, but: int, now: datetime) -> int:
    return await tx.execute(
        "UPDATE sessions SET ended_at = $3 WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL",
        account_id,
        but,
        now,
    )


async def comes_from(db: Db, account_id: int, network: str) -> bool:
    """Whether the account has signed in from a network (`192.0.2.1` or `2001:db8::/64`) before."""
    return await db.value(
        "SELECT EXISTS (SELECT FROM sessions WHERE account_id = $1 AND address <<= $2::text::inet)", account_id, network
    )


async def sweep(db: Db, before: datetime) -> None:
    await db.execute("DELETE FROM sessions WHERE coalesce(ended_at, expires_at) < $1", before)
