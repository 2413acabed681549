"""The SQL of how suspended accounts end: what keeps them until then, and who says that one is to end before."""

from datetime import datetime
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import AccountId

Because = Literal["asked", "law"]
"""Why an account ends before its time: whoever it is asks for it, or a law demands it."""

_WAITS: Final[LiteralString] = """
    EXISTS (SELECT FROM cases c WHERE c.meanwhile_of = a.id AND c.meanwhile = 'suspend') OR EXISTS (
        SELECT FROM statements s JOIN appeals p
            ON p.account_id = s.account_id AND p.prior_id = s.case_id AND p.round = s.round
        WHERE s.account_id = a.id AND s.account_action = 'suspend' AND s.undone_at IS NULL AND p.decided_at IS NULL)
"""
"""That the suspension of the account `a` is looked at by somebody else: for the first time, or because of an appeal."""
_TOLD: Final[LiteralString] = """
    SELECT max(s.made_at) FROM statements s
    WHERE s.account_id = a.id AND s.account_action = 'suspend' AND s.undone_at IS NULL AND NOT EXISTS (
        SELECT FROM appeals p WHERE p.account_id = s.account_id AND p.prior_id = s.case_id AND p.round = s.round)
"""
"""When they were told last of a suspension that they have not appealed against."""
_UNTIL: Final[LiteralString] = """
    SELECT max(r.until) FROM restrictions r
    WHERE r.owner_id = a.id AND r.kind = 'account' AND r.item_id = a.id AND r.action = 'suspend'
"""
"""Until when they are suspended, where it is for a while."""


class Kept(msgspec.Struct, frozen=True):
    """What may still give a suspended account back."""

    waits: bool
    told_at: datetime | None
    until: datetime | None


class Wish(msgspec.Struct, frozen=True):
    """That an account is to end before its time, as somebody said first. `asked_by` 0: at the terminal."""

    because: Because
    reason: str
    asked_by: int
    asked_at: datetime


async def kept(db: Db, account_id: int) -> Kept:
    found = await db.row(
        Kept,
        f"SELECT ({_WAITS}) AS waits, ({_TOLD}) AS told_at, ({_UNTIL}) AS until FROM accounts a WHERE a.id = $1",
        account_id,
    )
    return found or Kept(waits=False, told_at=None, until=None)


async def suspended_before(db: Db, before: datetime, stated: datetime, limit: int) -> list[AccountId]:
    """People of this place whose suspension cannot be taken back any more, and whose account is there still.

    Who is suspended for a while comes back, however long that is; and who can still appeal, or waits for what is said
    of it, may. `stated`: against what was told before that time nobody can.
    """
    records = await db.records(
        f"""
        SELECT a.id FROM accounts a WHERE a.domain IS NULL AND a.suspended_at < $1 AND a.deleted_at IS NULL
            AND ({_UNTIL}) IS NULL AND NOT ({_WAITS}) AND coalesce(({_TOLD}) < $2, true)
        ORDER BY a.id LIMIT $3
        """,
        before,
        stated,
        limit,
    )
    return [AccountId(record[0]) for record in records]


async def wish(db: Db, account_id: int, since: datetime) -> Wish | None:
    """What nobody else has confirmed, of that time or later."""
    return await db.row(
        Wish,
        """
        SELECT because, reason, asked_by, asked_at FROM terminations
        WHERE account_id = $1 AND asked_at >= $2 AND confirmed_at IS NULL
        """,
        account_id,
        since,
    )


async def ask(tx: Tx, account_id: int, new: Wish) -> None:
    """In the place of what was said too long ago, or by the same person."""
    await tx.execute(
        """
        INSERT INTO terminations (account_id, because, reason, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_id) DO UPDATE SET because = excluded.because, reason = excluded.reason,
            asked_by = excluded.asked_by, asked_at = excluded.asked_at
        """,
        account_id,
        *msgspec.structs.astuple(new),
    )


async def confirm(tx: Tx, account_id: int, by: int, at: datetime) -> None:
    """The database refuses whoever asked."""
    await tx.execute(
        "UPDATE terminations SET confirmed_by = $2, confirmed_at = $3 WHERE account_id = $1", account_id, by, at
    )
