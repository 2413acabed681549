"""The SQL of searching posts. Terms, post and author belong to one owner, so what is found comes with its rows."""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.statuses.read import Post
from townsquare.statuses.store_read import COLUMNS, post_of
from townsquare.statuses.visible import VISIBLE_TO

CJK: Final[LiteralString] = r"[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]"
"""Letters of scripts that put no space between words: each is a term, and a word of them a phrase."""


class Query(msgspec.Struct, frozen=True):
    """Whose search, for what (in PostgreSQL's web search syntax), where; `author` 0: of anybody."""

    viewer: int
    text: str
    cursor: Cursor
    offset: int = 0
    author: int = 0


FINDABLE_BY: Final[LiteralString] = """(
    (s.visibility = 0 AND a.indexable AND a.limited_at IS NULL)
    OR s.account_id = k.viewer
    OR EXISTS (SELECT FROM followers f WHERE f.account_id = s.account_id AND f.follower_id = k.viewer OFFSET 0)
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
"""Of what somebody may see, what a search gives them: what everybody may find, and what they have to do with."""

# What only excludes words, or has none, would match nearly everything: it finds nothing. All that match are sorted by
# their ids alone; because of OFFSET 0 only as many of them as are shown are joined with their posts.
_SEARCH: Final[LiteralString] = f"""
    SELECT x.*, k.n
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::int[])
        WITH ORDINALITY AS k (viewer, query, below, above, author, most, skipped, n)
    CROSS JOIN LATERAL (SELECT websearch_to_tsquery('simple', k.query) AS parsed) p
    CROSS JOIN LATERAL (
        SELECT {COLUMNS}
        FROM (
            SELECT t.account_id, t.status_id FROM status_search t
            WHERE t.terms @@ CASE WHEN querytree(p.parsed) NOT IN ('', 'T') THEN p.parsed END
                AND t.status_id < k.below AND t.status_id > k.above AND (k.author = 0 OR t.account_id = k.author)
"""
_FOUND: Final[LiteralString] = f"""
            OFFSET 0
        ) t
        JOIN statuses s ON s.account_id = t.account_id AND s.id = t.status_id
        JOIN accounts a ON a.id = s.account_id
        WHERE {FINDABLE_BY} AND {VISIBLE_TO}
"""
_LATEST: Final[LiteralString] = "ORDER BY t.status_id DESC"
_FIRST: Final[LiteralString] = "ORDER BY t.status_id"
_PAGE: Final[LiteralString] = " LIMIT k.most OFFSET k.skipped) x"


async def fetch_down(db: Db, asked: Sequence[Query]) -> list[list[Post]]:
    """For each query the posts found, latest first."""
    return await _fetch(db, asked, _SEARCH + _LATEST + _FOUND + _LATEST + _PAGE)


async def fetch_up(db: Db, asked: Sequence[Query]) -> list[list[Post]]:
    """For each query the posts found just above the cursor, latest first."""
    found = await _fetch(db, asked, _SEARCH + _FIRST + _FOUND + _FIRST + _PAGE)
    return [posts[::-1] for posts in found]


async def _fetch(db: Db, asked: Sequence[Query], sql: LiteralString) -> list[list[Post]]:
    records = await db.records(
        sql,
        [one.viewer for one in asked],
        [one.text for one in asked],
        [one.cursor.max_id for one in asked],
        [one.cursor.lowest for one in asked],
        [one.author for one in asked],
        [one.cursor.limit for one in asked],
        [one.offset for one in asked],
    )
    out: list[list[Post]] = [[] for _ in asked]
    authors: dict[int, bytes] = {}
    for record in records:
        out[int(record["n"]) - 1].append(post_of(record, authors))
    return out


async def index(db: Db, owners: Sequence[int], ids: Sequence[int]) -> None:
    """Enter posts with their terms, or enter them anew. Echoes have no text of their own."""
    await db.execute(
        """
        INSERT INTO status_search (account_id, status_id, terms)
        SELECT s.account_id, s.id, to_tsvector('simple', regexp_replace(left(
            concat_ws(E'\\n', s.spoiler_text, s.text, (
                SELECT string_agg(m.description, E'\\n') FROM media m
                WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids))), 100000), $3, ' \\& ', 'g'))
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        WHERE s.reblog_of_id IS NULL
        ORDER BY 1, 2
        ON CONFLICT (account_id, status_id) DO UPDATE SET terms = excluded.terms
        """,
        owners,
        ids,
        CJK,
    )


async def tags(db: Db, prefix: str, limit: int, offset: int) -> list[str]:
    """Tags of public posts that begin so, the shortest first. `prefix` is folded."""
    records = await db.records(
        """
        SELECT t.name FROM tags t
        WHERE t.name ~>=~ $1 AND t.name ~<~ $2 AND EXISTS (SELECT FROM status_tags s WHERE s.tag = t.name)
        ORDER BY length(t.name), t.name LIMIT $3 OFFSET $4
        """,
        prefix,
        prefix + "\U0010ffff",
        limit,
        offset,
    )
    return [record[0] for record in records]


async def by_uri(db: Db, uri: str) -> tuple[int, int | None] | None:
    """The account and, where it is a post's, the post that another server calls so."""
    records = await db.records("SELECT account_id, status_id FROM uris WHERE uri = $1", uri)
    return (records[0][0], records[0][1]) if records else None
