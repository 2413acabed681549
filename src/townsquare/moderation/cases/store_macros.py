"""The SQL of saved decisions."""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Action

EVERYBODY: Final = 0
"""Whose those are that all at the desk have."""


class Macro(msgspec.Struct, frozen=True):
    """`account_id`: whose it is. `at_once`: its key decides."""

    account_id: int
    id: int
    name: str
    key: str
    policy: str
    action: Action
    account_action: AccountAction
    days: int | None
    said: str
    note: str
    at_once: bool


async def of(db: Db, account_ids: Sequence[int]) -> list[Macro]:
    """Those of these accounts."""
    return await db.rows(
        Macro,
        """
        SELECT account_id, id, name, key, policy, action, account_action, days, said, note, at_once
        FROM macros WHERE account_id = ANY($1::bigint[]) ORDER BY account_id DESC, key = '', key, name, id
        """,
        account_ids,
    )


async def lock(tx: Tx, account_ids: Sequence[int], macro_id: int) -> Macro | None:
    return await tx.row(
        Macro,
        """
        SELECT account_id, id, name, key, policy, action, account_action, days, said, note, at_once
        FROM macros WHERE account_id = ANY($1::bigint[]) AND id = $2 FOR UPDATE
        """,
        account_ids,
        macro_id,
    )


async def insert(tx: Tx, one: Macro) -> bool:
    """False where its owner has another with this key."""
    return bool(
        await tx.execute(
            """
            INSERT INTO macros (
                account_id, id, name, key, policy, action, account_action, days, said, note, at_once)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(one),
        )
    )


async def delete(tx: Tx, account_id: int, macro_id: int) -> None:
    await tx.execute("DELETE FROM macros WHERE account_id = $1 AND id = $2", account_id, macro_id)
