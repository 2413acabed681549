"""The SQL of figures: how much of something there was in a time, by day. Only counts leave these statements."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db


class Window(msgspec.Struct, frozen=True):
    """A time, with the first ids of its beginning and its end; `tag` and `domain` where a figure is about one."""

    since: datetime
    until: datetime
    low: int
    high: int
    tag: int = 0
    domain: str = ""


class Counted(msgspec.Struct, frozen=True):
    """`day` None: the whole time."""

    day: date | None
    value: int


def _day(number: LiteralString) -> LiteralString:
    """On which day (UTC) an id was made."""
    return f"(to_timestamp(({number} >> 21) / 1000.0) AT TIME ZONE 'UTC')::date"


THERE: Final[LiteralString] = "(SELECT h.account_id FROM handles h WHERE h.domain = k.domain)"
"""The accounts of a server."""
TAGGED: Final[LiteralString] = """
    FROM k, tags t, status_tags x
    WHERE t.id = k.tag AND x.tag = t.name AND x.status_id >= k.low AND x.status_id < k.high
"""
"""Uses of a hashtag."""

_SOURCES: Final[Mapping[str, LiteralString]] = {
    "active_users": """
        SELECT v.month + b.bit AS day, v.account_id AS who, 1 AS n
        FROM k, visits v, generate_series(0, 30) AS b (bit)
        WHERE v.month >= date_trunc('month', k.since)::date AND v.month < k.until::date AND ((v.days >> b.bit) & 1) = 1
            AND v.month + b.bit >= k.since::date AND v.month + b.bit < k.until::date
    """,
    "new_users": """
        SELECT (u.created_at AT TIME ZONE 'UTC')::date AS day, u.account_id AS who, 1 AS n
        FROM k, users u WHERE u.created_at >= k.since AND u.created_at < k.until
    """,
    "interactions": f"""
        SELECT {_day("f.id")} AS day, f.by_id AS who, 1 AS n
        FROM k, favourites f JOIN accounts a ON a.id = f.account_id
        WHERE f.id >= k.low AND f.id < k.high AND a.domain IS NULL
        UNION ALL
        SELECT {_day("r.reblog_id")}, r.by_id, 1
        FROM k, reblogs r JOIN accounts a ON a.id = r.account_id
        WHERE r.reblog_id >= k.low AND r.reblog_id < k.high AND a.domain IS NULL
        UNION ALL
        SELECT {_day("s.id")}, s.account_id, 1 FROM k, statuses s
        WHERE s.id >= k.low AND s.id < k.high AND s.in_reply_to_account_id IS NOT NULL
            AND EXISTS (SELECT FROM accounts o WHERE o.id = s.in_reply_to_account_id AND o.domain IS NULL)
    """,
    "opened_reports": """
        SELECT (r.created_at AT TIME ZONE 'UTC')::date AS day, r.id AS who, 1 AS n
        FROM k, reports r WHERE r.id >= k.low AND r.id < k.high
    """,
    "resolved_reports": """
        SELECT (r.resolved_at AT TIME ZONE 'UTC')::date AS day, r.id AS who, 1 AS n
        FROM k, reports r WHERE r.resolved_at >= k.since AND r.resolved_at < k.until
    """,
    "tag_accounts": f"SELECT {_day('x.status_id')} AS day, x.account_id AS who, 1 AS n {TAGGED}",
    "tag_uses": f"SELECT {_day('x.status_id')} AS day, x.status_id AS who, 1 AS n {TAGGED}",
    "tag_servers": f"""
        SELECT {_day("x.status_id")} AS day, (SELECT a.domain FROM accounts a WHERE a.id = x.account_id) AS who, 1 AS n
        {TAGGED}
    """,
    "instance_accounts": f"""
        SELECT {_day("h.account_id")} AS day, h.account_id AS who, 1 AS n
        FROM k, handles h WHERE h.domain = k.domain AND h.account_id >= k.low AND h.account_id < k.high
    """,
    "instance_media_attachments": f"""
        SELECT {_day("m.id")} AS day, m.id AS who, m.size_bytes AS n
        FROM k, media m WHERE m.account_id IN {THERE} AND m.id >= k.low AND m.id < k.high
    """,
    "instance_reports": f"""
        SELECT {_day("r.id")} AS day, r.id AS who, 1 AS n
        FROM k, reports r WHERE r.target_id IN {THERE} AND r.id >= k.low AND r.id < k.high
    """,
    "instance_statuses": f"""
        SELECT {_day("s.id")} AS day, s.id AS who, 1 AS n
        FROM k, statuses s WHERE s.account_id IN {THERE} AND s.id >= k.low AND s.id < k.high
    """,
    "instance_follows": f"""
        SELECT {_day("f.id")} AS day, f.account_id AS who, 1 AS n
        FROM k, followers f WHERE f.account_id IN {THERE} AND f.local AND f.id >= k.low AND f.id < k.high
    """,
    "instance_followers": f"""
        SELECT {_day("f.id")} AS day, f.target_id AS who, 1 AS n
        FROM k, follows f WHERE f.account_id IN {THERE} AND NOT f.pending AND f.id >= k.low AND f.id < k.high
    """,
}
DISTINCT: Final = frozenset({"active_users", "tag_accounts", "tag_servers"})
"""Figures of how many there were, each counted once however often it came; the others are sums."""

_K: Final[LiteralString] = """
    WITH k AS (
        SELECT $1::timestamptz AS since, $2::timestamptz AS until, $3::bigint AS low, $4::bigint AS high,
            $5::bigint AS tag, $6::text AS domain
    ), e AS (
"""
_SUM: Final[LiteralString] = ") SELECT day, sum(n)::bigint AS value FROM e GROUP BY GROUPING SETS ((day), ())"
_ONCE: Final[LiteralString] = ") SELECT day, count(DISTINCT who) AS value FROM e GROUP BY GROUPING SETS ((day), ())"


async def measure(db: Db, key: str, window: Window) -> list[Counted]:
    """A figure, by day and for the whole time; days of nothing are left out. Raises KeyError for none of ours."""
    sql = _K + _SOURCES[key] + (_ONCE if key in DISTINCT else _SUM)
    records = await db.records(sql, *msgspec.structs.astuple(window))
    return [Counted(record[0], record[1] or 0) for record in records]


async def note_visits(db: Db, account_ids: Sequence[int], days: Sequence[date]) -> None:
    """Somebody came on a day."""
    await db.execute(
        """
        INSERT INTO visits (account_id, month, days)
        SELECT account_id, date_trunc('month', day)::date, bit_or(1 << (extract(day FROM day)::int - 1))
        FROM unnest($1::bigint[], $2::date[]) AS seen (account_id, day) GROUP BY 1, 2
        ON CONFLICT (account_id, month) DO UPDATE SET days = visits.days | excluded.days
        """,
        account_ids,
        days,
    )


async def sweep_visits(db: Db, before: date) -> None:
    await db.execute("DELETE FROM visits WHERE month < $1", before)


class Cohort(msgspec.Struct, frozen=True):
    """Of those who joined in a period, how many came for the last time in another; None: never."""

    joined: date
    last: date | None
    people: int


async def cohorts(db: Db, since: datetime, until: datetime, period: str) -> list[Cohort]:
    """`period` is `day` or `month`; both dates are its first day."""
    return await db.rows(
        Cohort,
        """
        SELECT date_trunc($3, u.created_at AT TIME ZONE 'UTC')::date AS joined,
            date_trunc($3, u.last_seen_on::timestamp)::date AS last, count(*) AS people
        FROM users u WHERE u.created_at >= $1 AND u.created_at < $2 GROUP BY 1, 2
        """,
        since,
        until,
        period,
    )
