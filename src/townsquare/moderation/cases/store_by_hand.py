"""The SQL of what is decided about somebody by hand: which case it is of, and what holds of the account meanwhile."""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.moderation.cases import store_decide
from townsquare.moderation.cases.model import AccountAction, Case
from townsquare.moderation.cases.store_queue import CASE


async def waiting(tx: Tx, account_id: int, action: AccountAction) -> list[Case]:
    """The open cases about an account alone, for this transaction to change: of which nobody has said anything yet, or
    by which the same holds already, which come first. None in which something else is contested.
    """
    found = await tx.rows(
        Case,
        "SELECT "
        + CASE
        + """
        FROM cases c
        WHERE c.state = 'open' AND c.purpose = 'work' AND c.origin <> 'appeal' AND c.items_count = 1
            AND c.id IN (SELECT case_id FROM case_items
                WHERE kind = 'account' AND owner_id = $1 AND item_id = $1 AND open)
            AND CASE WHEN c.meanwhile IS NULL THEN c.stage = 1 ELSE c.meanwhile = $2 AND EXISTS (
                SELECT FROM restrictions r WHERE r.case_id = c.id AND r.kind = 'account' AND r.owner_id = $1) END
        ORDER BY c.id FOR UPDATE OF c
        """,
        account_id,
        action,
    )
    return sorted(found, key=lambda one: one.meanwhile is None)


async def has_said(tx: Tx, account_id: int, actor_id: int, action: AccountAction, said: str, since: datetime) -> bool:
    """Whether somebody did the very same to an account, in the same words, since then, and it stands."""
    return await tx.value(
        """
        SELECT EXISTS (
            SELECT FROM case_decisions d JOIN cases c ON c.id = d.case_id AND c.round = d.round
            JOIN case_items i ON i.case_id = c.id AND i.kind = 'account' AND i.owner_id = $1 AND i.item_id = $1
            WHERE d.by_hand AND d.reviewer_id = $2 AND d.account_action = $3
                AND d.said = $4 AND d.made_at > $5 AND coalesce(c.meanwhile, c.account_action) = $3
                AND NOT EXISTS (SELECT FROM account_ends e
                    WHERE e.case_id = c.id AND e.round = c.round AND e.account_id = $1 AND e.ended_at >= d.made_at))
        """,
        account_id,
        actor_id,
        action,
        said,
        since,
    )


async def open_case(tx: Tx, case_id: int, account_id: int, policy: str, sealed: bytes | None, now: datetime) -> None:
    """A case about an account by hand: it is no report's, and nothing joins it."""
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
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, sealed, reach, joined_at, apart)
        SELECT id, 'account', $2, $2, $2, $4, reach, $5, true FROM opened
        """,
        case_id,
        account_id,
        policy,
        sealed,
        now,
    )


async def hold(tx: Tx, case_id: int, account_id: int, action: AccountAction, now: datetime) -> None:
    """Have this hold of the account until the case is decided."""
    await tx.execute(
        """
        UPDATE cases SET meanwhile = $3, meanwhile_of = $2, held_at = coalesce(held_at, $4) WHERE id = $1
        """,
        case_id,
        account_id,
        action,
        now,
    )


async def standing(tx: Tx, account_id: int, action: AccountAction) -> list[Case]:
    """The cases of which something holds of an account, for this transaction to change.

    The latest first: what was so before an earlier one is had back at the end.
    """
    found = await tx.rows(
        Case,
        "SELECT "
        + CASE
        + """
        FROM cases c
        WHERE c.id IN (SELECT case_id FROM restrictions
            WHERE owner_id = $1 AND kind = 'account' AND item_id = $1 AND action = $2)
        ORDER BY c.id FOR UPDATE OF c
        """,
        account_id,
        action,
    )
    return found[::-1]


async def is_alone(tx: Tx, case_id: int, account_id: int) -> bool:
    """Whether a case is about nobody else, and restricts nothing but an account."""
    return not await tx.value(
        """
        SELECT EXISTS (SELECT FROM case_items
            WHERE case_id = $1 AND (author_id <> $2 OR coalesce(action, 'none') <> 'none'))
        """,
        case_id,
        account_id,
    )


async def withdraw(tx: Tx, case_id: int, now: datetime) -> None:
    """An open case is decided: there is nothing to be looked at any more."""
    await store_decide.settle_items(tx, case_id, "none")
    await tx.execute(
        f"""
        UPDATE cases SET {store_decide.OVER}, decided_at = $2, action = 'none', account_action = 'none',
            round = round + 1, updated_at = $2
        WHERE id = $1
        """,
        case_id,
        now,
    )
