"""The SQL of severances: follows that a person lost at once."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

Cause = Literal["domain_block", "user_domain_block", "account_suspension"]


class Severance(msgspec.Struct, frozen=True):
    """`target_name`: the domain, or the account that was suspended."""

    account_id: int
    id: int
    type: Cause
    target_name: str
    followers_count: int = 0
    following_count: int = 0


async def add(db: Db, one: Severance) -> None:
    """Write it, or add its counts to what is there."""
    await db.execute(
        """
        INSERT INTO severances AS s (account_id, id, type, target_name, followers_count, following_count)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (account_id, id) DO UPDATE SET
            followers_count = s.followers_count + $5, following_count = s.following_count + $6
        """,
        *msgspec.structs.astuple(one),
    )


async def exists(db: Db, account_id: AccountId, number: int) -> bool:
    return await db.value(
        "SELECT EXISTS (SELECT FROM severances WHERE account_id = $1 AND id = $2)", account_id, number
    )


async def by_ids(db: Db, account_id: int, ids: Sequence[int]) -> list[Severance]:
    return await db.rows(
        Severance,
        """
        SELECT account_id, id, type, target_name, followers_count, following_count
        FROM severances WHERE account_id = $1 AND id = ANY($2::bigint[])
        """,
        account_id,
        ids,
    )
