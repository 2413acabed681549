"""The SQL of cases that measure: golden ones, and doubles of what others decide."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Pair(msgspec.Struct, frozen=True):
    """What a reviewer said, and what was expected of them, or said by another."""

    policy: str
    reviewer_id: int
    action: str
    other: str


async def pairs(db: Db) -> list[Pair]:
    """Each double gives two: it says something of both reviewers."""
    return await db.rows(
        Pair,
        """
        SELECT c.expected ->> 'policy' AS policy, d.reviewer_id, d.action, c.expected ->> 'action' AS other
        FROM cases c JOIN case_decisions d ON d.case_id = c.id AND d.stage = 1
        WHERE c.purpose = 'golden'
        UNION ALL
        SELECT o.policy, side.reviewer_id, side.action, side.other
        FROM cases c
        JOIN cases o ON o.id = c.doubles_id
        JOIN case_decisions d ON d.case_id = c.id AND d.stage = 1
        JOIN case_decisions e ON e.case_id = o.id AND e.stage = 1 AND e.round = 1,
        LATERAL (VALUES (d.reviewer_id, d.action, e.action), (e.reviewer_id, e.action, d.action))
            AS side (reviewer_id, action, other)
        WHERE c.purpose = 'double'
        """,
    )


async def insert_like(tx: Tx, case_id: int, like: int, purpose: str, expected: str | None, now: datetime) -> None:
    """A case that looks like another one, and has no effect."""
    await tx.execute(
        """
        INSERT INTO cases (
            id, origin, purpose, queue, policy, severity, allowed, reach, trust, voices, estimate, opened_at, due_at,
            items_count, reports_count, doubles_id, expected, updated_at)
        SELECT $1, c.origin, $3::text, c.queue, c.policy, c.severity, c.allowed, c.reach, c.trust, c.voices,
            c.estimate, $5::timestamptz, $5::timestamptz + c.allowed, c.items_count, c.reports_count,
            CASE WHEN $3::text = 'double' THEN c.id END, $4::jsonb, $5::timestamptz
        FROM cases c WHERE c.id = $2
        """,
        case_id,
        like,
        purpose,
        expected,
        now,
    )
    await tx.execute(
        """
        INSERT INTO case_items (
            case_id, kind, owner_id, item_id, author_id, sealed, private, digest, similarity, outlier, reach, joined_at,
            open)
        SELECT $1, kind, owner_id, item_id, author_id, sealed, private, digest, similarity, false, reach, joined_at,
            false
        FROM case_items WHERE case_id = $2
        """,
        case_id,
        like,
    )


async def is_doubled(tx: Tx, case_id: int) -> bool:
    """Also for an appeal: it is a second look already."""
    return await tx.value(
        "SELECT EXISTS (SELECT FROM cases WHERE doubles_id = $1 OR (id = $1 AND origin = 'appeal'))", case_id
    )
