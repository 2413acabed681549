"""What each role may do, and roles of the place's own: changed by those who stand above them, never beyond what they
may do themselves.

Every role stands at one of four ranks, which say who may decide about whom; what else somebody may do, and what their
profile says, is the role's. Owners' is never changed, so that a place is never without somebody who may do everything.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.accounts import badges, store
from townsquare.accounts.badges import BadgeName
from townsquare.accounts.model import invalid
from townsquare.accounts.profile import render_again
from townsquare.accounts.roles import EVERYBODY, NEVER_GIVEN, ROLES, Held, Permission, as_comes
from townsquare.auth.callers import forget_everybody
from townsquare.auth.model import Role, outranks
from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation import store_roles as rows
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_above

LONGEST_NAME: Final = 30
MOST: Final = 30
"""Of one's own."""
NEEDED_FOR: Final[Mapping[BadgeName, Permission]] = {
    "verified": Permission.MANAGE_USERS,
    "public_figure": Permission.MANAGE_USERS,
    "parody": Permission.MANAGE_USERS,
    "staff": Permission.MANAGE_ROLES,
}
"""Who may say this of somebody."""
_COLOR: Final = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_CHANGING: Final = ("name", "rank", "color", "highlighted")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How a role is to be. Of one that comes with Townsquare the rank stays."""

    name: str = ""
    rank: str = "user"
    color: str = ""
    highlighted: bool = False
    permissions: Permission = Permission(0)


async def list_roles(db: Db) -> list[Held]:
    """All that there are, the lowest rank first."""
    chosen = {role.key: role for role in await rows.chosen(db)}
    comes = [chosen.pop(rank, as_comes(rank)) for rank in ROLES]
    ranks = list(ROLES)
    return sorted([*comes, *chosen.values()], key=lambda role: ranks.index(role.rank))


async def staff_keys(db: Db) -> tuple[str, ...]:
    """Of the roles of those who look after the place, whoever they are."""
    return tuple(role.key for role in await list_roles(db) if role.rank != "user")


async def role_by_key(db: Db, key: str) -> Held:
    """Raises NotFound."""
    found = next((role for role in await list_roles(db) if role.key == key), None)
    if found is None:
        raise NotFound("There is no such role")
    return found


def may_change(actor: Actor, role: Held) -> bool:
    """Whether somebody stands above a role; nobody stands above owners."""
    rank = msgspec.convert(role.rank, Role)
    return rank != "owner" and (actor.role is None or outranks(actor.role, rank))


def check_gives(actor: Actor, role: Held) -> None:
    """Raise Forbidden for a role of one's own rank or above, or one that may more than whoever gives it."""
    if actor.role is None:
        return
    if not outranks(actor.role, msgspec.convert(role.rank, Role)) or role.may & ~actor.permissions:
        raise Forbidden


async def create_role(tx: Tx, actor: Actor, wish: Wish, now: datetime) -> Held:
    """A role of the place's own. Raises Invalid, Forbidden."""
    await rows.lock(tx)
    there = await list_roles(tx)
    if sum(role.own for role in there) >= MOST:
        raise invalid("name", ("ERR_LIMIT", Words("is one too many: at most %(num)s roles", num=MOST)))
    role = _checked(actor, Held(str(new_id(now)), wish.rank, "", "", 0, highlighted=False), wish, there)
    await rows.put(tx, role)
    await audit.record(
        tx, actor, Deed(action="role.create", target=f"role:{role.key}", name=role.name, after=_told(role))
    )
    return role


async def change_role(tx: Tx, actor: Actor, key: str, wish: Wish, *, settings: Settings) -> None:
    """Raises NotFound, Invalid, Forbidden."""
    await rows.lock(tx)
    there = await list_roles(tx)
    before = await _below(tx, actor, key)
    after = _checked(actor, before, wish, there)
    if after == before:
        return
    await rows.put(tx, after)
    if before.rank != after.rank:
        await rows.rank(tx, key, msgspec.convert(after.rank, Role))
    if any(getattr(before, name) != getattr(after, name) for name in _CHANGING):
        await _show_anew(tx, await rows.holders(tx, key) if _seen(before, after) else [], settings)
    await forget_everybody(tx)
    was, told = _told(before), _told(after)
    changed = [name for name in told if was[name] != told[name]]
    deed = Deed(
        action="role.change",
        target=f"role:{key}",
        name=after.name,
        before={name: was[name] for name in changed},
        after={name: told[name] for name in changed},
    )
    await audit.record(tx, actor, deed)


