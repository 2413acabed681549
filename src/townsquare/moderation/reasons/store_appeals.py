"""The SQL of appeals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Extent, Side, extent
from townsquare.moderation.cases.store_decide import OVER

CONTESTED: Final[LiteralString] = """
    coalesce(d.action, b.action, 'none') AS action, coalesce(d.account_action, b.account_action, 'none')
        AS account_action, d.until, coalesce(d.made_at, b.decided_at) AS made_at
"""
"""What the appeal `p` contests: what was decided then, whatever is left of it."""
FROM_CONTESTED: Final[LiteralString] = """
    appeals p JOIN cases b ON b.id = p.prior_id LEFT JOIN case_decisions d ON d.id = b.decision_id
"""


class Appeal(msgspec.Struct, frozen=True):
    """`case_id`: in which it is decided; `prior_id`: the case whose decision is contested."""

    account_id: int
    id: int
    prior_id: int
    round: int
    side: Side
    text: str
    case_id: int
    made_at: datetime
    decided_at: datetime | None
    granted: bool | None
    answer: str
    settled_round: int | None = None
    """In which round of its case it was decided; None also where what it contests was taken back first."""
    notice_id: int | None = None
    """Of whoever gave notice, who has no account (`account_id` 0)."""


async def told_at(db: Db, account_id: int, case_id: int, round_: int, side: str) -> datetime | None:
    """When somebody was told of a decision that stands, the last time; None for those who were not. That an account has
    ended tells of no other decision than the suspension that it follows from.
    """
    if side == "author":
        return await db.value(
            """
            SELECT made_at FROM statements
            WHERE account_id = $1 AND case_id = $2 AND round = $3 AND undone_at IS NULL AND NOT interim
                AND because = ''
            ORDER BY id DESC LIMIT 1
            """,
            account_id,
            case_id,
            round_,
        )
    return await db.value(
        """
        SELECT made_at FROM outcomes
        WHERE account_id = $1 AND case_id = $2 AND round = $3 AND undone_at IS NULL ORDER BY report_id LIMIT 1
        """,
        account_id,
        case_id,
        round_,
    )


async def of_decision(db: Db, account_id: int, case_id: int, round_: int) -> Appeal | None:
    return await db.row(
        Appeal,
        "SELECT * FROM appeals WHERE account_id = $1 AND prior_id = $2 AND round = $3",
        account_id,
        case_id,
        round_,
    )


async def of_case(db: Db, case_id: int) -> Appeal | None:
    """The appeal that a case decides."""
    return await db.row(Appeal, "SELECT * FROM appeals WHERE case_id = $1", case_id)


async def contested(db: Db, case_id: int) -> Extent | None:
    """What somebody contests who made it; None for a case that decides no such appeal."""
    records = await db.records(
        f"SELECT {CONTESTED} FROM {FROM_CONTESTED} WHERE p.case_id = $1 AND p.side = 'author'", case_id
    )
    return extent(*records[0][:3]) if records else None


async def beside(db: Db, one: Appeal) -> list[int]:
    """The cases of others who contest the same, decided or not."""
    records = await db.records(
        "SELECT case_id FROM appeals WHERE prior_id = $1 AND round = $2 AND case_id <> $3 ORDER BY case_id",
        one.prior_id,
        one.round,
        one.case_id,
    )
    return [record[0] for record in records]


async def of_notice(db: Db, notice_id: int) -> list[Appeal]:
    return await db.rows(Appeal, "SELECT * FROM appeals WHERE account_id = 0 AND notice_id = $1 ORDER BY id", notice_id)


async def of_account(db: Db, account_id: int) -> list[Appeal]:
    """The latest first."""
    return await db.rows(Appeal, "SELECT * FROM appeals WHERE account_id = $1 ORDER BY id DESC", account_id)


async def won(tx: Tx, prior_id: int, round_: int, *, again: bool) -> list[int]:
    """The cases of appeals against what is taken back before they were decided, for this transaction to change.

    But for those of others than authors where nothing is to be done at all (not `again`): they are against that now.
    """
    records = await tx.records(
        """
        WITH goes_on AS (
            UPDATE appeals SET round = round + 1
            WHERE prior_id = $1 AND round = $2 AND decided_at IS NULL AND side <> 'author' AND NOT $3
        )
        SELECT case_id FROM appeals
        WHERE prior_id = $1 AND round = $2 AND decided_at IS NULL AND (side = 'author' OR $3) ORDER BY case_id
        """,
        prior_id,
        round_,
        again,
    )
    return [record[0] for record in records]


async def grant(tx: Tx, case_ids: Sequence[int], now: datetime) -> list[tuple[int, int]]:
    """Appeals against what does not stand any more have what they ask for: their cases are over, and say nothing. The
    cases, with their rounds.
    """
    records = await tx.records(
        f"""
        WITH won AS (
            UPDATE appeals SET granted = true, decided_at = $2 WHERE case_id = ANY($1::bigint[]) RETURNING case_id
        ), freed AS (
            UPDATE case_items i SET open = false, action = NULL, applied_at = NULL
            FROM won WHERE i.case_id = won.case_id
        )
        UPDATE cases c SET {OVER}, decided_at = coalesce(c.decided_at, $2), action = 'none', account_action = 'none',
            decision_id = NULL, updated_at = $2
        FROM won WHERE c.id = won.case_id RETURNING c.id, c.round
        """,
        case_ids,
        now,
    )
    return [(record[0], record[1]) for record in records]


async def granted_by_undo(db: Db, prior_id: int, round_: int) -> list[int]:
    """Authors whose appeals against a decision were granted by that it was taken back."""
    records = await db.records(
        """
        SELECT account_id FROM appeals
        WHERE prior_id = $1 AND round = $2 AND side = 'author' AND granted AND settled_round IS NULL
        """,
        prior_id,
        round_,
    )
    return [record[0] for record in records]


async def is_over(db: Db, case_id: int) -> bool:
    """Whether what the appeal of a case contests does not stand any more, because it was taken back itself."""
    return await db.value(
        """
        SELECT EXISTS (
            SELECT FROM appeals p JOIN cases b ON b.id = p.prior_id AND (b.round <> p.round OR b.state <> 'decided')
            WHERE p.case_id = $1)
        """,
        case_id,
    )


async def insert(tx: Tx, one: Appeal) -> None:
    await tx.execute(
        """
        INSERT INTO appeals (account_id, id, prior_id, round, side, text, case_id, made_at, notice_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        *msgspec.structs.astuple(one)[:8],
        one.notice_id,
    )


