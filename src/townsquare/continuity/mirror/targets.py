"""Where a mirror lies: a folder, or a store that speaks S3's, Google's or Azure's protocol."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote, urlsplit

import msgspec
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from townsquare.kernel.errors import Unavailable
from townsquare.kernel.settings import Bucket, Settings
from townsquare.kernel.words import Words
from townsquare.media.pair import Pair
from townsquare.media.storage import KEPT, open_storage

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

TOGETHER: Final = 32
"""Files that are under way at once."""
TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "ico": "image/x-icon",
}
Data = bytes | AsyncIterable[bytes]
_KEPT: Final = {"media/": KEPT, "static/": "public, max-age=31536000, immutable"}
"""For how long what lies in a folder may be kept by whoever gets it."""


class Place(msgspec.Struct, frozen=True):
    """An open target."""

    url: str
    objects: "ObjectStore | Pair"

    @property
    def is_folder(self) -> bool:
        return isinstance(self.objects, LocalStore)


def canonical(url: str) -> str:
    """The same target by the same name, from wherever the command is called."""
    if "://" in url and not url.startswith("file://"):
        return url.rstrip("/")
    path = unquote(urlsplit(url).path) if "://" in url else url
    return str(Path(path).expanduser().absolute())


def open_target(url: str, settings: Settings) -> Place:
    """A store is reached with the keys that the settings name for files, or those of the environment. Raises
    SettingsError.
    """
    if "://" not in url:
        Path(url).mkdir(parents=True, exist_ok=True)
    storage = msgspec.structs.replace(settings.storage, url=url, public_url="", signed=False, fallback=Bucket())
    return Place(url, open_storage(storage).objects)


async def put_all(place: Place, files: Iterable[tuple[str, Data]]) -> None:
    """Write files, each wholly or not at all. Raises Unavailable."""
    await _together(_put(place, path, data) for path, data in files)


async def _put(place: Place, path: str, data: Data) -> None:
    attributes = None if place.is_folder else _attributes(path)
    await place.objects.put_async(path, data, attributes=attributes)


def _attributes(path: str) -> dict[str, str]:
    kept = next((kept for folder, kept in _KEPT.items() if path.startswith(folder)), "public, max-age=30")
    kind = TYPES.get(path.rpartition(".")[2], "text/plain; charset=utf-8")
    return {"Content-Type": kind, "Cache-Control": kept}


async def list_all(place: Place) -> dict[str, int]:
    """The paths of what lies there, and their sizes. Raises Unavailable."""
    found: dict[str, int] = {}
    try:
        listing: AsyncIterator[Sequence[ObjectMeta]] = cast("Any", place.objects).list(chunk_size=1000)
        async for batch in listing:
            found.update((one["path"], one["size"]) for one in batch)
    except (BaseError, OSError) as error:
        raise _unwritable(error) from error
    return found


async def delete_all(place: Place, paths: Iterable[str]) -> None:
    """Those that are gone already are passed over. Raises Unavailable."""
    await _together(_delete(place, path) for path in paths)


async def _delete(place: Place, path: str) -> None:
    try:
        await place.objects.delete_async(path)
    except FileNotFoundError:
        return


async def _together(acts: Iterable[Coroutine[None, None, None]]) -> None:
    waiting = list(acts)
    try:
        while waiting:
            some, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
            await asyncio.gather(*some)
    except (BaseError, OSError) as error:
        for one in waiting:
            one.close()
        raise _unwritable(error) from error


def _unwritable(error: Exception) -> Unavailable:
    return Unavailable(Words("The mirror cannot be written there: %(error)s", error=str(error).partition("\n")[0]))
