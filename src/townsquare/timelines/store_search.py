"""The SQL of searching posts. Terms, post and author belong to one owner, so what is found comes with its rows.

What is common is soon found among the latest posts; what is rare is found quickest by the index of words.
"""

from collections.abc import Iterable, Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair, Post
from townsquare.statuses.store_posts import VERSION, by_asker
from townsquare.statuses.visible import COMES_UP, VISIBLE_TO
from townsquare.timelines.cursor import Cursor, both_ways
from townsquare.timelines.search_dates import Span
from townsquare.timelines.search_query import Scope


class Query(msgspec.Struct, frozen=True):
    """Whose search, for what (in PostgreSQL's notation, empty for whatever there is), where."""

    viewer: int
    text: str
    cursor: Cursor
    offset: int = 0
    depth: int = 0
    """So many posts are looked at, of each author, without the index of words."""
    authors: tuple[int, ...] = ()
    """None: anybody's."""
    others: tuple[int, ...] = ()
    gaps: tuple[Span, ...] = ()
    scope: Scope = "all"
    kept: tuple[int, ...] = ()
    """The viewer's bookmarks: they are known where the viewer's rows are."""


_LIBRARY: Final[LiteralString] = """(
    s.account_id = k.viewer
    OR s.id = ANY(k.kept)
    OR EXISTS (
        SELECT FROM mentions n WHERE n.account_id = s.account_id AND n.status_id = s.id AND n.mentioned_id = k.viewer
        OFFSET 0)
    OR EXISTS (
        SELECT FROM favourites v WHERE v.account_id = s.account_id AND v.status_id = s.id AND v.by_id = k.viewer
        OFFSET 0)
    OR EXISTS (
        SELECT FROM reblogs e WHERE e.account_id = s.account_id AND e.status_id = s.id AND e.by_id = k.viewer
        OFFSET 0)
)"""
_FOLLOWED: Final[LiteralString] = """
    EXISTS (SELECT FROM followers f WHERE f.account_id = s.account_id AND f.follower_id = k.viewer OFFSET 0)"""
FINDABLE_BY: Final[LiteralString] = f"""(
    (k.scope <> 'library' AND s.visibility = 0 AND a.indexable
        AND (a.limited_at IS NULL AND {COMES_UP} OR {_FOLLOWED}))
    OR (k.scope <> 'public' AND {_LIBRARY})
)"""
"""Of what somebody may see, what a search gives them: what its author lets everybody find, and what they have to do
with. Whom one follows makes no difference, as in Mastodon: people who do not want to be found were told so."""

_ASKED: Final[LiteralString] = """
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[]) WITH ORDINALITY
        AS q (viewer, query, below, above, most, skipped, depth, authors, others, gaps, scope, kept, n)
    CROSS JOIN LATERAL (
        SELECT q.viewer, nullif(q.query, '')::tsquery AS query, q.below, q.above, q.most, q.skipped, q.n, q.depth,
            q.authors::bigint[] AS authors, q.others::bigint[] AS others, q.gaps::int8multirange AS gaps, q.scope,
            q.kept::bigint[] AS kept
        OFFSET 0
    ) k
"""
_SEARCH: Final[LiteralString] = f"SELECT x.*, k.n {_ASKED} CROSS JOIN LATERAL (SELECT {VERSION} FROM ("
_FITS: Final[LiteralString] = "t.account_id <> ALL(k.others) AND NOT k.gaps @> t.status_id"
_BETWEEN: Final[LiteralString] = "t.status_id < k.below AND t.status_id > k.above"
_MATCHES: Final[LiteralString] = f"(k.query IS NULL OR t.terms @@ k.query) AND {_FITS}"
_POSTS: Final[LiteralString] = f"""
            OFFSET 0
        ) t
        JOIN statuses s ON s.account_id = t.account_id AND s.id = t.status_id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
"""
_FOUND: Final[LiteralString] = f"{_POSTS} AND {FINDABLE_BY}"
_DOWN: Final[LiteralString] = " ORDER BY t.status_id DESC"
_UP: Final[LiteralString] = " ORDER BY t.status_id"
_PAGE: Final[LiteralString] = " LIMIT k.most OFFSET k.skipped) x"

