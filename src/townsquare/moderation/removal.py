"""The end of a suspended account: its data goes when the staff says so, or when 30 days have passed and whoever it is
cannot appeal any more.
"""

from datetime import UTC, datetime
from typing import Final

import structlog

from townsquare.accounts import store
from townsquare.accounts.deletion import delete_account
from townsquare.auth.deletion import delete_user
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import Forbidden, NotFound, Refused
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit, store_accounts
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import PLACE, REVERSIBLE, Actor, check_above
from townsquare.moderation.reasons.term import over_before

BATCH: Final = 100

log = structlog.get_logger("moderation")


async def remove(tx: Tx, actor: Actor, account_id: AccountId, *, settings: Settings, now: datetime) -> None:
    """Delete an account that is suspended. Raises NotFound, Forbidden (it is not, or not of a lower rank, or somebody
    else is to look at it first, as a second reviewer or because of an appeal).
    """
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    check_above(actor, account)
    if account.suspended_at is None:
        raise Forbidden("Only an account that is suspended can be deleted")
    if await store_accounts.is_contested(tx, account_id):
        raise Forbidden("The suspension is looked at by somebody else: the account can be deleted when that is decided")
    if account.domain is None:
        await delete_user(tx, account_id, settings=settings, now=now, by_staff=True)
    else:
        await delete_account(tx, account_id, settings=settings, now=now, by_staff=True)
    before = {"suspended_at": account.suspended_at}
    name = f"@{account.acct}"
    await audit.record(
        tx, actor, Deed(action="account.delete", target=f"account:{account_id}", name=name, before=before)
    )


async def remove_suspended(db: Database, settings: Settings) -> None:
    """Delete those whose suspension has stood for as long as it can be taken back, or be appealed against.

    Who cannot be deleted (the only owner of the place) keeps nobody else.
    """
    now = datetime.now(UTC)
    for account_id in await store_accounts.suspended_before(db, now - REVERSIBLE, over_before(now), BATCH):
        try:
            async with db.transaction() as tx:
                await remove(tx, PLACE, AccountId(account_id), settings=settings, now=now)
        except Refused as refused:
            log.warning("a suspended account could not be deleted", account=account_id, why=refused.text)
