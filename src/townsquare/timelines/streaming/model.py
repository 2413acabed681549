"""What streams are called, what may happen on them, and who is concerned as far as no database is needed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import BadRequest
from townsquare.kernel.ids import parse_id
from townsquare.kernel.text import fold_tag
from townsquare.statuses.model import Visibility
from townsquare.statuses.read import Key, Pair, pairs_of

Event = Literal[
    "update",
    "delete",
    "notification",
    "filters_changed",
    "conversation",
    "announcement",
    "announcement.reaction",
    "announcement.delete",
    "status.update",
    "notifications_merged",
]
PostEvent = Literal["update", "status.update", "delete"]

STATUSES, NOTIFICATIONS = "read:statuses", "read:notifications"

PUBLIC: Final = frozenset(
    ("public", "public:media", "public:local", "public:local:media", "public:remote", "public:remote:media")
)
TAGGED: Final = frozenset(("hashtag", "hashtag:local"))
OWN: Final = frozenset(("user", "user:notification", "direct"))

Feed = tuple[str, int, str]
"""What subscriptions listen to, and facts are told on: a kind, whose it is (0: everybody's), and which of them."""


class Stream(msgspec.Struct, frozen=True):
    """What a client watches, by Mastodon's name. `about`: the hashtag or the list, as the client wrote it."""

    name: str
    about: str = ""

    @property
    def scope(self) -> str:
        return NOTIFICATIONS if self.name == "user:notification" else STATUSES

    @property
    def shown(self) -> list[str]:
        """As messages of a WebSocket name it."""
        return [self.name, self.about] if self.about else [self.name]

    def feeds(self, reader: int, *, notifications: bool) -> list[Feed]:
        """`notifications`: whether the reader's token lets them be told."""
        match self.name:
            case "user":
                told: list[Feed] = [("notification", reader, "")] if notifications else []
                return [("user", reader, ""), ("user", 0, ""), *told]
            case "user:notification":
                return [("notification", reader, "")]
            case "direct":
                return [("direct", reader, "")]
            case "list":
                return [("list", reader, str(parse_id(self.about) or 0))]
            case "hashtag" | "hashtag:local":
                return [(self.name, 0, fold_tag(self.about.removeprefix("#")))]
            case _:
                return [(self.name, 0, "")]


def stream_of(name: str, asked: Mapping[str, str]) -> Stream:
    """The stream of a name and its parameters (`tag`, `list`). Raises BadRequest, in Mastodon's words."""
    if name in PUBLIC or name in OWN:
        return Stream(name)
    if name in TAGGED:
        if not asked.get("tag"):
            raise BadRequest("Missing tag name parameter")
        return Stream(name, asked["tag"])
    if name == "list":
        if not asked.get("list"):
            raise BadRequest("Missing list name parameter")
        return Stream(name, asked["list"])
    raise BadRequest("Unknown stream type")


class Fact(msgspec.Struct, frozen=True, tag_field="fact"):
    """Something that happened, as it is written down for all processes."""


class PostFact(Fact, frozen=True, tag="post"):
    """Of a post, with all that decides who is concerned. `followers`: how many its author has, roughly."""

    event: PostEvent
    account_id: int
    status_id: int
    visibility: int
    local: bool
    media: bool
    limited: bool
    followers: int
    tags: Sequence[str] = ()
    language: str | None = None
    original_id: int | None = None
    original_account_id: int | None = None
    reply_to_id: int | None = None
    """The account that is answered."""
    named: Sequence[int] = ()
    """Of what is gone: those whom it names, who have it by a notification or a conversation."""
    about: Sequence[int] = ()
    """Others whom it names or answers: who keeps one of them away is not told."""
    hidden: bool = False
    """It is gone for others only: its author has it still."""

    @property
    def key(self) -> Key:
        return Key(self.status_id, self.account_id, self.original_id, self.original_account_id, named=self.about)

    @property
    def pairs(self) -> list[Pair]:
        return pairs_of([self.key])

    @property
    def private(self) -> bool:
        """Whether it is for its author and those whom it names alone."""
        return self.visibility == Visibility.DIRECT

    @property
    def found(self) -> bool:
        """Whether everybody may come upon it, in public timelines and by hashtags."""
        return self.visibility == Visibility.PUBLIC and not self.limited and self.original_id is None

    def feeds(self) -> Iterator[Feed]:
        """Those that everybody may watch."""
        if not self.found:
            return
        for tag in self.tags:
            yield "hashtag", 0, tag
            if self.local:
                yield "hashtag:local", 0, tag
        if self.reply_to_id is None or self.reply_to_id == self.account_id:
            for name in ("public", "public:local" if self.local else "public:remote"):
                yield name, 0, ""
                if self.media:
                    yield f"{name}:media", 0, ""


class OwnFact(Fact, frozen=True, tag="own"):
    """Of something that somebody has, which is read when it is told: a notification, a conversation."""

    event: Literal["notification", "conversation"]
    reader: int
    number: int

    @property
    def feed(self) -> Feed:
        return "notification" if self.event == "notification" else "direct", self.reader, ""


class PlainFact(Fact, frozen=True, tag="plain"):
    """Of which nothing has to be read: to one reader, or to all (0), with what is sent, if anything is."""

    event: Event
    reader: int = 0
    payload: str | None = None

    @property
    def feed(self) -> Feed:
        return "notification" if self.event == "notifications_merged" else "user", self.reader, ""


AnyFact = PostFact | OwnFact | PlainFact


class Told(msgspec.Struct, frozen=True):
    """A fact with its place in the order of facts."""

    id: int
    fact: AnyFact
