"""The SQL of what its author deleted: kept sealed for a while, and seen only where it is reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx

_DELETED: Final[LiteralString] = """
    SELECT p.account_id, p.id, p.sealed, p.file_keys, p.prints, p.visibility > 1 AS private FROM sealed_posts p
"""


class Deleted(msgspec.Struct, frozen=True):
    """`sealed` as the vault has it (see `vault`). `file_keys`: of what copies are kept."""

    account_id: int
    id: int
    sealed: bytes
    file_keys: list[str]
    prints: list[bytes]
    private: bool = False
    """It was not for everybody."""


async def insert(tx: Tx, one: Deleted, now: datetime) -> None:
    """With who could see it. What the place withheld was for nobody (direct, and names nobody); of somebody who had
    been suspended before nothing is kept. A post goes when its author goes.
    """
    await tx.execute(
        """
        INSERT INTO sealed_posts (
            account_id, id, sealed, file_keys, prints, visibility, named, written_at, deleted_at)
        SELECT s.account_id, s.id, $3, $4, $5, CASE WHEN s.restricted < 16 THEN s.visibility ELSE 3 END,
            CASE WHEN s.restricted < 16 THEN ARRAY(
                SELECT n.mentioned_id FROM mentions n
                WHERE n.account_id = s.account_id AND n.status_id = s.id AND NOT EXISTS (
                    SELECT FROM blocks b
                    WHERE b.account_id = s.account_id AND b.target_id = n.mentioned_id AND b.id < s.id)
            ) ELSE '{}' END,
            s.created_at, coalesce(a.deleted_at, $6)
        FROM statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.account_id = $1 AND s.id = $2 AND (a.suspended_at IS NULL OR a.suspended_at >= a.deleted_at)
        ON CONFLICT DO NOTHING
        """,
        *msgspec.structs.astuple(one)[:5],
        now,
    )


async def seen(db: Db, reader: int, author: int, ids: Sequence[int], since: datetime) -> list[Deleted]:
    """Those of an author's posts that were deleted since then, and that the reader could see at some time.

    Whom the author blocks follows no more: what was written after that is not seen by them.
    """
    return await db.rows(
        Deleted,
        _DELETED
        + """
        WHERE p.account_id = $2 AND p.id = ANY($3::bigint[]) AND p.deleted_at > $4 AND (
            p.visibility <= 1 OR $1 = ANY(p.named) OR (p.visibility = 2 AND (
                EXISTS (
                    SELECT FROM followers f
                    WHERE f.account_id = p.account_id AND f.follower_id = $1 AND f.since <= p.deleted_at)
                OR EXISTS (
                    SELECT FROM former_followers f
                    WHERE f.account_id = p.account_id AND f.follower_id = $1
                        AND f.since <= p.deleted_at AND f.until >= p.written_at))))
        ORDER BY p.id
        """,
        reader,
        author,
        ids,
        since,
    )


async def forget_followers(db: Db, before: datetime) -> None:
    """Of those who followed somebody until then."""
    await db.execute("DELETE FROM former_followers WHERE until <= $1", before)


async def author_of(db: Db, status_id: int) -> int | None:
    """Who wrote a post that was deleted, or is there still."""
    return await db.value(
        """
        SELECT account_id FROM sealed_posts WHERE id = $1
        UNION ALL SELECT account_id FROM statuses WHERE id = $1 LIMIT 1
        """,
        status_id,
    )


async def by_id(db: Db, status_id: int, since: datetime) -> Deleted | None:
    return await db.row(
        Deleted,
        _DELETED + "WHERE p.id = $1 AND p.deleted_at > $2",
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


async def over(tx: Tx, before: datetime, limit: int) -> list[Deleted]:
    """What has had its time, but for what is under a legal hold, and for files that are still to be kept otherwise."""
    return await tx.rows(
        Deleted,
        _DELETED
        + """
        WHERE p.deleted_at <= $1 AND NOT under_hold(p.account_id, p.id)
            AND NOT EXISTS (SELECT FROM evidence_waits w WHERE w.key = ANY(p.file_keys))
        ORDER BY p.deleted_at LIMIT $2 FOR UPDATE
        """,
        before,
        limit,
    )


class Under(msgspec.Struct, frozen=True):
    """A deleted post that is under a legal hold, sealed."""

    account_id: int
    item_id: int
    deleted_at: datetime
    file_keys: list[str]
    sealed: bytes | None
    kind: str = "status"
    entity: bytes = b""
    text: str = ""
    """Both are empty until it is opened (see `vault`)."""


async def under(db: Db, kind: str, owner_id: int, item_id: int, after: int, limit: int) -> list[Under]:
    """What a hold of this kind is about, by number."""
    return await db.rows(
        Under,
        """
        SELECT p.account_id, p.id AS item_id, p.deleted_at, p.file_keys, p.sealed FROM sealed_posts p
        WHERE p.id > $4 AND CASE $1 WHEN 'account' THEN p.account_id = $2
            WHEN 'status' THEN p.account_id = $2 AND p.id = $3
            ELSE EXISTS (SELECT FROM case_items i
                WHERE i.case_id = $3 AND i.owner_id = p.account_id AND i.item_id IN (p.id, p.account_id)) END
        ORDER BY p.id LIMIT $5
        """,
        kind,
        owner_id,
        item_id,
        after,
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
