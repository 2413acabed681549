"""The entity PreviewCard, encoded once for all readers (see cards_marks)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from townsquare.accounts.urls import file_url
from townsquare.statuses.cards_model import Card, Kind
from townsquare.statuses.render import moment


class PreviewCardAuthor(msgspec.Struct, frozen=True):
    """`account`: one of the Fediverse that says so too."""

    name: str
    url: str
    account: Any = None


class PreviewCard(msgspec.Struct, frozen=True, kw_only=True):
    """Mastodon's entity."""

    url: str
    title: str
    description: str
    language: str | None
    type: Kind
    authors: Sequence[PreviewCardAuthor]
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    html: str
    width: int
    height: int
    image: str | None
    image_description: str
    embed_url: str
    blurhash: str | None
    published_at: str | None
    missing_attribution: bool | int | None


def encode_card(card: Card, link: str, base_url: str) -> bytes:
    """`link` is the address as the post has it."""
    said = card.details
    account = None if card.author_id is None else {"card_author": card.author_id}
    named = bool(said.author_name or said.author_url or account)
    return msgspec.json.encode(
        PreviewCard(
            url=link,
            title=said.title,
            description=said.description,
            language=card.language,
            type=said.kind,
            authors=[PreviewCardAuthor(said.author_name, said.author_url, account)] if named else [],
            author_name=said.author_name,
            author_url=said.author_url,
            provider_name=said.provider_name,
            provider_url=said.provider_url,
            html=said.html,
            width=said.width,
            height=said.height,
            image=None if card.image_key is None else file_url(card.image_key, base_url),
            image_description=said.image_description,
            embed_url=said.embed_url,
            blurhash=card.blurhash,
            published_at=None if said.published_at is None else moment(said.published_at),
            missing_attribution=card.claimed_id,
        )
    )
