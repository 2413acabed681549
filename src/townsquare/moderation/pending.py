"""People at the door, and what they may do once they are in: let in, turned away, given a role."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from townsquare.accounts import store
from townsquare.accounts.model import Account
from townsquare.auth.model import Role, User
from townsquare.auth.users import approve_user, get_user, reject_user
from townsquare.auth.users import set_role as auth_set_role
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_above
from townsquare.moderation.roles import check_gives, role_by_key


async def approve(tx: Tx, actor: Actor, account_id: AccountId, now: datetime) -> None:
    """Let somebody in who waits. Raises NotFound, Forbidden (they do not wait)."""
    account, user = await _waiting(tx, account_id)
    await approve_user(tx, account_id, now)
    await audit.record(tx, actor, _deed("approve", account, user, {"approved_at": None}, {"approved_at": now}))


async def reject(tx: Tx, actor: Actor, account_id: AccountId) -> None:
    """Turn somebody away who waits, with all that they said. Raises NotFound, Forbidden (they do not wait)."""
    account, user = await _waiting(tx, account_id)
    await reject_user(tx, account_id)
    await audit.record(tx, actor, _deed("reject", account, user, {"approved_at": None}, {}))


async def set_role(tx: Tx, actor: Actor, account_id: AccountId, key: str, *, settings: Settings) -> None:
    """Give a role below one's own to somebody who stands below one. Raises NotFound, Forbidden."""
    account, user = await _known(tx, account_id)
    check_above(actor, account)
    had, role = await role_by_key(tx, user.own_role or user.role), await role_by_key(tx, key)
    check_gives(actor, role)
    rank = msgspec.convert(role.rank, Role)
    await auth_set_role(tx, account_id, rank, own=role.key if role.own else None, settings=settings)
    before, after = ({"role": one.name if one.own else one.key} for one in (had, role))
    await audit.record(tx, actor, _deed("role", account, user, before, after))


async def _waiting(tx: Tx, account_id: AccountId) -> tuple[Account, User]:
    account, user = await _known(tx, account_id)
    if user.approved_at is not None:
        raise Forbidden("This account does not wait for approval")
    return account, user


async def _known(tx: Tx, account_id: AccountId) -> tuple[Account, User]:
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    if account.domain is not None:
        raise Forbidden
    return account, await get_user(tx, account_id)


def _deed(action: str, account: Account, user: User, before: Mapping[str, object], after: Mapping[str, object]) -> Deed:
    return Deed(
        action=f"account.{action}",
        target=f"account:{account.id}",
        name=f"@{account.acct}",
        reason=user.sign_up_reason or "" if action == "reject" else "",
        before=before,
        after=after,
    )
