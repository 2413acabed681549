"""Files that are kept as evidence: copies in the store, sealed piece by piece, so that a film needs no more memory than
a picture.

A piece says its number and whether it is the last: none can be left out, put elsewhere, or cut off at the end.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from functools import partial
from typing import Final

import structlog
from obstore.exceptions import BaseError

from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.keyring import Keyring, KeyringError
from townsquare.media.storage import CHUNK, WITHHELD, Store, put, there

log = structlog.get_logger("storage")

PIECE: Final = 1024 * 1024
_LENGTH: Final = 4
SUFFIX: Final = ".sealed"


def place_of(folder: str, key: str) -> str:
    """Where the copy of a file stands."""
    return f"{folder}/{key}{SUFFIX}"


async def keep_sealed(keys: Keyring, store: Store, files: Iterable[str], folder: str) -> None:
    """Put sealed copies of files into a folder from which nothing is given out.

    Those that are gone are passed over, and those that are there already. Raises Unavailable.
    """
    for key in files:
        place = place_of(folder, key)
        if not await _is_there(store, place):
            await _keep(keys, store, key, place)


async def _keep(keys: Keyring, store: Store, key: str, place: str) -> None:
    """Also of a file that is withheld."""
    for source in (key, f"{WITHHELD}{key}"):
        try:
            found = await there(store, source, partial(store.objects.get_async, source))
            await put(store, place, _pieces(keys, place, found.stream(CHUNK)))
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            log.error("a file could not be sealed", file=key, error=str(error).partition("\n")[0])
            raise Unavailable("Files cannot be copied right now. Try again later") from error
        return


async def _is_there(store: Store, place: str) -> bool:
    try:
        await store.objects.head_async(place)
    except FileNotFoundError:
        return False
    except (BaseError, OSError) as error:
        raise Unavailable("Files cannot be read right now. Try again later") from error
    return True


async def _pieces(keys: Keyring, place: str, chunks: AsyncIterable[object]) -> AsyncIterator[bytes]:
    waiting, number = bytearray(), 0
    async for chunk in chunks:
        waiting += bytes(chunk)  # pyright: ignore[reportArgumentType] (obstore's buffers)
        while len(waiting) > PIECE:
            yield _piece(keys, place, number, bytes(waiting[:PIECE]), last=False)
            del waiting[:PIECE]
            number += 1
    yield _piece(keys, place, number, bytes(waiting), last=True)


def _piece(keys: Keyring, place: str, number: int, data: bytes, *, last: bool) -> bytes:
    sealed = keys.seal("evidence", data, _about(place, number, last=last))
    return len(sealed).to_bytes(_LENGTH, "big") + bytes([last]) + sealed


async def copy_sealed(keys: Keyring, store: Store, files: Iterable[str], source: str, target: str) -> None:
    """Put what was kept in one folder into another too. Those that are not there are passed over, and those that are
    there already. Raises Unavailable, KeyringError.
    """
    for key in files:
        place, copy = place_of(source, key), place_of(target, key)
        if not await _is_there(store, copy):
            try:
                found = await store.objects.get_async(place)
                await put(store, copy, _pieces(keys, copy, _plain(keys, place, found.stream(CHUNK))))
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                log.error("a sealed file could not be copied", file=key, error=str(error).partition("\n")[0])
                raise Unavailable("Files cannot be copied right now. Try again later") from error


async def _plain(keys: Keyring, place: str, chunks: AsyncIterable[object]) -> AsyncIterator[bytes]:
    """What was kept, a piece at a time."""
    waiting, number, last = bytearray(), 0, False
    async for chunk in chunks:
        waiting += bytes(chunk)  # pyright: ignore[reportArgumentType] (obstore's buffers)
        while len(waiting) > _LENGTH and len(waiting) >= (
            end := _LENGTH + 1 + int.from_bytes(waiting[:_LENGTH], "big")
        ):
            last = bool(waiting[_LENGTH])
            yield keys.open("evidence", bytes(waiting[_LENGTH + 1 : end]), _about(place, number, last=last))
            del waiting[:end]
            number += 1
    if not last or waiting:
        raise KeyringError(f"What was sealed in {place} is not whole")


async def open_sealed(keys: Keyring, store: Store, folder: str, key: str, most: int) -> bytes | None:
    """A file that was kept; None where it is larger than that. Raises NotFound, Unavailable, KeyringError."""
    place = place_of(folder, key)
    try:
        found = await store.objects.get_async(place)
        if found.meta["size"] > most + most // 64:
            return None
        data = bytes(await found.bytes_async())
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        log.error("a sealed file could not be read", file=key, error=str(error).partition("\n")[0])
        raise Unavailable("Files cannot be read right now. Try again later") from error
    return _whole(keys, place, data)


def _whole(keys: Keyring, place: str, data: bytes) -> bytes:
    made, at, number, last = bytearray(), 0, 0, False
    while at < len(data) and not last:
        size, last = int.from_bytes(data[at : at + _LENGTH], "big"), bool(data[at + _LENGTH])
        at += _LENGTH + 1
        made += keys.open("evidence", data[at : at + size], _about(place, number, last=last))
        at, number = at + size, number + 1
    if not last or at != len(data):
        raise KeyringError(f"What was sealed in {place} is not whole")
    return bytes(made)


def _about(place: str, number: int, *, last: bool) -> str:
    return f"file:{place}:{number}:{'last' if last else 'more'}"
