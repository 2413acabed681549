"""What a case is, what it is about, and what can be decided of it. Rules that need no database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

import msgspec

Kind = Literal["account", "status", "media", "tag", "collection", "message", "notice"]
Origin = Literal["report", "notice", "machine", "staff", "outlier", "appeal"]
Purpose = Literal["work", "golden", "double"]
Queue = Literal["general", "senior", "policy", "legal", "private"]
Severity = Literal[1, 2, 3, 4]
"""1 is the worst."""
Action = Literal["none", "label", "warning", "sensitive", "limit", "hold", "remove"]
"""What is done with what was reported, the lightest first; `none`: it may stay as it is."""
AccountAction = Literal["none", "warn", "sensitive", "limit", "freeze", "disable", "suspend"]
"""What is done with whoever made it, the lightest first."""

HEAVY: Final[frozenset[str]] = frozenset({"hold", "remove"})
HEAVY_FOR_ACCOUNTS: Final[frozenset[str]] = frozenset({"freeze", "disable", "suspend"})
"""What takes effect when two have said so, where the policy asks for a second review."""
VOUCHED: Final[frozenset[str]] = frozenset({"host", "store", "authority", "flagger"})
"""Where it is proven that one of them gives notice of something, it is left as it is by two people only."""
SAYS: Final = 0.5
"""An estimate from which on a machine says that something is wrong: it opens a case, and is right or not."""
NOTE_LENGTH: Final = 5000


def is_heavy(action: str | None, account_action: str | None) -> bool:
    """Whether it is for more than one pair of eyes."""
    return action in HEAVY or account_action in HEAVY_FOR_ACCOUNTS


class Subject(msgspec.Struct, frozen=True, order=True):
    """What is reported. `owner_id`: with whom it is kept (0 for a hashtag)."""

    kind: Kind
    owner_id: int
    item_id: int


class Wording(msgspec.Struct, frozen=True):
    """A policy in one language."""

    name: str
    text: str


class Policy(msgspec.Struct, frozen=True):
    """What a decision is grounded in. `name` and `text` stand where it is not said in the reader's language."""

    code: str
    name: str
    text: str
    severity: Severity
    allowed: timedelta
    dsa_category: str
    dsa_keyword: str | None
    decision_ground: str
    queue: Queue
    second_review: bool
    hold_meanwhile: bool
    joins_from: float | None
    acts_from: float | None
    """What a machine is so sure of is held until a person decides; None: nothing is."""
    preserve: timedelta | None
    position: int
    ended_at: datetime | None
    legal_ground: str
    translations: Mapping[str, Wording]
    version: int

    def said(self, language: str) -> Wording:
        return said_in(language, self.translations, Wording(self.name, self.text))


def said_in(language: str, translations: Mapping[str, Wording], otherwise: Wording) -> Wording:
    """In the language itself, in that of which it is a kind (`de` for `de-AT`), or as it was written first."""
    return translations.get(language) or translations.get(language.partition("-")[0]) or otherwise


class Case(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    origin: Origin
    purpose: Purpose
    queue: Queue
    state: Literal["open", "decided"]
    policy: str
    severity: Severity
    allowed: timedelta
    reach: float
    trust: float
    voices: float
    estimate: float
    opened_at: datetime
    due_at: datetime
    items_count: int
    reports_count: int
    round: int
    stage: int
    last_word: bool
    """Reviewers differ, and the next of them is the last: a senior."""
    held_at: datetime | None
    assigned_id: int | None
    locked_id: int | None
    locked_until: datetime | None
    snoozed_until: datetime | None
    prior_id: int | None
    doubles_id: int | None
    expected: Mapping[str, str] | None
    decided_at: datetime | None
    action: Action | None
    account_action: AccountAction | None
    meanwhile: AccountAction | None
    meanwhile_of: int | None
    """What was done about which account by hand, and holds until it is decided."""
    entrusted_id: int | None
    """Who decides it, whatever their rank: the operator has said so."""

    @property
    def heavy(self) -> bool:
        """What was decided."""
        return is_heavy(self.action, self.account_action)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a case is about, as it was when it came in."""

    case_id: int
    kind: Kind
    owner_id: int
    item_id: int
    author_id: int
    private: bool
    sealed: bytes | None
    similarity: float
    outlier: bool
    reach: float
    joined_at: datetime
    open: bool
    action: Action | None
    applied_at: datetime | None
    parted: bool = False
    """It is an outlier because a reviewer has said so."""
    text: str = ""
    entity: bytes = b""
    """Both are empty until it is opened (see `vault`), the second also where a report, notice or signal keeps it."""

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.owner_id, self.item_id)


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What one reviewer says of a case."""

    policy: str
    action: Action
    account_action: AccountAction = "none"
    until: datetime | None = None
    note: str = ""
    said: str = ""
    seconds: float = 0.0

    @property
    def heavy(self) -> bool:
        return is_heavy(self.action, self.account_action)

    @property
    def violates(self) -> bool:
        return self.action != "none" or self.account_action != "none"

    @property
    def lasts(self) -> bool:
        """Whether anything of it holds from then on, and can end. Of a warning there is only the strike."""
        return self.action != "none" or self.account_action not in ("none", "warn")

    @property
    def extent(self) -> "Extent":
        return extent(self.action, self.account_action, self.until)


class Extent(msgspec.Struct, frozen=True, order=True):
    """How far something goes: what is done about an account counts for more than what is done with a post, and that
    for more than how long it lasts.
    """

    account: int
    thing: int
    until: datetime


def extent(action: Action, account_action: AccountAction, until: datetime | None) -> Extent:
    return Extent(
        get_args(AccountAction).index(account_action),
        get_args(Action).index(action),
        until or datetime.max.replace(tzinfo=UTC),
    )


Side = Literal["author", "reporter", "notice"]
"""Who appeals."""
AS_LONG: Final = timedelta(hours=1)
"""What ends so close to when it would have ended is for the same time."""


def ends(side: Side, until: datetime | None, before: datetime | None, later: timedelta) -> datetime | None:
    """When something ends that was decided so much `later` than what it is held against, which ends at `before`.

    To an author it matters when it ends; to others how long it lasts, as if it had been decided at first.
    """
    if until is None or side == "author":
        return until
    then = until - later
    return before if before is not None and abs(then - before) < AS_LONG else then


def grants(side: Side, before: Extent, after: Extent) -> bool:
    """Whether a second decision gives whoever appeals what they want: an author less, who had told of it more than
    before. Where nothing is done, it does not matter for how long.
    """
    if not (after.account or after.thing):
        return side == "author" and bool(before.account or before.thing)
    return after < before if side == "author" else after > before


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A review as it stands in the case's history."""

    id: int
    case_id: int
    round: int
    stage: int
    reviewer_id: int
    policy: str
    action: Action
    account_action: AccountAction
    until: datetime | None
    note: str
    said: str
    seconds: float
    made_at: datetime

    @property
    def review(self) -> Review:
        return Review(
            policy=self.policy,
            action=self.action,
            account_action=self.account_action,
            until=self.until,
            note=self.note,
            said=self.said,
            seconds=self.seconds,
        )


def decisions_of(decisions: Sequence[Decision], round_: int) -> list[Decision]:
    """What was said in a round, in the order of the stages."""
    return sorted((one for one in decisions if one.round == round_), key=lambda one: one.stage)
