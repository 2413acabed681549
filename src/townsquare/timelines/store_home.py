"""The SQL of home timelines.

What the reader does not want to see is left out where it is read, so that muting, blocking and following work at once
and nothing has to be rewritten.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

import asyncpg
import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.read import Key
from townsquare.statuses.store_read import FLAGS
from townsquare.timelines.cursor import Cursor

Asked = tuple[int, Cursor]
"""Reader and cursor."""


# Of what they could have and most have little, a reader is asked once; only those who have any are asked for each post.
HAS: Final[LiteralString] = """(
    SELECT EXISTS (SELECT FROM mutes u WHERE u.account_id = k.reader) AS mutes,
        EXISTS (SELECT FROM blocks b WHERE b.account_id = k.reader) AS blocks,
        EXISTS (SELECT FROM lists x WHERE x.account_id = k.reader AND x.exclusive) AS exclusive
    OFFSET 0)
"""
PEOPLE: Final[LiteralString] = "(ARRAY[h.author_id, h.original_author_id, h.reply_to_id] || h.named)"
"""All for whose sake a reader may not want it."""
WANTED: Final[LiteralString] = f"""
    (h.reply_to_id IS NULL OR h.reply_to_id = h.author_id OR k.reader IN (h.author_id, h.reply_to_id) OR EXISTS (
        SELECT FROM follows f WHERE f.account_id = k.reader AND f.target_id = h.reply_to_id AND NOT f.pending))
    AND (NOT w.mutes OR h.author_id = k.reader OR NOT EXISTS (
        SELECT FROM mutes u WHERE u.account_id = k.reader AND u.target_id = ANY({PEOPLE})
            AND (u.expires_at IS NULL OR u.expires_at > now())))
    AND (NOT w.blocks OR h.author_id = k.reader OR NOT EXISTS (
        SELECT FROM blocks b WHERE b.account_id = k.reader AND b.target_id = ANY({PEOPLE})))
    AND (NOT w.exclusive OR h.author_id = k.reader OR NOT EXISTS (
        SELECT FROM list_accounts l JOIN lists x ON x.account_id = l.account_id AND x.id = l.list_id AND x.exclusive
        WHERE l.account_id = k.reader AND l.member_id = h.author_id))
