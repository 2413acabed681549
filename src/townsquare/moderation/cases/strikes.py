"""Strikes of cases: one for each whose things a case found against the rules, while it stands and is not too old.

Nothing is removed because somebody has many: at the number that the place has chosen their posts are held, and each is
looked at.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from townsquare.accounts.store import lock
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation import store_accounts
from townsquare.moderation.cases import store_apply
from townsquare.moderation.cases.events import StrikesReached
from townsquare.moderation.cases.model import AccountAction, Action
from townsquare.moderation.cases.store_apply import Standing
from townsquare.moderation.events import Warned
from townsquare.moderation.store_accounts import Strike

OF_ACCOUNTS: Final[Mapping[AccountAction, str]] = {
    "sensitive": "sensitive",
    "limit": "silence",
    "freeze": "freeze",
    "disable": "disable",
    "suspend": "suspend",
}
OF_POSTS: Final[Mapping[Action, str]] = {
    "label": "none",
    "warning": "mark_statuses_as_sensitive",
    "sensitive": "mark_statuses_as_sensitive",
    "limit": "none",
    "hold": "delete_statuses",
    "remove": "delete_statuses",
}
"""In the words of an AccountWarning; what is done about the account goes first. Of a warning alone that is `none`."""


async def settle(tx: Tx, case: Standing, *, settings: Settings, now: datetime) -> None:
    """Have a strike stand for each author whom the case found wrong, and none of what was taken back."""
    violates = case.state == "decided" and (case.action, case.account_action) != ("none", "none")
    authors = await store_apply.authors(tx, case.id) if violates else {}
    await store_accounts.undo_strikes(tx, case.id, case.round if violates else None, authors, now)
    if not violates or case.action is None:
        return
    action = OF_ACCOUNTS.get(case.account_action or "none") or OF_POSTS.get(case.action, "none")
    days = timedelta(days=settings.moderation.strike_days)
    for account_id, posts in authors.items():
        strike = Strike(
            account_id=account_id,
            id=new_id(now),
            actor_id=case.reviewer_id,
            action=action,
            text=case.said,
            report_id=None,
            status_ids=posts or None,
            created_at=now,
            case_id=case.id,
            round=case.round,
            expires_at=now + days,
        )
        if await store_accounts.insert_strike(tx, strike):
            await emit(tx, Warned(account_id, strike.id))
            await _reached(tx, account_id, strike.id, case, settings.moderation.strikes, now)


async def _reached(tx: Tx, account_id: int, strike_id: int, case: Standing, most: int, now: datetime) -> None:
    """At each so many strikes what somebody wrote is held, and looked at (see `signals/strikes.py`).

    They are counted one transaction after the other: two at once would each miss what the other gives.
    """
    if not most or case.account_action == "suspend":
        return
    await lock(tx, AccountId(account_id))
    if await store_accounts.strikes_standing(tx, account_id, now) % most == 0:
        await emit(tx, StrikesReached(account_id, strike_id, case.id, case.policy))
