"""The SQL of decisions: who said what, what became of the items, and whose reports were right."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import HEAVY, HEAVY_FOR_ACCOUNTS, VOUCHED, Case, Decision, Item, Subject

OVER: Final[LiteralString] = """
    state = 'decided', meanwhile = NULL, meanwhile_of = NULL, last_word = false, held_at = NULL, held_for = NULL,
    assigned_id = NULL, locked_id = NULL, locked_until = NULL, snoozed_until = NULL
"""
"""What is so of a case that is decided, whatever it says: nothing of it waits, and nobody has it before them."""
GIVEN_BACK: Final[LiteralString] = """
    (NOT i.apart AND EXISTS (
        SELECT FROM cases p JOIN cases g ON g.prior_id = p.prior_id AND g.origin = 'outlier'
        JOIN case_items o ON o.case_id = g.id
        WHERE p.id = i.case_id AND p.origin = 'appeal'
            AND o.kind = i.kind AND o.owner_id = i.owner_id AND o.item_id = i.item_id))
"""
"""That the item `i` of an appeal was given back by what it contests: no round of the appeal decides it."""


class Split(msgspec.Struct, frozen=True):
    """An outlier and the case that it becomes."""

    case_id: int
    kind: str
    owner_id: int
    item_id: int


async def insert(tx: Tx, decision: Decision, *, by_hand: bool) -> None:
    """Also whether whoever says it was told what others had said, which the case knows until it has heard them."""
    await tx.execute(
        """
        INSERT INTO case_decisions (
            id, case_id, round, stage, reviewer_id, policy, action, account_action, until, note, said, seconds, made_at,
            policy_version, by_hand, informed)
        SELECT $1, c.id, $3, $4, $5, p.code, $7, $8, $9, $10, $11, $12, $13, p.version, $14,
            c.last_word OR c.meanwhile IS NOT NULL
        FROM policies p, cases c WHERE p.code = $6 AND c.id = $2
        """,
        *msgspec.structs.astuple(decision),
        by_hand,
    )


async def decisions(db: Db, case_id: int) -> list[Decision]:
    """All that was ever said of a case, the oldest first."""
    return await db.rows(
        Decision,
        """
        SELECT id, case_id, round, stage, reviewer_id, policy, action, account_action, until, note, said, seconds,
            made_at
        FROM case_decisions WHERE case_id = $1 ORDER BY round, stage
        """,
        case_id,
    )


async def items(db: Db, case_id: int, limit: int = 1000) -> list[Item]:
    """What a case is about, what is most like its beginning first."""
    return await db.rows(
        Item,
        """
        SELECT case_id, kind, owner_id, item_id, author_id, private, sealed, similarity, outlier, reach, joined_at,
            open, action, applied_at, parted
        FROM case_items WHERE case_id = $1 ORDER BY similarity DESC, joined_at, item_id LIMIT $2
        """,
        case_id,
        limit,
    )


async def wait(tx: Tx, case_id: int, stage: int, held_at: datetime | None, *, last_word: bool) -> None:
    """For the next pair of eyes."""
    await tx.execute(
        """
        UPDATE cases SET stage = $2, last_word = $4, held_at = coalesce(held_at, $3),
            held_for = CASE WHEN $3::timestamptz IS NULL THEN held_for END, assigned_id = NULL,
            locked_id = NULL, locked_until = NULL
        WHERE id = $1
        """,
        case_id,
        stage,
        held_at,
        last_word,
    )


async def close(tx: Tx, decision: Decision, now: datetime) -> None:
    """It is decided, as one of its reviews says."""
    await tx.execute(
        f"""
        UPDATE cases SET {OVER}, decided_at = $6, decision_id = $2, policy = $3, action = $4, account_action = $5,
            updated_at = $6
        WHERE id = $1
        """,
        decision.case_id,
        decision.id,
        decision.policy,
        decision.action,
        decision.account_action,
        now,
    )


async def outliers(tx: Tx, case_id: int) -> list[Item]:
    """Those that still wait in it."""
    return await tx.rows(
        Item,
        """
        SELECT case_id, kind, owner_id, item_id, author_id, private, sealed, similarity, outlier, reach, joined_at,
            open, action, applied_at
        FROM case_items WHERE case_id = $1 AND open AND outlier ORDER BY kind, owner_id, item_id
        """,
        case_id,
    )


async def things(db: Db, case_id: int) -> int:
    """How many wait in a case to be decided as one: what is too different, or was taken out, is not decided by it."""
    return await db.value("SELECT count(*) FROM case_items WHERE case_id = $1 AND open AND NOT outlier", case_id)


async def split(tx: Tx, case_id: int, splits: Sequence[Split], now: datetime) -> None:
    """Each of these becomes a case of its own, with the reports about it; the case that it was like is named there."""
    columns = (
        case_id,
        [one.case_id for one in splits],
        [one.kind for one in splits],
        [one.owner_id for one in splits],
        [one.item_id for one in splits],
    )
    await tx.execute(
        """
        INSERT INTO cases (
            id, origin, queue, policy, severity, allowed, opened_at, due_at, held_at, held_for, items_count,
            prior_id, updated_at)
        SELECT n.id, 'outlier', c.queue, c.policy, c.severity, c.allowed, c.opened_at, c.due_at, c.held_at, c.held_for,
            1, c.id, $3
        FROM cases c, unnest($2::bigint[]) AS n (id) WHERE c.id = $1
        """,
        case_id,
        columns[1],
        now,
    )
    await tx.execute(
        """
        UPDATE case_items i SET case_id = n.case_id, outlier = false, parted = false
        FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[]) AS n (case_id, kind, owner_id, item_id)
        WHERE i.case_id = $1 AND i.kind = n.kind AND i.owner_id = n.owner_id AND i.item_id = n.item_id
        """,
        *columns,
    )
    await tx.execute(
        """
        UPDATE case_reports r SET case_id = n.case_id
        FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[]) AS n (case_id, kind, owner_id, item_id)
        WHERE r.case_id = $1 AND r.kind = n.kind AND r.owner_id = n.owner_id AND r.item_id = n.item_id
        """,
        *columns,
    )


async def settle_items(tx: Tx, case_id: int, action: str) -> None:
    """Say of what waits in the case what was decided of it."""
    await tx.execute(
        "UPDATE case_items SET open = false, action = $2, applied_at = NULL WHERE case_id = $1 AND open",
        case_id,
        action,
    )


async def is_overruled(db: Db, case_id: int) -> bool:
    """Whether an appeal against what was decided of it was granted."""
    return await db.value("SELECT EXISTS (SELECT FROM appeals WHERE prior_id = $1 AND granted)", case_id)


async def were_several(db: Db, case_id: int) -> bool:
    """Whether more than one has found something heavy in what an open case is about, in a round of it before, or in the
    case that it was given back from, whose rounds it goes on with.
    """
    return await db.value(
        """
        SELECT count(DISTINCT d.reviewer_id) > 1 FROM cases c JOIN case_decisions d
            ON d.round < c.round AND (d.case_id = c.id OR c.origin = 'outlier' AND d.case_id = c.prior_id)
        WHERE c.id = $1 AND (d.action = ANY($2::text[]) OR d.account_action = ANY($3::text[]))
        """,
        case_id,
        sorted(HEAVY),
        sorted(HEAVY_FOR_ACCOUNTS),
    )


async def is_vouched(db: Db, case_id: int, only: Subject | None = None) -> bool:
    """Whether somebody whom the place trusts has given notice of something in it that is here, as is proven; `only`: of
    this.
    """
    return await db.value(
        """
        SELECT EXISTS (
            SELECT FROM case_reports r JOIN notices n ON n.id = r.report_id
            WHERE r.case_id = $1 AND r.reporter_id = 0 AND r.kind <> 'notice'
                AND n.proven AND n.sender = ANY($2::text[])
                AND ($3::text IS NULL OR (r.kind, r.owner_id, r.item_id) = ($3, $4, $5)))
        """,
        case_id,
        sorted(VOUCHED),
        *(msgspec.structs.astuple(only) if only else (None, None, None)),
    )


async def settle_reports(tx: Tx, case_id: int, *, upheld: bool | None, now: datetime) -> list[int]:
    """Say of the case's reports whether they were right (None: not known any more), and count it for their reporters.

    Those reports of which now everything is decided. The rows of reporters are written in one order: of two cases that
    are decided at once, by reports of the same people, each would else wait for the other.
    """
    records = await tx.records(
        """
        WITH before AS MATERIALIZED (
            SELECT report_id, kind, owner_id, item_id, reporter_id, upheld FROM case_reports
            WHERE case_id = $1 AND upheld IS DISTINCT FROM $2
        ), said AS (
            UPDATE case_reports r SET upheld = $2 FROM before b
            WHERE r.report_id = b.report_id AND r.kind = b.kind AND r.owner_id = b.owner_id AND r.item_id = b.item_id
        ), counted AS (
            INSERT INTO reporters AS o (account_id, decided, upheld, changed_at)
            SELECT reporter_id,
                greatest(sum(($2::boolean IS NOT NULL)::int - (upheld IS NOT NULL)::int), 0),
                greatest(sum(($2::boolean IS TRUE)::int - (upheld IS TRUE)::int), 0), $3
            FROM before WHERE reporter_id <> 0 GROUP BY reporter_id ORDER BY reporter_id
            ON CONFLICT (account_id) DO UPDATE SET
                decided = greatest(o.decided + (
                    SELECT sum(($2::boolean IS NOT NULL)::int - (b.upheld IS NOT NULL)::int) FROM before b
                    WHERE b.reporter_id = o.account_id), 0),
                upheld = greatest(o.upheld + (
                    SELECT sum(($2::boolean IS TRUE)::int - (b.upheld IS TRUE)::int) FROM before b
                    WHERE b.reporter_id = o.account_id), 0),
                changed_at = $3
        )
        SELECT DISTINCT b.report_id FROM before b
        WHERE $2::boolean IS NOT NULL AND NOT EXISTS (
            SELECT FROM case_reports r
            WHERE r.report_id = b.report_id AND r.upheld IS NULL AND r.case_id <> $1)
        ORDER BY b.report_id
        """,
        case_id,
        upheld,
        now,
    )
    return [record[0] for record in records]


async def insert_undo(tx: Tx, case_id: int, round_: int, actor_id: int, reason: str, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO case_undos (case_id, round, actor_id, reason, made_at) VALUES ($1, $2, $3, $4, $5)",
        case_id,
        round_,
        actor_id,
        reason,
        now,
    )


async def reopen(tx: Tx, case_id: int, held_at: datetime | None, now: datetime) -> None:
    """A new round begins, at the first stage. What waits in another open case by now stays there."""
    await tx.execute(
        f"""
        WITH again AS (
            UPDATE case_items i SET action = NULL, applied_at = NULL, open = i.open OR i.apart OR NOT EXISTS (
                SELECT FROM case_items o WHERE o.kind = i.kind AND o.owner_id = i.owner_id AND o.item_id = i.item_id
                    AND o.open AND NOT o.apart)
            WHERE case_id = $1 AND NOT {GIVEN_BACK}
        )
        UPDATE cases SET state = 'open', decided_at = NULL, decision_id = NULL, action = NULL, account_action = NULL,
            meanwhile = NULL, meanwhile_of = NULL, round = round + 1, stage = 1, last_word = false, held_at = $3,
            held_for = NULL, updated_at = $2
        WHERE id = $1
        """,
        case_id,
        now,
        held_at,
    )


async def keep_of_account(tx: Tx, case_id: int) -> None:
    """What a case that is open again restricts of an account holds until it is decided, where that is one alone."""
    await tx.execute(
        """
        UPDATE cases SET meanwhile = r.action, meanwhile_of = r.owner_id FROM (
            SELECT min(owner_id) AS owner_id, min(action) AS action FROM restrictions
            WHERE case_id = $1 AND kind = 'account' HAVING count(*) = 1
        ) AS r WHERE id = $1
        """,
        case_id,
    )


async def worst(db: Db, case_id: int) -> int:
    """The worst severity of all that was said of a case, by reports, by machines and by whoever has looked at it."""
    return await db.value(
        """
        SELECT least(c.severity, (
            SELECT min(p.severity) FROM case_decisions d JOIN policies p ON p.code = d.policy
            WHERE d.case_id IN (c.id, c.prior_id)
        ), (
            SELECT min(p.severity) FROM case_items i
            JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
            JOIN policies p ON p.code = e.policy WHERE i.case_id = c.id
        )) FROM cases c WHERE c.id = $1
        """,
        case_id,
    )


async def let_go(tx: Tx, case_id: int) -> None:
    """What an open case is about is not held any more. A new round begins: what is held in it is told anew, and no
    machine holds it a second time.
    """
    await tx.execute(
        """
        UPDATE cases SET held_at = NULL, held_for = NULL, meanwhile = NULL, meanwhile_of = NULL, round = round + 1
        WHERE id = $1
        """,
        case_id,
    )


async def end_of_account(tx: Tx, case: Case, account_id: int, now: datetime) -> None:
    """What a case says of an account by now holds no longer; all else that it says does."""
    await tx.execute(
        """
        INSERT INTO account_ends (case_id, round, account_id, ended_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (case_id, round, account_id) DO UPDATE SET ended_at = excluded.ended_at
        """,
        case.id,
        case.round,
        account_id,
        now,
    )


async def overturn(tx: Tx, case_id: int, now: datetime) -> None:
    """It stays decided: there was nothing wrong."""
    await tx.execute(
        """
        WITH freed AS (UPDATE case_items SET action = 'none', applied_at = NULL WHERE case_id = $1)
        UPDATE cases SET action = 'none', account_action = 'none', decision_id = NULL, round = round + 1,
            updated_at = $2
        WHERE id = $1
        """,
        case_id,
        now,
    )
