"""The SQL of what was public and its author deleted: kept sealed for a while, and seen only where it is reported."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Deleted(msgspec.Struct, frozen=True):
    """`sealed` as the vault has it (see `vault`). `file_keys`: of what copies are kept."""

    account_id: int
    id: int
    sealed: bytes
    file_keys: list[str]
    prints: list[bytes]


async def insert(tx: Tx, one: Deleted, now: datetime) -> None:
    await tx.execute(
        """
        INSERT INTO sealed_posts (account_id, id, sealed, file_keys, prints, deleted_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        """,
        *msgspec.structs.astuple(one),
        now,
    )


async def of_author(db: Db, account_id: int, ids: Sequence[int], since: datetime) -> list[Deleted]:
    """Those of an author's posts that were deleted since then."""
    return await db.rows(
        Deleted,
        """
        SELECT account_id, id, sealed, file_keys, prints FROM sealed_posts
        WHERE account_id = $1 AND id = ANY($2::bigint[]) AND deleted_at > $3 ORDER BY id
        """,
        account_id,
        ids,
        since,
    )


async def by_id(db: Db, status_id: int, since: datetime) -> Deleted | None:
    return await db.row(
        Deleted,
        "SELECT account_id, id, sealed, file_keys, prints FROM sealed_posts WHERE id = $1 AND deleted_at > $2",
        status_id,
        since,
    )


class Files(msgspec.Struct, frozen=True):
    """What is kept of the files of a post."""

    id: int
    file_keys: list[str]


async def files(db: Db, owners: Sequence[int], ids: Sequence[int]) -> list[Files]:
    """Of these posts, by author and number."""
    return await db.rows(
        Files,
        """
        SELECT p.id, p.file_keys FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN sealed_posts p ON p.account_id = k.owner AND p.id = k.id
        WHERE p.file_keys <> '{}'
        """,
        owners,
        ids,
    )


class OfAccount(msgspec.Struct, frozen=True):
    """What is kept of the files of a post whose author goes, and whether that is under a legal hold."""

    account_id: int
    id: int
    file_keys: list[str]
    held: bool


async def of_accounts(db: Db, account_ids: Sequence[int]) -> list[OfAccount]:
    """Of all posts of these accounts."""
    return await db.rows(
        OfAccount,
        """
        SELECT account_id, id, file_keys, under_hold(account_id, id) AS held FROM sealed_posts
        WHERE account_id = ANY($1::bigint[]) AND file_keys <> '{}'
        """,
        account_ids,
    )


async def over(tx: Tx, before: datetime, limit: int) -> list[Deleted]:
    """What has had its time, but for what is under a legal hold."""
    return await tx.rows(
        Deleted,
        """
        SELECT account_id, id, sealed, file_keys, prints FROM sealed_posts
        WHERE deleted_at <= $1 AND NOT under_hold(account_id, id) ORDER BY deleted_at LIMIT $2 FOR UPDATE
        """,
        before,
        limit,
    )


async def purge(tx: Tx, owners: Sequence[int], ids: Sequence[int]) -> None:
    await tx.execute(
        """
        DELETE FROM sealed_posts p USING unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        WHERE p.account_id = k.owner AND p.id = k.id
        """,
        owners,
        ids,
    )
