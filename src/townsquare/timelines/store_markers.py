"""The SQL of markers."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db


class Row(msgspec.Struct, frozen=True):
    timeline: str
    last_read_id: int
    version: int
    updated_at: datetime


async def markers(db: Db, me: int, timelines: Sequence[str]) -> list[Row]:
    return await db.rows(
        Row,
        """
        SELECT timeline, last_read_id, version, updated_at FROM markers
        WHERE account_id = $1 AND timeline = ANY($2::text[]) ORDER BY timeline
        """,
        me,
        timelines,
    )


async def put(db: Db, me: int, places: Mapping[str, int], now: datetime) -> list[Row]:
    """The markers as they are now. One statement, so that two apps that write at once both count."""
    return await db.rows(
        Row,
        """
        INSERT INTO markers AS m (account_id, timeline, last_read_id, updated_at)
        SELECT $1, timeline, last_read_id, $4 FROM unnest($2::text[], $3::bigint[]) AS k (timeline, last_read_id)
        ORDER BY timeline
        ON CONFLICT (account_id, timeline) DO UPDATE
        SET last_read_id = excluded.last_read_id, version = m.version + 1, updated_at = excluded.updated_at
        RETURNING timeline, last_read_id, version, updated_at
        """,
        me,
        list(places),
        list(places.values()),
        now,
    )
