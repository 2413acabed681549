"""The SQL of trends: counting uses, and what trends of them."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Key, Pair
from townsquare.statuses.visible import COMES_UP
from townsquare.timelines.cursor import Cursor
from townsquare.timelines.trends_model import Candidate, Kind, StatusCandidate, StatusTrend, Trend

MOST = 1000
"""Candidates that are looked at, those of most people first."""


class Use(msgspec.Struct, frozen=True):
    """Somebody used something: in a post or by an echo, whose id `id` is."""

    key: str
    day: int
    account_id: int
    id: int


class Days(msgspec.Struct, frozen=True):
    """How often something was used on a day, and by how many."""

    key: str
    day: int
    uses: int
    accounts: int


class Page(msgspec.Struct, frozen=True):
    """Which part of what trends: all of it, or what may be shown; first what is in one of the languages."""

    limit: int
    offset: int = 0
    languages: tuple[str, ...] = ()
    everything: bool = False


async def eligible(db: Db, pairs: Sequence[Pair]) -> set[Pair]:
    """Those of the posts that count: public, not sensitive, and by somebody who wants to be found and may be."""
    records = await db.records(
        """
        SELECT s.account_id, s.id FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        WHERE s.visibility = 0 AND s.restricted = 0 AND NOT s.sensitive
            AND a.discoverable AND a.suspended_at IS NULL AND a.limited_at IS NULL
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return {(record[0], record[1]) for record in records}


async def willing(db: Db, accounts: Sequence[int]) -> set[int]:
    """Those of the people whose echoes count."""
    records = await db.records(
        """
        SELECT id FROM accounts
        WHERE id = ANY($1::bigint[]) AND discoverable AND suspended_at IS NULL AND limited_at IS NULL
        """,
        accounts,
    )
    return {record[0] for record in records}


async def count(db: Db, kind: Kind, uses: Sequence[Use]) -> None:
    """Count uses that were not counted yet. A person's uses are counted in the order of their ids."""
    await db.execute(
        """
        WITH fresh AS (
            SELECT g.key, g.day, g.account_id, count(*) AS uses, max(g.id) AS last_id
            FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS g (key, day, account_id, id)
            WHERE g.id > coalesce((
                SELECT u.last_id FROM trend_uses u
                WHERE u.kind = $1 AND u.key = g.key AND u.day = g.day AND u.account_id = g.account_id), 0)
            GROUP BY 1, 2, 3
        ), people AS (
            INSERT INTO trend_uses AS u (kind, key, day, account_id, last_id)
            SELECT $1, key, day, account_id, last_id FROM fresh ORDER BY key, day, account_id
            ON CONFLICT (kind, key, day, account_id) DO UPDATE SET last_id = greatest(u.last_id, excluded.last_id)
            RETURNING key, day, account_id, xmax = 0 AS first
        )
        INSERT INTO trend_days AS d (kind, key, day, uses, accounts)
        SELECT $1, key, day, sum(f.uses), count(*) FILTER (WHERE p.first)
        FROM fresh f JOIN people p USING (key, day, account_id) GROUP BY key, day ORDER BY key, day
        ON CONFLICT (kind, key, day)
            DO UPDATE SET uses = d.uses + excluded.uses, accounts = d.accounts + excluded.accounts
        """,
        kind,
        [use.key for use in uses],
        [use.day for use in uses],
        [use.account_id for use in uses],
        [use.id for use in uses],
    )


async def days(db: Db, kind: Kind, keys: Sequence[str], since: int) -> list[Days]:
    """How often things were used, day by day."""
    return await db.rows(
        Days,
        "SELECT key, day, uses, accounts FROM trend_days WHERE kind = $1 AND key = ANY($2::text[]) AND day >= $3",
        kind,
        keys,
        since,
    )


async def candidates(db: Db, kind: Kind, day: int, least: int) -> list[Candidate]:
    """What enough people used on a day, those of most people first, and what trends."""
    return await db.rows(
        Candidate,
        """
        WITH known AS (
            (SELECT key FROM trend_days WHERE kind = $1 AND day = $2 AND accounts >= $3 ORDER BY accounts DESC LIMIT $4)
            UNION SELECT key FROM trending WHERE kind = $1
        )
        SELECT k.key,
            coalesce((SELECT accounts FROM trend_days d WHERE d.kind = $1 AND d.key = k.key AND d.day = $2), 0)
                AS today,
            coalesce((SELECT accounts FROM trend_days d WHERE d.kind = $1 AND d.key = k.key AND d.day = $2 - 1), 0)
                AS yesterday,
            (SELECT peak FROM trending t WHERE t.kind = $1 AND t.key = k.key) AS peak,
            (SELECT peak_at FROM trending t WHERE t.kind = $1 AND t.key = k.key) AS peak_at
        FROM known k
        """,
        kind,
        day,
        least,
        MOST,
    )


async def replace(db: Db, kind: Kind, trends: Sequence[Trend]) -> None:
    """What trends from now on, and nothing else."""
    await db.execute(
        """
        WITH gone AS (DELETE FROM trending WHERE kind = $1 AND key <> ALL($2::text[]))
        INSERT INTO trending (kind, key, score, peak, peak_at, language, allowed)
        SELECT $1, t.* FROM unnest(
            $2::text[], $3::float8[], $4::float8[], $5::timestamptz[], $6::text[], $7::bool[]) AS t
        ON CONFLICT (kind, key) DO UPDATE SET score = excluded.score, peak = excluded.peak, peak_at = excluded.peak_at,
            language = excluded.language, allowed = excluded.allowed
        """,
        kind,
        [one.key for one in trends],
        [one.score for one in trends],
        [one.peak for one in trends],
        [one.peak_at for one in trends],
        [one.language for one in trends],
        [one.allowed for one in trends],
    )


