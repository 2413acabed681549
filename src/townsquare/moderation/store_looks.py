"""The SQL of looks: who of the staff has seen what, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor

Way = Literal["desk", "api", "manage", "terminal"]


class Look(msgspec.Struct, frozen=True):
    """One of them. `private`: at what was not written for everybody."""

    id: int
    actor_id: int
    way: Way
    target: str
    private: bool
    why: str
    looked_at: datetime


async def note(db: Db, looks: Sequence[Look], since: datetime) -> None:
    """Write them down, but for those that the same person had since then, in the same way and for the same reason."""
    await db.execute(
        """
        INSERT INTO looks (id, actor_id, way, target, private, why, looked_at)
        SELECT n.* FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::text[],
            $7::timestamptz[]) AS n (id, actor_id, way, target, private, why, looked_at)
        WHERE NOT EXISTS (
            SELECT FROM looks o WHERE o.actor_id = n.actor_id AND o.target = n.target AND o.looked_at > $8
                AND o.way = n.way AND o.private = n.private AND o.why = n.why)
        """,
        [one.id for one in looks],
        [one.actor_id for one in looks],
        [one.way for one in looks],
        [one.target for one in looks],
        [one.private for one in looks],
        [one.why for one in looks],
        [one.looked_at for one in looks],
        since,
    )


async def reasoned(db: Db, actor_id: int, targets: Sequence[str], since: datetime) -> set[str]:
    """In which of these somebody has looked at what is private since then."""
    records = await db.records(
        """
        SELECT DISTINCT target FROM looks
        WHERE actor_id = $1 AND target = ANY($2::text[]) AND private AND looked_at >= $3
        """,
        actor_id,
        targets,
        since,
    )
    return {record[0] for record in records}


async def page(db: Db, cursor: Cursor, actor_id: int | None, private: bool | None) -> list[Look]:
    """The latest first."""
    rows = await db.rows(
        Look,
        """
        SELECT id, actor_id, way, target, private, why, looked_at FROM looks
        WHERE id < $1 AND id > $2 AND ($5::bigint IS NULL OR actor_id = $5) AND ($6::boolean IS NULL OR private = $6)
        ORDER BY CASE WHEN $4 THEN id ELSE -id END LIMIT $3
        """,
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
        actor_id,
        private,
    )
    return rows[::-1] if cursor.upwards else rows
