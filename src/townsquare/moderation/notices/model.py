"""What a notice is, and by when it is to be decided. Rules that need no database."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import Invalid
from townsquare.kernel.settings import Deadlines, Settings
from townsquare.kernel.words import Words

Way = Literal["form", "api", "mail"]
Sender = Literal["person", "host", "store", "authority", "flagger", "rights_holder"]
Named = Literal["account", "status", "media", "tag", "notice"]

REASON_LENGTH: Final = 20_000
MOST_ADDRESSES: Final = 500
MOST_FILES: Final = 20
LEGAL: Final[frozenset[Sender]] = frozenset({"authority", "rights_holder"})
"""Whose notices wait in the queue of those who know the law."""
PRESSING: Final = timedelta(hours=1)
"""What is to be decided so soon is told at once to those who run the place, and again when half its time is over."""
ANONYMOUS: Final[frozenset[str]] = frozenset({"child-safety"})
"""Policies of which one may give notice without saying who one is (Digital Services Act, article 16 (2) c)."""
_BY_POLICY: Final[Mapping[str, str]] = {
    "violent-threat": "violence",
    "terrorism": "terrorist",
    "child-safety": "children",
    "intimate-image": "intimate",
}


class Contact(msgspec.Struct, frozen=True):
    """Who gave notice, and the token of the link that they have."""

    name: str
    email: str
    token: str


class Enclosed(msgspec.Struct, frozen=True):
    """A file that came with a notice."""

    name: str
    media_type: str
    data: bytes


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it comes. `exact`: the addresses were given as such, and not found in a text.

    `proven`: it comes from whom it says; else `sender` is what it claims.
    """

    way: Way
    sender: Sender = "person"
    proven: bool = False
    policy: str
    reason: str
    urls: Sequence[str] = ()
    more: bool = False
    """It names more addresses than are looked up: for the rest a person reads it."""
    exact: bool = True
    name: str = ""
    email: str = ""
    reference: str = ""
    message_id: str = ""
    digest: bytes = b""
    """Of the content of a message; else it is made of what is here."""
    language: str = ""
    key_id: int | None = None
    written_by: str = ""
    """The address from which it comes, as is proven; else empty."""
    heeded: bool = True
    files: Sequence[Enclosed] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    way: Way
    sender: Sender
    policy: str
    reason: str
    reference: str
    message_id: str
    language: str
    key_id: int | None
    contact: bytes
    token_hash: bytes
    heeded: bool
    received_at: datetime
    due_at: datetime | None
    receipt_at: datetime | None
    decided_at: datetime | None
    told: str
    answered_at: datetime | None
    proven: bool
    digest: bytes
    sender_id: int | None = None
    """By whom what is unfounded is counted (see `senders`)."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a notice names, as it was when it came."""

    notice_id: int
    position: int
    url: str
    kind: Named
    owner_id: int
    item_id: int
    author_id: int
    file_keys: Sequence[str] = ()
    private: bool = False
    sealed: bytes | None = None
    prints: Sequence[bytes] = ()
    """Of its pictures."""
    entity: bytes = b""
    text: str = ""
    """Both are empty until it is opened (see `vault`)."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of something that a notice names. `action` None: it is not decided yet.

    By the last case that decided it (of `round`): the one to which the notice led, or of an appeal against what that
    had decided.
    """

    notice_id: int
    position: int
    url: str
    kind: Named
    case_id: int | None
    policy: str | None
    action: str | None
    account_action: str | None
    decided_at: datetime | None
    told_at: datetime | None = None
    """When it was answered last, if that was later."""
    round: int | None = None
    unseen: bool = False
    """It came after the decision, was decided the same way, and nobody has looked at it."""
    by_machine: bool = False
    """A machine has said that something is wrong with it."""
    first: bool | None = True
    """It is the one to which the notice led, and nobody has appealed with success."""

    @property
    def word(self) -> str:
        """For the sentence that says it (see `words`)."""
        if self.action is None or self.decided_at is None:
            return "open"
        if self.action == "none" and self.account_action not in (None, "none"):
            return f"account_{self.account_action}"
        return "not_found" if self.kind == "notice" and self.action == "none" and self.url else self.action

    @property
    def left(self) -> bool:
        """It stays as it is, and whoever gave notice has not contested that."""
        return self.first is True and self.word in ("none", "not_found")


def due_at(sender: Sender, policy: str, deadlines: Deadlines, now: datetime) -> datetime | None:
    """The first of the deadlines that are set for such a sender and such a matter."""
    hours = [getattr(deadlines, _BY_POLICY[policy])] if policy in _BY_POLICY else []
    if sender != "person":
        hours.append(getattr(deadlines, sender))
    return now + timedelta(hours=min(hours)) if hours else now + timedelta(hours=deadlines.other)


def digest_of(draft: Draft) -> bytes:
    """By which the same notice is known again: of what it says, whatever way it came and in whatever order it names
    things.
    """
    if draft.digest:
        return draft.digest
    files = sorted((one.name, hashlib.sha256(one.data).hexdigest()) for one in draft.files)
    said = (draft.policy, draft.reason, sorted(draft.urls), draft.name, draft.email, files)
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def check_draft(draft: Draft) -> None:
    """Raises Invalid."""
    if len(draft.reason) > REASON_LENGTH:
        raise _wrong(
            "reason", Words("is too long (maximum is %(num)s characters)", num=REASON_LENGTH), "ERR_TOO_LONG", "Reason"
        )
    if len(draft.urls) > MOST_ADDRESSES:
        raise _wrong("urls", Words("are too many (maximum is %(num)s)", num=MOST_ADDRESSES), "ERR_TOO_MANY", "Urls")


def _wrong(field: str, text: Words, error: str, name: str) -> Invalid:
    return Invalid(f"Validation failed: {name} {text}", details={field: [{"error": error, "description": text}]})


def listed(email: str, among: Sequence[str]) -> bool:
    """Whether an address, its domain or a domain above it is among these."""
    email = email.lower()
    domain = email.rpartition("@")[2]
    return any(
        email == one or (bool(domain) and (domain == one or domain.endswith(f".{one}")))
        for one in map(str.lower, among)
    )


def known_sender(email: str, settings: Settings) -> Sender | None:
    """Whose address it is, by the lists of the settings."""
    named = settings.notices
    lists: Mapping[Sender, Sequence[str]] = {
        "authority": named.authorities,
        "host": named.hosts,
        "store": named.stores,
        "flagger": named.flaggers,
        "rights_holder": named.rights_holders,
    }
    return next((kind for kind, among in lists.items() if listed(email, among)), None)


def may_have_evidence(settings: Settings, notice: Notice, email: str) -> bool:
    """Whether it is sent to whoever gave notice: to a program with a key, or an address that the settings list."""
    return notice.key_id is not None or known_sender(email, settings) is not None


def may_fetch_evidence(settings: Settings, notice: Notice, email: str) -> bool:
    """Whether whoever has the link may have it: not after a form, where the link is shown to whoever filled it in."""
    return notice.way != "form" and may_have_evidence(settings, notice, email)


def presses(notice: Notice) -> bool:
    """Whether it waits to be decided, and not for long."""
    if notice.due_at is None or notice.decided_at is not None:
        return False
    return notice.due_at - notice.received_at <= PRESSING
