"""What the staff do about how somebody signs in: a link for a new password, all signed out, an address confirmed.

They never see or set a password: whoever has the address gets a link.
"""

from collections.abc import Mapping
from datetime import datetime

from townsquare.accounts import store
from townsquare.accounts.model import Account
from townsquare.auth import store_oauth
from townsquare.auth.model import User
from townsquare.auth.sessions import end_other_sessions
from townsquare.auth.users import confirm_user, get_user, send
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import AccountId
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_above


async def send_reset(tx: Tx, actor: Actor, account_id: AccountId) -> None:
    """Have a link sent to them with which they set a new password. Raises NotFound, Forbidden."""
    account, user = await _below(tx, actor, account_id)
    await send(tx, "reset", user)
    await _record(tx, actor, account, "reset_password")


async def sign_out(tx: Tx, actor: Actor, account_id: AccountId, now: datetime) -> None:
    """End all their sessions and the tokens of all apps. Raises NotFound, Forbidden."""
    account, user = await _below(tx, actor, account_id)
    ended = await end_other_sessions(tx, user.account_id, 0, now)
    await store_oauth.end_tokens(tx, user.account_id)
    await _record(tx, actor, account, "sign_out", {"sessions": ended})


async def confirm(tx: Tx, actor: Actor, account_id: AccountId, now: datetime) -> None:
    """Say that the address is theirs. Raises NotFound, Forbidden."""
    account, user = await _below(tx, actor, account_id)
    if user.confirmed_at is None:
        await confirm_user(tx, user, now)
        await _record(tx, actor, account, "confirm", {"confirmed_at": now})


async def _below(tx: Tx, actor: Actor, account_id: AccountId) -> tuple[Account, User]:
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    if account.domain is not None:
        raise Forbidden
    check_above(actor, account)
    return account, await get_user(tx, account_id)


async def _record(
    tx: Tx, actor: Actor, account: Account, action: str, after: Mapping[str, object] | None = None
) -> None:
    target, name = f"account:{account.id}", f"@{account.acct}"
    await audit.record(tx, actor, Deed(action=f"account.{action}", target=target, name=name, after=after or {}))
