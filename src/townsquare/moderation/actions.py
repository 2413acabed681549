"""What is done about an account and taken back, each with its entry in the audit log. Why it is done, a case says."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts import store
from townsquare.accounts.model import Account
from townsquare.accounts.profile import render_again
from townsquare.auth import store as auth_store
from townsquare.auth import store_oauth, store_sessions
from townsquare.auth.callers import forget
from townsquare.auth.model import User
from townsquare.auth.users import disable_user, enable_user, set_frozen
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit, store_accounts, store_blocks
from townsquare.moderation.audit import Deed
from townsquare.moderation.events import FilesWithheld, SensitivityChanged, StandingChanged
from townsquare.moderation.model import Actor, check_above, check_action, check_text
from townsquare.policies.blocks import canonical_hash


class Case(msgspec.Struct, frozen=True):
    """What an action needs to know."""

    tx: Tx
    account: Account
    user: User | None
    settings: Settings
    now: datetime


Lasting = Literal["sensitive", "disable", "silence", "freeze", "suspend"]
"""What stands until it is taken back."""
UNDONE_BY: Final[Mapping[str, Lasting]] = {
    "enable": "disable",
    "unsilence": "silence",
    "unfreeze": "freeze",
    "unsuspend": "suspend",
    "unsensitive": "sensitive",
}
"""The words for taking it back."""
Change = tuple[Mapping[str, object], Mapping[str, object]]
"""Before and after."""


async def perform(
    tx: Tx, actor: Actor, account_id: AccountId, action: Lasting, *, settings: Settings, now: datetime
) -> bool:
    """Do it and no more, for a case, which has its own strike and its own words. False where it was so before.

    Raises NotFound, Forbidden or Invalid.
    """
    case = await _case(tx, actor, account_id, settings, now)
    check_action(action, case.account)
    before, after = await _ACTIONS[action](case)
    if None not in before.values():
        return False
    await audit.record(tx, actor, deed(action, case.account, "", before, after))
    return True


async def undo(
    tx: Tx, actor: Actor, account_id: AccountId, action: Lasting, *, settings: Settings, now: datetime, reason: str = ""
) -> None:
    """Take back what stands of an action; nothing where nothing does. Raises NotFound, Forbidden."""
    case = await _case(tx, actor, account_id, settings, now)
    name, take_back = _UNDO[action]
    change = await take_back(case)
    if change is not None:
        await audit.record(tx, actor, deed(name, case.account, check_text(reason), *change))


async def account_below(tx: Tx, actor: Actor, account_id: AccountId) -> Account:
    """For this transaction alone to change. Raises NotFound, or Forbidden: it is not of a lower rank."""
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    check_above(actor, account)
    return account


async def _case(tx: Tx, actor: Actor, account_id: AccountId, settings: Settings, now: datetime) -> Case:
    account = await account_below(tx, actor, account_id)
    user = await auth_store.by_id(tx, account_id) if account.domain is None else None
    return Case(tx, account, user, settings, now)


def deed(
    action: str,
    account: Account,
    reason: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Deed:
    """What the audit log says of something that was done about an account."""
    return Deed(
        action=f"account.{action}",
        target=f"account:{account.id}",
        name=f"@{account.acct}",
        reason=reason,
        before=before or {},
        after=after or {},
    )


async def _sensitive(case: Case) -> Change:
    before = case.account.sensitized_at
    if before is None:
        await store_accounts.set_sensitized(case.tx, case.account.id, case.now)
        await emit(case.tx, SensitivityChanged(case.account.id))
    return {"sensitized_at": before}, {"sensitized_at": before or case.now}


async def _disable(case: Case) -> Change:
    before = None if case.user is None else case.user.disabled_at
    if before is None:
        await disable_user(case.tx, case.account.id, case.now)
    return {"disabled_at": before}, {"disabled_at": before or case.now}


async def _silence(case: Case) -> Change:
    before = case.account.limited_at
    if before is None:
        await store_accounts.set_limited(case.tx, case.account.id, case.now)
        await render_again(case.tx, [case.account.id], case.settings.public_url)
        await emit(case.tx, StandingChanged(case.account.id))
    return {"limited_at": before}, {"limited_at": before or case.now}


async def _freeze(case: Case) -> Change:
    before = None if case.user is None else case.user.frozen_at
    if before is None:
        await set_frozen(case.tx, case.account.id, case.now)
    return {"frozen_at": before}, {"frozen_at": before or case.now}


async def _suspend(case: Case) -> Change:
    """Gone from every page and answer at once; signed out everywhere, and the address cannot be used to come back."""
    before, account_id = case.account.suspended_at, case.account.id
    if before is None:
        await store_accounts.set_suspended(case.tx, account_id, case.now)
        await render_again(case.tx, [account_id], case.settings.public_url)
        await emit(case.tx, FilesWithheld(account_id))
        if case.user is not None:
            await store_oauth.end_tokens(case.tx, account_id)
            await store_oauth.delete_unused_codes(case.tx, account_id)
            await store_sessions.end_others(case.tx, account_id, 0, case.now)
            hashed = canonical_hash(case.user.email)
            await store_blocks.block_canonical_of(case.tx, new_id(case.now), hashed, account_id, case.now)
            await forget(case.tx, account_id)
    return {"suspended_at": before}, {"suspended_at": before or case.now}


_ACTIONS: Mapping[Lasting, Callable[[Case], Awaitable[Change]]] = {
    "sensitive": _sensitive,
    "disable": _disable,
    "silence": _silence,
    "freeze": _freeze,
    "suspend": _suspend,
}


async def _unsensitive(case: Case) -> Change | None:
    before = case.account.sensitized_at
    if before is None:
        return None
    await store_accounts.set_sensitized(case.tx, case.account.id, None)
    await emit(case.tx, SensitivityChanged(case.account.id))
    return {"sensitized_at": before}, {"sensitized_at": None}


async def _enable(case: Case) -> Change | None:
    if case.user is None:
        raise Forbidden
    if case.user.disabled_at is None:
        return None
    await enable_user(case.tx, case.account.id)
    return {"disabled_at": case.user.disabled_at}, {"disabled_at": None}


async def _unsilence(case: Case) -> Change | None:
    before = case.account.limited_at
    if before is None:
        return None
    await store_accounts.set_limited(case.tx, case.account.id, None)
    await render_again(case.tx, [case.account.id], case.settings.public_url)
    await emit(case.tx, StandingChanged(case.account.id))
    return {"limited_at": before}, {"limited_at": None}


async def _unfreeze(case: Case) -> Change | None:
    before = None if case.user is None else case.user.frozen_at
    if before is None:
        return None
    await set_frozen(case.tx, case.account.id, None)
    return {"frozen_at": before}, {"frozen_at": None}


async def _unsuspend(case: Case) -> Change | None:
    """Everything is there again as it was. Apps and browsers have to sign in anew."""
    before, account_id = case.account.suspended_at, case.account.id
    if before is None:
        return None
    await store_accounts.set_suspended(case.tx, account_id, None)
    await render_again(case.tx, [account_id], case.settings.public_url)
    await store_blocks.unblock_canonical_of(case.tx, account_id)
    await emit(case.tx, FilesWithheld(account_id))
    await forget(case.tx, account_id)
    return {"suspended_at": before}, {"suspended_at": None}


_UNDO: Mapping[Lasting, tuple[str, Callable[[Case], Awaitable[Change | None]]]] = {
    "sensitive": ("unsensitive", _unsensitive),
    "disable": ("enable", _enable),
    "silence": ("unsilence", _unsilence),
    "freeze": ("unfreeze", _unfreeze),
    "suspend": ("unsuspend", _unsuspend),
}
