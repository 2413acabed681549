"""Somebody who lives here, as other servers know them."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts.urls import file_url
from townsquare.federation import places
from townsquare.federation.model import Actor, Emoji, Endpoints, Image, PropertyValue, PublicKey
from townsquare.federation.store import Person
from townsquare.kernel.settings import Settings


class CustomEmoji(msgspec.Struct, frozen=True):
    """What is read of the stored entity of that name."""

    shortcode: str
    url: str


class _Field(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Moved(msgspec.Struct, frozen=True):
    uri: str


class _Account(msgspec.Struct, frozen=True):
    """What is read of the stored entity Account: what it took pains to render."""

    note: str
    url: str
    fields: Sequence[_Field]
    emojis: Sequence[CustomEmoji]
    moved: _Moved | None = None


_decode = msgspec.json.Decoder(_Account).decode


def actor(settings: Settings, person: Person, public_key: str) -> Actor:
    """The document of a person; `public_key` is PEM."""
    base, number = settings.public_url, person.id
    shown = _decode(b"{" + person.body + b"}")
    uri = places.actor(base, number)
    return Actor(
        id=uri,
        type=person.kind,
        webfinger=f"{person.username}@{settings.domain}",
        preferred_username=person.username,
        name=person.display_name or person.username,
        summary=shown.note,
        url=shown.url,
        inbox=places.inbox(base, number),
        outbox=places.outbox(base, number),
        followers=places.followers(base, number),
        following=places.following(base, number),
        featured=places.featured(base, number),
        featured_tags=places.featured_tags(base, number),
        endpoints=Endpoints(places.shared_inbox(base)),
        public_key=PublicKey(f"{uri}#main-key", uri, public_key),
        published=person.created_at.strftime("%Y-%m-%dT00:00:00Z"),
        manually_approves_followers=person.locked,
        discoverable=person.discoverable,
        indexable=person.indexable,
        tag=[emoji_of(one) for one in shown.emojis],
        attachment=[PropertyValue(field.name, field.value) for field in shown.fields],
        icon=_picture(base, person.avatar_key, person.avatar_description),
        image=_picture(base, person.header_key, person.header_description),
        moved_to=shown.moved.uri if shown.moved else msgspec.UNSET,
        also_known_as=person.also_known_as or msgspec.UNSET,
        attribution_domains=person.attribution_domains or msgspec.UNSET,
    )


def emoji_of(emoji: CustomEmoji) -> Emoji:
    return Emoji(f":{emoji.shortcode}:", _image(emoji.url, ""))


def _picture(base_url: str, key: str | None, description: str) -> Image | msgspec.UnsetType:
    """Nothing where only the general default would be shown."""
    return _image(file_url(key, base_url), description) if key else msgspec.UNSET


def _image(url: str, description: str) -> Image:
    return Image(url, places.media_type(url) or msgspec.UNSET, description or msgspec.UNSET)
