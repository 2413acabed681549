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
    """Decided cases whose time is over: the place's own, or longer where the policy's law says so; since they were
    decided, since anybody was told of that, and since the last thing, report or signal joined them.

    Not those that are contested or looked at further, nor those that are under a legal hold.
    """
    records = await tx.records(
        """
        SELECT c.id FROM cases c JOIN policies p ON p.code = c.policy, LATERAL (
            SELECT $1::timestamptz - greatest($2::interval, coalesce(p.preserve, interval '0')) AS since) t
        WHERE c.state = 'decided' AND c.purged_at IS NULL AND c.decided_at < t.since
            AND NOT EXISTS (SELECT FROM case_reports r WHERE r.case_id = c.id AND r.filed_at >= t.since)
            AND NOT EXISTS (SELECT FROM statements s WHERE s.case_id = c.id AND s.made_at >= t.since)
            AND NOT EXISTS (SELECT FROM outcomes o WHERE o.case_id = c.id AND o.made_at >= t.since)
            AND NOT EXISTS (
                SELECT FROM case_items i
                LEFT JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
                WHERE i.case_id = c.id AND (i.joined_at >= t.since OR e.made_at >= t.since))
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


async def enter(tx: Tx, case_ids: Sequence[int]) -> None:
    """Write down what came with these cases: reports and notices, and signals about what is in them.

    Not what is in another case still; it comes with that. What measures reviewers keeps nothing.
    """
    await tx.execute(
        """
        INSERT INTO evidence_over (source_id)
        SELECT r.report_id FROM case_reports r
        WHERE r.case_id = ANY($1::bigint[]) AND NOT EXISTS (
            SELECT FROM case_reports o JOIN cases c ON c.id = o.case_id AND c.purged_at IS NULL
            WHERE o.report_id = r.report_id)
        UNION
        SELECT e.id FROM case_items i
        JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
        WHERE i.case_id = ANY($1::bigint[]) AND e.sealed IS NOT NULL AND NOT EXISTS (
            SELECT FROM case_items o JOIN cases c ON c.id = o.case_id AND c.purged_at IS NULL AND c.purpose = 'work'
            WHERE o.kind = e.kind AND o.owner_id = e.owner_id AND o.item_id = e.item_id)
        ON CONFLICT DO NOTHING
        """,
        case_ids,
    )


async def enter_unheeded(tx: Tx, before: datetime) -> None:
    """The same of messages from before then that make no case: their senders are not heard, or are programs."""
    await tx.execute(
        """
        INSERT INTO evidence_over (source_id)
        SELECT id FROM notices WHERE NOT heeded AND contact <> '' AND received_at < $1
        ON CONFLICT DO NOTHING
        """,
        before,
    )


async def free(tx: Tx, limit: int) -> list[int]:
    """Of what was written down, that of which nothing is under a hold, nor has come into a case again meanwhile.

    By the words of `evidence_stays`, which refuses what is under one.
    """
    records = await tx.records(
        """
        SELECT v.source_id FROM evidence_over v
        WHERE v.let_go_at IS NULL
            AND NOT EXISTS (
                SELECT FROM case_reports r JOIN cases c ON c.id = r.case_id
                WHERE r.report_id = v.source_id AND (c.purged_at IS NULL OR case_under_hold(c.id)))
            AND NOT EXISTS (
                SELECT FROM report_items i
                WHERE i.report_id = v.source_id AND under_hold(
                    (SELECT target_id FROM reports WHERE id = v.source_id), i.item_id))
            AND NOT EXISTS (
                SELECT FROM estimates e WHERE e.id = v.source_id AND (under_hold(e.owner_id, e.item_id) OR EXISTS (
                    SELECT FROM case_items o
                    JOIN cases c ON c.id = o.case_id AND c.purged_at IS NULL AND c.purpose = 'work'
                    WHERE o.kind = e.kind AND o.owner_id = e.owner_id AND o.item_id = e.item_id)))
        ORDER BY v.source_id LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        limit,
    )
    return [record[0] for record in records]


async def purge_sources(tx: Tx, ids: Sequence[int]) -> None:
    """What they kept, and what came with notices; what was said, and whether it was right, stays."""
    await tx.execute("UPDATE report_items SET sealed = NULL, prints = '{}' WHERE report_id = ANY($1::bigint[])", ids)
    await tx.execute("UPDATE notice_items SET sealed = NULL, prints = '{}' WHERE notice_id = ANY($1::bigint[])", ids)
    await tx.execute("DELETE FROM notice_files WHERE notice_id = ANY($1::bigint[])", ids)
    await tx.execute("UPDATE notices SET contact = '', sender_id = NULL WHERE id = ANY($1::bigint[])", ids)
    await tx.execute("UPDATE estimates SET sealed = NULL, prints = '{}' WHERE id = ANY($1::bigint[])", ids)


async def forget_senders(tx: Tx) -> None:
    """Those of whom no notice is kept any more, by which they would be known again."""
    await tx.execute("DELETE FROM notice_senders s WHERE NOT EXISTS (SELECT FROM notices n WHERE n.sender_id = s.id)")


async def leave(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """Only their files are left."""
    await tx.execute("UPDATE evidence_over SET let_go_at = $2 WHERE source_id = ANY($1::bigint[])", ids, now)


async def let_go(db: Db, after: int, limit: int) -> list[Kept]:
    """What was let go, with the files that were kept with it."""
    return await db.rows(
        Kept,
        """
        SELECT v.source_id, ARRAY(
            SELECT unnest(file_keys) FROM report_items WHERE report_id = v.source_id
            UNION SELECT unnest(file_keys) FROM notice_items WHERE notice_id = v.source_id
            UNION SELECT unnest(file_keys) FROM estimates WHERE id = v.source_id) AS file_keys
        FROM evidence_over v WHERE v.let_go_at IS NOT NULL AND v.source_id > $1 ORDER BY v.source_id LIMIT $2
        """,
        after,
        limit,
    )


async def forget(db: Db, source_id: int) -> None:
    """Its files are deleted."""
    await db.execute("DELETE FROM evidence_over WHERE source_id = $1", source_id)
