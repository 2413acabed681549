"""The SQL of what the staff tell each other about somebody, and of what was done about them."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import time_of
from townsquare.moderation.store_accounts import STRIKE, Strike


class Note(msgspec.Struct, frozen=True):
    account_id: int
    id: int
    actor_id: int
    text: str

    @property
    def at(self) -> datetime:
        return time_of(self.id)


async def notes(db: Db, account_id: int) -> list[Note]:
    """Latest first."""
    return await db.rows(
        Note,
        "SELECT account_id, id, actor_id, text FROM staff_notes WHERE account_id = $1 ORDER BY id DESC",
        account_id,
    )


async def insert_note(tx: Tx, account_id: int, number: int, actor_id: int, text: str) -> None:
    await tx.execute(
        "INSERT INTO staff_notes (account_id, id, actor_id, text) VALUES ($1, $2, $3, $4)",
        account_id,
        number,
        actor_id,
        text,
    )


async def delete_note(tx: Tx, account_id: int, number: int) -> bool:
    return bool(await tx.execute("DELETE FROM staff_notes WHERE account_id = $1 AND id = $2", account_id, number))


async def strikes(db: Db, account_id: int, limit: int = 50) -> list[Strike]:
    """Latest first."""
    return await db.rows(
        Strike,
        f"""
        SELECT {STRIKE} FROM strikes
        WHERE account_id = $1 ORDER BY id DESC LIMIT $2
        """,
        account_id,
        limit,
    )
