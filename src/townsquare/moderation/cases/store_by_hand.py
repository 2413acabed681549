"""The SQL of what is decided about somebody by hand: which case it is of, and what holds of the account meanwhile."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Origin


class Waiting(msgspec.Struct, frozen=True):
    """The open case in which an account stands. `others`: something else stands in it too."""

    case_id: int
    origin: Origin
    others: bool


async def waiting(tx: Tx, account_id: int) -> Waiting | None:
    return await tx.row(
        Waiting,
        """
        SELECT c.id AS case_id, c.origin, c.items_count > 1 AS others
        FROM case_items i JOIN cases c ON c.id = i.case_id
        WHERE i.kind = 'account' AND i.owner_id = $1 AND i.item_id = $1 AND i.open AND c.purpose = 'work'
        """,
        account_id,
    )


async def open_case(
    tx: Tx, case_id: int, account_id: int, policy: str, sealed: bytes | None, now: datetime, *, waits: bool
) -> None:
    """A case about an account, which nobody has reported. `waits`: not where it stands in another open case already."""
    await tx.execute(
        """
        WITH opened AS (
            INSERT INTO cases (id, origin, queue, policy, severity, allowed, reach, opened_at, due_at, items_count,
                updated_at)
            SELECT $1, 'staff', p.queue, p.code, p.severity, p.allowed, a.followers_count, $5,
                $5::timestamptz + p.allowed, 1, $5
            FROM policies p, accounts a WHERE p.code = $3 AND a.id = $2
            RETURNING id, reach
        )
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, sealed, reach, joined_at, open, action)
        SELECT id, 'account', $2, $2, $2, $4, reach, $5, $6, CASE WHEN NOT $6 THEN 'none' END FROM opened
        """,
        case_id,
        account_id,
        policy,
        sealed,
        now,
        waits,
    )


async def hold(tx: Tx, case_id: int, action: AccountAction, now: datetime) -> None:
    """Have this hold of the account until the case is decided."""
    await tx.execute(
        "UPDATE cases SET meanwhile = $2, held_at = coalesce(held_at, $3) WHERE id = $1", case_id, action, now
    )


class Standing(msgspec.Struct, frozen=True):
    """A case of which something holds of an account. `alone`: it restricts nothing else."""

    case_id: int
    alone: bool


async def standing(db: Db, account_id: int, action: AccountAction) -> list[Standing]:
    """The latest first: what was so before an earlier one is had back at the end."""
    return await db.rows(
        Standing,
        """
        SELECT r.case_id, c.origin <> 'appeal' AND NOT EXISTS (
            SELECT FROM case_items i WHERE i.case_id = c.id AND i.author_id <> $1
                OR i.case_id = c.id AND coalesce(i.action, 'none') <> 'none') AS alone
        FROM restrictions r JOIN cases c ON c.id = r.case_id
        WHERE r.owner_id = $1 AND r.kind = 'account' AND r.item_id = $1 AND r.action = $2 ORDER BY r.case_id DESC
        """,
        account_id,
        action,
    )


async def end(tx: Tx, case_id: int, now: datetime) -> None:
    """What a case has decided of accounts holds no longer; what it has decided of posts does."""
    await tx.execute("UPDATE cases SET account_ended_at = $2 WHERE id = $1", case_id, now)


async def withdraw(tx: Tx, case_id: int, now: datetime) -> None:
    """An open case is decided: there is nothing to be looked at any more."""
    await tx.execute(
        "UPDATE case_items SET open = false, action = 'none', applied_at = NULL WHERE case_id = $1 AND open", case_id
    )
    await tx.execute(
        """
        UPDATE cases SET state = 'decided', decided_at = $2, action = 'none', account_action = 'none', meanwhile = NULL,
            round = round + 1, last_word = false, held_at = NULL, assigned_id = NULL, locked_id = NULL,
            locked_until = NULL, snoozed_until = NULL, updated_at = $2
        WHERE id = $1
        """,
        case_id,
        now,
    )
