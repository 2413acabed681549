"""SQL of announcements: the place's own rows, and what each reader did with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

_COLUMNS: Final[LiteralString] = "id, text, starts_at, ends_at, all_day, scheduled_at, published_at, updated_at"


class Announcement(msgspec.Struct, frozen=True):
    """`starts_at` and `ends_at`: of what is announced. `published_at` None: not yet."""

    id: int
    text: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    scheduled_at: datetime | None
    published_at: datetime | None
    updated_at: datetime


class Counted(msgspec.Struct, frozen=True):
    """How many reacted to an announcement with an emoji."""

    announcement_id: int
    name: str
    count: int


async def by_id(db: Db, number: int) -> Announcement | None:
    return await db.row(Announcement, f"SELECT {_COLUMNS} FROM announcements WHERE id = $1", number)


async def lock(db: Db, number: int) -> Announcement | None:
    """The same, for the transaction alone to change until it ends."""
    return await db.row(Announcement, f"SELECT {_COLUMNS} FROM announcements WHERE id = $1 FOR UPDATE", number)


async def everything(db: Db) -> list[Announcement]:
    """All, latest first, also those that are over or not published yet."""
    return await db.rows(Announcement, f"SELECT {_COLUMNS} FROM announcements ORDER BY id DESC")


async def published(db: Db) -> list[Announcement]:
    """Those that have been published, by the time of what they announce."""
    return await db.rows(
        Announcement,
        f"""
        SELECT {_COLUMNS} FROM announcements WHERE published_at IS NOT NULL
        ORDER BY coalesce(starts_at, published_at), id
        """,
    )


async def unread(db: Db, me: AccountId) -> list[Announcement]:
    """The same, without those that one has dismissed."""
    return await db.rows(
        Announcement,
        f"""
        SELECT {_COLUMNS} FROM announcements WHERE published_at IS NOT NULL
            AND id NOT IN (SELECT announcement_id FROM announcement_reads WHERE account_id = $1)
        ORDER BY coalesce(starts_at, published_at), id
        """,
        me,
    )


async def insert(db: Db, one: Announcement) -> None:
    await db.execute(
        """
        INSERT INTO announcements (id, text, starts_at, ends_at, all_day, scheduled_at, published_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *msgspec.structs.astuple(one),
    )


async def update(db: Db, one: Announcement) -> None:
    await db.execute(
        """
        UPDATE announcements SET text = $2, starts_at = $3, ends_at = $4, all_day = $5, scheduled_at = $6,
            published_at = $7, updated_at = $8
        WHERE id = $1
        """,
        *msgspec.structs.astuple(one),
    )


async def delete(db: Db, number: int) -> bool:
    """With all that people did with it."""
    return bool(await db.execute("DELETE FROM announcements WHERE id = $1", number))


async def read_by(db: Db, me: AccountId, ids: Sequence[int]) -> set[int]:
    """Those of the announcements that one has dismissed."""
    records = await db.records(
        "SELECT announcement_id FROM announcement_reads WHERE account_id = $1 AND announcement_id = ANY($2::bigint[])",
        me, ids,
    )  # fmt: skip
    return {record["announcement_id"] for record in records}


async def mark_read(db: Db, me: AccountId, number: int) -> None:
    await db.execute(
        "INSERT INTO announcement_reads (account_id, announcement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        me, number,
    )  # fmt: skip


async def reactions_of(db: Db, me: AccountId, ids: Sequence[int]) -> set[tuple[int, str]]:
    """With what one reacted to the announcements."""
    records = await db.records(
        """
        SELECT announcement_id, name FROM announcement_reactions
        WHERE account_id = $1 AND announcement_id = ANY($2::bigint[])
        """,
        me, ids,
    )  # fmt: skip
    return {(record["announcement_id"], record["name"]) for record in records}


async def counts(db: Db, ids: Sequence[int]) -> list[Counted]:
    """What people reacted with, in the order in which it was first used."""
    return await db.rows(
        Counted,
        """
        SELECT announcement_id, name, count FROM announcement_emojis
        WHERE announcement_id = ANY($1::bigint[]) ORDER BY announcement_id, id
        """,
        ids,
    )


async def react(db: Db, me: AccountId, number: int, name: str, emoji_id: int) -> bool:
    """False when one reacted so before."""
    return bool(
        await db.value(
            """
            WITH new AS (
                INSERT INTO announcement_reactions (account_id, announcement_id, name) VALUES ($1, $2, $3)
                ON CONFLICT DO NOTHING RETURNING name
            ), counted AS (
                INSERT INTO announcement_emojis AS e (announcement_id, name, id, count) SELECT $2, name, $4, 1 FROM new
                ON CONFLICT (announcement_id, name) DO UPDATE SET count = e.count + 1
            )
            SELECT count(*) FROM new
            """,
            me, number, name, emoji_id,
        )
    )  # fmt: skip


async def unreact(db: Db, me: AccountId, number: int, name: str) -> bool:
    """False when one did not react so. An emoji that nobody uses any more is forgotten (`drop_unused`)."""
    return bool(
        await db.value(
            """
            WITH old AS (
                DELETE FROM announcement_reactions WHERE account_id = $1 AND announcement_id = $2 AND name = $3
                RETURNING name
            ), counted AS (
                UPDATE announcement_emojis SET count = count - 1
                WHERE announcement_id = $2 AND name = (SELECT name FROM old)
            )
            SELECT count(*) FROM old
            """,
            me, number, name,
        )
    )  # fmt: skip


async def drop_unused(db: Db, number: int) -> None:
    await db.execute("DELETE FROM announcement_emojis WHERE announcement_id = $1 AND count <= 0", number)