async def open_case(tx: Tx, number: int, prior_id: int, round_: int, author: int | None, now: datetime) -> bool:
    """A case about what another has decided: all of it, or what one author made. False where none of it stands.

    It waits apart from what else is said of the same things, by a report, a notice or the appeal of somebody else: that
    is a matter of its own.
    """
    opened = await tx.execute(
        """
        INSERT INTO cases (id, origin, queue, policy, severity, allowed, reach, trust, voices, estimate,
            opened_at, due_at, prior_id, updated_at)
        SELECT $1, 'appeal', queue, policy, severity, greatest(allowed, interval '7 days'), reach, 0.5, 1, 0,
            $4::timestamptz, $4::timestamptz + greatest(allowed, interval '7 days'), id, $4::timestamptz
        FROM cases WHERE id = $2 AND state = 'decided' AND purpose = 'work' AND round = $3 FOR UPDATE
        """,
        number,
        prior_id,
        round_,
        now,
    )
    if not opened:
        return False
    items = await tx.execute(
        """
        INSERT INTO case_items (
            case_id, kind, owner_id, item_id, author_id, sealed, private, digest, reach, joined_at, apart)
        SELECT $1, i.kind, i.owner_id, i.item_id, i.author_id, i.sealed, i.private, i.digest, i.reach, $4, true
        FROM case_items i
        WHERE i.case_id = $2 AND i.action IS NOT NULL AND ($3::bigint IS NULL OR i.author_id = $3)
        """,
        number,
        prior_id,
        author,
        now,
    )
    if items:
        await tx.execute("UPDATE cases SET items_count = $2 WHERE id = $1", number, items)
    else:
        await tx.execute("DELETE FROM cases WHERE id = $1", number)
    return bool(items)
