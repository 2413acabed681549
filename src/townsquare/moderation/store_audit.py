"""The SQL of the audit log. Entries are only ever added; number and digests are made by the database."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Link(msgspec.Struct, frozen=True):
    """An entry as it stands in the chain."""

    number: int
    entry: str
    previous: bytes
    digest: bytes


class Filed(Link, frozen=True):
    """An entry with the columns that the database has made of it, by which it is looked up."""

    actor_id: int | None
    action: str | None
    target: str | None


class Head(msgspec.Struct, frozen=True):
    """How far the log is, and what vouches for that."""

    number: int
    digest: bytes
    mark: bytes


async def append(tx: Tx, entries: Sequence[str]) -> list[Link]:
    """Lines of JSON, in this order; how they stand in the chain. Others who add to the log wait until the transaction
    ends.
    """
    return await tx.rows(
        Link,
        """
        INSERT INTO audit.log (entry) SELECT unnest($1::text[]) RETURNING number, entry, previous, digest
        """,
        entries,
    )


async def insert_head(tx: Tx, head: Head) -> None:
    """The first one."""
    await tx.execute(
        "INSERT INTO audit.head (number, digest, mark) VALUES ($1, $2, $3)", head.number, head.digest, head.mark
    )


async def move_head(tx: Tx, before: Sequence[bytes], head: Head) -> bool:
    """False where what vouches for it now is none of these."""
    return bool(
        await tx.execute(
            "UPDATE audit.head SET number = $2, digest = $3, mark = $4 WHERE mark = ANY($1::bytea[])",
            before,
            head.number,
            head.digest,
            head.mark,
        )
    )


async def head(db: Db) -> Head | None:
    return await db.row(Head, "SELECT number, digest, mark FROM audit.head")


async def filed_after(db: Db, number: int, limit: int) -> list[Filed]:
    """The entries that follow a number, as they are looked up."""
    return await db.rows(
        Filed,
        """
        SELECT number, entry, previous, digest, actor_id, action, target FROM audit.log
        WHERE number > $1 ORDER BY number LIMIT $2
        """,
        number,
        limit,
    )


async def links(db: Db, first: int, last: int) -> list[Link]:
    """From one number to another, without what the entries say: there is a checkpoint each hour, so it is not long."""
    return await db.rows(
        Link,
        """
        SELECT number, '' AS entry, previous, digest FROM audit.log WHERE number BETWEEN $1 AND $2 ORDER BY number
        """,
        first,
        last,
    )


async def about(db: Db, target: str, limit: int) -> list[Link]:
    """The last entries about something, latest first."""
    return await db.rows(
        Link,
        "SELECT number, entry, previous, digest FROM audit.log WHERE target = $1 ORDER BY number DESC LIMIT $2",
        target,
        limit,
    )


async def count_about(db: Db, target: str) -> int:
    return await db.value("SELECT count(*) FROM audit.log WHERE target = $1", target)


async def latest(db: Db, limit: int) -> list[Link]:
    """The last entries, latest first."""
    return await db.rows(
        Link, "SELECT number, entry, previous, digest FROM audit.log ORDER BY number DESC LIMIT $1", limit
    )


class Noted(msgspec.Struct, frozen=True):
    """A checkpoint: number and digest of the last entry at its time, and the note that says so."""

    number: int
    digest: bytes
    note: str
    made_at: datetime


async def insert_checkpoint(db: Db, number: int, digest: bytes, note: str, at: datetime) -> None:
    """Nothing where there is one of this entry."""
    await db.execute(
        """
        INSERT INTO audit.checkpoints (number, digest, note, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
        """,
        number,
        digest,
        note,
        at,
    )


async def checkpoints(db: Db) -> list[Noted]:
    """The oldest first."""
    return await db.rows(Noted, "SELECT number, digest, note, made_at FROM audit.checkpoints ORDER BY number")


async def latest_checkpoint(db: Db) -> Noted | None:
    return await db.row(
        Noted, "SELECT number, digest, note, made_at FROM audit.checkpoints ORDER BY number DESC LIMIT 1"
    )


class Point(msgspec.Struct, frozen=True):
    """How far the log was at some time: what a checkpoint says."""

    number: int
    digest: bytes
    made_at: datetime


async def checkpoints_after(db: Db, numbers: Sequence[int]) -> list[Point]:
    """The first at or after each of these numbers, each once."""
    return await db.rows(
        Point,
        """
        SELECT DISTINCT c.number, c.digest, c.made_at FROM unnest($1::bigint[]) AS n (number), LATERAL (
            SELECT number, digest, made_at FROM audit.checkpoints WHERE number >= n.number ORDER BY number LIMIT 1
        ) c ORDER BY c.number
        """,
        numbers,
    )
