"""What an account is, and the rules that its name and profile keep."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from townsquare.accounts.roles import Held
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import AccountId
from townsquare.kernel.words import Words

USERNAME_LENGTH = 30
DISPLAY_NAME_LENGTH = 30
NOTE_LENGTH = 500
FIELD_LENGTH = 255
FIELDS = 4
ATTRIBUTION_DOMAINS = 100

Kind = Literal["Person", "Service", "Group", "Application", "Organization"]
Wrong = tuple[str, str]
"""What is wrong with a value: Mastodon's code for it, and the words that follow the name of the field."""

_RESERVED_NAMES = """
    about abuse account accounts actor admin administrator admins all anonymous api app apps auth authorize everyone
    explore guest help here home hostmaster inbox info instance login logout mail media mod moderation moderator
    moderators nobody noreply null oauth operator owner policy postmaster privacy public register root rules security
    settings signin signup staff static status statuses support sysadmin system tags terms townsquare undefined users
    webmaster
"""
RESERVED = frozenset(re.findall(r"\S+", _RESERVED_NAMES))
_USERNAME = re.compile(r"[a-z0-9_]+", re.ASCII | re.IGNORECASE)


class Field(msgspec.Struct, frozen=True):
    """One of the lines under a profile. `value` as written, of a remote account cleaned HTML."""

    name: str
    value: str
    verified_at: datetime | None = None


class Account(msgspec.Struct, frozen=True):
    """A person's row without counters and keys. `role` is None for those who do not live here."""

    id: AccountId
    username: str
    domain: str | None
    created_at: datetime
    display_name: str = ""
    note: str = ""
    fields: Sequence[Field] = ()
    kind: Kind = "Person"
    locked: bool = False
    discoverable: bool = True
    indexable: bool = True
    hide_collections: bool = False
    show_media: bool = True
    show_media_replies: bool = True
    show_featured: bool = True
    attribution_domains: Sequence[str] = ()
    avatar_key: str | None = None
    avatar_static_key: str | None = None
    avatar_description: str = ""
    header_key: str | None = None
    header_static_key: str | None = None
    header_small_key: str | None = None
    """A smaller copy that does not move; None where it is still to be made."""
    header_description: str = ""
    avatar_url: str | None = None
    header_url: str | None = None
    uri: str | None = None
    url: str | None = None
    also_known_as: Sequence[str] = ()
    moved_to_id: AccountId | None = None
    suspended_at: datetime | None = None
    limited_at: datetime | None = None
    sensitized_at: datetime | None = None
    role: str | None = None
    """The rank of whoever lives here."""
    held: Held | None = None
    """The role itself, where it is not the one that the rank comes with."""
    badges: Sequence[str] = ()
    """Given by the staff (see roles)."""

    @property
    def acct(self) -> str:
        """The handle as it is written here: the name alone for those who live here."""
        return self.username if self.domain is None else f"{self.username}@{self.domain}"

    @property
    def bot(self) -> bool:
        return self.kind in ("Service", "Application")


class RemoteAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of another server as its actor says it. `note` and the values of `fields` are HTML, not cleaned."""

    username: str
    domain: str
    uri: str
    url: str | None = None
    inbox_url: str
    outbox_url: str | None = None
    shared_inbox_url: str | None = None
    followers_url: str | None = None
    public_key: str | None = None
    display_name: str = ""
    note: str = ""
    fields: Sequence[Field] = ()
    kind: Kind = "Person"
    locked: bool = False
    discoverable: bool = False
    indexable: bool = False
    avatar_url: str | None = None
    header_url: str | None = None
    also_known_as: Sequence[str] = ()
    created_at: datetime | None = None


def wrong_username(name: str, *, staff: bool = False) -> Wrong | None:
    """Mastodon's rule for names of people who live here: ASCII letters, digits, underscore, at most 30.

    Reserved names, which others would take for the place itself speaking, are for its staff.
    """
    if not name:
        return "ERR_BLANK", Words("can't be blank")
    if not _USERNAME.fullmatch(name):
        return "ERR_INVALID", Words("must contain only letters, numbers and underscores")
    if len(name) > USERNAME_LENGTH:
        return "ERR_TOO_LONG", Words("is too long (maximum is %(num)s characters)", num=USERNAME_LENGTH)
    if name.lower() in RESERVED and not staff:
        return "ERR_RESERVED", Words("is reserved")
    return None


def check_username(name: str, *, staff: bool = False) -> None:
    """Raises Invalid, with Mastodon's `details`."""
    wrong = wrong_username(name, staff=staff)
    if wrong is not None:
        raise invalid("username", wrong)


def invalid(field: str, wrong: Wrong) -> Invalid:
    """The error of one field, in Mastodon's form: `details` for programs, a sentence for people."""
    code, words = wrong
    name = field.replace("_", " ").capitalize()
    return Invalid(
        Words("Validation failed: %(field)s %(wrong)s", field=name, wrong=words),
        details={field: [{"error": code, "description": words}]},
    )
