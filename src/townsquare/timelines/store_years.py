"""SQL of annual reports: what somebody did in a year, told by the ids of a year and of each month (they begin with the
time).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from townsquare.db.pool import Db


class Report(msgspec.Struct, frozen=True):
    """`data` None: it is being made."""

    year: int
    data: dict[str, Any] | None
    read_at: datetime | None


class Kinds(msgspec.Struct, frozen=True):
    """How many posts of each kind. A post that answers oneself stands alone."""

    standalone: int
    replies: int
    reblogs: int


async def reports(db: Db, me: int, years: Sequence[int] | None = None) -> list[Report]:
    """Those of the years, or all, the earliest first."""
    return await db.rows(
        Report,
        """
        SELECT year, data, read_at FROM annual_reports
        WHERE account_id = $1 AND ($2::int[] IS NULL OR year = ANY($2)) ORDER BY year
        """,
        me, years,
    )  # fmt: skip


async def ask(db: Db, me: int, year: int) -> bool:
    """False when it was asked for before."""
    return bool(
        await db.execute(
            "INSERT INTO annual_reports (account_id, year) VALUES ($1, $2) ON CONFLICT DO NOTHING", me, year
        )
    )


async def put(db: Db, me: int, year: int, data: object) -> None:
    await db.execute("UPDATE annual_reports SET data = $3 WHERE account_id = $1 AND year = $2", me, year, data)


async def mark_read(db: Db, me: int, year: int, now: datetime) -> bool:
    """False where there is none."""
    return bool(
        await db.execute(
            """
            UPDATE annual_reports SET read_at = coalesce(read_at, $3)
            WHERE account_id = $1 AND year = $2 AND data IS NOT NULL
            """,
            me, year, now,
        )
    )  # fmt: skip


async def kinds(db: Db, me: int, low: int, high: int) -> Kinds:
    """Of the posts between two ids that are not direct."""
    found = await db.row(
        Kinds,
        """
        SELECT count(*) FILTER (WHERE reblog_of_id IS NULL AND (
                in_reply_to_account_id IS NULL OR in_reply_to_account_id = $1)) AS standalone,
            count(*) FILTER (WHERE in_reply_to_account_id <> $1) AS replies,
            count(*) FILTER (WHERE reblog_of_id IS NOT NULL) AS reblogs
        FROM statuses WHERE account_id = $1 AND id >= $2 AND id < $3 AND visibility < 3
        """,
        me, low, high,
    )  # fmt: skip
    return found or Kinds(0, 0, 0)


async def by_month(db: Db, me: int, bounds: Sequence[int]) -> list[tuple[int, int]]:
    """Posts, and followers who came and are still there, between each of the ids and the next."""
    records = await db.records(
        """
        SELECT (SELECT count(*) FROM statuses s
                WHERE s.account_id = $1 AND s.id >= k.low AND s.id < k.high AND s.visibility < 3) AS statuses,
            (SELECT count(*) FROM followers f WHERE f.account_id = $1 AND f.id >= k.low AND f.id < k.high) AS followers
        FROM unnest($2::bigint[], $3::bigint[]) AS k (low, high) ORDER BY k.low
        """,
        me, bounds[:-1], bounds[1:],
    )  # fmt: skip
    return [(record["statuses"], record["followers"]) for record in records]


async def top_tag(db: Db, me: int, low: int, high: int) -> tuple[str, int] | None:
    """The hashtag that somebody used most in public, at least twice, and how often."""
    records = await db.records(
        """
        SELECT tag, count(*) AS uses FROM status_tags WHERE account_id = $1 AND status_id >= $2 AND status_id < $3
        GROUP BY tag HAVING count(*) > 1 ORDER BY count(*) DESC, tag LIMIT 1
        """,
        me, low, high,
    )  # fmt: skip
    return (records[0]["tag"], records[0]["uses"]) if records else None


async def most_echoed(db: Db, me: int, low: int, high: int) -> int | None:
    """The post for everybody that was echoed most, if any was."""
    return await db.value(
        """
        SELECT id FROM statuses
        WHERE account_id = $1 AND id >= $2 AND id < $3 AND visibility <= 1
            AND reblog_of_id IS NULL AND reblogs_count > 0
        ORDER BY reblogs_count DESC, id LIMIT 1
        """,
        me, low, high,
    )  # fmt: skip
