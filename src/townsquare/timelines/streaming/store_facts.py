"""The SQL of what is told to those who watch."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import RANDOM_BITS
from townsquare.statuses.read import Pair

LOCK = 7_382_115
"""The advisory lock under which facts are written, so that their order is that of commits."""


async def begin(tx: Tx) -> bool:
    """Have nobody else write until the transaction ends. False where nobody watches: then nothing is locked."""
    return bool(
        await tx.records("SELECT pg_advisory_xact_lock($1::bigint) FROM stream_watch WHERE until > now()", LOCK)
    )


async def insert(tx: Tx, once: Sequence[str], facts: Sequence[bytes]) -> int:
    """Write facts down in their order, after all that are there. How many were not written before."""
    return await tx.execute(
        """
        INSERT INTO stream_facts (id, once, fact)
        SELECT k.n + greatest(
            (SELECT max(id) FROM stream_facts), (extract(epoch FROM clock_timestamp()) * 1000)::bigint << $3),
            k.once, k.fact
        FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS k (once, fact, n)
        ON CONFLICT (once) DO NOTHING
        """,
        once,
        facts,
        RANDOM_BITS,
    )


async def since(db: Db, after: int, most: int) -> list[tuple[int, bytes]]:
    """What was written after an id, in order."""
    records = await db.records("SELECT id, fact FROM stream_facts WHERE id > $1 ORDER BY id LIMIT $2", after, most)
    return [(record[0], record[1]) for record in records]


async def watch(tx: Tx, wanted: timedelta) -> int:
    """Have facts written down for so long from now. A place in their order: all up to it can be seen by now.

    Whoever is writing is waited for, so nothing that comes before this place can come to light later.
    """
    await tx.execute("SELECT pg_advisory_xact_lock($1::bigint)", LOCK)
    return await tx.value(
        """
        WITH put_off AS (UPDATE stream_watch SET until = greatest(until, now() + $1))
        SELECT greatest(
            (SELECT max(id) FROM stream_facts), (extract(epoch FROM clock_timestamp()) * 1000)::bigint << $2)
        """,
        wanted,
        RANDOM_BITS,
    )


async def trim(db: Db, kept: timedelta) -> int:
    """Forget what happened longer ago."""
    return await db.execute(
        "DELETE FROM stream_facts WHERE id < (extract(epoch FROM now() - $1::interval) * 1000)::bigint << $2",
        kept,
        RANDOM_BITS,
    )


async def posts(db: Db, pairs: Sequence[Pair], *, gone: bool) -> list[Any]:
    """Of posts what decides who is concerned, under the names of PostFact's fields. Shown to nobody.

    By a hashtag that is held or removed none is told, unless that it is `gone`.
    """
    return await db.records(
        """
        SELECT s.account_id, s.id AS status_id, s.visibility, s.local, s.media_ids <> '{}' AS media,
            a.limited_at IS NOT NULL OR s.restricted & 8 > 0 AS limited, a.followers_count AS followers,
            CASE WHEN $3 THEN s.tags ELSE ARRAY(
                SELECT t.tag FROM unnest(s.tags) WITH ORDINALITY AS t (tag, n)
                WHERE NOT EXISTS (SELECT FROM tags g WHERE g.name = t.tag AND g.restricted >= 16) ORDER BY t.n
            ) END AS tags, s.language,
            s.reblog_of_id AS original_id, s.reblog_of_account_id AS original_account_id,
            s.in_reply_to_account_id AS reply_to_id, CASE WHEN $3 THEN ARRAY(
                SELECT m.mentioned_id FROM mentions m WHERE m.account_id = s.account_id AND m.status_id = s.id
            ) ELSE '{}' END AS named, coalesce(s.named, '{}') AS about
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (owner, id, n)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE a.suspended_at IS NULL ORDER BY k.n
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
        gone,
    )


async def authors(db: Db, ids: Sequence[int]) -> dict[int, tuple[bool, int]]:
    """Of authors whether they live here, and how many followers they have."""
    records = await db.records(
        "SELECT id, domain IS NULL, followers_count FROM accounts WHERE id = ANY($1::bigint[])", ids
    )
    return {record[0]: (record[1], record[2]) for record in records}
