"""The end of a suspended account: a decision of its own, of which whoever it was is told why.

It ends when its suspension has stood for 30 days and nobody can appeal against it any more. Before that only where
whoever it is asks for it or a law demands it, and two people say so: what is erased no appeal gives back.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import structlog

from townsquare.accounts import store
from townsquare.accounts.deletion import delete_account
from townsquare.accounts.model import Account
from townsquare.auth.deletion import delete_user
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit, store_removal
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import PLACE, REVERSIBLE, Actor, check_above, check_text
from townsquare.moderation.reasons import for_good
from townsquare.moderation.reasons.term import is_open, over_before
from townsquare.moderation.store_removal import Because, Kept, Wish

BATCH: Final = 100
CONFIRMED_WITHIN: Final = timedelta(days=14)
"""For so long what somebody says of an end before its time waits for a second person."""

Told = Mapping[str, object]

log = structlog.get_logger("moderation")


class Early(msgspec.Struct, frozen=True):
    """Why an account is to end before its time, for the log."""

    because: Because
    reason: str


async def remove(
    tx: Tx, actor: Actor, account_id: AccountId, early: Early | None = None, *, settings: Settings, now: datetime
) -> bool:
    """Delete an account that is suspended. False where it waits for somebody else to say so too.

    Raises NotFound, Invalid, Conflict or Forbidden (it is not suspended, or not of a lower rank, or something may still
    give it back and nothing demands that it ends before that).
    """
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    check_above(actor, account)
    if account.suspended_at is None:
        raise Forbidden("Only an account that is suspended can be deleted")
    over = _is_over(account, await store_removal.kept(tx, account_id), now)
    if not over and early is None:
        raise Forbidden(
            "The suspension can still be taken back, or is looked at by somebody else: before that is over an account "
            "is deleted only because whoever it is asks for that or a law demands it, and two people say so"
        )
    if early is not None and not over and not await _is_confirmed(tx, actor, account, early, now):
        return False
    because = "time" if over or early is None else early.because
    after = {"because": because} if account.domain is None else {}
    if account.domain is None:
        told = await for_good.state(tx, account_id, because, by_rule=actor == PLACE, settings=settings, now=now)
        await delete_user(tx, account_id, settings=settings, now=now, by_staff=True, told=told)
    else:
        await delete_account(tx, account_id, settings=settings, now=now, by_staff=True)
    before = {"suspended_at": account.suspended_at}
    reason = "" if over or early is None else early.reason
    await audit.record(tx, actor, _deed("delete", account, reason, before, after))
    return True


async def wished(db: Db, account: AccountId, suspended_at: datetime, now: datetime) -> Wish | None:
    """That the account is to end before its time, where that waits for a second person."""
    return await store_removal.wish(db, account, max(suspended_at, now - CONFIRMED_WITHIN))


async def is_over(db: Db, account: Account, now: datetime) -> bool:
    """Whether nothing gives a suspended account back any more."""
    return _is_over(account, await store_removal.kept(db, account.id), now)


def _is_over(account: Account, kept: Kept, now: datetime) -> bool:
    """Those of other servers are told nothing, and lose nothing but a copy."""
    if account.suspended_at is None or kept.waits:
        return False
    if account.domain is not None:
        return True
    can_appeal = kept.told_at is not None and is_open(kept.told_at, now)
    return account.suspended_at <= now - REVERSIBLE and kept.until is None and not can_appeal


async def _is_confirmed(tx: Tx, actor: Actor, account: Account, early: Early, now: datetime) -> bool:
    """Whether somebody else has said the same. Else this is noted, for somebody else to say it too: in the place of
    what they themselves have said before.
    """
    said = check_text(early.reason)
    if not said:
        blank = {"error": "ERR_BLANK", "description": "can't be blank"}
        raise Invalid("Say why it is deleted now", details={"reason": [blank]})
    first = await wished(tx, account.id, account.suspended_at or now, now)
    if first is not None and first.asked_by == actor.id and (first.because, first.reason) == (early.because, said):
        raise Forbidden("You have said so already: somebody else has to say so too")
    if first is None or first.asked_by == actor.id:
        before = {} if first is None else {"because": first.because}
        await store_removal.ask(tx, account.id, Wish(early.because, said, actor.id, now))
        await audit.record(tx, actor, _deed("ask_delete", account, said, before, {"because": early.because}))
        return False
    if first.because != early.because:
        raise Conflict("Somebody else has given another reason for it: agree with them first")
    await store_removal.confirm(tx, account.id, actor.id, now)
    return True


def _deed(action: str, account: Account, reason: str, before: Told, after: Told) -> Deed:
    return Deed(
        action=f"account.{action}",
        target=f"account:{account.id}",
        name=f"@{account.acct}",
        reason=reason,
        before=before,
        after=after,
    )


async def remove_suspended(db: Database, settings: Settings) -> None:
    """Delete those whose suspension has stood for as long as it can be taken back, or be appealed against.

    Who cannot be deleted (the only owner of the place) keeps nobody else.
    """
    now = datetime.now(UTC)
    for account_id in await store_removal.suspended_before(db, now - REVERSIBLE, over_before(now), BATCH):
        try:
            async with db.transaction() as tx:
                await remove(tx, PLACE, account_id, settings=settings, now=now)
        except Refused as refused:
            log.warning("a suspended account could not be deleted", account=account_id, why=refused.text)
