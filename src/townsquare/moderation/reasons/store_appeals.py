"""The SQL of appeals."""

from datetime import datetime, timedelta
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Action, Extent, Side, ends, extent
from townsquare.moderation.cases.store_decide import OVER


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
    """When somebody was told of a decision that stands; None for those who were not."""
    if side == "author":
        return await db.value(
            """
            SELECT made_at FROM statements
            WHERE account_id = $1 AND case_id = $2 AND round = $3 AND undone_at IS NULL AND NOT interim
            ORDER BY id LIMIT 1
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
        """
        SELECT coalesce(d.action, b.action, 'none'), coalesce(d.account_action, b.account_action, 'none'), d.until
        FROM appeals p JOIN cases b ON b.id = p.prior_id LEFT JOIN case_decisions d ON d.id = b.decision_id
        WHERE p.case_id = $1 AND p.side = 'author'
        """,
        case_id,
    )
    return extent(*records[0]) if records else None


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


class Said(msgspec.Struct, frozen=True):
    """What a case has decided in a round."""

    case_id: int
    round: int


class Reopened(msgspec.Struct, frozen=True):
    """An appeal that was settled, and waits again. `granted`, `decided_at`: how it had been, and when."""

    account_id: int
    side: Side
    prior_id: int
    round: int
    granted: bool
    decided_at: datetime

    @property
    def author_id(self) -> int | None:
        """About whose things it is; None: about all of them."""
        return self.account_id if self.side == "author" else None


class Waiting(msgspec.Struct, frozen=True):
    """An appeal whose case is decided: what is contested, and what somebody else says."""

    account_id: int
    id: int
    side: Side
    prior_id: int
    round: int
    action: Action
    account_action: AccountAction
    until: datetime | None
    new_action: Action
    new_account_action: AccountAction
    new_until: datetime | None
    new_round: int
    later: timedelta
    """How long after the first decision the second was made."""

    @property
    def before(self) -> Extent:
        return extent(self.action, self.account_action, self.until)

    @property
    def after(self) -> Extent:
        until = ends(self.side, self.new_until, self.until, self.later)
        return extent(self.new_action, self.new_account_action, until)

    @property
    def author_id(self) -> int | None:
        """About whose things it is; None: about all of them."""
        return self.account_id if self.side == "author" else None


async def lock_prior(tx: Tx, case_id: int) -> None:
    """What an appeal is about is locked before the appeal, as when it is taken back."""
    await tx.execute(
        "SELECT FROM cases WHERE id = (SELECT prior_id FROM appeals WHERE case_id = $1) FOR UPDATE", case_id
    )


async def waiting(tx: Tx, case_id: int) -> Waiting | None:
    """For this transaction alone to settle. What is contested is what was decided then, whatever is left of it."""
    return await tx.row(
        Waiting,
        """
        SELECT p.account_id, p.id, p.side, p.prior_id, p.round, coalesce(d.action, b.action) AS action,
            coalesce(d.account_action, b.account_action) AS account_action, d.until,
            c.action AS new_action, c.account_action AS new_account_action, n.until AS new_until, c.round AS new_round,
            coalesce(n.made_at - d.made_at, interval '0') AS later
        FROM appeals p JOIN cases b ON b.id = p.prior_id AND b.round = p.round AND b.state = 'decided'
        JOIN cases c ON c.id = p.case_id AND c.state = 'decided'
        LEFT JOIN case_decisions d ON d.id = b.decision_id LEFT JOIN case_decisions n ON n.id = c.decision_id
        WHERE p.case_id = $1 AND p.decided_at IS NULL FOR UPDATE OF p
        """,
        case_id,
    )


async def replaced(tx: Tx, one: Waiting, case_id: int) -> list[Said]:
    """What others were granted against the same before gives way to what is granted now, as what they contested did."""
    return await tx.rows(
        Said,
        """
        SELECT case_id, settled_round AS round FROM appeals
        WHERE prior_id = $1 AND round = $2 AND granted AND settled_round IS NOT NULL AND case_id <> $3
            AND (side <> 'author' OR $4)
        ORDER BY decided_at
        """,
        one.prior_id,
        one.round,
        case_id,
        one.side != "author",
    )


async def before_it(tx: Tx, one: Reopened, case_id: int) -> Said | None:
    """What an appeal that was granted had replaced: what somebody else was granted before it, else what they contest.
    None where it was replaced itself since.
    """
    found = await tx.records(
        """
        SELECT case_id, settled_round, decided_at > $4 FROM appeals
        WHERE prior_id = $1 AND round = $2 AND granted AND settled_round IS NOT NULL AND case_id <> $3
            AND side <> 'author'
        ORDER BY decided_at DESC LIMIT 1
        """,
        one.prior_id,
        one.round,
        case_id,
        one.decided_at,
    )
    if not found:
        return Said(one.prior_id, one.round)
    number, round_, later = found[0]
    return None if later else Said(number, round_)


async def lift(tx: Tx, case_id: int, account_id: int | None) -> None:
    """A case says nothing any more of somebody (None: of anybody) and of what they made; where it is about nobody else,
    nothing at all.
    """
    await tx.execute(
        """
        UPDATE case_items SET action = NULL, applied_at = NULL
        WHERE case_id = $1 AND ($2::bigint IS NULL OR author_id = $2)
        """,
        case_id,
        account_id,
    )
    await tx.execute(
        """
        UPDATE strikes SET undone_at = now()
        WHERE case_id = $1 AND ($2::bigint IS NULL OR account_id = $2) AND undone_at IS NULL
        """,
        case_id,
        account_id,
    )
    await tx.execute(
        """
        UPDATE cases SET action = 'none', account_action = 'none' WHERE id = $1
            AND NOT EXISTS (SELECT FROM case_items i WHERE i.case_id = $1 AND i.action IS NOT NULL)
        """,
        case_id,
    )


async def close(tx: Tx, one: Waiting, granted: bool, answer: str, now: datetime) -> None:
    await tx.execute(
        """
        UPDATE appeals SET granted = $3, answer = $4, decided_at = $5, settled_round = $6
        WHERE account_id = $1 AND id = $2
        """,
        one.account_id,
        one.id,
        granted,
        answer,
        now,
        one.new_round,
    )


async def grant(tx: Tx, prior_id: int, round_: int, now: datetime, *, again: bool) -> list[tuple[int, int]]:
    """Appeals against what is taken back before they were decided have what they ask for: their cases are over, and say
    nothing. The cases, with their rounds.

    But for those of reporters where nothing is to be done at all (not `again`): from now on they are against that.
    """
    records = await tx.records(
        f"""
        WITH won AS (
            UPDATE appeals SET granted = true, decided_at = $3
            WHERE prior_id = $1 AND round = $2 AND decided_at IS NULL AND (side = 'author' OR $4) RETURNING case_id
        ), goes_on AS (
            UPDATE appeals SET round = round + 1
            WHERE prior_id = $1 AND round = $2 AND decided_at IS NULL AND side <> 'author' AND NOT $4
        ), freed AS (
            UPDATE case_items i SET open = false, action = NULL, applied_at = NULL
            FROM won WHERE i.case_id = won.case_id
        )
        UPDATE cases c SET {OVER}, decided_at = coalesce(c.decided_at, $3), action = 'none', account_action = 'none',
            decision_id = NULL, updated_at = $3
        FROM won WHERE c.id = won.case_id RETURNING c.id, c.round
        """,
        prior_id,
        round_,
        now,
        again,
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


async def reopen(tx: Tx, case_id: int, round_: int) -> Reopened | None:
    """None where no appeal was settled in this round of a case, or what it contests was taken back since."""
    return await tx.row(
        Reopened,
        """
        WITH was AS (
            SELECT p.account_id, p.id, p.granted, p.decided_at FROM appeals p
            JOIN cases b ON b.id = p.prior_id AND b.round = p.round AND b.state = 'decided'
            WHERE p.case_id = $1 AND p.settled_round = $2 FOR UPDATE OF p
        )
        UPDATE appeals p SET decided_at = NULL, granted = NULL, answer = '', settled_round = NULL
        FROM was WHERE p.account_id = was.account_id AND p.id = was.id
        RETURNING p.account_id, p.side, p.prior_id, p.round, was.granted, was.decided_at
        """,
        case_id,
        round_,
    )


_WON: Final[LiteralString] = """
    SELECT account_id FROM appeals WHERE prior_id = $1 AND round = $3 AND side = 'author' AND granted
"""
"""Whom an appeal of their own has freed of what a case had decided in a round."""


async def restore(tx: Tx, case_id: int, round_: int, account_id: int | None) -> bool:
    """What a case had decided in a round is said again of somebody (None: of all but those whose own appeals were
    granted) and of what they made. False where that does not stand any more.
    """
    stands = await tx.execute(
        """
        UPDATE cases c SET action = d.action, account_action = d.account_action FROM case_decisions d
        WHERE d.id = c.decision_id AND c.id = $1 AND c.round = $2 AND c.state = 'decided'
        """,
        case_id,
        round_,
    )
    if not stands:
        return False
    await tx.execute(
        f"""
        UPDATE case_items i SET action = c.action, applied_at = NULL FROM cases c
        WHERE c.id = $1 AND i.case_id = $1 AND ($2::bigint IS NULL OR i.author_id = $2)
            AND i.author_id NOT IN ({_WON}) AND i.action IS NULL AND NOT i.open
        """,
        case_id,
        account_id,
        round_,
    )
    await tx.execute(
        f"""
        UPDATE strikes SET undone_at = NULL
        WHERE case_id = $1 AND round = $3 AND ($2::bigint IS NULL OR account_id = $2) AND account_id NOT IN ({_WON})
        """,
        case_id,
        account_id,
        round_,
    )
    return True


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
