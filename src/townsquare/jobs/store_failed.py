"""The SQL of jobs that were given up."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.jobs.store import TRIES


class Failed(msgspec.Struct, frozen=True):
    id: int
    queue: str
    kind: str
    effect: str | None
    payload: str
    tries: int
    error: str
    failed_at: datetime


class Alike(msgspec.Struct, frozen=True):
    """Those of one kind and effect."""

    kind: str
    effect: str | None
    jobs: int
    last_at: datetime


async def latest(db: Db, before: int, limit: int) -> list[Failed]:
    """Those with smaller ids, the latest first."""
    return await db.rows(
        Failed,
        """
        SELECT id, queue, kind, effect, payload, tries, error, failed_at FROM failed_jobs WHERE id < $1
        ORDER BY id DESC LIMIT $2
        """,
        before,
        limit,
    )


async def kinds(db: Db) -> list[Alike]:
    return await db.rows(
        Alike,
        """
        SELECT kind, effect, count(*) AS jobs, max(failed_at) AS last_at FROM failed_jobs GROUP BY 1, 2
        ORDER BY jobs DESC, kind
        """,
    )


async def of_kind(tx: Tx, kind: str, effect: str) -> list[int]:
    """Their ids; `effect` is empty for those that all effects of their kind failed for."""
    records = await tx.records(
        "SELECT id FROM failed_jobs WHERE kind = $1 AND coalesce(effect, '') = $2 FOR UPDATE", kind, effect
    )
    return [record[0] for record in records]


async def retry(tx: Tx, ids: Sequence[int]) -> list[str]:
    """Put them into the queue again, due now and as if they had never failed; the queues they went into."""
    records = await tx.records(
        """
        WITH gone AS (DELETE FROM failed_jobs WHERE id = ANY($1::bigint[]) RETURNING queue, kind, payload, effect)
        INSERT INTO jobs (queue, kind, payload, effect) SELECT * FROM gone RETURNING queue
        """,
        ids,
    )
    return [record[0] for record in records]


async def go_on(db: Db, effects: Sequence[str]) -> None:
    """Have some effects tried once more, an hour after they were given up, then two, four, and so on up to a day."""
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM failed_jobs WHERE effect = ANY($1::text[]) AND failed_at <= now()
                - least(interval '1 hour' * 2 ^ least(greatest(tries - $2::int, 0), 5), interval '1 day')
            RETURNING queue, kind, payload, effect, tries)
        INSERT INTO jobs (queue, kind, payload, effect, tries) SELECT * FROM gone
        """,
        effects,
        TRIES + 1,
    )


async def discard(tx: Tx, ids: Sequence[int]) -> int:
    """How many there were."""
    return await tx.execute("DELETE FROM failed_jobs WHERE id = ANY($1::bigint[])", ids)