async def trending(db: Db, kind: Kind, page: Page) -> list[str]:
    """What trends, most of all first."""
    records = await db.records(
        """
        SELECT key FROM trending WHERE kind = $1 AND (allowed OR $2)
        ORDER BY (language = ANY($3::text[])) DESC NULLS LAST, score DESC, key LIMIT $4 OFFSET $5
        """,
        kind,
        page.everything,
        page.languages,
        page.limit,
        page.offset,
    )
    return [record[0] for record in records]


async def is_trending(db: Db, kind: Kind, key: str) -> bool:
    """Whether it trends for everybody to see."""
    return await db.value("SELECT EXISTS (SELECT FROM trending WHERE kind = $1 AND key = $2 AND allowed)", kind, key)


async def touch(db: Db, pairs: Sequence[Pair]) -> None:
    """Posts were liked or echoed."""
    await db.execute(
        """
        INSERT INTO trend_touched (account_id, status_id)
        SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def take_touched(db: Db) -> list[Pair]:
    """Posts that were liked or echoed since this was asked, and those that trend."""
    records = await db.records(
        """
        WITH taken AS (DELETE FROM trend_touched RETURNING account_id, status_id)
        SELECT account_id, status_id FROM taken UNION SELECT account_id, status_id FROM trending_statuses
        """
    )
    return [(record[0], record[1]) for record in records]


async def status_candidates(db: Db, pairs: Sequence[Pair]) -> list[StatusCandidate]:
    """How many like these posts, and whether they may trend."""
    return await db.rows(
        StatusCandidate,
        """
        SELECT s.account_id, s.id, s.created_at, s.language, s.reblogs_count + s.favourites_count AS reactions,
            s.visibility = 0 AND s.restricted = 0 AND NOT s.sensitive AND s.in_reply_to_id IS NULL
                AND s.reblog_of_id IS NULL AND a.discoverable AND a.indexable
                AND a.suspended_at IS NULL AND a.limited_at IS NULL AS eligible,
            a.trendable AS author_trendable, t.trendable
        FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        LEFT JOIN trending_statuses t ON t.account_id = s.account_id AND t.status_id = s.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def replace_statuses(db: Db, trends: Sequence[StatusTrend], kept_from: int) -> None:
    """The posts that trend from now on. What was decided of others is kept as long as they might trend again."""
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM trending_statuses t WHERE t.status_id <> ALL($2::bigint[])
                AND (t.trendable IS NULL OR t.status_id < $6)
        ), faded AS (
            UPDATE trending_statuses t SET score = 0, allowed = false
            WHERE t.status_id <> ALL($2::bigint[]) AND t.trendable IS NOT NULL AND t.status_id >= $6
        )
        INSERT INTO trending_statuses (account_id, status_id, score, language, allowed)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::text[], $5::bool[])
        ON CONFLICT (account_id, status_id)
            DO UPDATE SET score = excluded.score, language = excluded.language, allowed = excluded.allowed
        """,
        [one.account_id for one in trends],
        [one.status_id for one in trends],
        [one.score for one in trends],
        [one.language for one in trends],
        [one.allowed for one in trends],
        kept_from,
    )


async def trending_statuses(db: Db, page: Page) -> list[Key]:
    """Posts that trend, most of all first: of each author the best one, unless everything is asked for."""
    records = await db.records(
        """
        SELECT t.status_id, t.account_id FROM (
            SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY score DESC, status_id) AS place
            FROM trending_statuses WHERE score > 0 AND (allowed OR $1)
        ) t JOIN statuses s ON s.account_id = t.account_id AND s.id = t.status_id
        JOIN accounts a ON a.id = t.account_id
        WHERE ($1 OR t.place = 1) AND ($1 OR s.restricted = 0) AND a.suspended_at IS NULL AND a.limited_at IS NULL
        ORDER BY (t.language = ANY($2::text[])) DESC NULLS LAST, t.score DESC, t.status_id LIMIT $3 OFFSET $4
        """,
        page.everything,
        page.languages,
        page.limit,
        page.offset,
    )
    return [Key(record[0], record[1]) for record in records]


async def linking(db: Db, url: str, cursor: Cursor) -> list[Key]:
    """Public posts that show a card, latest first."""
    records = await db.records(
        f"""
        SELECT c.status_id, c.account_id FROM status_cards c
        JOIN statuses s ON s.account_id = c.account_id AND s.id = c.status_id
        JOIN accounts a ON a.id = c.account_id
        WHERE c.url = $1 AND c.status_id < $2 AND c.status_id > $3 AND s.visibility = 0 AND {COMES_UP}
            AND a.discoverable AND a.suspended_at IS NULL AND a.limited_at IS NULL
        ORDER BY CASE WHEN $5 THEN c.status_id ELSE -c.status_id END LIMIT $4
        """,
        url,
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
    )
    keys = [Key(*record) for record in records]
    return keys[::-1] if cursor.upwards else keys


async def sweep(db: Db, day: int) -> None:
    """Forget who used what before yesterday, and how often before a week."""
    await db.execute("DELETE FROM trend_uses WHERE day < $1", day - 1)
    await db.execute("DELETE FROM trend_days WHERE day < $1", day - 7)
