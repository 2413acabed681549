"""Posts and people as templates read them: decoded from the same JSON that apps get."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec


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

    @property
    def name(self) -> str:
        """What they call themselves, or else what they are called here."""
        return self.display_name or self.username


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


class Post(msgspec.Struct, frozen=True):
    """The entity Status, with what its reader did with it. `content` is HTML."""

    id: str
    created_at: datetime
    uri: str
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
    reblog: "Post | None" = None
    application: App | None = None
    card: Card | None = None
    favourited: bool = False
    reblogged: bool = False
    bookmarked: bool = False
    pinned: bool = False
    filtered: Sequence[FilterResult] = ()
    echoers: Sequence[Person] = ()
    """Of an echo that stands for several: who echoed. Not part of the entity; see `gathered`."""

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/@{self.account.acct}/{self.id}"

    @property
    def hidden(self) -> bool:
        """The reader's filters say that it is not to be shown at all."""
        return any(result.filter.filter_action == "hide" for result in self.filtered)

    @property
    def warnings(self) -> list[str]:
        """Titles of the reader's filters that ask for a warning first."""
        return [result.filter.title for result in self.filtered if result.filter.filter_action != "hide"]


class Edit(msgspec.Struct, frozen=True):
    """The entity StatusEdit."""

    content: str
    spoiler_text: str
    created_at: datetime
    account: Person
    media_attachments: Sequence[Picture] = ()


_post = msgspec.json.Decoder(Post)
_person = msgspec.json.Decoder(Person)
_edit = msgspec.json.Decoder(Edit)


def post_of(entity: bytes) -> Post:
    return _post.decode(entity)


def posts_of(entities: Iterable[bytes]) -> list[Post]:
    """In their order, without those that the reader's filters hide."""
    decoded = [_post.decode(entity) for entity in entities]
    return [post for post in decoded if not (post.reblog or post).hidden and not post.hidden]


def gathered(posts: Sequence[Post]) -> list[Post]:
    """Each post once, where it comes first; with the names of all who echoed it among these."""
    first: dict[str, Post] = {}
    for post in posts:
        shown = (post.reblog or post).id
        known = first.get(shown)
        if known is None:
            first[shown] = msgspec.structs.replace(post, echoers=[post.account]) if post.reblog else post
        elif known.reblog and post.reblog and post.account.id not in {one.id for one in known.echoers}:
            first[shown] = msgspec.structs.replace(known, echoers=[*known.echoers, post.account])
    return list(first.values())


def person_of(entity: bytes) -> Person:
    return _person.decode(entity)


def people_of(entities: Iterable[bytes]) -> list[Person]:
    return [_person.decode(entity) for entity in entities]


def edits_of(entities: Iterable[bytes]) -> list[Edit]:
    return [_edit.decode(entity) for entity in entities]
