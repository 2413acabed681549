"""SQL of the hashtags that people follow or show on their profile. Tags are folded."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId


class TagEntry(msgspec.Struct, frozen=True):
    """One tag in a list, and where in it it stands."""

    tag: str
    id: int


class TagRow(msgspec.Struct, frozen=True):
    """`display_name`: as it was first written."""

    name: str
    id: int
    display_name: str


class Uses(msgspec.Struct, frozen=True):
    """`day`: days since 1970, in UTC."""

    tag: str
    day: int
    uses: int
    accounts: int


class Featured(msgspec.Struct, frozen=True):
    """A tag on a profile. `last_status_id` 0: never used in public."""

    id: int
    tag: str
    display_name: str
    statuses_count: int
    last_status_id: int


async def insert_tag(db: Db, tag: str, number: int, display_name: str) -> None:
    """Enter a tag that was never used before."""
    await db.execute(
        "INSERT INTO tags (name, id, display_name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tag, number, display_name,
    )  # fmt: skip


async def tags(db: Db, names: Sequence[str]) -> list[TagRow]:
    """Those of the tags that were ever used or followed."""
    return await db.rows(TagRow, "SELECT name, id, display_name FROM tags WHERE name = ANY($1::text[])", names)


async def uses(db: Db, names: Sequence[str], since: int) -> list[Uses]:
    """How often the tags were used in public, day by day, from a day on, as they were counted (timelines.trends)."""
    return await db.rows(
        Uses,
        """
        SELECT key AS tag, day, uses, accounts FROM trend_days
        WHERE kind = 'tag' AND key = ANY($1::text[]) AND day >= $2
        """,
        names, since,
    )  # fmt: skip


async def insert_follow(db: Db, me: AccountId, tag: str, number: int) -> bool:
    """False when one follows it already."""
    return bool(
        await db.execute(
            "INSERT INTO tag_follows (account_id, tag, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", me, tag, number
        )
    )


async def delete_follow(db: Db, me: AccountId, tag: str) -> bool:
    return bool(await db.execute("DELETE FROM tag_follows WHERE account_id = $1 AND tag = $2", me, tag))


async def follows_count(db: Db, me: AccountId) -> int:
    return await db.value("SELECT count(*) FROM tag_follows WHERE account_id = $1", me)


async def followed_among(db: Db, me: AccountId, tags: Sequence[str]) -> set[str]:
    records = await db.records("SELECT tag FROM tag_follows WHERE account_id = $1 AND tag = ANY($2::text[])", me, tags)
    return {record["tag"] for record in records}


async def featured_among(db: Db, me: AccountId, tags: Sequence[str]) -> set[str]:
    records = await db.records(
        "SELECT tag FROM featured_tags WHERE account_id = $1 AND tag = ANY($2::text[])", me, tags
    )
    return {record["tag"] for record in records}


async def followed(db: Db, me: AccountId, cursor: Cursor) -> list[TagEntry]:
    """A page of the tags that one follows, latest first."""
    entries = await db.rows(
        TagEntry,
        """
        SELECT tag, id FROM tag_follows WHERE account_id = $1 AND id < $2 AND id > $3
        ORDER BY CASE WHEN $5 THEN id ELSE -id END LIMIT $4
        """,
        me, cursor.max_id, cursor.lowest, cursor.limit, cursor.upwards,
    )  # fmt: skip
    return entries[::-1] if cursor.upwards else entries


async def insert_featured(db: Db, me: AccountId, tag: str, number: int) -> bool:
    """False when it is shown already."""
    return bool(
        await db.execute(
            "INSERT INTO featured_tags (account_id, tag, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            me, tag, number,
        )
    )  # fmt: skip


async def delete_featured(db: Db, me: AccountId, number: int) -> bool:
    return bool(await db.execute("DELETE FROM featured_tags WHERE account_id = $1 AND id = $2", me, number))


async def delete_featured_tag(db: Db, me: AccountId, tag: str) -> bool:
    return bool(await db.execute("DELETE FROM featured_tags WHERE account_id = $1 AND tag = $2", me, tag))


async def featured(db: Db, owner: AccountId) -> list[Featured]:
    """The tags on somebody's profile, those used most first."""
    return await db.rows(
        Featured,
        """
        SELECT f.id, f.tag, coalesce(t.display_name, f.tag) AS display_name, count(s.status_id) AS statuses_count,
               coalesce(max(s.status_id), 0) AS last_status_id
        FROM featured_tags f
        LEFT JOIN tags t ON t.name = f.tag
        LEFT JOIN status_tags s ON s.account_id = f.account_id AND s.tag = f.tag
        WHERE f.account_id = $1 GROUP BY f.id, f.tag, t.display_name ORDER BY count(s.status_id) DESC, f.id
        """,
        owner,
    )  # fmt: skip


async def most_used(db: Db, owner: AccountId, limit: int) -> list[str]:
    """The tags of somebody's public posts, those used most first."""
    records = await db.records(
        "SELECT tag FROM status_tags WHERE account_id = $1 GROUP BY tag ORDER BY count(*) DESC, tag LIMIT $2",
        owner, limit,
    )  # fmt: skip
    return [record["tag"] for record in records]
