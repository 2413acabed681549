"""The SQL of whole copies: which a person has asked for, and which can be fetched."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Copy(msgspec.Struct, frozen=True):
    """`ready_at` None: it is being made."""

    id: int
    asked_at: datetime
    key: str
    ready_at: datetime | None
    bytes: int | None


async def insert(tx: Tx, account_id: int, copy: Copy) -> None:
    await tx.execute(
        "INSERT INTO copies (account_id, id, asked_at, key) VALUES ($1, $2, $3, $4)",
        account_id,
        copy.id,
        copy.asked_at,
        copy.key,
    )


async def of_account(db: Db, account_id: int) -> list[Copy]:
    """The latest first."""
    return await db.rows(
        Copy,
        "SELECT id, asked_at, key, ready_at, bytes FROM copies WHERE account_id = $1 ORDER BY id DESC",
        account_id,
    )


async def set_ready(tx: Tx, account_id: int, copy_id: int, size: int, now: datetime) -> bool:
    """False when it is so already, or nobody wants it any more."""
    return bool(
        await tx.execute(
            """
            UPDATE copies SET ready_at = $4, bytes = $3 WHERE account_id = $1 AND id = $2 AND ready_at IS NULL
            """,
            account_id,
            copy_id,
            size,
            now,
        )
    )


async def lapsed(db: Db, before: datetime) -> list[tuple[int, int, str]]:
    """Whose, which, and where the file is, of those that were asked for before a time."""
    records = await db.records("SELECT account_id, id, key FROM copies WHERE asked_at < $1 LIMIT 100", before)
    return [(one[0], one[1], one[2]) for one in records]


async def delete(db: Db, account_id: int, copy_id: int) -> None:
    await db.execute("DELETE FROM copies WHERE account_id = $1 AND id = $2", account_id, copy_id)
