"""The SQL of `invites`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx

_INVITE: Final[LiteralString] = "code, account_id, uses, max_uses, expires_at, created_at"


class Invite(msgspec.Struct, frozen=True):
    """A code, whose it is, and how often it was and may be used."""

    code: str
    account_id: int
    uses: int
    max_uses: int | None
    expires_at: datetime | None
    created_at: datetime


async def insert(tx: Tx, invite: Invite) -> None:
    await tx.execute(
        f"INSERT INTO invites ({_INVITE}) VALUES ($1, $2, $3, $4, $5, $6)", *msgspec.structs.astuple(invite)
    )


async def of_account(db: Db, account_id: int) -> list[Invite]:
    return await db.rows(
        Invite, f"SELECT {_INVITE} FROM invites WHERE account_id = $1 ORDER BY created_at DESC", account_id
    )


async def latest(db: Db, limit: int) -> list[Invite]:
    """Everybody's codes, the newest first."""
    return await db.rows(Invite, f"SELECT {_INVITE} FROM invites ORDER BY created_at DESC LIMIT $1", limit)


async def came_by(db: Db, codes: Sequence[str], limit: int) -> dict[str, list[int]]:
    """Who came by each code: the accounts, the first of them first, at most so many of each."""
    records = await db.records(
        """
        SELECT k.code, ARRAY(
            SELECT u.account_id FROM users u WHERE u.invite_code = k.code ORDER BY u.created_at LIMIT $2) AS ids
        FROM unnest($1::text[]) AS k (code)
        """,
        codes,
        limit,
    )
    return {record["code"]: record["ids"] for record in records}


async def by_code(db: Db, code: str) -> Invite | None:
    return await db.row(Invite, f"SELECT {_INVITE} FROM invites WHERE code = $1", code)


async def delete(tx: Tx, account_id: int, code: str) -> bool:
    return bool(await tx.execute("DELETE FROM invites WHERE account_id = $1 AND code = $2", account_id, code))


async def use(tx: Tx, code: str, now: datetime) -> bool:
    return bool(
        await tx.execute(
            """
            UPDATE invites SET uses = uses + 1
            WHERE code = $1 AND (max_uses IS NULL OR uses < max_uses) AND (expires_at IS NULL OR expires_at > $2)
            """,
            code,
            now,
        )
    )