_LATEST: Final[LiteralString] = f"SELECT * FROM status_search t WHERE {_BETWEEN}"
_BY_AUTHOR: Final[LiteralString] = f"SELECT * FROM status_search t WHERE t.account_id = o.id AND {_BETWEEN}"
# The ids are kept out of the conditions of the index of ids, which would be taken instead of the index of words.
_INDEXED: Final[LiteralString] = f"""
    SELECT t.account_id, t.status_id FROM status_search t
    WHERE t.terms @@ k.query AND t.status_id + 0 < k.below AND t.status_id + 0 > k.above AND {_FITS}
        AND (k.authors = '{{}}' OR t.account_id = ANY(k.authors))
"""
_AMONG: Final[LiteralString] = f"""
    SELECT t.account_id, t.status_id FROM unnest($13::bigint[], $14::bigint[]) AS d (owner, id)
    JOIN status_search t ON t.account_id = d.owner AND t.status_id = d.id
    WHERE {_BETWEEN} AND (k.authors = '{{}}' OR t.account_id = ANY(k.authors)) AND {_MATCHES}
"""


def _walk(order: LiteralString) -> LiteralString:
    return f"SELECT t.account_id, t.status_id FROM ({_LATEST} {order} LIMIT k.depth) t WHERE {_MATCHES} {order}"


def _walk_of_authors(order: LiteralString) -> LiteralString:
    return f"""
        SELECT t.account_id, t.status_id FROM unnest(k.authors) AS o (id)
        CROSS JOIN LATERAL ({_BY_AUTHOR} {order} LIMIT k.depth) t WHERE {_MATCHES} {order}
    """


async def fetch_latest(db: Db, asked: Sequence[Query]) -> list[list[Post]]:
    """For each query what is found among the latest posts, latest first; with a cursor upwards among those above it."""
    return await _each(db, asked, _walk(_DOWN), _walk(_UP))


async def fetch_of_authors(db: Db, asked: Sequence[Query]) -> list[list[Post]]:
    """The same among the latest posts of each author."""
    return await _each(db, asked, _walk_of_authors(_DOWN), _walk_of_authors(_UP))


async def fetch_indexed(db: Db, asked: Sequence[Query]) -> list[list[Post]]:
    """For each query what is found by the index of words."""
    return await _each(db, asked, _INDEXED + _DOWN, _INDEXED + _UP)


async def fetch_among(db: Db, query: Query, pairs: Sequence[Pair]) -> list[Post]:
    """What is found among some posts that the viewer has to do with."""
    owners, ids = [owner for owner, _ in pairs], [number for _, number in pairs]

    async def fetch(queries: Sequence[Query], upwards: bool) -> list[list[Post]]:
        order = _UP if upwards else _DOWN
        sql = f"{_SEARCH} {_AMONG} {order} {_POSTS} {order} {_PAGE}"
        return await by_asker(db, await db.records(sql, *_columns(queries), owners, ids), len(queries))

    return (await both_ways([query], fetch))[0]


async def _each(db: Db, asked: Sequence[Query], down: LiteralString, up: LiteralString) -> list[list[Post]]:
    async def fetch(queries: Sequence[Query], upwards: bool) -> list[list[Post]]:
        walk, order = (up, _UP) if upwards else (down, _DOWN)
        sql = f"{_SEARCH} {walk} {_FOUND} {order} {_PAGE}"
        return await by_asker(db, await db.records(sql, *_columns(queries)), len(queries))

    return await both_ways(asked, fetch)


