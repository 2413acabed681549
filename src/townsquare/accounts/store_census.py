"""SQL that counts everybody. It reads all of the two tables: callers keep what it gives for minutes."""

from datetime import date

from townsquare.db.pool import Db


async def count(db: Db, week: date, month: date, half_year: date) -> dict[str, int]:
    """People of this place, those who came since each of the days, and their posts."""
    records = await db.records(
        """
        SELECT count(*) AS people,
            count(*) FILTER (WHERE u.last_seen_on >= $1) AS active_week,
            count(*) FILTER (WHERE u.last_seen_on >= $2) AS active_month,
            count(*) FILTER (WHERE u.last_seen_on >= $3) AS active_half_year,
            coalesce(sum(a.statuses_count), 0)::bigint AS posts
        FROM users u JOIN accounts a ON a.id = u.account_id
        WHERE u.confirmed_at IS NOT NULL AND u.approved_at IS NOT NULL AND a.suspended_at IS NULL
        """,
        week,
        month,
        half_year,
    )
    return dict(records[0])
