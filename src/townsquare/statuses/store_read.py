"""The SQL of reading posts: rows and flags, in one query each for all requests of a moment.

A read that crosses owners is two queries. The keys say which posts, from the reader's or somebody else's own rows; the
rows come by arrays of owners and ids, with their authors, and only where the reader may see them (`store_posts` has
what is in them). What the reader did with a post, and whether they want to see its author, comes from the reader's own.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, LiteralString

from townsquare.db.pool import Db
from townsquare.statuses.read import BLOCKED_AUTHOR, MUTED_AUTHOR, Pair, Post, Posts
from townsquare.statuses.store_posts import AFTER, VERSION, posts_at
from townsquare.statuses.visible import VISIBLE_TO, VISIBLE_TO_ALL

FLAGS: Final[LiteralString] = """
    ((m.favourite_id IS NOT NULL)::int + 2 * (m.reblog_id IS NOT NULL)::int + 4 * (m.bookmark_id IS NOT NULL)::int
     + 8 * coalesce(m.muted, false)::int)
"""


async def fetch_posts(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Posts]:
    """For each (viewer, pairs): the posts by id that the viewer may see.

    People who read at the same moment read much of the same: each post is fetched once for all who ask for it, with
    those of them from whom it is hidden.
    """
    wanted: dict[Pair, list[int]] = {}
    for viewer, pairs in asked:
        for pair in pairs:
            wanted.setdefault(pair, []).append(viewer)
    ends = list(accumulate(len(viewers) for viewers in wanted.values()))
    records = await db.records(
        f"""
        SELECT {VERSION}, CASE WHEN NOT {VISIBLE_TO_ALL} THEN (
            SELECT array_agg(k.viewer) FROM unnest(($5::bigint[])[d.first:d.last]) AS k (viewer)
            WHERE NOT {VISIBLE_TO}
        ) END AS hidden_from
        FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[]) AS d (owner, id, first, last)
        JOIN statuses s ON s.account_id = d.owner AND s.id = d.id
        JOIN accounts a ON a.id = s.account_id
        """,
        [owner for owner, _ in wanted],
        [number for _, number in wanted],
        [1, *(end + 1 for end in ends[:-1])] if ends else [],
        ends,
        [viewer for viewers in wanted.values() for viewer in viewers],
    )
    hidden: dict[int, Sequence[int]] = {record[0]: record[AFTER] for record in records if record[AFTER] is not None}
    posts = await posts_at(db, records)
    return [_for(viewer, pairs, posts, hidden) for viewer, pairs in asked]


def _for(viewer: int, pairs: Sequence[Pair], posts: Posts, hidden: Mapping[int, Sequence[int]]) -> Posts:
    return {
        number: posts[number]
        for _, number in pairs
        if number in posts and (number not in hidden or viewer not in hidden[number])
    }


async def fetch_by_id(db: Db, asked: Sequence[tuple[int, int]]) -> list[Post | None]:
    """For each (viewer, id): the post, when nothing but its id is known."""
    records = await db.records(
        f"""
        SELECT {VERSION}, k.n
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (viewer, id, n)
        JOIN statuses s ON s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        [viewer for viewer, _ in asked],
        [number for _, number in asked],
    )
    posts = await posts_at(db, records)
    seen = {record[AFTER]: record[0] for record in records}
    return [posts.get(seen[n]) if n in seen else None for n in range(1, len(asked) + 1)]


async def fetch_marks(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Mapping[int, int]]:
    """For each (reader, pairs): the flags of the posts that have any, from the reader's own rows."""
    authors = [list({owner for owner, _ in pairs}) for _, pairs in asked]
    posts_end = list(accumulate(len(pairs) for _, pairs in asked))
    authors_end = list(accumulate(map(len, authors)))
    records: list[tuple[int, int, int | None, int]] = await db.records(
        f"""
        SELECT k.n, x.* FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[]) WITH ORDINALITY
            AS k (reader, post, last_post, author, last_author, n)
        CROSS JOIN LATERAL (
            SELECT m.status_id, NULL::bigint AS author_id, {FLAGS} AS flags FROM marks m
            WHERE m.account_id = k.reader AND m.status_id = ANY(($6::bigint[])[k.post:k.last_post])
            UNION ALL
            SELECT NULL, u.target_id, $8 FROM mutes u
            WHERE u.account_id = k.reader AND u.target_id = ANY(($7::bigint[])[k.author:k.last_author])
                AND (u.expires_at IS NULL OR u.expires_at > now())
            UNION ALL
            SELECT NULL, b.target_id, $9 FROM blocks b
            WHERE b.account_id = k.reader AND b.target_id = ANY(($7::bigint[])[k.author:k.last_author])
        ) x
        """,
        [reader for reader, _ in asked],
        [end - len(pairs) + 1 for (_, pairs), end in zip(asked, posts_end, strict=True)],
        posts_end,
        [end - len(some) + 1 for some, end in zip(authors, authors_end, strict=True)],
        authors_end,
        [number for _, pairs in asked for _, number in pairs],
        [author for some in authors for author in some],
        MUTED_AUTHOR,
        BLOCKED_AUTHOR,
    )
    out: list[dict[int, int]] = [{} for _ in asked]
    for n, number, author, flags in records:
        of_reader = out[n - 1]
        for one in [number] if author is None else [post for owner, post in asked[n - 1][1] if owner == author]:
            of_reader[one] = of_reader.get(one, 0) | flags
    return list(out)