async def has_beyond(db: Db, query: Query) -> bool:
    """Whether there are more posts, of one of the authors if there are any, than `depth` of them."""
    if not query.authors:
        sql = "SELECT EXISTS (SELECT FROM status_search WHERE status_id < $1 AND status_id > $2 OFFSET $3)"
        return await db.value(sql, query.cursor.max_id, query.cursor.lowest, query.depth)
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM unnest($4::bigint[]) AS o (id) CROSS JOIN LATERAL (
            SELECT FROM status_search t WHERE t.account_id = o.id AND t.status_id < $1 AND t.status_id > $2
            OFFSET $3 LIMIT 1) t)
        """,
        query.cursor.max_id,
        query.cursor.lowest,
        query.depth,
        query.authors,
    )


def _columns(asked: Sequence[Query]) -> tuple[object, ...]:
    return (
        [one.viewer for one in asked],
        [one.text for one in asked],
        [one.cursor.max_id for one in asked],
        [one.cursor.lowest for one in asked],
        [one.cursor.limit for one in asked],
        [one.offset for one in asked],
        [one.depth for one in asked],
        [_array(one.authors) for one in asked],
        [_array(one.others) for one in asked],
        [_array(f"[{start},{end})" for start, end in one.gaps) for one in asked],
        [one.scope for one in asked],
        [_array(one.kept) for one in asked],
    )


def _array(values: Iterable[object]) -> str:
    """Numbers, or ranges of them, as PostgreSQL writes arrays (and multiranges): an array of arrays has to be even."""
    return f"{{{','.join(map(str, values))}}}"


async def bookmarks(db: Db, asked: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """For each reader the posts that they have kept last, at most so many."""
    records = await db.records(
        """
        SELECT ARRAY(
            SELECT status_id FROM marks WHERE account_id = k.reader AND bookmark_id IS NOT NULL
            ORDER BY bookmark_id DESC LIMIT k.most)
        FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS k (reader, most, n) ORDER BY k.n
        """,
        [reader for reader, _ in asked],
        [most for _, most in asked],
    )
    return [tuple(record[0]) for record in records]


async def library(db: Db, reader: int, cursor: Cursor, most: int) -> list[Pair]:
    """The latest posts that a reader has to do with: own ones, those marked, those that mention the reader."""
    records = await db.records(
        """
        (SELECT account_id, status_id FROM status_search
            WHERE account_id = $1 AND status_id < $2 AND status_id > $3 ORDER BY status_id DESC LIMIT $4)
        UNION (SELECT author_id, status_id FROM marks WHERE account_id = $1 AND status_id < $2 AND status_id > $3
            AND coalesce(favourite_id, bookmark_id, reblog_id) IS NOT NULL ORDER BY status_id DESC LIMIT $4)
        UNION (SELECT account_id, status_id FROM mentions WHERE mentioned_id = $1 AND status_id < $2 AND status_id > $3
            ORDER BY status_id DESC LIMIT $4)
        """,
        reader,
        cursor.max_id,
        cursor.lowest,
        most,
    )
    return [(record[0], record[1]) for record in records]


async def direct(db: Db, asked: Sequence[tuple[int, Cursor, int]]) -> list[list[Pair]]:
    """For each (reader, cursor, most): the latest posts of their conversations."""
    records = await db.records(
        """
        SELECT k.n, c.author_id, c.status_id
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[]) WITH ORDINALITY
            AS k (reader, below, above, most, n)
        CROSS JOIN LATERAL (
            SELECT DISTINCT author_id, status_id FROM conversation_posts
            WHERE account_id = k.reader AND status_id < k.below AND status_id > k.above
            ORDER BY status_id DESC LIMIT k.most) c
        """,
        [reader for reader, _, _ in asked],
        [cursor.max_id for _, cursor, _ in asked],
        [cursor.lowest for _, cursor, _ in asked],
        [most for _, _, most in asked],
    )
    out: list[list[Pair]] = [[] for _ in asked]
    for n, author, number in records:
        of_reader = out[int(n) - 1]
        of_reader.append((author, number))
    return out


async def tags(db: Db, name: str, since: int, limit: int, offset: int, *, exact: bool) -> list[str]:
    """Tags of public posts that begin so, or are so (`name` is folded): that one first, then those in most posts from
    an id on. Of those that begin so the shortest are looked at, and of their posts so many that an order can be told.
    """
    records = await db.records(
        """
        SELECT t.name FROM (
            SELECT t.name FROM tags t
            WHERE t.name ~>=~ $1 AND t.name ~<~ $2 AND t.restricted < 8 AND ($6 = false OR t.name = $1)
            ORDER BY length(t.name) LIMIT 500
        ) t
        CROSS JOIN LATERAL (SELECT count(*) AS uses FROM (
            SELECT FROM status_tags s WHERE s.tag = t.name AND s.status_id > $3 LIMIT 200) s) u
        WHERE EXISTS (SELECT FROM status_tags s WHERE s.tag = t.name)
        ORDER BY t.name = $1 DESC, u.uses DESC, length(t.name), t.name LIMIT $4 OFFSET $5
        """,
        name,
        name + "\U0010ffff",
        since,
        limit,
        offset,
        exact,
    )
    return [record[0] for record in records]


async def by_uri(db: Db, uri: str) -> tuple[int, int | None] | None:
    """The account and, where it is a post's, the post that another server calls so."""
    records = await db.records("SELECT account_id, status_id FROM uris WHERE uri = $1", uri)
    return (records[0][0], records[0][1]) if records else None
