"""The SQL of cases that measure: golden ones, and doubles of what others decide."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.store_decide import OVER


class Pair(msgspec.Struct, frozen=True):
    """What a reviewer said, and what was expected of them, or said by another."""

    policy: str
    reviewer_id: int
    action: str
    other: str


class Golden(msgspec.Struct, frozen=True):
    id: int
    expected: Mapping[str, str]


class Figures(msgspec.Struct, frozen=True):
    """`seconds`: the median time before a case."""

    decided: int = 0
    second: int = 0
    violating: int = 0
    seconds: float = 0.0
    undone: int = 0
    overturned: int = 0
    """By an appeal."""


class Day(msgspec.Struct, frozen=True):
    day: datetime
    decided: int


class Missed(msgspec.Struct, frozen=True):
    case_id: int
    made_at: datetime
    policy: str
    action: str
    expected_policy: str
    expected_action: str


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


async def end(tx: Tx, case_id: int, now: datetime) -> None:
    """One that measures is over without a review: nobody is given it, and what it keeps goes with its time."""
    await tx.execute(
        f"""
        UPDATE cases SET {OVER}, decided_at = $2, action = coalesce(expected ->> 'action', 'none'),
            account_action = 'none', updated_at = $2
        WHERE id = $1 AND state = 'open' AND purpose <> 'work'
        """,
        case_id,
        now,
    )


async def left_over(db: Db, before: datetime) -> list[int]:
    """Of those that measure, the ones that nobody has decided and that were due before then."""
    records = await db.records(
        "SELECT id FROM cases WHERE state = 'open' AND purpose <> 'work' AND due_at < $1 ORDER BY id", before
    )
    return [record[0] for record in records]


async def golden_for(tx: Tx, account_id: int, queues: Sequence[str], above: Sequence[str]) -> Golden | None:
    """One, by chance, of those about things of which somebody has decided, reported or made nothing, and has nothing
    before them. `above`: nor those of these ranks.
    """
    return await tx.row(
        Golden,
        """
        SELECT g.id, g.expected FROM cases g
        WHERE g.purpose = 'golden' AND g.purged_at IS NULL AND g.queue = ANY($2::text[]) AND NOT EXISTS (
            SELECT FROM case_items i
            JOIN case_items j ON j.kind = i.kind AND j.owner_id = i.owner_id AND j.item_id = i.item_id
            JOIN cases o ON o.id = j.case_id
            WHERE i.case_id = g.id AND (i.author_id = $1 OR (o.state = 'open' AND $1 IN (o.assigned_id, o.locked_id))
                OR EXISTS (SELECT FROM users u WHERE u.account_id = i.author_id AND u.role = ANY($3::text[]))
                OR EXISTS (SELECT FROM case_reports r WHERE r.case_id = o.id AND r.reporter_id = $1)
                OR EXISTS (SELECT FROM case_decisions d WHERE d.case_id = o.id AND d.reviewer_id = $1)))
        ORDER BY random() LIMIT 1
        """,
        account_id,
        queues,
        above,
    )


async def own(db: Db, account_id: int, since: datetime) -> Figures:
    """What somebody has decided since then, and what became of it."""
    found = await db.row(
        Figures,
        """
        SELECT count(*)::int AS decided, count(*) FILTER (WHERE d.stage > 1)::int AS second,
            count(*) FILTER (WHERE d.action <> 'none' OR d.account_action <> 'none')::int AS violating,
            coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY d.seconds) FILTER (WHERE d.seconds > 0), 0) AS seconds,
            count(*) FILTER (WHERE EXISTS (
                SELECT FROM case_undos u WHERE u.case_id = d.case_id AND u.round = d.round))::int AS undone,
            count(*) FILTER (WHERE EXISTS (
                SELECT FROM appeals a
                WHERE a.prior_id = d.case_id AND a.round = d.round AND a.granted))::int AS overturned
        FROM case_decisions d WHERE d.reviewer_id = $1 AND d.made_at >= $2
        """,
        account_id,
        since,
    )
    return found or Figures()


async def by_day(db: Db, account_id: int, since: datetime, zone: str) -> list[Day]:
    """The latest first; days without a decision are left out."""
    return await db.rows(
        Day,
        """
        SELECT date_trunc('day', made_at, $3) AS day, count(*)::int AS decided FROM case_decisions
        WHERE reviewer_id = $1 AND made_at >= $2 GROUP BY 1 ORDER BY 1 DESC
        """,
        account_id,
        since,
        zone,
    )


async def missed(db: Db, account_id: int, limit: int) -> list[Missed]:
    """Cases with a known answer that somebody decided otherwise, the latest first."""
    return await db.rows(
        Missed,
        """
        SELECT d.case_id, d.made_at, d.policy, d.action, c.expected ->> 'policy' AS expected_policy,
            c.expected ->> 'action' AS expected_action
        FROM case_decisions d JOIN cases c ON c.id = d.case_id
        WHERE d.reviewer_id = $1 AND c.purpose = 'golden' AND d.action <> c.expected ->> 'action'
        ORDER BY d.made_at DESC LIMIT $2
        """,
        account_id,
        limit,
    )


async def is_doubled(tx: Tx, case_id: int) -> bool:
    """Also for an appeal: it is a second look already."""
    return await tx.value(
        "SELECT EXISTS (SELECT FROM cases WHERE doubles_id = $1 OR (id = $1 AND origin = 'appeal'))", case_id
    )
