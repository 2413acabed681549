"""People as those who sign in, and the rules about them that need no database."""

from datetime import date, datetime
from typing import Literal

import msgspec

from townsquare.accounts.roles import Permission, permissions_of
from townsquare.kernel.errors import Forbidden

Role = Literal["user", "moderator", "admin", "owner"]
Standing = Literal["active", "unconfirmed", "pending", "disabled"]

_RANK: dict[Role, int] = {"user": 0, "moderator": 1, "admin": 2, "owner": 3}


class User(msgspec.Struct, frozen=True):
    """Who signs in: one row of `users`, with the name and standing of its account."""

    account_id: int
    username: str
    email: str
    password_hash: str
    role: Role
    own_role: str | None
    """The key of one that the place has made."""
    permissions: int | None
    """Where the place has chosen them for this role."""
    locale: str
    """In which they are written to: what they chose for the pages, or else as they signed up."""
    zone: str
    """Of the IANA database; empty: not known."""
    created_at: datetime
    confirmed_at: datetime | None
    approved_at: datetime | None
    disabled_at: datetime | None
    frozen_at: datetime | None
    suspended_at: datetime | None
    terms_accepted_at: datetime | None
    sign_up_reason: str | None
    invite_code: str | None
    created_by_app_id: int | None
    totp_enabled: bool
    last_seen_on: date | None

    @property
    def may(self) -> Permission:
        return permissions_of(self.role, self.permissions)

    @property
    def standing(self) -> Standing:
        return standing_of(
            confirmed=self.confirmed_at is not None,
            approved=self.approved_at is not None,
            disabled=self.disabled_at is not None or self.suspended_at is not None,
        )


def standing_of(*, confirmed: bool, approved: bool, disabled: bool) -> Standing:
    """What a person may do at all. What can be mended by themselves is said first."""
    if disabled:
        return "disabled"
    if not confirmed:
        return "unconfirmed"
    return "active" if approved else "pending"


def at_least(role: Role | None, needed: Role) -> bool:
    """Whether a role has the powers of another: user, moderator, admin, owner, each with those before it."""
    return role is not None and _RANK[role] >= _RANK[needed]


def outranks(role: Role, other: Role | None) -> bool:
    """Whether a role stands above another; those who do not sign in here have none, and everybody of the staff does."""
    return _RANK[role] > _RANK[other or "user"]


def check_standing(standing: Standing) -> None:
    """Raise Forbidden, in Mastodon's words to apps, unless the person may use the service."""
    match standing:
        case "active":
            return
        case "unconfirmed":
            raise Forbidden("Your login is missing a confirmed e-mail address")
        case "pending":
            raise Forbidden("Your login is currently pending approval")
        case "disabled":
            raise Forbidden("Your login is currently disabled")


class Visit(msgspec.Struct, frozen=True):
    """From where somebody signs in, as far as it can be known."""

    address: str
    user_agent: str = ""


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults of new posts, and how posts are shown."""

    visibility: Literal["public", "unlisted", "private", "direct"] = msgspec.field(
        default="public", name="posting:default:visibility"
    )
    sensitive: bool = msgspec.field(default=False, name="posting:default:sensitive")
    language: str | None = msgspec.field(default=None, name="posting:default:language")
    quote_policy: Literal["public", "followers", "nobody"] = msgspec.field(
        default="public", name="posting:default:quote_policy"
    )
    reply_policy: Literal["everybody", "followers", "following", "mentioned", "nobody"] = msgspec.field(
        default="everybody", name="posting:default:reply_policy"
    )
    """Ours: who may answer."""
    reply_terms: tuple[str, ...] = msgspec.field(default=(), name="posting:default:reply_terms")
    """Ours: words that no answer to one's posts may have."""
    expand_media: Literal["default", "show_all", "hide_all"] = msgspec.field(
        default="default", name="reading:expand:media"
    )
    expand_spoilers: bool = msgspec.field(default=False, name="reading:expand:spoilers")
    autoplay_gifs: bool = msgspec.field(default=False, name="reading:autoplay:gifs")


class Appearance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the pages look to somebody. `device`: as their device says."""

    theme: Literal["device", "light", "dark"] = "device"
    contrast: Literal["device", "more"] = "device"
    motion: Literal["device", "less"] = "device"
    size: Literal["small", "normal", "large", "largest"] = "normal"
    zone: str = ""
    """A name of the IANA database, such as Europe/Berlin; empty: as the device says, else UTC."""
    locale: str = ""
    """The language of the pages; empty: as the browser asks."""
