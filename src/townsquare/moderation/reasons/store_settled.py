"""The SQL by which appeals are settled: what is contested, what goes in its place, and what stands again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Tx
from townsquare.moderation.cases.model import AccountAction, Action, Extent, Side, ends, extent
from townsquare.moderation.cases.store_decide import GIVEN_BACK
from townsquare.moderation.reasons.store_appeals import CONTESTED, FROM_CONTESTED


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


class Granted(msgspec.Struct, frozen=True):
    """What somebody was granted by a case, in a round of it."""

    case_id: int
    round: int
    account_id: int
    side: Side
    decided_at: datetime


class Again(msgspec.Struct, frozen=True):
    """What a case says again: of one author (None: of all `besides` these) and of what they made."""

    said: Said
    author_id: int | None
    besides: Sequence[int] = ()


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
    made_at: datetime
    new_action: Action
    new_account_action: AccountAction
    new_until: datetime | None
    new_round: int
    new_made_at: datetime

    @property
    def before(self) -> Extent:
        return extent(self.action, self.account_action, self.until)

    @property
    def after(self) -> Extent:
        until = ends(self.side, self.new_until, self.until, self.new_made_at - self.made_at)
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
    """For this transaction alone to settle."""
    return await tx.row(
        Waiting,
        f"""
        SELECT p.account_id, p.id, p.side, p.prior_id, p.round, {CONTESTED},
            c.action AS new_action, c.account_action AS new_account_action, n.until AS new_until, c.round AS new_round,
            coalesce(n.made_at, c.decided_at) AS new_made_at
        FROM {FROM_CONTESTED} JOIN cases c ON c.id = p.case_id AND c.state = 'decided'
        LEFT JOIN case_decisions n ON n.id = c.decision_id
        WHERE p.case_id = $1 AND p.decided_at IS NULL AND b.round = p.round AND b.state = 'decided' FOR UPDATE OF p
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


async def granted(tx: Tx, one: Reopened, case_id: int) -> list[Granted]:
    """What others were granted against the same, in the order in which that was."""
    return await tx.rows(
        Granted,
        """
        SELECT case_id, settled_round AS round, account_id, side, decided_at FROM appeals
        WHERE prior_id = $1 AND round = $2 AND granted AND settled_round IS NOT NULL AND case_id <> $3
        ORDER BY decided_at
        """,
        one.prior_id,
        one.round,
        case_id,
    )


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


async def restore(tx: Tx, one: Again) -> bool:
    """But not of those whose own appeals against it were granted. False where it does not stand any more."""
    case_id, round_ = one.said.case_id, one.said.round
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
            AND i.author_id <> ALL($4::bigint[]) AND i.author_id NOT IN ({_WON}) AND i.action IS NULL AND NOT i.open
            AND NOT {GIVEN_BACK}
        """,
        case_id,
        one.author_id,
        round_,
        one.besides,
    )
    await tx.execute(
        f"""
        UPDATE strikes SET undone_at = NULL
        WHERE case_id = $1 AND round = $3 AND ($2::bigint IS NULL OR account_id = $2)
            AND account_id <> ALL($4::bigint[]) AND account_id NOT IN ({_WON})
        """,
        case_id,
        one.author_id,
        round_,
        one.besides,
    )
    return True