"""


# One row for each reader, in columns: a row for each place would be twenty times as many for both sides to make.
PLACES: Final[LiteralString] = f"""
    SELECT k.n, p.*
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[]) WITH ORDINALITY
        AS k (reader, below, above, most, n)
    CROSS JOIN LATERAL {HAS} w
    CROSS JOIN LATERAL (
        SELECT array_agg(x.status_id), array_agg(x.author_id), array_agg(x.original_id),
            array_agg(x.original_author_id), array_agg(x.flags)
        FROM (
            SELECT h.status_id, h.author_id, h.original_id, h.original_author_id, {FLAGS} AS flags
            FROM home h
            LEFT JOIN marks m ON m.account_id = k.reader AND m.status_id = coalesce(h.original_id, h.status_id)
            WHERE h.account_id = k.reader AND h.status_id < k.below AND h.status_id > k.above AND {WANTED}
"""


async def fetch_down(db: Db, asked: Sequence[Asked]) -> list[list[Key]]:
    """For each reader the latest places below the cursor, latest first."""
    return await _fetch(db, asked, PLACES + " ORDER BY h.status_id DESC LIMIT k.most) x) p")


async def fetch_up(db: Db, asked: Sequence[Asked]) -> list[list[Key]]:
    """For each reader the places just above the cursor, latest first."""
    return [places[::-1] for places in await _fetch(db, asked, PLACES + " ORDER BY h.status_id LIMIT k.most) x) p")]


async def _fetch(db: Db, asked: Sequence[Asked], sql: LiteralString) -> list[list[Key]]:
    records: list[tuple[Any, ...]] = await db.records(
        sql,
        [reader for reader, _ in asked],
        [cursor.max_id for _, cursor in asked],
        [cursor.lowest for _, cursor in asked],
        [cursor.limit for _, cursor in asked],
    )
    out: list[list[Key]] = [[] for _ in asked]
    for n, *columns in records:
        if columns[0] is not None:
            out[n - 1] = list(map(Key, *columns))
    return out


class Source(msgspec.Struct, frozen=True):
    """Whose posts, and which of them: with their echoes or without, in some languages (None: in all)."""

    author: int
    reblogs: bool = True
    languages: Sequence[str] | None = None


async def followed_among(db: Db, reader: int, authors: Sequence[int]) -> list[Source]:
    """Those of the authors whom the reader follows, and does not mute, block or keep in a list only."""
    return await db.rows(
        Source,
        """
        SELECT f.target_id AS author, f.reblogs, f.languages FROM follows f
        WHERE f.account_id = $1 AND f.target_id = ANY($2::bigint[]) AND NOT f.pending
            AND NOT EXISTS (SELECT FROM mutes u WHERE u.account_id = $1 AND u.target_id = f.target_id
                AND (u.expires_at IS NULL OR u.expires_at > now()))
            AND NOT EXISTS (
                SELECT FROM list_accounts l JOIN lists x ON x.account_id = l.account_id AND x.id = l.list_id
                WHERE l.account_id = $1 AND l.member_id = f.target_id AND x.exclusive)
        """,
        reader,
        authors,
    )


async def exclusive_among(db: Db, reader: int, authors: Sequence[int]) -> set[int]:
    """Those of the authors whose posts the reader keeps in a list only."""
    records = await db.records(
        """
        SELECT l.member_id FROM list_accounts l
        JOIN lists x ON x.account_id = l.account_id AND x.id = l.list_id AND x.exclusive
        WHERE l.account_id = $1 AND l.member_id = ANY($2::bigint[]) AND l.member_id <> $1
        """,
        reader,
        authors,
    )
    return {record[0] for record in records}


LATEST: Final[LiteralString] = """
    SELECT x.* FROM unnest($5::bigint[], $6::boolean[], $7::text[]) AS k (author, reblogs, languages)
    CROSS JOIN LATERAL (
        SELECT s.id, s.account_id, s.reblog_of_id, s.reblog_of_account_id, 0, s.named FROM statuses s
        WHERE s.account_id = k.author AND s.id < $1 AND s.id > $2 AND s.visibility <= 2
            AND (s.in_reply_to_account_id IS NULL OR s.in_reply_to_account_id = s.account_id
                OR s.in_reply_to_account_id = ANY($4::bigint[]))
            AND (k.reblogs OR s.reblog_of_id IS NULL)
            AND (k.languages IS NULL OR s.language IS NULL OR s.language = ANY(string_to_array(k.languages, ',')))
"""


async def latest_of(db: Db, sources: Sequence[Source], cursor: Cursor, answered: Sequence[int] = ()) -> list[Key]:
    """The posts of some authors, latest first: of each by its own index.

    Answers are among them to the author's own posts, and to those who are `answered`.
    """
    languages = [None if one.languages is None else ",".join(one.languages) for one in sources]
    args = (
        *(cursor.max_id, cursor.lowest, cursor.limit, answered),
        *([one.author for one in sources], [one.reblogs for one in sources], languages),
    )
    if cursor.upwards:
        records = await db.records(LATEST + " ORDER BY s.id LIMIT $3) x ORDER BY x.id LIMIT $3", *args)
        return [Key(*record) for record in reversed(records)]
    records = await db.records(LATEST + " ORDER BY s.id DESC LIMIT $3) x ORDER BY x.id DESC LIMIT $3", *args)
    return [Key(*record) for record in records]


async def is_made(db: Db, reader: int) -> bool:
    """Whether there is anything at all in a reader's timeline."""
    return await db.value("SELECT EXISTS (SELECT FROM home WHERE account_id = $1)", reader)


async def pulled_authors(db: Db) -> list[int]:
    """All whose posts are not pushed."""
    return [record[0] for record in await db.records("SELECT account_id FROM pulled_authors")]


async def become_pulled(db: Db, authors: Sequence[int], bound: int) -> list[int]:
    """Those of the authors whose posts are not pushed (any more), for having more followers than the bound."""
    records = await db.records(
        """
        WITH new AS (
            INSERT INTO pulled_authors (account_id)
            SELECT a.id FROM accounts a WHERE a.id = ANY($1::bigint[]) AND a.domain IS NULL AND a.followers_count > $2
                AND NOT EXISTS (SELECT FROM pulled_authors p WHERE p.account_id = a.id)
            ON CONFLICT DO NOTHING RETURNING account_id
        ), said AS (SELECT pg_notify('townsquare_pulled', account_id::text) FROM new)
        SELECT account_id FROM pulled_authors WHERE account_id = ANY($1::bigint[])
        UNION ALL SELECT account_id FROM new WHERE (SELECT count(*) FROM said) >= 0
        """,
        authors,
        bound,
    )
    return [record[0] for record in records]


PUSH: Final[LiteralString] = """
    WITH p AS (
        SELECT author, id, original, original_author, reply_to, language, named::bigint[]
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
            AS p (author, id, original, original_author, reply_to, named, language)
    )
    INSERT INTO home (account_id, status_id, author_id, original_id, original_author_id, reply_to_id, named)
    SELECT f.follower_id, p.id, p.author, p.original, p.original_author, p.reply_to, p.named
    FROM p JOIN followers f ON f.account_id = p.author
    WHERE f.local AND f.active AND (p.original IS NULL OR f.reblogs)
        AND (f.languages IS NULL OR p.language IS NULL OR p.language = ANY(f.languages))
    UNION ALL
    SELECT p.author, p.id, p.author, p.original, p.original_author, p.reply_to, p.named FROM p
    ORDER BY 1
"""


async def push(db: Db, events: Sequence[StatusPosted]) -> None:
    """Enter posts in the timelines of their authors and of those who follow them and come here.

    A rule for rows that are there already makes each row a third dearer, and is needed only when a job runs again.
    """
    columns = (*_columns(events), [event.language for event in events])
    try:
        async with db.transaction() as tx:
            await tx.execute(PUSH, *columns)
    except asyncpg.UniqueViolationError:
        await db.execute(PUSH + " ON CONFLICT DO NOTHING", *columns)


def _columns(events: Sequence[StatusPosted]) -> Sequence[Sequence[object]]:
    """What a timeline has of posts."""
    return (
        [event.account_id for event in events],
        [event.status_id for event in events],
        [event.original_id for event in events],
        [event.original_account_id for event in events],
        [event.reply_to_account_id for event in events],
        [array_of([one for one in event.named if one != event.reply_to_account_id]) for event in events],
    )


def array_of(ids: Sequence[int]) -> str | None:
    """As PostgreSQL writes an array, of which it takes no array of several lengths. None: it is empty."""
    return "{" + ",".join(map(str, ids)) + "}" if ids else None


async def name_anew(db: Db, posts: Sequence[tuple[int, int]]) -> None:
    """Whom edited posts name now, into their echoes and all timelines in which they stand.

    Of those of the few, and of their echoes, nothing stands in others' (see `take_out` for the followers).
    """
    await db.execute(
        """
        WITH post AS (
            SELECT s.account_id, s.id, s.named FROM unnest($1::bigint[], $2::bigint[]) AS k (author, id)
            JOIN statuses s ON s.account_id = k.author AND s.id = k.id
        ), echo AS (
            UPDATE statuses e SET named = p.named FROM post p
            JOIN reblogs r ON r.account_id = p.account_id AND r.status_id = p.id
            WHERE e.account_id = r.by_id AND e.id = r.reblog_id
            RETURNING e.account_id, e.id, e.named
        ), shown AS (
            SELECT p.*, NOT EXISTS (SELECT FROM pulled_authors q WHERE q.account_id = p.account_id) AS pushed
            FROM (SELECT * FROM post UNION ALL SELECT * FROM echo) p
        ), place AS (
            SELECT f.follower_id AS reader, p.id, p.named FROM shown p
            CROSS JOIN LATERAL (SELECT follower_id FROM followers WHERE account_id = p.account_id AND local OFFSET 0) f
            WHERE p.pushed
            UNION ALL SELECT account_id, id, named FROM shown
        )
        UPDATE home h SET named = nullif(array_remove(p.named, h.reply_to_id), '{}') FROM place p
        WHERE h.account_id = p.reader AND h.status_id = p.id
        """,
        [author for author, _ in posts],
        [number for _, number in posts],
    )


async def push_to_authors(db: Db, events: Sequence[StatusPosted]) -> None:
    """Enter posts in the timelines of their authors alone."""
    await db.execute(
        """
        INSERT INTO home (account_id, status_id, author_id, original_id, original_author_id, reply_to_id, named)
        SELECT p.author, p.id, p.author, p.original, p.original_author, p.reply_to, p.named::bigint[]
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
            AS p (author, id, original, original_author, reply_to, named)
        ON CONFLICT DO NOTHING
        """,
        *_columns(events),
    )


async def push_direct(db: Db, events: Sequence[StatusPosted]) -> None:
    """Enter direct posts in the timelines of their authors and of those of their followers whom they name."""
    pairs = [(event, to) for event in events for to in (event.account_id, *event.mentioned_ids)]
    await db.execute(
        """
        INSERT INTO home (account_id, status_id, author_id, reply_to_id, named)
        SELECT p.reader, p.id, p.author, p.reply_to, p.named::bigint[]
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
            AS p (author, id, original, original_author, reply_to, named, reader)
        WHERE p.reader = p.author OR EXISTS (
            SELECT FROM followers f
            WHERE f.account_id = p.author AND f.follower_id = p.reader AND f.local AND f.active)
        ORDER BY 1
        ON CONFLICT DO NOTHING
        """,
        *_columns([event for event, _ in pairs]),
        [to for _, to in pairs],
    )


async def remove(db: Db, pairs: Sequence[tuple[int, int]]) -> None:
    """Take posts out of timelines: readers and ids."""
    await db.execute(
        """
        DELETE FROM home h USING unnest($1::bigint[], $2::bigint[]) AS k (reader, id)
        WHERE h.account_id = k.reader AND h.status_id = k.id
        """,
        [reader for reader, _ in pairs],
        [number for _, number in pairs],
    )


async def pulled_since(db: Db, authors: Sequence[int]) -> dict[int, datetime]:
    """Since when nothing is pushed of those of the authors whose posts are not."""
    records = await db.records(
        "SELECT account_id, since FROM pulled_authors WHERE account_id = ANY($1::bigint[])", authors
    )
    return {record[0]: record[1] for record in records}


async def take_out(db: Db, authors: Sequence[int], ids: Sequence[int], ends: Sequence[int]) -> None:
    """Remove deleted posts from all timelines that they were pushed to.

    `ends`: of each post the id from which its author's posts, and to whoever followed from there, were not pushed.
    The followers are looked up for each author (`OFFSET 0`), also where statistics of long ago call the table small:
    joined in one, all of them could be read.
    """
    await db.execute(
        """
        DELETE FROM home h USING (
            SELECT f.follower_id AS reader, p.id
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS p (author, id, pushed_until)
            CROSS JOIN LATERAL (
                SELECT follower_id FROM followers
                WHERE account_id = p.author AND id < p.pushed_until AND local OFFSET 0
            ) f
            WHERE p.id < p.pushed_until
            UNION ALL SELECT p.author, p.id FROM unnest($1::bigint[], $2::bigint[]) AS p (author, id)
        ) d
        WHERE h.account_id = d.reader AND h.status_id = d.id
        """,
        authors,
        ids,
        ends,
    )


async def bring_in(db: Db, readers: Sequence[int], authors: Sequence[int], each: int) -> None:
    """Enter the latest posts of newly followed authors in the timelines of those who follow them now.

    Not of the few who are pulled in when the timeline is read, except in their own.
    """
    await db.execute(
        """
        INSERT INTO home (account_id, status_id, author_id, original_id, original_author_id, reply_to_id, named)
        SELECT k.reader, x.id, k.author, x.reblog_of_id, x.reblog_of_account_id, x.in_reply_to_account_id,
            nullif(array_remove(x.named, x.in_reply_to_account_id), '{}')
        FROM unnest($1::bigint[], $2::bigint[]) AS k (reader, author)
        LEFT JOIN follows f ON f.account_id = k.reader AND f.target_id = k.author
        CROSS JOIN LATERAL (
            SELECT s.id, s.reblog_of_id, s.reblog_of_account_id, s.in_reply_to_account_id, s.named
            FROM statuses s WHERE s.account_id = k.author AND (s.visibility <= 2 OR k.reader = k.author)
                AND (s.reblog_of_id IS NULL OR coalesce(f.reblogs, true))
                AND (f.languages IS NULL OR s.language IS NULL OR s.language = ANY(f.languages))
            ORDER BY s.id DESC LIMIT $3
        ) x
        WHERE k.reader = k.author OR NOT EXISTS (SELECT FROM pulled_authors p WHERE p.account_id = k.author)
        ON CONFLICT DO NOTHING
        """,
        readers,
        authors,
        each,
    )


async def take_away(db: Db, readers: Sequence[int], authors: Sequence[int]) -> None:
    """Remove the posts of authors whom the readers do not follow any more."""
    await db.execute(
        """
        DELETE FROM home h USING unnest($1::bigint[], $2::bigint[]) AS k (reader, author)
        WHERE h.account_id = k.reader AND h.author_id = k.author
        """,
        readers,
        authors,
    )


async def follows_of(db: Db, reader: int) -> list[int]:
    """All whom a reader follows."""
    records = await db.records("SELECT target_id FROM follows WHERE account_id = $1 AND NOT pending", reader)
    return [record[0] for record in records]


async def set_active(db: Db, readers: Sequence[int], *, active: bool) -> None:
    """Whether posts are pushed to these readers."""
    await db.execute(
        "UPDATE followers SET active = $2 WHERE follower_id = ANY($1::bigint[]) AND active <> $2", readers, active
    )


async def dormant(db: Db, days: int, most: int) -> list[int]:
    """Readers to whom posts are still pushed though they have not come for so many days."""
    records = await db.records(
        """
        SELECT u.account_id FROM users u
        WHERE coalesce(u.last_seen_on, u.created_at::date) < current_date - $1::int
            AND EXISTS (SELECT FROM followers f WHERE f.follower_id = u.account_id AND f.active)
        LIMIT $2
        """,
        days,
        most,
    )
    return [record[0] for record in records]


async def forget(db: Db, readers: Sequence[int]) -> None:
    """Remove whole timelines; they are made anew when their readers come back."""
    await db.execute("DELETE FROM home WHERE account_id = ANY($1::bigint[])", readers)


async def trim(db: Db, after: int, readers: int, length: int) -> int | None:
    """Shorten the timelines of the next so many readers after an id; returns the last of them, None at the end."""
    return await db.value(
        """
        WITH r AS (SELECT account_id FROM users WHERE account_id > $1 ORDER BY account_id LIMIT $2),
        cut AS (
            DELETE FROM home h USING r CROSS JOIN LATERAL (
                SELECT status_id FROM home WHERE account_id = r.account_id ORDER BY status_id DESC OFFSET $3 LIMIT 1
            ) x
            WHERE h.account_id = r.account_id AND h.status_id <= x.status_id
        )
        SELECT max(account_id) FROM r
        """,
        after,
        readers,
        length,
    )
