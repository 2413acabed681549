"""The SQL of the evidence of a case: what each report, notice and signal kept of what is in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from townsquare.db.pool import Db


class Snapshot(msgspec.Struct, frozen=True):
    """Something as it was when a report, a notice or a signal (`source_id`) named it, sealed."""

    kind: str
    owner_id: int
    item_id: int
    source_id: int
    sealed: bytes | None
    file_keys: Sequence[str]
    entity: bytes = b""
    text: str = ""
    """Both are empty until it is opened (see `vault`)."""


async def snapshots(db: Db, cases: Sequence[int], case_id: int, limit: int) -> list[Snapshot]:
    """Of what is in a case, by all that was said in these cases; the first of each thing first."""
    return await db.rows(
        Snapshot,
        """
        SELECT i.kind, i.owner_id, i.item_id, s.source_id, s.sealed, s.file_keys
        FROM case_items i JOIN (
            SELECT r.report_id AS source_id, k.kind, k.item_id, k.sealed, k.file_keys
            FROM (SELECT DISTINCT report_id FROM case_reports WHERE case_id = ANY($1::bigint[])) r, LATERAL (
                SELECT p.kind, p.item_id, p.sealed, p.file_keys FROM report_items p WHERE p.report_id = r.report_id
                UNION ALL
                SELECT n.kind, n.item_id, n.sealed, n.file_keys FROM notice_items n WHERE n.notice_id = r.report_id) k
            UNION ALL
            SELECT e.id, e.kind, e.item_id, e.sealed, e.file_keys FROM estimates e
            WHERE e.case_id = ANY($1::bigint[]) AND e.sealed IS NOT NULL
        ) s ON s.kind = i.kind AND s.item_id = i.item_id
        WHERE i.case_id = $2 ORDER BY s.source_id LIMIT $3
        """,
        cases,
        case_id,
        limit,
    )


class Voice(msgspec.Struct, frozen=True):
    """That somebody said something of a thing: a report, or (`reporter_id` 0) a notice."""

    report_id: int
    reporter_id: int
    kind: str
    item_id: int
    policy: str
    filed_at: datetime
    upheld: bool | None


async def voices(db: Db, cases: Sequence[int], limit: int) -> list[Voice]:
    return await db.rows(
        Voice,
        """
        SELECT report_id, reporter_id, kind, item_id, policy, filed_at, upheld FROM case_reports
        WHERE case_id = ANY($1::bigint[]) ORDER BY filed_at, report_id LIMIT $2
        """,
        cases,
        limit,
    )


async def count_voices(db: Db, cases: Sequence[int]) -> int:
    return await db.value("SELECT count(*) FROM case_reports WHERE case_id = ANY($1::bigint[])", cases)


class Undone(msgspec.Struct, frozen=True):
    """That a decision was taken back."""

    case_id: int
    round: int
    reason: str
    made_at: datetime


async def undone(db: Db, cases: Sequence[int]) -> list[Undone]:
    sql = "SELECT case_id, round, reason, made_at FROM case_undos WHERE case_id = ANY($1::bigint[]) ORDER BY made_at"
    return await db.rows(Undone, sql, cases)


class Stated(msgspec.Struct, frozen=True):
    """A statement of reasons as the European transparency database takes it."""

    id: int
    case_id: int
    round: int
    record: Mapping[str, Any] | None
    made_at: datetime
    undone_at: datetime | None


async def stated(db: Db, cases: Sequence[int]) -> list[Stated]:
    return await db.rows(
        Stated,
        """
        SELECT id, case_id, round, record, made_at, undone_at FROM statements
        WHERE case_id = ANY($1::bigint[]) ORDER BY made_at, id
        """,
        cases,
    )


class Contested(msgspec.Struct, frozen=True):
    """An appeal, by whoever it is about or by whoever had reported it."""

    case_id: int
    prior_id: int
    round: int
    side: str
    text: str
    made_at: datetime
    decided_at: datetime | None
    granted: bool | None
    answer: str


async def contested(db: Db, case_id: int) -> list[Contested]:
    """The appeals against what a case decided, and the one that it decides."""
    return await db.rows(
        Contested,
        """
        SELECT case_id, prior_id, round, side, text, made_at, decided_at, granted, answer FROM appeals
        WHERE prior_id = $1 OR case_id = $1 ORDER BY made_at
        """,
        case_id,
    )
