"""The documents that other servers read, as ActivityStreams and Mastodon's extensions to it name their parts.

https://www.w3.org/TR/activitystreams-vocabulary/, https://docs.joinmastodon.org/spec/activitypub/
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

STREAMS: Final = "https://www.w3.org/ns/activitystreams"
PUBLIC: Final = STREAMS + "#Public"
ACTIVITY_JSON: Final = "application/activity+json"

_EXTENSIONS: Final[Mapping[str, object]] = {
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "movedTo": {"@id": "as:movedTo", "@type": "@id"},
    "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
    "ostatus": "http://ostatus.org#",
    "conversation": "ostatus:conversation",
    "schema": "http://schema.org#",
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "webfinger": {"@id": "https://purl.archive.org/socialweb/webfinger#webfinger"},
    "toot": "http://joinmastodon.org/ns#",
    "Emoji": "toot:Emoji",
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
    "blurhash": "toot:blurhash",
    "votersCount": "toot:votersCount",
    "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
}
CONTEXT: Final[Sequence[object]] = (STREAMS, "https://w3id.org/security/v1", _EXTENSIONS)
"""The same for all documents: what a word means does not depend on where it stands."""
_START: Final = b'{"@context":' + msgspec.json.encode(CONTEXT) + b","


class Image(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="Image"):
    url: str
    media_type: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    """What is to be seen on it."""


class PropertyValue(msgspec.Struct, frozen=True, tag_field="type", tag="PropertyValue"):
    """A line under a profile; `value` is HTML."""

    name: str
    value: str


class PublicKey(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    owner: str
    public_key_pem: str


class Endpoints(msgspec.Struct, frozen=True, rename="camel"):
    shared_inbox: str


class Emoji(msgspec.Struct, frozen=True, tag_field="type", tag="Emoji"):
    """`name` with its colons."""

    name: str
    icon: Image


class Mention(msgspec.Struct, frozen=True, tag_field="type", tag="Mention"):
    href: str
    name: str


class Hashtag(msgspec.Struct, frozen=True, tag_field="type", tag="Hashtag"):
    href: str
    name: str


class Document(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="Document"):
    """An attached file. `focal_point` is from -1 to 1, to the right and upwards."""

    url: str
    media_type: str | None
    name: str | None
    blurhash: str | None
    focal_point: tuple[float, float] | UnsetType = UNSET
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET


class Actor(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    id: str
    type: str
    webfinger: str
    preferred_username: str
    name: str
    summary: str
    url: str
    inbox: str
    outbox: str
    followers: str
    following: str
    featured: str
    featured_tags: str
    endpoints: Endpoints
    public_key: PublicKey
    published: str
    manually_approves_followers: bool
    discoverable: bool
    indexable: bool
    tag: Sequence[Emoji]
    attachment: Sequence[PropertyValue]
    icon: Image | UnsetType = UNSET
    image: Image | UnsetType = UNSET
    moved_to: str | UnsetType = UNSET
    also_known_as: Sequence[str] | UnsetType = UNSET
    attribution_domains: Sequence[str] | UnsetType = UNSET


class Page(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A part of a collection: `items` of those without an order, `ordered_items` of the others."""

    id: str | UnsetType = UNSET
    type: Literal["CollectionPage", "OrderedCollectionPage"]
    part_of: str
    next: str | UnsetType = UNSET
    items: Sequence[object] | UnsetType = UNSET
    ordered_items: Sequence[object] | UnsetType = UNSET


class Collection(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Ids, or whole objects. Without `first` and items only their number is told."""

    id: str
    type: Literal["Collection", "OrderedCollection"]
    total_items: int | UnsetType = UNSET
    first: str | Page | UnsetType = UNSET
    items: Sequence[object] | UnsetType = UNSET
    ordered_items: Sequence[object] | UnsetType = UNSET


class Note(msgspec.Struct, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="Note"):
    """A post. `summary` is its content warning."""

    id: str
    url: str
    attributed_to: str
    published: str
    updated: str | UnsetType = UNSET
    to: Sequence[str]
    cc: Sequence[str]
    in_reply_to: str | None
    conversation: str
    summary: str | None
    sensitive: bool
    content: str
    content_map: Mapping[str, str] | UnsetType = UNSET
    attachment: Sequence[Document]
    tag: Sequence[Mention | Hashtag | Emoji]
    replies: Collection
    likes: Collection
    shares: Collection


class Tally(msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="Collection"):
    """How many chose an option; who they are is not told."""

    total_items: int


class Option(msgspec.Struct, frozen=True, tag_field="type", tag="Note"):
    name: str
    replies: Tally


class Question(Note, frozen=True, rename="camel", kw_only=True, tag_field="type", tag="Question"):
    """A post with a poll, as Mastodon has it: one of its options may be chosen, or any."""

    one_of: Sequence[Option] | UnsetType = UNSET
    any_of: Sequence[Option] | UnsetType = UNSET
    end_time: str | UnsetType = UNSET
    closed: str | UnsetType = UNSET
    """Since when nobody chooses any more."""
    voters_count: int


class Create(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Create"):
    id: str
    actor: str
    published: str
    to: Sequence[str]
    cc: Sequence[str]
    object: Note | Question


class Announce(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Announce"):
    """An echo of the post whose id is `object`."""

    id: str
    actor: str
    published: str
    to: Sequence[str]
    cc: Sequence[str]
    object: str


class Tombstone(msgspec.Struct, frozen=True, tag_field="type", tag="Tombstone"):
    """What is left of something deleted."""

    id: str
    deleted: str | UnsetType = UNSET


def document(value: msgspec.Struct) -> bytes:
    """The JSON-LD of a document that stands for itself."""
    return _START + msgspec.json.encode(value)[1:]
