"""Avatars, headers and emojis: processed and stored, so that profiles and texts can name them."""

from collections.abc import Sequence

from townsquare.accounts.events import PicturesReplaced
from townsquare.accounts.profile import Picture
from townsquare.db.pool import Db
from townsquare.kernel.settings import Settings
from townsquare.media import work
from townsquare.media.arrival import limits_of
from townsquare.media.images import (
    ProfilePicture,
    process_avatar,
    process_emoji,
    process_header,
    process_shared,
    process_sign,
)
from townsquare.media.purge import purge
from townsquare.media.storage import Folder, Store, key_for, new_prefix, put


async def store_avatar(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 400x400 pixels. Raises Refused as an upload does."""
    return await _store(storage, "avatars", await work.run(process_avatar, data, limits_of(settings)))


async def store_header(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 1500x500 pixels. Raises Refused as an upload does."""
    return await _store(storage, "headers", await work.run(process_header, data, limits_of(settings)))


async def store_emoji(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 256 pixels wide and high. Raises Refused as an upload does."""
    return await _store(storage, "emojis", await work.run(process_emoji, data, limits_of(settings)))


async def store_sign(storage: Store, settings: Settings, data: bytes) -> str:
    """A place's icon in all its sizes; the key of the largest. Raises Refused as an upload does."""
    prefix = new_prefix("places")
    made = await work.run(process_sign, data, limits_of(settings))
    for name, file in made.items():
        await put(storage, key_for(prefix, name, file.content_type), file.data)
    return key_for(prefix, "large", made["large"].content_type)


async def store_shared(storage: Store, settings: Settings, data: bytes) -> str:
    """The picture that is shown with links to the place; its key. Raises Refused as an upload does."""
    made = await work.run(process_shared, data, limits_of(settings))
    key = key_for(new_prefix("places"), "shared", made.content_type)
    await put(storage, key, made.data)
    return key


async def delete_replaced(db: Db, storage: Store, events: Sequence[PicturesReplaced]) -> None:
    """Effect: what no profile shows any more goes."""
    await purge(db, storage, [key for event in events for key in event.keys])


async def _store(storage: Store, folder: Folder, made: ProfilePicture) -> Picture:
    prefix = new_prefix(folder)
    key = key_for(prefix, "original", made.picture.content_type)
    await put(storage, key, made.picture.data)
    if made.static == made.picture:
        return Picture(key, key)
    static_key = key_for(prefix, "static", made.static.content_type)
    await put(storage, static_key, made.static.data)
    return Picture(key, static_key)
