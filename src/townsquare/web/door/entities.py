"""Posts and people as templates read them: decoded from the same JSON that apps get."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec

from townsquare.statuses.restricted import Moderation


class Emoji(msgspec.Struct, frozen=True):
    shortcode: str
    static_url: str


class Field(msgspec.Struct, frozen=True):
    """`value` is HTML."""

    name: str
    value: str
    verified_at: datetime | None


class Badge(msgspec.Struct, frozen=True):
    name: str


class Person(msgspec.Struct, frozen=True):
    """The entity Account. `note` is HTML."""

    id: str
    username: str
    acct: str
    display_name: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    avatar_description: str
    header: str
    header_static: str
    header_description: str
    created_at: datetime
    locked: bool
    bot: bool
    indexable: bool
    hide_collections: bool
    followers_count: int
    following_count: int
    statuses_count: int
    emojis: Sequence[Emoji]
    fields: Sequence[Field]
    roles: Sequence[Badge]
    suspended: bool = False
    limited: bool = False
    show_media: bool = True
    show_featured: bool = True
    moved: "Person | None" = None

    @property
    def name(self) -> str:
        """What they call themselves, or else what they are called here."""
        return self.display_name or self.username

    @property
    def findable(self) -> bool:
        """Whether search engines may take in what is about them: they wish it, and the staff have not limited them."""
        return self.indexable and not self.limited


class Size(msgspec.Struct, frozen=True):
    """Sound has none."""

    width: int = 0
    height: int = 0


class Focus(msgspec.Struct, frozen=True):
    x: float = 0.0
    y: float = 0.0


class Meta(msgspec.Struct, frozen=True):
    focus: Focus = Focus()
    original: Size | None = None
    small: Size | None = None


class Picture(msgspec.Struct, frozen=True):
    """The entity MediaAttachment."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    description: str | None
    meta: Meta = Meta()


class Mention(msgspec.Struct, frozen=True):
    id: str
    acct: str


class Filter(msgspec.Struct, frozen=True):
    title: str
    filter_action: str


class FilterResult(msgspec.Struct, frozen=True):
    filter: Filter


class App(msgspec.Struct, frozen=True):
    name: str
    website: str | None


class Card(msgspec.Struct, frozen=True):
    """The entity PreviewCard."""

    url: str
    title: str
    description: str
    type: str
    author_name: str
    provider_name: str
    image: str | None
    image_description: str
    width: int
    height: int
    language: str | None = None

    @property
    def host(self) -> str:
        """Where it leads."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


class Option(msgspec.Struct, frozen=True):
    title: str
    votes_count: int | None = None


class Poll(msgspec.Struct, frozen=True):
    """The entity Poll; nobody in particular has not voted."""

    id: str
    expires_at: datetime | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: Sequence[Option]
    emojis: Sequence[Emoji]
    voted: bool = False
    own_votes: Sequence[int] = ()

    @property
    def voters(self) -> int:
        return self.votes_count if self.voters_count is None else self.voters_count

    def share(self, option: Option) -> int:
        """Of those who voted, so many in a hundred chose it."""
        return round(100 * (option.votes_count or 0) / self.voters) if self.voters else 0

    def leads(self, option: Option) -> bool:
        """Whether nothing was chosen more often."""
        return bool(option.votes_count) and option.votes_count == max(one.votes_count or 0 for one in self.options)


class Quote(msgspec.Struct, frozen=True):
    """The entity Quote; of what is quoted within a quote only the id is known."""

    state: str
    quoted_status: "Post | None" = None


class QuoteApproval(msgspec.Struct, frozen=True):
    automatic: Sequence[str]
    current_user: str


LONG: Final = 1200
"""Bytes of HTML from which on a post is folded in lists."""
LINES: Final = 16


class Post(msgspec.Struct, frozen=True):
    """The entity Status, with what its reader did with it; None where nobody in particular reads, and of `pinned` where
    somebody else wrote it. `content` is HTML.
    """

    id: str
    created_at: datetime
    uri: str
    url: str | None
    visibility: str
    account: Person
    content: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    edited_at: datetime | None
    in_reply_to_id: str | None
    in_reply_to_account_id: str | None
    media_attachments: Sequence[Picture]
    mentions: Sequence[Mention]
    emojis: Sequence[Emoji]
    replies_count: int
    reblogs_count: int
    favourites_count: int
    quotes_count: int = 0
    reblog: "Post | None" = None
    application: App | None = None
    card: Card | None = None
    poll: Poll | None = None
    quote: Quote | None = None
    quote_approval: QuoteApproval | None = None
    reply_policy: str = "everybody"
    moderation: Moderation | None = None
    favourited: bool | None = None
    reblogged: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool | None = None
    filtered: Sequence[FilterResult] = ()
    echoers: Sequence[Person] = ()
    """Of an echo that stands for several: who echoed. Not part of the entity; see `articles`."""

    @property
    def own_line(self) -> str:
        """What its author put before it, whatever the place says of it."""
        return self.spoiler_text if self.moderation is None else self.moderation.spoiler_text

    @property
    def own_sensitive(self) -> bool:
        """Whether its author says so."""
        return self.sensitive if self.moderation is None else self.moderation.sensitive

    @property
    def cover(self) -> str:
        """The line behind which its words are: a label stands beside them, a warning before."""
        notices = () if self.moderation is None else self.moderation.notices
        return self.spoiler_text if any(one.action == "warning" for one in notices) else self.own_line

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/@{self.account.acct}/{self.id}"

    @property
    def address(self) -> str:
        """Where it is found from elsewhere."""
        return self.url or self.uri

    @property
    def elsewhere(self) -> bool:
        """Whether it was written at another place."""
        return "@" in self.account.acct

    @property
    def long(self) -> bool:
        """Whether it is folded in lists."""
        return len(self.content) > LONG or self.content.count("<br") + 2 * self.content.count("<p>") > LINES

    @property
    def may_quote(self) -> bool:
        return self.quote_approval is not None and self.quote_approval.current_user == "automatic"

    def foreign(self, code: str) -> bool:
        """Whether it can be read by everybody, and is in another language than this one."""
        own = (self.language or code).partition("-")[0]
        return self.visibility in ("public", "unlisted") and own != code.partition("-")[0]

    @property
    def quoted_from(self) -> str:
        """The id of the reader's own post that somebody else quotes here, where they may take that back."""
        inner = None if self.quote is None or self.quote.state != "accepted" else self.quote.quoted_status
        return inner.id if inner is not None and inner.pinned is not None and self.pinned is None else ""

    @property
    def quote_policy(self) -> str:
        """Who may quote it, in the word by which it is chosen."""
        agreed = () if self.quote_approval is None else self.quote_approval.automatic
        return next((word for word in ("public", "followers") if word in agreed), "nobody")

    @property
    def hidden(self) -> bool:
        """The reader's filters say that it is not to be shown at all."""
        return any(result.filter.filter_action == "hide" for result in self.filtered)

    @property
    def warnings(self) -> list[str]:
        """Titles of the reader's filters that ask for a warning first."""
        return [result.filter.title for result in self.filtered if result.filter.filter_action != "hide"]


