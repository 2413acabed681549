"""The SQL of how long evidence is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from townsquare.db.pool import Db, Tx


class Kept(msgspec.Struct, frozen=True):
    """Files that were kept with a report, a notice or a signal."""

    source_id: int
    file_keys: list[str]


async def over(tx: Tx, now: datetime, lasts: timedelta, limit: int) -> list[int]:
    """Decided cases whose time is over: the place's own, or longer where the policy's law says so.

    Not those that are contested or looked at further, nor those that are under a legal hold.
    """
    records = await tx.records(
        """
        SELECT c.id FROM cases c, policies p
        WHERE c.state = 'decided' AND c.purged_at IS NULL AND p.code = c.policy
            AND c.decided_at < $1::timestamptz - greatest($2::interval, coalesce(p.preserve, interval '0'))
            AND NOT EXISTS (
                SELECT FROM cases o
                WHERE o.prior_id = c.id AND o.state = 'open' AND o.origin IN ('appeal', 'outlier'))
            AND NOT case_under_hold(c.id)
        ORDER BY c.decided_at LIMIT $3 FOR UPDATE OF c SKIP LOCKED
        """,
        now,
        lasts,
        limit,
    )
    return [record[0] for record in records]


async def purge_cases(tx: Tx, case_ids: Sequence[int], now: datetime) -> None:
    """What was kept of the things in these cases, and of their prints; what was decided stays."""
    await tx.execute("UPDATE case_items SET sealed = NULL WHERE case_id = ANY($1::bigint[])", case_ids)
    await tx.execute("DELETE FROM case_prints WHERE case_id = ANY($1::bigint[])", case_ids)
    await tx.execute("UPDATE statement_items SET sealed = NULL WHERE case_id = ANY($1::bigint[])", case_ids)
    await tx.execute("UPDATE cases SET purged_at = $2 WHERE id = ANY($1::bigint[])", case_ids, now)


async def done(tx: Tx, case_ids: Sequence[int]) -> list[int]:
    """Reports and notices of these cases of which nothing is in a case any more that is kept."""
    records = await tx.records(
        """
        SELECT DISTINCT r.report_id FROM case_reports r
        WHERE r.case_id = ANY($1::bigint[]) AND NOT EXISTS (
            SELECT FROM case_reports o, cases c
            WHERE o.report_id = r.report_id AND c.id = o.case_id AND c.purged_at IS NULL)
        """,
        case_ids,
    )
    return [record[0] for record in records]


async def files(db: Db, ids: Sequence[int]) -> list[Kept]:
    """Of reports and notices."""
    return await db.rows(
        Kept,
        """
        SELECT report_id AS source_id, file_keys FROM report_items
        WHERE report_id = ANY($1::bigint[]) AND file_keys <> '{}'
        UNION ALL
        SELECT notice_id, file_keys FROM notice_items WHERE notice_id = ANY($1::bigint[]) AND file_keys <> '{}'
        """,
        ids,
    )


async def signals_done(tx: Tx, case_ids: Sequence[int]) -> list[Kept]:
    """Signals about what is in these cases and in none any more that is kept. What measures reviewers keeps nothing."""
    return await tx.rows(
        Kept,
        """
        SELECT DISTINCT e.id AS source_id, e.file_keys FROM case_items i
        JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
        WHERE i.case_id = ANY($1::bigint[]) AND e.sealed IS NOT NULL AND NOT EXISTS (
            SELECT FROM case_items o JOIN cases c ON c.id = o.case_id AND c.purged_at IS NULL AND c.purpose = 'work'
            WHERE o.kind = e.kind AND o.owner_id = e.owner_id AND o.item_id = e.item_id)
        """,
        case_ids,
    )


async def purge_signals(tx: Tx, ids: Sequence[int]) -> None:
    """What they kept; what was said, and whether it was right, stays."""
    await tx.execute(
        "UPDATE estimates SET sealed = NULL, file_keys = '{}', prints = '{}' WHERE id = ANY($1::bigint[])", ids
    )


async def purge_sources(tx: Tx, ids: Sequence[int]) -> None:
    """What reports and notices kept, and what came with notices."""
    await tx.execute("UPDATE report_items SET sealed = NULL, prints = '{}' WHERE report_id = ANY($1::bigint[])", ids)
    await tx.execute("UPDATE notice_items SET sealed = NULL, prints = '{}' WHERE notice_id = ANY($1::bigint[])", ids)
    await tx.execute("DELETE FROM notice_files WHERE notice_id = ANY($1::bigint[])", ids)
    await tx.execute("UPDATE notices SET contact = '' WHERE id = ANY($1::bigint[])", ids)
