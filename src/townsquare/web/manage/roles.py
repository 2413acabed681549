"""Who may do what: the roles with all that each allows, and who has them."""

from collections.abc import Mapping
from typing import Any, Final

from townsquare.accounts.roles import ROLES, Permission, permissions_of
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST
from townsquare.moderation import people
from townsquare.moderation.store_people import Wanted
from townsquare.web.door.entities import person_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.people import Row
from townsquare.web.manage.shell import P, show, staff

MOST: Final = 100
NAMES: Final[Mapping[str, str]] = {
    "user": N_("Everybody"),
    "moderator": N_("Moderators"),
    "admin": N_("Admins"),
    "owner": N_("Owners"),
}
WORDS: Final[Mapping[Permission, str]] = {
    P.INVITE_USERS: N_("Invite people"),
    P.VIEW_DASHBOARD: N_("See how it goes"),
    P.VIEW_AUDIT_LOG: N_("Read the audit log"),
    P.MANAGE_REPORTS: N_("Decide on reports"),
    P.MANAGE_APPEALS: N_("Decide on appeals"),
    P.MANAGE_USERS: N_("Let people in, limit and suspend them"),
    P.MANAGE_USER_ACCESS: N_("Send links for new passwords, sign people out"),
    P.DELETE_USER_DATA: N_("Delete suspended accounts for good"),
    P.MANAGE_TAXONOMIES: N_("Decide what trends"),
    P.MANAGE_FEDERATION: N_("Block other servers"),
    P.MANAGE_BLOCKS: N_("Block mail providers, addresses and networks"),
    P.MANAGE_INVITES: N_("See and end all invitations"),
    P.MANAGE_RULES: N_("Write the rules"),
    P.MANAGE_ANNOUNCEMENTS: N_("Announce things"),
    P.MANAGE_CUSTOM_EMOJIS: N_("Add emojis"),
    P.MANAGE_SETTINGS: N_("Change the place: name, look, who gets in"),
    P.MANAGE_ROLES: N_("Give roles below their own"),
    P.VIEW_FEEDS: N_("Read timelines that are closed to others"),
    P.MANAGE_WEBHOOKS: N_("Have other services told"),
    P.VIEW_DEVOPS: N_("See the health of the service and its jobs"),
    P.ADMINISTRATOR: N_("Everything"),
}


async def show_roles(visitor: Visitor, given: Any) -> Answer:
    wanted = Wanted(cursor=Cursor(MOST, LARGEST), origin="local", roles=tuple(name for name in ROLES if name != "user"))
    rows = [Row(one, person_of(one.entity)) for one in await people.find(visitor.db, wanted)]
    return await show(
        visitor,
        "roles",
        names=NAMES,
        words=WORDS,
        allowed={name: permissions_of(name) for name in ROLES},
        rows={name: [row for row in rows if row.person.role == name] for name in ROLES},
    )


PAGES: Final = (staff("GET", "/roles", show_roles, P.MANAGE_ROLES),)
