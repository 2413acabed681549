"""The SQL that finds who of those who watch is concerned by posts.

Followers stand with the author. They are read whole where they are fewer than those who watch; else those who watch are
looked for among them: a post costs as much as the smaller of the two.
"""

from collections.abc import Sequence
from typing import Final

from townsquare.db.pool import Db


async def followers(
    db: Db, authors: Sequence[int], echoes: Sequence[bool], languages: Sequence[str | None]
) -> list[tuple[int, list[int]]]:
    """Of each post (by its place in the arrays) all followers here who want such posts of its author."""
    records = await db.records(
        """
        SELECT k.n::int - 1, array_agg(f.follower_id)
        FROM unnest($1::bigint[], $2::boolean[], $3::text[]) WITH ORDINALITY AS k (author, echo, language, n)
        JOIN followers f ON f.account_id = k.author
        WHERE f.local AND (f.reblogs OR NOT k.echo)
            AND (f.languages IS NULL OR k.language IS NULL OR k.language = ANY(f.languages))
        GROUP BY k.n
        """,
        authors,
        echoes,
        languages,
    )
    return [(record[0], record[1]) for record in records]


async def followers_among(
    db: Db, readers: Sequence[int], authors: Sequence[int], echoes: Sequence[bool], languages: Sequence[str | None]
) -> list[tuple[int, list[int]]]:
    """The same, of the readers only."""
    records = await db.records(
        """
        SELECT k.n::int - 1, array_agg(r.reader)
        FROM unnest($2::bigint[], $3::boolean[], $4::text[]) WITH ORDINALITY AS k (author, echo, language, n)
        CROSS JOIN unnest($1::bigint[]) AS r (reader)
        WHERE EXISTS (
            SELECT FROM followers f
            WHERE f.account_id = k.author AND f.follower_id = r.reader AND f.local AND (f.reblogs OR NOT k.echo)
                AND (f.languages IS NULL OR k.language IS NULL OR k.language = ANY(f.languages)) OFFSET 0)
        GROUP BY k.n
        """,
        readers,
        authors,
        echoes,
        languages,
    )
    return [(record[0], record[1]) for record in records]


async def tag_followers(db: Db, tags: Sequence[str], most: int) -> list[tuple[str, list[int]]]:
    """Of each hashtag that anybody follows those who do, at most one more than so many."""
    records = await db.records(
        """
        SELECT k.tag, x.ids FROM unnest($1::text[]) AS k (tag)
        CROSS JOIN LATERAL (
            SELECT array_agg(y.account_id) AS ids
            FROM (SELECT t.account_id FROM tag_follows t WHERE t.tag = k.tag LIMIT $2 + 1) y
        ) x
        WHERE x.ids IS NOT NULL
        """,
        tags,
        most,
    )
    return [(record[0], record[1]) for record in records]


async def tag_followers_among(db: Db, readers: Sequence[int], tags: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Of each hashtag those of the readers who follow it."""
    records = await db.records(
        """
        SELECT k.tag, array_agg(r.reader) FROM unnest($2::text[]) AS k (tag)
        CROSS JOIN unnest($1::bigint[]) AS r (reader)
        WHERE EXISTS (SELECT FROM tag_follows t WHERE t.account_id = r.reader AND t.tag = k.tag OFFSET 0)
        GROUP BY k.tag
        """,
        readers,
        tags,
    )
    return [(record[0], record[1]) for record in records]


AMONG: Final = 40
"""So many of the latest in a timeline are looked through for what is echoed, as Mastodon does."""


async def unwanted(
    db: Db,
    readers: Sequence[int],
    authors: Sequence[int],
    answered: Sequence[int | None],
    numbers: Sequence[int],
    echoed: Sequence[int | None],
) -> set[int]:
    """Which (by their places in the arrays) are not for the home timeline of their readers.

    As in store_home: answers to people whom one does not follow, and what is kept in a list only. And echoes of what
    stands among the latest there, by itself or by another echo: it is on the screen.
    """
    records = await db.records(
        """
        SELECT k.n::int - 1
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
            AS k (reader, author, answered, id, echoed, n)
        WHERE (k.answered IS NOT NULL AND NOT EXISTS (
                SELECT FROM follows f WHERE f.account_id = k.reader AND f.target_id = k.answered AND NOT f.pending
                OFFSET 0))
            OR EXISTS (
                SELECT FROM list_accounts l
                JOIN lists x ON x.account_id = l.account_id AND x.id = l.list_id AND x.exclusive
                WHERE l.account_id = k.reader AND l.member_id = k.author OFFSET 0)
            OR (k.echoed IS NOT NULL AND EXISTS (
                SELECT FROM (
                    SELECT h.status_id, h.original_id FROM home h
                    WHERE h.account_id = k.reader AND h.status_id < k.id ORDER BY h.status_id DESC LIMIT $6
                ) x
                WHERE k.echoed IN (x.status_id, x.original_id) OFFSET 0))
        """,
        readers,
        authors,
        answered,
        numbers,
        echoed,
        AMONG,
    )
    return {record[0] for record in records}


async def listed(
    db: Db,
    lists: Sequence[tuple[int, int]],
    authors: Sequence[int],
    echoes: Sequence[bool],
    languages: Sequence[str | None],
    answered: Sequence[int | None],
) -> list[tuple[int, int]]:
    """Which list (owner and id, by its place) shows which post (by its place), as reading the list does."""
    records = await db.records(
        """
        SELECT k.n::int - 1, p.n::int - 1
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (reader, list, n)
        CROSS JOIN unnest($3::bigint[], $4::boolean[], $5::text[], $6::bigint[]) WITH ORDINALITY
            AS p (author, echo, language, answered, n)
        JOIN list_accounts l ON l.account_id = k.reader AND l.list_id = k.list AND l.member_id = p.author
        JOIN lists x ON x.account_id = k.reader AND x.id = k.list
        LEFT JOIN follows f ON f.account_id = k.reader AND f.target_id = p.author
        WHERE (f.target_id IS NOT NULL AND NOT f.pending OR p.author = k.reader)
            AND (coalesce(f.reblogs, true) OR NOT p.echo)
            AND (f.languages IS NULL OR p.language IS NULL OR p.language = ANY(f.languages))
            AND (p.answered IS NULL OR p.answered = k.reader
                OR (x.replies_policy = 'list' AND EXISTS (
                    SELECT FROM list_accounts m
                    WHERE m.account_id = k.reader AND m.list_id = k.list AND m.member_id = p.answered OFFSET 0))
                OR (x.replies_policy = 'followed' AND EXISTS (
                    SELECT FROM follows g
                    WHERE g.account_id = k.reader AND g.target_id = p.answered AND NOT g.pending OFFSET 0)))
        """,
        [reader for reader, _ in lists],
        [number for _, number in lists],
        authors,
        echoes,
        languages,
        answered,
    )
    return [(record[0], record[1]) for record in records]
