"""The SQL of the queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx

TRIES: Final = 12
"""How often an effect is tried again before it is given up."""


class New(msgspec.Struct, frozen=True):
    """A job to be written. `effect`: the only one to run; None: all of its kind."""

    queue: str
    kind: str
    payload: str
    effect: str | None
    tries: int
    """How often it has failed."""


class Job(msgspec.Struct, frozen=True):
    """A job that was taken."""

    due_at: datetime
    id: int
    kind: str
    payload: str
    effect: str | None
    tries: int


class Waiting(msgspec.Struct, frozen=True):
    """Jobs of one kind in one state (due, later, failed). `age`: seconds for which the oldest has been due."""

    kind: str
    state: str
    jobs: int
    age: float


ENQUEUE: Final[LiteralString] = "INSERT INTO jobs (queue, kind, payload)"
"""For statements that write something and its event at once; it wants a SELECT or VALUES of these columns."""


async def insert(tx: Tx, jobs: Sequence[New], at: datetime | None = None) -> None:
    """Enter jobs that are due now, or at a time."""
    await tx.execute(
        """
        INSERT INTO jobs (queue, kind, payload, effect, tries, due_at)
        SELECT n.*, coalesce($6, now())
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[]) AS n
        """,
        [job.queue for job in jobs],
        [job.kind for job in jobs],
        [job.payload for job in jobs],
        [job.effect for job in jobs],
        [job.tries for job in jobs],
        at,
    )


async def take(tx: Tx, queue: str, kinds: Sequence[str], most: int) -> list[Job]:
    """Take the jobs that are due, first those due first. They come back unless the transaction commits.

    By their places in the table: nearly empty as it is taken to be, a join would read all of it for each job.
    """
    jobs = await tx.rows(
        Job,
        """
        DELETE FROM jobs WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM jobs
            WHERE queue = $1 AND due_at <= now() AND kind = ANY($2::text[])
            ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
        ))
        RETURNING due_at, id, kind, payload, effect, tries
        """,
        queue,
        kinds,
        most,
    )
    return sorted(jobs, key=lambda job: (job.due_at, job.id))


async def give_up(tx: Tx, queue: str, job: Job, effect: str | None, error: str) -> None:
    """Keep a job that failed too often, or cannot be read, for a person to look at."""
    await tx.execute(
        """
        INSERT INTO failed_jobs (id, queue, kind, payload, effect, tries, error)
        VALUES (nextval(pg_get_serial_sequence('jobs', 'id')), $1, $2, $3, $4, $5, $6)
        """,
        queue,
        job.kind,
        job.payload,
        effect,
        job.tries + 1,
        error,
    )


async def waiting(db: Db) -> list[Waiting]:
    """All that is in the queue, and what was given up."""
    return await db.rows(
        Waiting,
        """
        SELECT kind, CASE WHEN due_at <= now() THEN 'due' ELSE 'later' END AS state, count(*) AS jobs,
            greatest(extract(epoch FROM now() - min(due_at)), 0)::float8 AS age
        FROM jobs GROUP BY 1, 2
        UNION ALL
        SELECT kind, 'failed', count(*), 0 FROM failed_jobs GROUP BY 1
        ORDER BY 1, 2
        """,
    )
