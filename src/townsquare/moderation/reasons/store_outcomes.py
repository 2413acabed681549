"""The SQL of what people are told of their reports: how each stands, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import SAYS, AccountAction, Action


class Outcome(msgspec.Struct, frozen=True):
    """What came of a report, in one of the cases that it led to."""

    account_id: int
    report_id: int
    case_id: int
    round: int
    upheld: bool
    policy: str
    action: Action
    account_action: AccountAction
    made_at: datetime
    undone_at: datetime | None
    unseen: bool = False
    """Something of it came after the decision, was decided the same way, and nobody has looked at it."""
    by_machine: bool = False
    """A machine has said that something is wrong with it."""


async def insert(tx: Tx, case_id: int, round_: int, at: datetime) -> list[Outcome]:
    """One for everybody with an account who reported something in the case; those that are new.

    What an appeal has put in the place of a decision is told to whoever had reported what that was about.
    """
    return await tx.rows(
        Outcome,
        """
        WITH RECURSIVE led AS (
            SELECT c.id, c.origin, c.prior_id FROM cases c
            WHERE c.id = $1 AND c.round = $2 AND c.state = 'decided' AND c.purpose = 'work'
                AND (c.origin <> 'appeal' OR EXISTS (
                    SELECT FROM appeals p WHERE p.case_id = c.id AND p.granted AND p.settled_round = $2))
            UNION
            SELECT c.id, c.origin, c.prior_id FROM led JOIN cases c ON c.id = led.prior_id AND led.origin = 'appeal'
        )
        INSERT INTO outcomes (
            account_id, report_id, case_id, round, upheld, policy, action, account_action, made_at, unseen, by_machine)
        SELECT r.reporter_id, r.report_id, c.id, $2,
            bool_or(CASE WHEN c.origin = 'appeal' THEN i.action <> 'none' OR c.account_action <> 'none'
                ELSE coalesce(r.upheld, false) END),
            c.policy, c.action, c.account_action, $3, bool_or((i.joined_at > c.decided_at) IS TRUE), bool_or(EXISTS (
                SELECT FROM estimates e
                WHERE e.kind = r.kind AND e.owner_id = r.owner_id AND e.item_id = r.item_id AND e.score >= $4))
        FROM led JOIN cases c ON c.id = $1 JOIN case_reports r ON r.case_id = led.id AND r.reporter_id <> 0
        LEFT JOIN case_items i ON i.case_id = c.id AND i.kind = r.kind AND i.owner_id = r.owner_id
            AND i.item_id = r.item_id
        WHERE c.origin <> 'appeal' OR i.action IS NOT NULL
        GROUP BY r.reporter_id, r.report_id, c.id
        ON CONFLICT DO NOTHING
        RETURNING account_id, report_id, case_id, round, upheld, policy, action, account_action, made_at, undone_at,
            unseen, by_machine
        """,
        case_id,
        round_,
        at,
        SAYS,
    )


async def of_reports(db: Db, account_id: int, report_ids: Sequence[int]) -> list[Outcome]:
    """The latest first."""
    return await db.rows(
        Outcome,
        "SELECT * FROM outcomes WHERE account_id = $1 AND report_id = ANY($2::bigint[]) ORDER BY made_at DESC",
        account_id,
        report_ids,
    )


async def of_case(db: Db, account_id: int, case_id: int) -> list[Outcome]:
    """Those that stand."""
    return await db.rows(
        Outcome,
        """
        SELECT * FROM outcomes WHERE account_id = $1 AND case_id = $2 AND undone_at IS NULL ORDER BY round DESC
        """,
        account_id,
        case_id,
    )


async def report_of(db: Db, account_id: int, case_id: int) -> int | None:
    """The report of somebody of which a case decided last."""
    return await db.value(
        """
        SELECT report_id FROM outcomes WHERE account_id = $1 AND case_id = $2
        ORDER BY round DESC, report_id DESC LIMIT 1
        """,
        account_id,
        case_id,
    )


class Filed(msgspec.Struct, frozen=True):
    """A report, as whoever filed it sees it. `waiting`: something of it is in a case that is not decided."""

    id: int
    target_id: int
    category: str
    comment: str
    posts: int
    files: int
    collections: int
    tags: list[str]
    created_at: datetime
    waiting: bool


_FILED: Final[LiteralString] = """
    SELECT f.id, f.target_id, f.category, f.comment, cardinality(f.status_ids) AS posts,
        cardinality(f.media_ids) AS files, cardinality(f.collection_ids) AS collections, f.tags, f.created_at,
        EXISTS (
            SELECT FROM case_reports r JOIN cases c ON c.id = r.case_id WHERE r.report_id = f.id AND c.state = 'open'
        ) AS waiting
    FROM reports f WHERE f.account_id = $1
"""


async def reports(db: Db, account_id: int) -> list[Filed]:
    """The last hundred, the latest first."""
    return await db.rows(Filed, _FILED + " ORDER BY f.id DESC LIMIT 100", account_id)


async def report(db: Db, account_id: int, report_id: int) -> Filed | None:
    """One of somebody's own."""
    return await db.row(Filed, _FILED + " AND f.id = $2", account_id, report_id)


async def give_back(tx: Tx, case_id: int, round_: int, apart_id: int, at: datetime) -> dict[int, int]:
    """What came of the reports of which nothing is in a case any more, since all that they named there is in another:
    reporters whose outcomes say now that it was taken back, with one of their reports each.
    """
    records = await tx.records(
        """
        UPDATE outcomes o SET undone_at = $4
        WHERE o.case_id = $1 AND o.round = $2 AND o.undone_at IS NULL
            AND EXISTS (SELECT FROM case_reports r WHERE r.report_id = o.report_id AND r.case_id = $3)
            AND NOT EXISTS (SELECT FROM case_reports r WHERE r.report_id = o.report_id AND r.case_id = $1)
        RETURNING o.account_id, o.report_id
        """,
        case_id,
        round_,
        apart_id,
        at,
    )
    return dict(sorted((record[0], record[1]) for record in records))


async def undo(tx: Tx, case_id: int, round_: int, at: datetime) -> dict[int, int]:
    """Reporters whose outcomes say now that it was taken back, with one of their reports each."""
    records = await tx.records(
        """
        UPDATE outcomes SET undone_at = $3 WHERE case_id = $1 AND round = $2 AND undone_at IS NULL
        RETURNING account_id, report_id
        """,
        case_id,
        round_,
        at,
    )
    return dict(sorted((record[0], record[1]) for record in records))


_STANDS: Final[LiteralString] = """
    EXISTS (
        SELECT FROM case_reports r
        JOIN case_items i ON i.case_id = o.case_id AND i.kind = r.kind AND i.owner_id = r.owner_id
            AND i.item_id = r.item_id AND i.action IS NOT NULL
        WHERE r.report_id = o.report_id)
"""
"""Whether the case of an outcome `o` still says something of what was reported."""


async def end(tx: Tx, case_id: int, round_: int, at: datetime) -> None:
    """What was said of reports does not hold any more, where an appeal has freed all that they named in the case."""
    await tx.execute(
        f"""
        UPDATE outcomes o SET undone_at = $3
        WHERE o.case_id = $1 AND o.round = $2 AND o.undone_at IS NULL AND NOT {_STANDS}
        """,
        case_id,
        round_,
        at,
    )


async def restate(tx: Tx, case_id: int, round_: int) -> None:
    """What was said of reports holds again, where the case says something of what they named again."""
    await tx.execute(
        f"UPDATE outcomes o SET undone_at = NULL WHERE o.case_id = $1 AND o.round = $2 AND {_STANDS}", case_id, round_
    )
