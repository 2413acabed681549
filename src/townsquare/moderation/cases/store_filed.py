"""The SQL that says which reports are for whom of the staff: what is open to nobody at the desk is so nowhere."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.cases.store_queue import apart
from townsquare.moderation.store_reports import REPORT, Filter, Report


class Reader(msgspec.Struct, frozen=True):
    """Somebody of the staff: the ranks about whom they do not decide, and the queues that they work."""

    id: int
    above: Sequence[str]
    queues: Sequence[str]


def _is_for(who: LiteralString, above: LiteralString, queues: LiteralString) -> LiteralString:
    """That the report `p` is for somebody: not filed by them, not about them or their rank, and its cases are theirs.

    While nothing of it is in a case, what was not written for everybody is for those who may see messages.
    """
    return f"""
        {who} NOT IN (p.account_id, p.target_id)
        AND NOT EXISTS (SELECT FROM users u WHERE u.account_id = p.target_id AND u.role = ANY({above}))
        AND NOT EXISTS (
            SELECT FROM case_reports m JOIN cases c ON c.id = m.case_id
            WHERE m.report_id = p.id AND NOT (c.queue = ANY({queues}) AND {apart(who, f"u.role = ANY({above})")}))
        AND ('private' = ANY({queues}) OR EXISTS (SELECT FROM case_reports m WHERE m.report_id = p.id)
            OR NOT EXISTS (SELECT FROM report_items o WHERE o.report_id = p.id AND o.private))
    """


async def page(db: Db, wanted: Filter, reader: Reader) -> list[Report]:
    """Reports about somebody, latest first."""
    cursor = wanted.cursor
    rows = await db.rows(
        Report,
        f"""
        {REPORT} p
        WHERE id < $1 AND id > $2 AND target_id <> 0 AND ($5::boolean IS NULL OR (resolved_at IS NOT NULL) = $5)
            AND ($6::bigint IS NULL OR account_id = $6) AND ($7::bigint IS NULL OR target_id = $7)
            AND {_is_for("$8::bigint", "$9::text[]", "$10::text[]")}
        ORDER BY CASE WHEN $4 THEN id ELSE -id END LIMIT $3
        """,
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
        wanted.resolved,
        wanted.account_id,
        wanted.target_id,
        reader.id,
        reader.above,
        reader.queues,
    )
    return rows[::-1] if cursor.upwards else rows


async def pairs(db: Db, report_ids: Sequence[int], readers: Sequence[Reader]) -> list[tuple[int, int]]:
    """Each of the reports with each of the readers whom it is for."""
    above, queues = "string_to_array(s.above, ',')", "string_to_array(s.queues, ',')"
    records = await db.records(
        f"""
        SELECT p.id, s.id FROM reports p, unnest($2::bigint[], $3::text[], $4::text[]) AS s (id, above, queues)
        WHERE p.id = ANY($1::bigint[]) AND {_is_for("s.id", above, queues)} ORDER BY p.id, s.id
        """,
        report_ids,
        *_values(readers),
    )
    return [(record[0], record[1]) for record in records]


async def of_notices(db: Db, notice_ids: Sequence[int], readers: Sequence[Reader]) -> list[tuple[int, int]]:
    """Each of the notices with each of the readers who may decide something that it names."""
    above, queues = "string_to_array(s.above, ',')", "string_to_array(s.queues, ',')"
    records = await db.records(
        f"""
        SELECT DISTINCT m.report_id, s.id
        FROM case_reports m JOIN cases c ON c.id = m.case_id,
            unnest($2::bigint[], $3::text[], $4::text[]) AS s (id, above, queues)
        WHERE m.report_id = ANY($1::bigint[]) AND m.reporter_id = 0 AND c.state = 'open'
            AND c.queue = ANY({queues}) AND {apart("s.id", f"u.role = ANY({above})")}
        ORDER BY m.report_id, s.id
        """,
        notice_ids,
        *_values(readers),
    )
    return [(record[0], record[1]) for record in records]


def _values(readers: Sequence[Reader]) -> tuple[list[int], list[str], list[str]]:
    return (
        [one.id for one in readers],
        [",".join(one.above) for one in readers],
        [",".join(one.queues) for one in readers],
    )
