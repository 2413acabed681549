"""The SQL of the feeds that are the same for many readers: public, by tag, of an account, of a list.

The keys come from the authors' rows by an index; equal questions of a moment are asked once.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Key, Post
from townsquare.statuses.store_posts import Shelf, on_shelves
from townsquare.statuses.visible import COMES_UP, STANDING, VISIBLE_BY_STANDING
from townsquare.timelines.cursor import Cursor, both_ways
from townsquare.timelines.store_home import Source


class Public(msgspec.Struct, frozen=True):
    """Which public posts: all, of this place, of other places; with pictures only."""

    cursor: Cursor
    local: bool = False
    remote: bool = False
    only_media: bool = False


class Tagged(msgspec.Struct, frozen=True):
    """Public posts with one of the tags, with all of `every` and none of `none` (folded names)."""

    cursor: Cursor
    some: tuple[str, ...]
    every: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    local: bool = False
    remote: bool = False
    only_media: bool = False


class OfAccount(msgspec.Struct, frozen=True):
    """An account's posts for a viewer."""

    cursor: Cursor
    viewer: int
    account_id: int
    only_media: bool = False
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    pinned: bool = False
    tagged: str | None = None
    exclude_direct: bool = False


_PUBLIC: Final[LiteralString] = f"""
    SELECT s.id, s.account_id, s.named FROM statuses s JOIN accounts a ON a.id = s.account_id
    WHERE s.visibility = 0 AND s.reblog_of_id IS NULL AND {COMES_UP} AND s.id < $1 AND s.id > $2
        AND (NOT $4 OR s.local) AND (NOT $5 OR NOT s.local) AND (NOT $6 OR s.media_ids <> '{{}}')
        AND a.suspended_at IS NULL AND a.limited_at IS NULL
        AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id)
"""


async def fetch_public(db: Db, asked: Sequence[Public]) -> list[list[Key]]:
    """Keys for each feed, latest first."""
    answers = {one: await _public(db, one) for one in dict.fromkeys(asked)}
    return [answers[one] for one in asked]


async def _public(db: Db, feed: Public) -> list[Key]:
    cursor = feed.cursor
    args = (cursor.max_id, cursor.lowest, cursor.limit, feed.local, feed.remote, feed.only_media)
    if cursor.upwards:
        records = await db.records(_PUBLIC + " ORDER BY s.id LIMIT $3", *args)
        return _keys(records[::-1])
    records = await db.records(_PUBLIC + " ORDER BY s.id DESC LIMIT $3", *args)
    return _keys(records)


def _keys(records: Sequence[tuple[int, int, Sequence[int] | None]]) -> list[Key]:
    return [Key(number, owner, None, None, 0, named) for number, owner, named in records]


_TAGGED: Final[LiteralString] = f"""
    SELECT DISTINCT t.status_id, t.account_id, s.named FROM status_tags t
    JOIN statuses s ON s.account_id = t.account_id AND s.id = t.status_id
    JOIN accounts a ON a.id = t.account_id
    WHERE t.tag = ANY(ARRAY(SELECT g.name FROM tags g WHERE g.name = ANY($4::text[]) AND g.restricted < 16))
        AND t.status_id < $1 AND t.status_id > $2
        AND s.tags @> $5::text[] AND NOT s.tags && $6::text[]
        AND (NOT $7 OR s.local) AND (NOT $8 OR NOT s.local) AND (NOT $9 OR s.media_ids <> '{{}}')
        AND s.visibility = 0 AND {COMES_UP} AND a.suspended_at IS NULL AND a.limited_at IS NULL
"""


async def fetch_tagged(db: Db, asked: Sequence[Tagged]) -> list[list[Key]]:
    """Keys for each feed, latest first."""
    answers = {one: await _tagged(db, one) for one in dict.fromkeys(asked)}
    return [answers[one] for one in asked]


async def _tagged(db: Db, feed: Tagged) -> list[Key]:
    cursor = feed.cursor
    args = (cursor.max_id, cursor.lowest, cursor.limit, feed.some, feed.every, feed.none)
    more = (feed.local, feed.remote, feed.only_media)
    if cursor.upwards:
        records = await db.records(_TAGGED + " ORDER BY t.status_id LIMIT $3", *args, *more)
        return _keys(records[::-1])
    records = await db.records(_TAGGED + " ORDER BY t.status_id DESC LIMIT $3", *args, *more)
    return _keys(records)


