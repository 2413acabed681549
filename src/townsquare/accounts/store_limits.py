"""SQL of what keeps people apart (blocks, mutes, blocked domains), and of private notes and endorsements."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId


class Pair(msgspec.Struct, frozen=True):
    account_id: AccountId
    target_id: AccountId


async def insert_block(db: Db, account_id: AccountId, target: AccountId, number: int) -> bool:
    """False when it stands already."""
    return bool(
        await db.execute(
            "INSERT INTO blocks (account_id, target_id, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            account_id, target, number,
        )
    )  # fmt: skip


async def delete_block(db: Db, account_id: AccountId, target: AccountId) -> bool:
    return bool(await db.execute("DELETE FROM blocks WHERE account_id = $1 AND target_id = $2", account_id, target))


async def blocks(db: Db, account_id: AccountId, target: AccountId) -> bool:
    return await db.value(
        "SELECT EXISTS (SELECT FROM blocks WHERE account_id = $1 AND target_id = $2)", account_id, target
    )


async def put_mute(db: Db, pair: Pair, number: int, *, notifications: bool, expires_at: datetime | None) -> None:
    await db.execute(
        """
        INSERT INTO mutes (account_id, target_id, id, notifications, expires_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_id, target_id) DO UPDATE SET notifications = $4, expires_at = $5
        """,
        pair.account_id, pair.target_id, number, notifications, expires_at,
    )  # fmt: skip


async def delete_mute(db: Db, account_id: AccountId, target: AccountId) -> bool:
    return bool(await db.execute("DELETE FROM mutes WHERE account_id = $1 AND target_id = $2", account_id, target))


async def delete_expired_mutes(db: Db) -> Sequence[Pair]:
    """Those that were there."""
    return await db.rows(Pair, "DELETE FROM mutes WHERE expires_at <= now() RETURNING account_id, target_id")


async def insert_domain_block(db: Db, account_id: AccountId, domain: str, number: int) -> bool:
    """False when it stands already."""
    return bool(
        await db.execute(
            "INSERT INTO domain_blocks (account_id, domain, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            account_id, domain, number,
        )
    )  # fmt: skip


async def domain_block_id(db: Db, account_id: AccountId, domain: str) -> int | None:
    return await db.value("SELECT id FROM domain_blocks WHERE account_id = $1 AND domain = $2", account_id, domain)


async def delete_domain_block(db: Db, account_id: AccountId, domain: str) -> bool:
    return bool(await db.execute("DELETE FROM domain_blocks WHERE account_id = $1 AND domain = $2", account_id, domain))


async def blocked_domains(db: Db, account_id: AccountId, domains: Sequence[str]) -> list[str]:
    """Those of the domains that the account blocks."""
    records = await db.records(
        "SELECT domain FROM domain_blocks WHERE account_id = $1 AND domain = ANY($2::text[])", account_id, domains
    )
    return [record["domain"] for record in records]


async def all_blocked_domains(db: Db, account_id: AccountId) -> list[str]:
    records = await db.records("SELECT domain FROM domain_blocks WHERE account_id = $1", account_id)
    return [record["domain"] for record in records]


async def put_note(db: Db, account_id: AccountId, target: AccountId, comment: str) -> None:
    await db.execute(
        """
        INSERT INTO account_notes (account_id, target_id, comment) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, target_id) DO UPDATE SET comment = $3
        """,
        account_id, target, comment,
    )  # fmt: skip


async def delete_note(db: Db, account_id: AccountId, target: AccountId) -> None:
    await db.execute("DELETE FROM account_notes WHERE account_id = $1 AND target_id = $2", account_id, target)


async def insert_endorsement(db: Db, account_id: AccountId, target: AccountId, number: int) -> None:
    await db.execute(
        "INSERT INTO endorsements (account_id, target_id, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        account_id, target, number,
    )  # fmt: skip


async def delete_endorsement(db: Db, account_id: AccountId, target: AccountId) -> None:
    await db.execute("DELETE FROM endorsements WHERE account_id = $1 AND target_id = $2", account_id, target)
