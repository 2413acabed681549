"""Roles as clients see them: a badge on the profile, and the permissions of Mastodon's bit mask.

https://docs.joinmastodon.org/entities/Role/#permission-flags
"""

from collections.abc import Sequence
from enum import IntFlag
from typing import Final

import msgspec

from townsquare.kernel.errors import Forbidden


class Permission(IntFlag):
    ADMINISTRATOR = 1 << 0
    VIEW_DEVOPS = 1 << 1
    VIEW_AUDIT_LOG = 1 << 2
    VIEW_DASHBOARD = 1 << 3
    MANAGE_REPORTS = 1 << 4
    MANAGE_FEDERATION = 1 << 5
    MANAGE_SETTINGS = 1 << 6
    MANAGE_BLOCKS = 1 << 7
    MANAGE_TAXONOMIES = 1 << 8
    MANAGE_APPEALS = 1 << 9
    MANAGE_USERS = 1 << 10
    MANAGE_INVITES = 1 << 11
    MANAGE_RULES = 1 << 12
    MANAGE_ANNOUNCEMENTS = 1 << 13
    MANAGE_CUSTOM_EMOJIS = 1 << 14
    MANAGE_WEBHOOKS = 1 << 15
    INVITE_USERS = 1 << 16
    MANAGE_ROLES = 1 << 17
    MANAGE_USER_ACCESS = 1 << 18
    DELETE_USER_DATA = 1 << 19
    VIEW_FEEDS = 1 << 20


P = Permission
EVERYBODY = P.INVITE_USERS
MODERATOR = EVERYBODY | P.VIEW_DASHBOARD | P.VIEW_AUDIT_LOG | P.MANAGE_USERS | P.MANAGE_REPORTS | P.MANAGE_TAXONOMIES
OWNER = ~P(0)
ADMIN = OWNER & ~P.ADMINISTRATOR & ~P.VIEW_DEVOPS


class Role(msgspec.Struct, frozen=True):
    """Mastodon's Role entity."""

    id: str
    name: str
    color: str
    permissions: str
    highlighted: bool
    collection_limit: int = 10


class Badge(msgspec.Struct, frozen=True):
    """Mastodon's AccountRole entity: what others see of a role."""

    id: str
    name: str
    color: str


ROLES = {
    "user": Role("-99", "", "", str(int(EVERYBODY)), highlighted=False),
    "moderator": Role("1", "Moderator", "", str(int(MODERATOR)), highlighted=True),
    "admin": Role("2", "Admin", "", str(int(ADMIN)), highlighted=True),
    "owner": Role("3", "Owner", "", str(int(OWNER)), highlighted=True),
}
"""Those that come with Townsquare, by the rank under which auth keeps them."""

NEVER_GIVEN: Final = P.ADMINISTRATOR
"""What only owners have: that nobody can be locked out by them, and they by nobody."""


class Held(msgspec.Struct, frozen=True):
    """A role as the place has chosen it: one that it comes with and has changed, or one of its own."""

    key: str
    """The rank of one that comes with Townsquare, else a number."""
    rank: str
    name: str
    color: str
    permissions: int
    highlighted: bool

    @property
    def own(self) -> bool:
        return self.key not in ROLES

    @property
    def may(self) -> Permission:
        return Permission(self.permissions)


GRANTED = {
    "verified": Badge("11", "Verified person", "#1d7a46"),
    "public_figure": Badge("12", "Public figure", "#6a3fb5"),
    "parody": Badge("13", "Parody", "#b35900"),
    "staff": Badge("14", "Staff", "#1f5fbf"),
}
"""What the staff says of somebody, whatever they may do here. In the order in which they are shown."""


def role_of(rank: str | None, held: Held | None = None) -> Role:
    """The entity of what somebody of this rank has."""
    comes = ROLES[rank or "user"]
    if held is None:
        return comes
    number = held.key if held.own else comes.id
    return Role(number, held.name, held.color, str(held.permissions), held.highlighted, comes.collection_limit)


def as_comes(rank: str) -> Held:
    """A role as it comes with Townsquare."""
    comes = ROLES[rank]
    return Held(rank, rank, comes.name, comes.color, int(comes.permissions), comes.highlighted)


def badges(rank: str | None, held: Held | None = None, granted: Sequence[str] = ()) -> list[Badge]:
    """The badges of a profile: none for most people."""
    shown = role_of(rank, held)
    own = [Badge(shown.id, shown.name, shown.color)] if shown.highlighted else []
    return own + [badge for name, badge in GRANTED.items() if name in granted]


def permissions_of(rank: str | None, chosen: int | None = None) -> Permission:
    """All that a role may do, by its rank or as it was `chosen`: an administrator everything."""
    held = Permission(int(ROLES[rank or "user"].permissions) if chosen is None else chosen)
    return OWNER if Permission.ADMINISTRATOR in held else held


def check_permitted(held: Permission, needed: Permission) -> None:
    """Raise Forbidden, in Mastodon's words, unless all of these permissions are among those that somebody has."""
    if needed and needed not in held:
        raise Forbidden