_OF_ACCOUNT: Final[LiteralString] = f"""
    SELECT k.n, k.owner, a.xmin, hashtid(a.ctid), p.*
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::text[])
        WITH ORDINALITY AS k (viewer, owner, below, above, most, kinds, tagged, n)
    JOIN accounts a ON a.id = k.owner
    CROSS JOIN LATERAL {STANDING} o
    CROSS JOIN LATERAL (
        SELECT array_agg(x.id), array_agg(x.xmin), array_agg(x.place)
        FROM (
            SELECT s.id, s.xmin, hashtid(s.ctid) AS place
            FROM statuses s
            WHERE s.account_id = k.owner AND s.id < k.below AND s.id > k.above
                AND (k.kinds & 1 = 0 OR s.media_ids <> '{{}}')
                AND (k.kinds & 2 = 0 OR s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id)
                AND (k.kinds & 4 = 0 OR s.reblog_of_id IS NULL)
                AND (k.kinds & 8 = 0 OR s.pinned_id IS NOT NULL)
                AND (k.kinds & 16 = 0 OR s.visibility <> 3)
                AND (k.tagged IS NULL OR s.tags @> ARRAY[k.tagged])
                AND {VISIBLE_BY_STANDING}
"""
_DOWN: Final[LiteralString] = " ORDER BY s.id DESC LIMIT k.most) x) p"
_UP: Final[LiteralString] = " ORDER BY s.id LIMIT k.most) x) p"


def _kinds(feed: OfAccount) -> int:
    kept_out = 2 * feed.exclude_replies + 4 * feed.exclude_reblogs + 16 * feed.exclude_direct
    return feed.only_media + kept_out + 8 * feed.pinned


async def fetch_of_account(db: Db, asked: Sequence[OfAccount]) -> list[list[Post]]:
    """For each viewer the account's posts, latest first: one owner, so the rows come at once."""

    async def fetch(feeds: Sequence[OfAccount], upwards: bool) -> list[list[Post]]:
        records: list[tuple[Any, ...]] = await db.records(
            _OF_ACCOUNT + (_UP if upwards else _DOWN),
            [one.viewer for one in feeds],
            [one.account_id for one in feeds],
            [one.cursor.max_id for one in feeds],
            [one.cursor.lowest for one in feeds],
            [one.cursor.limit for one in feeds],
            [_kinds(one) for one in feeds],
            [one.tagged for one in feeds],
        )
        some = [record for record in records if record[-1] is not None]
        found = await on_shelves(db, [Shelf(*shelf) for _, *shelf in some])
        posts = {record[0]: posts for record, posts in zip(some, found, strict=True)}
        return [posts.get(n, []) for n in range(1, len(feeds) + 1)]

    return await both_ways(asked, fetch)


async def list_members(db: Db, reader: int, list_id: int) -> list[Source]:
    """Whom a list of the reader shows, as the reader follows them: who has not accepted yet is in it, and not shown."""
    return await db.rows(
        Source,
        """
        SELECT l.member_id AS author, coalesce(f.reblogs, true) AS reblogs, f.languages
        FROM list_accounts l LEFT JOIN follows f ON f.account_id = l.account_id AND f.target_id = l.member_id
        WHERE l.account_id = $1 AND l.list_id = $2 AND (f.target_id IS NOT NULL AND NOT f.pending OR l.member_id = $1)
        """,
        reader,
        list_id,
    )


async def marked(db: Db, reader: int, which: LiteralString, cursor: Cursor) -> list[tuple[int, Key]]:
    """The reader's favourites or bookmarks with the id by which the list is read on, latest first."""
    sql = f"""
        SELECT {which}, status_id, author_id FROM marks
        WHERE account_id = $1 AND {which} IS NOT NULL AND {which} < $2 AND {which} > $3 ORDER BY {which}
    """
    args = (reader, cursor.max_id, cursor.lowest, cursor.limit)
    if cursor.upwards:
        records = list(reversed(await db.records(sql + " LIMIT $4", *args)))
    else:
        records = await db.records(sql + " DESC LIMIT $4", *args)
    return [(record[0], Key(record[1], record[2])) for record in records]
