"""Who may do what: the roles with all that each allows, who has them, and how each is changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.roles import NEVER_GIVEN, Held, Permission
from townsquare.auth.model import Role
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST
from townsquare.moderation import people, roles, store_roles
from townsquare.moderation.roles import Wish, may_change
from townsquare.moderation.store_people import Wanted
from townsquare.web.door.entities import person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_
from townsquare.web.manage.people import Row
from townsquare.web.manage.shell import P, actor, show, staff

MOST: Final = 100
WORDS: Final[Mapping[str, Mapping[Permission, str]]] = {
    N_("About people"): {
        P.INVITE_USERS: N_("Invite people"),
        P.MANAGE_USERS: N_("Let people in, limit and suspend them"),
        P.MANAGE_USER_ACCESS: N_("Send links for new passwords, sign people out"),
        P.DELETE_USER_DATA: N_("Delete suspended accounts for good"),
        P.MANAGE_INVITES: N_("See and end all invitations"),
        P.MANAGE_ROLES: N_("Give roles below their own"),
    },
    N_("Order"): {
        P.MANAGE_REPORTS: N_("Decide on reports"),
        P.MANAGE_APPEALS: N_("Decide on appeals"),
        P.MANAGE_FEDERATION: N_("Block other servers"),
        P.MANAGE_BLOCKS: N_("Block mail providers, addresses and networks"),
        P.VIEW_AUDIT_LOG: N_("Read the audit log"),
    },
    N_("What is shown"): {
        P.MANAGE_TAXONOMIES: N_("Decide what trends"),
        P.MANAGE_ANNOUNCEMENTS: N_("Announce things"),
        P.MANAGE_CUSTOM_EMOJIS: N_("Add emojis"),
        P.VIEW_FEEDS: N_("Read timelines that are closed to others"),
    },
    N_("The place"): {
        P.VIEW_DASHBOARD: N_("See how it goes"),
        P.MANAGE_SETTINGS: N_("Change the place: name, look, who gets in"),
        P.MANAGE_RULES: N_("Write the rules"),
        P.MANAGE_WEBHOOKS: N_("Have other services told"),
        P.VIEW_DEVOPS: N_("See the health of the service and its jobs"),
        P.ADMINISTRATOR: N_("Everything"),
    },
}


class Given(msgspec.Struct, frozen=True):
    """The form of one role."""

    name: str = ""
    rank: str = "user"
    own_color: bool = False
    color: str = ""
    highlighted: bool = False
    permissions: list[str] = []


async def show_roles(visitor: Visitor, given: Any) -> Answer:
    there = await roles.list_roles(visitor.db)
    keys = tuple(one.key for one in there if one.key != "user")
    wanted = Wanted(cursor=Cursor(MOST, LARGEST), origin="local", roles=keys)
    rows = [Row(one, person_of(one.entity)) for one in await people.find(visitor.db, wanted)]
    by = actor(visitor)
    return await show(
        visitor,
        "roles",
        roles=there,
        words=WORDS,
        mine={one.key for one in there if may_change(by, one)},
        counts=await store_roles.counts(visitor.db),
        rows={key: [row for row in rows if _key(row) == key] for key in keys},
    )


def _key(row: Row) -> str:
    person = row.person
    return person.held.key if person.held is not None else person.role or "user"


async def show_new(visitor: Visitor, given: Any) -> Answer:
    return await _form(visitor, None, Given(permissions=[P.INVITE_USERS.name or ""]))


async def show_role(visitor: Visitor, given: Any) -> Answer:
    role = await roles.role_by_key(visitor.db, visitor.values["key"])
    if not may_change(actor(visitor), role):
        raise Forbidden
    names = [one.name for one in Permission if one.name and one in role.may]
    return await _form(
        visitor,
        role,
        Given(role.name, role.rank, bool(role.color), role.color, highlighted=role.highlighted, permissions=names),
    )


async def _form(
    visitor: Visitor, role: Held | None, given: Given, wrong: Wrong | None = None, status: int = 200
) -> Answer:
    by = actor(visitor)
    return await show(
        visitor,
        "role",
        status=status,
        role=role,
        given=given,
        wrong=wrong,
        words={
            heading: {one: word for one, word in words.items() if not one & NEVER_GIVEN}
            for heading, words in WORDS.items()
        },
        held=by.permissions,
        ranks=[one for one in ("user", "moderator", "admin") if _below(visitor, one)],
        count=(await store_roles.counts(visitor.db)).get(role.key, 0) if role is not None else 0,
    )


def _below(visitor: Visitor, rank: Role) -> bool:
    return may_change(actor(visitor), Held("", rank, "", "", 0, highlighted=False))


def _wish(given: Given) -> Wish:
    wanted = Permission(0)
    for one in Permission:
        if one.name in given.permissions:
            wanted |= one
    return Wish(
        name=given.name,
        rank=given.rank,
        color=given.color if given.own_color else "",
        highlighted=given.highlighted,
        permissions=wanted,
    )


async def create(visitor: Visitor, given: Given) -> Answer:
    try:
        async with visitor.db.transaction() as tx:
            await roles.create_role(tx, actor(visitor), _wish(given), datetime.now(UTC))
    except Invalid as refused:
        return await _form(visitor, None, given, wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/roles", said="saved")


async def change(visitor: Visitor, given: Given) -> Answer:
    key = visitor.values["key"]
    try:
        async with visitor.db.transaction() as tx:
            await roles.change_role(tx, actor(visitor), key, _wish(given), settings=visitor.settings)
    except Invalid as refused:
        role = await roles.role_by_key(visitor.db, key)
        return await _form(visitor, role, given, wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/roles", said="saved")


async def end(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await roles.end_role(tx, actor(visitor), visitor.values["key"], settings=visitor.settings)
    return redirect(visitor, "/manage/roles", said="saved")


PAGES: Final = (
    staff("GET", "/roles", show_roles, P.MANAGE_ROLES),
    staff("POST", "/roles", create, P.MANAGE_ROLES, Given),
    staff("GET", "/roles/new", show_new, P.MANAGE_ROLES),
    staff("GET", "/roles/:key", show_role, P.MANAGE_ROLES),
    staff("POST", "/roles/:key", change, P.MANAGE_ROLES, Given),
    staff("POST", "/roles/:key/end", end, P.MANAGE_ROLES),
)
