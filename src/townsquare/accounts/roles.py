"""Roles as clients see them: a badge on the profile, and the permissions of Mastodon's bit mask.

https://docs.joinmastodon.org/entities/Role/#permission-flags
"""

from collections.abc import Sequence
from enum import IntFlag

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
"""By the name under which auth keeps them."""


GRANTED = {
    "verified": Badge("11", "Verified person", "#1d7a46"),
    "public_figure": Badge("12", "Public figure", "#6a3fb5"),
    "parody": Badge("13", "Parody", "#b35900"),
    "staff": Badge("14", "Staff", "#1f5fbf"),
}
"""What the staff says of somebody, whatever they may do here. In the order in which they are shown."""


def badges(role: str | None, granted: Sequence[str] = ()) -> list[Badge]:
    """The badges of a profile: none for most people."""
    shown = ROLES.get(role or "user")
    own = [Badge(shown.id, shown.name, shown.color)] if shown is not None and shown.highlighted else []
    return own + [badge for name, badge in GRANTED.items() if name in granted]


def permissions_of(role: str | None) -> Permission:
    """All that a role may do, whatever it is named by its bits: an administrator everything."""
    held = Permission(int(ROLES[role or "user"].permissions))
    return OWNER if Permission.ADMINISTRATOR in held else held


def check_permitted(role: str | None, needed: Permission) -> None:
    """Raise Forbidden, in Mastodon's words, unless the role has all of these permissions."""
    if needed and needed not in permissions_of(role):
        raise Forbidden
