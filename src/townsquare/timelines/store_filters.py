"""The SQL of filters, and of the texts that they look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import asyncpg
import msgspec

from townsquare.db.pool import Db
from townsquare.statuses import messages
from townsquare.statuses.read import Pair


class Keyword(msgspec.Struct, frozen=True):
    id: int
    keyword: str
    whole_word: bool


class FilteredStatus(msgspec.Struct, frozen=True):
    id: int
    status_id: int


class Filter(msgspec.Struct, frozen=True):
    """A person's filter with all that it matches."""

    account_id: int
    id: int
    title: str
    contexts: Sequence[str]
    action: str
    expires_at: datetime | None
    keywords: Sequence[Keyword] = ()
    statuses: Sequence[FilteredStatus] = ()


class Text(msgspec.Struct, frozen=True):
    """What a filter looks at: content warning, text and descriptions of pictures of a post."""

    id: int
    account_id: int
    text: str


_FILTERS: Final[LiteralString] = """
    SELECT f.account_id, f.id, f.title, f.contexts, f.action, f.expires_at,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'keyword', k.keyword, 'whole_word', k.whole_word)
            ORDER BY k.id), '[]')
            FROM filter_keywords k WHERE k.account_id = f.account_id AND k.filter_id = f.id) AS keywords,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'status_id', p.status_id) ORDER BY p.id), '[]')
            FROM filter_statuses p WHERE p.account_id = f.account_id AND p.filter_id = f.id) AS statuses
    FROM filters f
"""


def _filter(record: asyncpg.Record) -> Filter:
    return msgspec.convert(dict(record), Filter)


async def fetch(db: Db, readers: Sequence[int]) -> list[list[Filter]]:
    """All filters of each reader, oldest first."""
    records = await db.records(_FILTERS + "WHERE f.account_id = ANY($1::bigint[]) ORDER BY f.id", readers)
    found: dict[int, list[Filter]] = {}
    for record in records:
        found.setdefault(record["account_id"], []).append(_filter(record))
    return [found.get(reader, []) for reader in readers]


async def one(db: Db, me: int, filter_id: int) -> Filter | None:
    records = await db.records(_FILTERS + "WHERE f.account_id = $1 AND f.id = $2", me, filter_id)
    return _filter(records[0]) if records else None


async def of_keyword(db: Db, me: int, keyword_id: int) -> Filter | None:
    """The filter that a keyword belongs to."""
    records = await db.records(
        _FILTERS + "WHERE f.account_id = $1 AND f.id = "
        "(SELECT filter_id FROM filter_keywords WHERE account_id = $1 AND id = $2)",
        me,
        keyword_id,
    )
    return _filter(records[0]) if records else None


async def counts(db: Db, me: int) -> tuple[int, int]:
    """How many filters and keywords somebody has; locked against another count until the transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('filters', $1))", me)
    record = await db.records(
        """
        SELECT (SELECT count(*) FROM filters WHERE account_id = $1),
            (SELECT count(*) FROM filter_keywords WHERE account_id = $1)
        """,
        me,
    )
    return record[0][0], record[0][1]


async def put(db: Db, one: Filter) -> None:
    """Write the filter's own row, new or changed."""
    await db.execute(
        """
        INSERT INTO filters (account_id, id, title, contexts, action, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (account_id, id) DO UPDATE SET title = $3, contexts = $4, action = $5, expires_at = $6
        """,
        one.account_id, one.id, one.title, one.contexts, one.action, one.expires_at,
    )  # fmt: skip


async def delete(db: Db, me: int, filter_id: int) -> bool:
    """With its keywords and posts; False where there is none."""
    return bool(await db.execute("DELETE FROM filters WHERE account_id = $1 AND id = $2", me, filter_id))


async def put_keywords(db: Db, me: int, filter_id: int, keywords: Sequence[Keyword]) -> None:
    """Write keywords, new or changed."""
    await db.execute(
        """
        INSERT INTO filter_keywords (account_id, filter_id, id, keyword, whole_word)
        SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::boolean[])
        ON CONFLICT (account_id, id) DO UPDATE SET keyword = excluded.keyword, whole_word = excluded.whole_word
        """,
        me, filter_id, [one.id for one in keywords], [one.keyword for one in keywords],
        [one.whole_word for one in keywords],
    )  # fmt: skip


async def delete_keywords(db: Db, me: int, ids: Sequence[int]) -> int:
    """How many there were."""
    return await db.execute("DELETE FROM filter_keywords WHERE account_id = $1 AND id = ANY($2::bigint[])", me, ids)


async def put_status(db: Db, me: int, filter_id: int, number: int, status_id: int) -> int:
    """The id of the entry: this one, or that which was there before."""
    return await db.value(
        """
        INSERT INTO filter_statuses AS p (account_id, filter_id, id, status_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id, filter_id, status_id) DO UPDATE SET status_id = p.status_id
        RETURNING id
        """,
        me, filter_id, number, status_id,
    )  # fmt: skip


async def status(db: Db, me: int, number: int) -> FilteredStatus | None:
    return await db.row(
        FilteredStatus, "SELECT id, status_id FROM filter_statuses WHERE account_id = $1 AND id = $2", me, number
    )


async def delete_status(db: Db, me: int, number: int) -> None:
    await db.execute("DELETE FROM filter_statuses WHERE account_id = $1 AND id = $2", me, number)


_TEXT: Final[LiteralString] = """
    k.n, s.id, s.account_id, concat_ws(E'\\n\\n', s.spoiler_text, s.text, CASE WHEN s.media_ids <> '{}' THEN (
        SELECT string_agg(m.description, E'\\n\\n') FROM media m
        WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids)) END, CASE WHEN s.has_poll THEN (
        SELECT array_to_string(p.options, E'\\n\\n') FROM polls p
        WHERE p.account_id = s.account_id AND p.status_id = s.id) END) AS text
"""


async def fetch_texts(db: Db, asked: Sequence[Sequence[Pair]]) -> list[list[Text]]:
    """The texts of each group of posts; an owner may be 0 where only the post's id is known."""
    pairs = [pair for group in asked for pair in group]
    records = await db.records(
        f"""
        WITH k AS (
            SELECT * FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (owner, id, n)
        )
        SELECT {_TEXT} FROM k JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        UNION ALL
        SELECT {_TEXT} FROM k JOIN statuses s ON s.id = k.id WHERE k.owner = 0
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    at = [place for place, group in enumerate(asked) for _ in group]
    out: list[list[Text]] = [[] for _ in asked]
    for record in records:
        number, owner, text = record[1:]
        text = messages.opened(db.keys, messages.about(owner, number), text)
        out[at[int(record["n"]) - 1]].append(Text(number, owner, text))
    return out