class Asked(msgspec.Struct, frozen=True):
    """What a poll asked."""

    options: Sequence[Option]


class Edit(msgspec.Struct, frozen=True):
    """The entity StatusEdit."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: datetime
    account: Person
    media_attachments: Sequence[Picture] = ()
    poll: Asked | None = None


class Reaction(msgspec.Struct, frozen=True):
    """An emoji with which people react; a picture where it is one of the place's own."""

    name: str
    count: int
    me: bool = False
    static_url: str = ""


class Announcement(msgspec.Struct, frozen=True):
    """`content` is HTML; the times are those of what is announced."""

    id: str
    content: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    published_at: datetime
    emojis: Sequence[Emoji]
    reactions: Sequence[Reaction]
    read: bool = False

    @property
    def days(self) -> Sequence[datetime]:
        """The first and the last. What lasts whole days has the same ones for everybody: at noon, UTC, it is the same
        day nearly everywhere.
        """
        times = [at for at in (self.starts_at, self.ends_at) if at is not None]
        return [at.astimezone(UTC).replace(hour=12) for at in times] if self.all_day else times


_post = msgspec.json.Decoder(Post)
_picture = msgspec.json.Decoder(Picture)
_person = msgspec.json.Decoder(Person)
_edit = msgspec.json.Decoder(Edit)
_announcements = msgspec.json.Decoder(list[Announcement])


def post_of(entity: bytes) -> Post:
    return _post.decode(entity)


def posts_of(entities: Iterable[bytes]) -> list[Post]:
    """In their order, without those that the reader's filters hide."""
    decoded = [_post.decode(entity) for entity in entities]
    return [post for post in decoded if not (post.reblog or post).hidden and not post.hidden]


def picture_of(entity: bytes) -> Picture:
    return _picture.decode(entity)


def person_of(entity: bytes) -> Person:
    return _person.decode(entity)


def people_of(entities: Iterable[bytes]) -> list[Person]:
    return [_person.decode(entity) for entity in entities]


def edits_of(entities: Iterable[bytes]) -> list[Edit]:
    return [_edit.decode(entity) for entity in entities]


def announcements_of(entities: bytes) -> list[Announcement]:
    """Of a list of them."""
    return _announcements.decode(entities)
