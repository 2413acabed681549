"""Who does what at the desk."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.accounts import store as accounts
from townsquare.accounts.roles import Permission
from townsquare.auth.model import Role
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import AccountId
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_desk
from townsquare.moderation.cases.roles import (
    LEGAL,
    MAY_CHANGE_POLICIES,
    NOT_BELOW,
    QUEUES,
    DeskRole,
    Reviewer,
    SiteRole,
    role_at_desk,
)
from townsquare.moderation.cases.store_desk import Member
from townsquare.moderation.cases.store_log import Reader
from townsquare.moderation.model import Actor, check_above

GIVEN: Final[tuple[DeskRole, ...]] = ("moderator", "senior", "policy", "legal", "admin")
COUNTED: Final = timedelta(days=30)


async def reviewer_of(db: Db, actor: Actor) -> Reviewer:
    """Somebody of the staff as they are at the desk. Raises Forbidden."""
    role = role_at_desk(actor.role or "user", await store_desk.role_of(db, actor.id))
    site_role = msgspec.convert(actor.role, type=SiteRole)
    return Reviewer(actor.id, actor.name, role, site_role)


async def reader_of(db: Db, actor: Actor) -> Reader:
    """Somebody who may read the audit log: of cases what they may see at the desk, and nothing if they have none."""
    if actor.role in (None, "user") or Permission.MANAGE_REPORTS not in actor.permissions:
        return Reader(account_id=actor.id)
    one = await reviewer_of(db, actor)
    return Reader(
        account_id=one.id,
        queues=QUEUES[one.role],
        above=NOT_BELOW[one.site_role],
        legal=one.role in LEGAL,
        policies=one.role in MAY_CHANGE_POLICIES,
    )


async def list_members(db: Db, now: datetime) -> list[Member]:
    return await store_desk.members(db, now - COUNTED)


async def set_role(tx: Tx, actor: Actor, account_id: AccountId, role: DeskRole) -> None:
    """Raises NotFound, Forbidden (nobody changes those of the same or a higher rank), or Invalid."""
    account = await accounts.by_id(tx, account_id)
    if account is None or msgspec.convert(account.role, Role | None) in (None, "user"):
        raise NotFound
    check_above(actor, account)
    if account.role != "moderator":
        raise Invalid("Validation failed: Admins and owners have all roles of the desk already")
    before = await store_desk.role_of(tx, account_id)
    await store_desk.set_role(tx, account_id, role)
    deed = Deed(
        action="desk.role",
        target=f"account:{account_id}",
        name=f"@{account.acct}",
        before={"desk_role": before},
        after={"desk_role": role},
    )
    await audit.record(tx, actor, deed)
