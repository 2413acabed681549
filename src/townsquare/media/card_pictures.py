"""The pictures of cards of links: others', so made anew as uploads are, and kept here, so that no reader asks them."""

import msgspec

from townsquare.kernel.settings import Settings
from townsquare.media import work
from townsquare.media.arrival import limits_of
from townsquare.media.images import process_card
from townsquare.media.storage import Store, key_for, new_prefix, put


class CardPicture(msgspec.Struct, frozen=True):
    """Where it is kept, and how it looks until it has come."""

    key: str
    blurhash: str
    width: int
    height: int


async def store_card_picture(storage: Store, settings: Settings, data: bytes) -> CardPicture:
    """Raises Refused as an upload does."""
    made = await work.run(process_card, data, limits_of(settings))
    key = key_for(new_prefix("cards"), "original", made.picture.content_type)
    await put(storage, key, made.picture.data)
    return CardPicture(key, made.blurhash, *made.picture.size)
