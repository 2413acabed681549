"""The SQL of reading posts: rows and flags, in one query each for all requests of a moment.

A read that crosses owners is two queries. The keys say which posts, from the reader's or somebody else's own rows; the
rows come by arrays of owners and ids, with their authors, and only where the reader may see them (`store_posts` has
what is in them). What the reader did with a post, and whether they want to see its author, comes from the reader's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, LiteralString

from townsquare.db.pool import Db
from townsquare.statuses.read import BLOCKED_AUTHOR, MUTED_AUTHOR, Pair, Post, Posts
from townsquare.statuses.store_posts import AFTER, VERSION, posts_at
from townsquare.statuses.visible import VISIBLE_TO, VISIBLE_TO_ALL

BITS: Final = 63
"""As many who ask are told apart by the bits of a number of PostgreSQL's."""
FLAGS: Final[LiteralString] = """
    ((m.favourite_id IS NOT NULL)::int + 2 * (m.reblog_id IS NOT NULL)::int + 4 * (m.bookmark_id IS NOT NULL)::int
     + 8 * coalesce(m.muted, false)::int)
"""


async def fetch_posts(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Posts]:
    """For each (viewer, pairs): the posts by id that the viewer may see.

    People who read at the same moment read much of the same: each post is fetched once for all who ask for it, with
    those of them from whom it is hidden. Both are told by bits, one for each of those who ask.
    """
    if len(asked) > BITS:
        return [*await fetch_posts(db, asked[:BITS]), *await fetch_posts(db, asked[BITS:])]
    wanted: dict[Pair, int] = {}
    for n, (_, pairs) in enumerate(asked):
        bit = 1 << n
        for pair in pairs:
            wanted[pair] = wanted.get(pair, 0) | bit
    records = await db.records(
        f"""
        SELECT {VERSION}, CASE WHEN NOT {VISIBLE_TO_ALL} THEN (
            SELECT bit_or(1::bigint << (k.n - 1)::int) FROM unnest($4::bigint[]) WITH ORDINALITY AS k (viewer, n)
            WHERE d.asking & (1::bigint << (k.n - 1)::int) <> 0 AND NOT {VISIBLE_TO}
        ) END AS hidden_from
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS d (owner, id, asking)
        JOIN statuses s ON s.account_id = d.owner AND s.id = d.id
        JOIN accounts a ON a.id = s.account_id
        """,
        [owner for owner, _ in wanted],
        [number for _, number in wanted],
        list(wanted.values()),
        [viewer for viewer, _ in asked],
    )
    hidden: dict[int, int] = {record[0]: record[AFTER] for record in records if record[AFTER] is not None}
    posts = await posts_at(db, records)
    return [_for(1 << n, pairs, posts, hidden) for n, (_, pairs) in enumerate(asked)]


def _for(bit: int, pairs: Sequence[Pair], posts: Posts, hidden: Mapping[int, int]) -> Posts:
    if not hidden:
        return {number: posts[number] for _, number in pairs if number in posts}
    return {number: posts[number] for _, number in pairs if number in posts and not hidden.get(number, 0) & bit}


async def fetch_own(db: Db, author: int, ids: Sequence[int]) -> Posts:
    """Posts of an account as their author has them, also where the place keeps them or their author from everybody."""
    records = await db.records(
        f"""
        SELECT {VERSION} FROM statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.account_id = $1 AND s.id = ANY($2::bigint[])
        """,
        author,
        ids,
    )
    return await posts_at(db, records)


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
    authors, posts = Slices(), Slices()
    for _, pairs in asked:
        authors.add({owner for owner, _ in pairs})
        posts.add([number for _, number in pairs])
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
        posts.firsts,
        posts.lasts,
        authors.firsts,
        authors.lasts,
        posts.numbers,
        authors.numbers,
        MUTED_AUTHOR,
        BLOCKED_AUTHOR,
    )
    out: list[dict[int, int]] = [{} for _ in asked]
    for n, number, author, flags in records:
        of_reader = out[n - 1]
        for one in [number] if author is None else [post for owner, post in asked[n - 1][1] if owner == author]:
            of_reader[one] = of_reader.get(one, 0) | flags
    return list(out)


class Slices:
    """Sequences one behind the other in one array, equal ones once: what many ask for at once is often the same.

    `firsts` and `lasts` say where each begins and ends, from 1 on.
    """

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.firsts: list[int] = []
        self.lasts: list[int] = []
        self._known: dict[tuple[int, ...], int] = {}

    def add(self, numbers: Iterable[int]) -> None:
        added = tuple(numbers)
        first = self._known.get(added)
        if first is None:
            first = self._known[added] = len(self.numbers) + 1
            self.numbers += added
        self.firsts.append(first)
        self.lasts.append(first + len(added) - 1)