async def end_role(tx: Tx, actor: Actor, key: str, *, settings: Settings) -> None:
    """Have a role of one's own no more: who had it has none; one that comes with Townsquare is as it came.

    Raises NotFound, Forbidden.
    """
    await rows.lock(tx)
    role = await _below(tx, actor, key)
    back = None if role.own else as_comes(role.rank)
    if back is not None and back.may & ~role.may & ~actor.permissions:
        raise Forbidden
    had = await rows.holders(tx, key) if role.highlighted or (back is not None and back.highlighted) else []
    if role.own:
        await rows.strip(tx, key)
    await rows.delete(tx, key)
    await _show_anew(tx, had, settings)
    await forget_everybody(tx)
    after = {} if back is None else _told(back)
    action = "role.delete" if role.own else "role.reset"
    await audit.record(
        tx, actor, Deed(action=action, target=f"role:{key}", name=role.name, before=_told(role), after=after)
    )


async def set_badges(
    tx: Tx, actor: Actor, account_id: AccountId, wanted: Sequence[BadgeName], *, settings: Settings
) -> None:
    """Have exactly these of the badges that the actor may give on somebody's profile. Raises NotFound, Forbidden.

    Owners say it of themselves too; of others only who stands above them.
    """
    account = await store.lock(tx, account_id)
    if account is None:
        raise NotFound
    if account.domain is not None:
        raise Forbidden
    if actor.id != account_id or Permission.ADMINISTRATOR not in actor.permissions:
        check_above(actor, account)
    for badge, needed in NEEDED_FOR.items():
        has, wants = badge in account.badges, badge in wanted
        if has == wants or needed not in actor.permissions:
            continue
        await (badges.grant_badge if wants else badges.withdraw_badge)(tx, account_id, badge, settings=settings)
        action = "account.grant_badge" if wants else "account.withdraw_badge"
        told = {"badge": badge}
        deed = Deed(action=action, target=f"account:{account_id}", name=f"@{account.acct}")
        await audit.record(tx, actor, msgspec.structs.replace(deed, **{"after" if wants else "before": told}))


async def _below(tx: Tx, actor: Actor, key: str) -> Held:
    role = await role_by_key(tx, key)
    if not may_change(actor, role):
        raise Forbidden
    return role


def _checked(actor: Actor, role: Held, wish: Wish, there: Sequence[Held]) -> Held:
    """The role as it is to be. What the actor may not do stays as it is in it. Raises Invalid, Forbidden."""
    name, color = " ".join(wish.name.split()), wish.color.strip().lower()
    everybody = role.key == "user"
    rank = wish.rank if role.own else role.rank
    if rank not in ROLES or not may_change(actor, msgspec.structs.replace(role, rank=rank)):
        raise Forbidden
    if not name and not everybody:
        raise invalid("name", ("ERR_BLANK", Words("can't be blank")))
    if len(name) > LONGEST_NAME:
        words = Words("is too long (maximum is %(num)s characters)", num=LONGEST_NAME)
        raise invalid("name", ("ERR_TOO_LONG", words))
    if name and any(one.key != role.key and one.name.casefold() == name.casefold() for one in there):
        raise invalid("name", ("ERR_TAKEN", Words("has already been taken")))
    if color and not _COLOR.fullmatch(color):
        raise invalid("color", ("ERR_INVALID", Words("must be a colour such as #0b6b58")))
    given = (wish.permissions & actor.permissions) | (role.may & ~actor.permissions)
    most = EVERYBODY if everybody else ~NEVER_GIVEN
    return Held(
        role.key,
        rank,
        "" if everybody else name,
        "" if everybody else color,
        int(given & most),
        highlighted=wish.highlighted and not everybody,
    )


def _seen(before: Held, after: Held) -> bool:
    """Whether profiles show, or showed, anything of it."""
    return before.highlighted or after.highlighted


async def _show_anew(tx: Tx, holders: Sequence[AccountId], settings: Settings) -> None:
    if holders:
        await render_again(tx, holders, settings.public_url)


def _told(role: Held) -> dict[str, object]:
    """For the log."""
    may = [one.name for one in Permission if one.name and one in role.may]
    return {
        "name": role.name,
        "rank": role.rank,
        "color": role.color,
        "highlighted": role.highlighted,
        "permissions": may,
    }
