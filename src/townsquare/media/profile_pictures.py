"""Avatars, headers and emojis: processed and stored, so that profiles and texts can name them."""

from collections.abc import Mapping, Sequence
from typing import Final

from townsquare.accounts import store
from townsquare.accounts.events import PicturesAdded, PicturesReplaced
from townsquare.accounts.profile import Picture
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.errors import Refused, Unavailable
from townsquare.kernel.settings import Settings
from townsquare.media import work
from townsquare.media.arrival import limits_of
from townsquare.media.encode import Encoded
from townsquare.media.images import (
    ProfilePicture,
    Smaller,
    process_avatar,
    process_banner,
    process_emoji,
    process_header,
    process_shared,
    process_sign,
    smaller_header,
)
from townsquare.media.purge import purge
from townsquare.media.storage import Folder, Store, key_for, new_prefix, put, read

BATCH: Final = 100


async def store_avatar(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 400x400 pixels. Raises Refused as an upload does."""
    return await _store(storage, "avatars", await work.run(process_avatar, data, limits_of(settings)))


async def store_header(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 1500x500 pixels, a smaller copy and a sketch. Raises Refused as an upload does."""
    return await _store(storage, "headers", await work.run(process_header, data, limits_of(settings)))


async def store_banner(storage: Store, settings: Settings, data: bytes) -> str:
    """What stands above the front page, in two sizes; the key of the larger one. Raises Refused as an upload does."""
    return await _store_named(storage, await work.run(process_banner, data, limits_of(settings)), "banner")


async def make_smaller_headers(db: Database, storage: Store, settings: Settings) -> None:
    """Of some of the headers that came before there were sketches, or even smaller copies. One that cannot be read is
    shown as it is.
    """
    for header in await store.without_sketch(db, BATCH):
        try:
            data, _ = await read(storage, header.static_key)
            made = await work.run(smaller_header, data, limits_of(settings))
        except Unavailable:
            return
        except Refused:
            made = Smaller(None, b"")
        new = made.copy if header.small_key is None else None
        key = await _put_beside(storage, header.static_key, new) if new else header.small_key or header.static_key
        async with db.transaction() as tx:
            taken = await store.set_smaller_header(tx, header.account_id, header.static_key, key, made.sketch)
            if taken:
                await emit(tx, PicturesAdded(header.account_id))
        if not taken and new is not None:
            await purge(db, storage, [key])


async def store_emoji(storage: Store, settings: Settings, data: bytes) -> Picture:
    """At most 256 pixels wide and high. Raises Refused as an upload does."""
    return await _store(storage, "emojis", await work.run(process_emoji, data, limits_of(settings)))


async def store_sign(storage: Store, settings: Settings, data: bytes) -> str:
    """A place's icon in all its sizes; the key of the largest. Raises Refused as an upload does."""
    return await _store_named(storage, await work.run(process_sign, data, limits_of(settings)), "large")


async def store_shared(storage: Store, settings: Settings, data: bytes) -> str:
    """The picture that is shown with links to the place; its key. Raises Refused as an upload does."""
    made = await work.run(process_shared, data, limits_of(settings))
    return await _store_named(storage, {"shared": made}, "shared")


async def delete_replaced(db: Db, storage: Store, events: Sequence[PicturesReplaced]) -> None:
    """Effect: what no profile shows any more goes."""
    await purge(db, storage, [key for event in events for key in event.keys])


async def _store_named(storage: Store, made: Mapping[str, Encoded], name: str) -> str:
    """What a place shows, beside each other; the key of the one of this name."""
    prefix = new_prefix("places")
    keys = {one: key_for(prefix, one, file.content_type) for one, file in made.items()}
    for one, file in made.items():
        await put(storage, keys[one], file.data)
    return keys[name]


async def _store(storage: Store, folder: Folder, made: ProfilePicture) -> Picture:
    prefix = new_prefix(folder)
    key = static_key = key_for(prefix, "original", made.picture.content_type)
    await put(storage, key, made.picture.data)
    if made.static != made.picture:
        static_key = key_for(prefix, "static", made.static.content_type)
        await put(storage, static_key, made.static.data)
    small_key = static_key if made.small is None else await _put_beside(storage, static_key, made.small)
    return Picture(key, static_key, small_key, made.sketch)


async def _put_beside(storage: Store, static_key: str, small: Encoded) -> str:
    """The key of a smaller copy of a picture."""
    key = key_for(static_key.rpartition("/")[0], "small", small.content_type)
    await put(storage, key, small.data)
    return key
