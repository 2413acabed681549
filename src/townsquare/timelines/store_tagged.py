"""The SQL by which posts reach those who follow their hashtags."""

from collections.abc import Sequence
from datetime import datetime

from townsquare.db.pool import Db
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.read import Pair
from townsquare.timelines.store_home import array_of


async def unlimited(db: Db, posts: Sequence[Pair]) -> dict[Pair, tuple[int, ...]]:
    """Those of the posts that the place has not limited, nor their authors, with whom else each names or answers."""
    records = await db.records(
        """
        SELECT s.account_id, s.id, coalesce(s.named, '{}') FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        WHERE s.restricted < 8 AND a.limited_at IS NULL
        """,
        [owner for owner, _ in posts],
        [number for _, number in posts],
    )
    return {(record[0], record[1]): tuple(record[2]) for record in records}


async def push(db: Db, events: Sequence[StatusPosted]) -> None:
    """Enter posts in the home timelines of those who follow one of their hashtags.

    Whom a post answers does not matter to them: it is there for what it is about. A hashtag that is held or removed
    brings none.
    """
    pairs = [(event, tag) for event in events for tag in event.tags]
    await db.execute(
        """
        INSERT INTO home (account_id, status_id, author_id, named)
        SELECT DISTINCT t.account_id, p.id, p.author, p.named::bigint[]
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS p (author, id, tag, named)
        JOIN tag_follows t ON t.tag = p.tag
        WHERE NOT EXISTS (SELECT FROM tags g WHERE g.name = p.tag AND g.restricted >= 16)
        ORDER BY 1
        ON CONFLICT (account_id, status_id) DO UPDATE SET reply_to_id = NULL, named = excluded.named
            WHERE home.reply_to_id IS NOT NULL
        """,
        [event.account_id for event, _ in pairs],
        [event.status_id for event, _ in pairs],
        [tag for _, tag in pairs],
        [array_of(event.named) for event, _ in pairs],
    )


async def pulled_tags(db: Db) -> list[str]:
    """All hashtags whose posts are not pushed."""
    return [record[0] for record in await db.records("SELECT tag FROM pulled_tags")]


async def become_pulled(db: Db, tags: Sequence[str], bound: int) -> set[str]:
    """Those of the hashtags whose posts are not pushed (any more), for being followed by more than the bound."""
    records = await db.records(
        """
        WITH new AS (
            INSERT INTO pulled_tags (tag)
            SELECT k.tag FROM unnest($1::text[]) AS k (tag)
            WHERE NOT EXISTS (SELECT FROM pulled_tags p WHERE p.tag = k.tag)
                AND EXISTS (SELECT FROM tag_follows t WHERE t.tag = k.tag OFFSET $2)
            ON CONFLICT DO NOTHING RETURNING tag
        ), said AS (SELECT pg_notify('townsquare_pulled', '#' || tag) FROM new)
        SELECT tag FROM pulled_tags WHERE tag = ANY($1::text[])
        UNION ALL SELECT tag FROM new WHERE (SELECT count(*) FROM said) >= 0
        """,
        tags,
        bound,
    )
    return {record[0] for record in records}


async def pulled_since(db: Db, tags: Sequence[str]) -> dict[str, datetime]:
    """Since when nothing is pushed for those of the hashtags that are pulled in."""
    records = await db.records("SELECT tag, since FROM pulled_tags WHERE tag = ANY($1::text[])", tags)
    return {record[0]: record[1] for record in records}


async def followed_among(db: Db, reader: int, tags: Sequence[str]) -> list[str]:
    """Those of the hashtags that the reader follows."""
    records = await db.records(
        "SELECT tag FROM tag_follows WHERE account_id = $1 AND tag = ANY($2::text[]) ORDER BY tag", reader, tags
    )
    return [record[0] for record in records]


async def take_out(db: Db, ids: Sequence[int], tags: Sequence[str], ends: Sequence[int]) -> None:
    """Remove deleted posts from where their hashtags had brought them.

    `ends`: of each hashtag the id from which posts with it, and to whoever followed it from there, were not pushed.
    """
    await db.execute(
        """
        DELETE FROM home h USING (
            SELECT t.account_id AS reader, p.id
            FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS p (id, tag, pushed_until)
            JOIN tag_follows t ON t.tag = p.tag AND t.id < p.pushed_until
            WHERE p.id < p.pushed_until
        ) d
        WHERE h.account_id = d.reader AND h.status_id = d.id
        """,
        ids,
        tags,
        ends,
    )


async def withdraw(db: Db, posts: Sequence[tuple[int, int, str]]) -> None:
    """Remove posts (author, id, hashtag) from where a hashtag has brought them to who does not follow the author."""
    await db.execute(
        """
        DELETE FROM home h USING (
            SELECT t.account_id AS reader, p.id
            FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS p (author, id, tag)
            JOIN tag_follows t ON t.tag = p.tag
            WHERE t.account_id <> p.author AND NOT EXISTS (
                SELECT FROM followers f WHERE f.account_id = p.author AND f.follower_id = t.account_id)
        ) d
        WHERE h.account_id = d.reader AND h.status_id = d.id
        """,
        [author for author, _, _ in posts],
        [number for _, number, _ in posts],
        [tag for _, _, tag in posts],
    )
