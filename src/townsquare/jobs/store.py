"""SQL that looks at the queue. pgqueuer writes it."""

import msgspec

from townsquare.db.pool import Db


class Waiting(msgspec.Struct, frozen=True):
    """Jobs of one kind in one state. `age`: seconds for which the oldest has been due."""

    kind: str
    state: str
    jobs: int
    age: float


async def waiting(db: Db) -> list[Waiting]:
    """All that is in the queue: what waits, what is under way, and what was given up."""
    return await db.rows(
        Waiting,
        """
        SELECT entrypoint AS kind, status::text AS state, count(*) AS jobs,
            coalesce(extract(epoch FROM now() - min(execute_after) FILTER (WHERE execute_after <= now())), 0)::float8
                AS age
        FROM pgqueuer GROUP BY entrypoint, status ORDER BY entrypoint, status
        """,
    )
