"""The SQL of what was public and its author deleted: kept sealed for a while, and seen only where it is reported."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Deleted(msgspec.Struct, frozen=True):
    """`sealed` as the vault has it (see `vault`)."""

    account_id: int
    id: int
    sealed: bytes


async def insert(tx: Tx, account_id: int, status_id: int, sealed: bytes, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO sealed_posts (account_id, id, sealed, deleted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        account_id,
        status_id,
        sealed,
        now,
    )


async def of_author(db: Db, account_id: int, ids: Sequence[int], since: datetime) -> list[Deleted]:
    """Those of an author's posts that were deleted since then."""
    return await db.rows(
        Deleted,
        """
        SELECT account_id, id, sealed FROM sealed_posts
        WHERE account_id = $1 AND id = ANY($2::bigint[]) AND deleted_at > $3 ORDER BY id
        """,
        account_id,
        ids,
        since,
    )


async def by_id(db: Db, status_id: int, since: datetime) -> Deleted | None:
    return await db.row(
        Deleted,
        "SELECT account_id, id, sealed FROM sealed_posts WHERE id = $1 AND deleted_at > $2",
        status_id,
        since,
    )


async def purge(tx: Tx, before: datetime) -> int:
    """But for what is under a legal hold."""
    return await tx.execute(
        "DELETE FROM sealed_posts WHERE deleted_at <= $1 AND NOT under_hold(account_id, id)", before
    )
