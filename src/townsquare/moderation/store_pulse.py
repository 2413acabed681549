"""The SQL of how the place was over time, and of what waits for the staff. Only counts leave these statements."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db


class Figure(msgspec.Struct, frozen=True):
    name: str
    at: datetime
    value: float


class Waits(msgspec.Struct, frozen=True):
    """What somebody of the staff has to look at."""

    people: int
    reports: int
    jobs: int
    trends: int


async def note(db: Db, at: datetime, names: Sequence[str], values: Sequence[float], added: Sequence[bool]) -> None:
    """Write figures of a moment down. `added`: those that several processes add to."""
    await db.execute(
        """
        INSERT INTO place_figures AS f (at, name, value)
        SELECT $1, n.name, n.value FROM unnest($2::text[], $3::float8[]) AS n (name, value)
        ON CONFLICT (name, at) DO UPDATE SET value = excluded.value
            + CASE WHEN f.name = ANY($4::text[]) THEN f.value ELSE 0 END
        """,
        at,
        names,
        values,
        [name for name, one in zip(names, added, strict=True) if one],
    )


async def fine(db: Db, names: Sequence[str], since: datetime) -> list[Figure]:
    """Each as it was noted."""
    return await db.rows(
        Figure,
        "SELECT name, at, value FROM place_figures WHERE name = ANY($1::text[]) AND at >= $2 ORDER BY name, at",
        names,
        since,
    )


async def by_day(db: Db, names: Sequence[str], summed: Sequence[str], since: datetime) -> list[Figure]:
    """What there was on each day (UTC): of `summed` all of it, of the others the most."""
    return await db.rows(
        Figure,
        """
        SELECT name, date_trunc('day', at, 'UTC') AS at,
            CASE WHEN name = ANY($2::text[]) THEN sum(value) ELSE max(value) END AS value
        FROM place_figures WHERE name = ANY($1::text[]) AND at >= $3 GROUP BY 1, 2 ORDER BY 1, 2
        """,
        names,
        summed,
        since,
    )


async def condense(db: Db, summed: Sequence[str], before: datetime) -> None:
    """Keep of each day before a time one figure: it stands at the day's midnight."""
    await db.execute(
        """
        WITH old AS (
            DELETE FROM place_figures WHERE at < $2 AND at <> date_trunc('day', at, 'UTC') RETURNING name, at, value
        )
        INSERT INTO place_figures AS f (at, name, value)
        SELECT date_trunc('day', at, 'UTC'), name, CASE WHEN name = ANY($1::text[]) THEN sum(value) ELSE max(value) END
        FROM old GROUP BY 1, 2
        ON CONFLICT (name, at) DO UPDATE SET value = CASE WHEN f.name = ANY($1::text[]) THEN f.value + excluded.value
            ELSE greatest(f.value, excluded.value) END
        """,
        summed,
        before,
    )


async def forget(db: Db, before: datetime) -> None:
    await db.execute("DELETE FROM place_figures WHERE at < $1", before)


async def waits(db: Db) -> Waits:
    found = await db.row(
        Waits,
        """
        SELECT (SELECT count(*) FROM users WHERE approved_at IS NULL AND confirmed_at IS NOT NULL) AS people,
            (SELECT count(*) FROM reports WHERE resolved_at IS NULL) AS reports,
            (SELECT count(*) FROM failed_jobs) AS jobs,
            (SELECT count(*) FROM trending t JOIN tags g ON g.name = t.key
                WHERE t.kind = 'tag' AND g.trendable IS NULL)
            + (SELECT count(*) FROM publishers WHERE trendable IS NULL) AS trends
        """,
    )
    return found or Waits(0, 0, 0, 0)
