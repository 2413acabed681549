"""Files that lie sealed in the store: copies that are kept as evidence, and archives of people's own. They are sealed
piece by piece, so that a film needs no more memory than a picture.

A piece says its number and whether it is the last: none can be left out, put elsewhere, or cut off at the end. All but
the last are of one length, so that a part of a film is read without what stands before it.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Final

import structlog
from obstore.exceptions import BaseError

from townsquare.kernel.errors import Unavailable
from townsquare.kernel.keyring import ADDED, Keyring, KeyringError, Purpose
from townsquare.media.storage import (
    CHUNK,
    WITHHELD,
    NoSuchPart,
    Part,
    Piece,
    Store,
    content_type_of,
    put,
    size_of,
    there,
)

log = structlog.get_logger("storage")

EVIDENCE: Final = "evidence"
"""Where the copies stand in the store: nothing is given out from there."""
PIECE: Final = 1024 * 1024
_LENGTH: Final = 4
_RECORD: Final = _LENGTH + 1 + PIECE + ADDED
"""Bytes of a piece as it stands in the store: how long what was sealed is, whether it is the last, and that."""
SUFFIX: Final = ".sealed"


def folder_of(source_id: int) -> str:
    """Where the copies stand that were kept for a report, a notice or a signal."""
    return f"{EVIDENCE}/{source_id}"


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
    sealed = keys.seal(_purpose(place), data, _about(place, number, last=last))
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
                count = -(-found.meta["size"] // _RECORD)
                await put(store, copy, _pieces(keys, copy, _opened(keys, place, found.stream(CHUNK), 0, count)))
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                log.error("a sealed file could not be copied", file=key, error=str(error).partition("\n")[0])
                raise Unavailable("Files cannot be copied right now. Try again later") from error


async def _opened(
    keys: Keyring, place: str, chunks: AsyncIterable[object], number: int, count: int
) -> AsyncIterator[bytes]:
    """What was kept, a piece at a time, from one on to the end of what is read; `count`: how many there are.

    Raises KeyringError.
    """
    waiting = bytearray()
    async for chunk in chunks:
        waiting += bytes(chunk)  # pyright: ignore[reportArgumentType] (obstore's buffers)
        while len(waiting) >= _RECORD:
            yield _plain(keys, place, number, bytes(waiting[:_RECORD]), last=number == count - 1)
            del waiting[:_RECORD]
            number += 1
    if waiting:
        yield _plain(keys, place, number, bytes(waiting), last=number == count - 1)


def _plain(keys: Keyring, place: str, number: int, record: bytes, *, last: bool) -> bytes:
    if int.from_bytes(record[:_LENGTH], "big") != len(record) - _LENGTH - 1:
        raise KeyringError(f"What was sealed in {place} is not whole")
    about = _about(place, number, last=last)
    return keys.open(_purpose(place), record[_LENGTH + 1 :], about)


def _purpose(place: str) -> Purpose:
    """Archives of people's own have a key of their own."""
    return "archives" if place.startswith("copies/") else "evidence"


async def put_sealed(keys: Keyring, store: Store, key: str, file: IO[bytes]) -> None:
    """Write a file that is given out under no key, sealed. Raises Unavailable."""
    with TemporaryFile() as sealed:  # so that a second store can have it when the first does not work
        async for record in _pieces(keys, key, _read(file)):
            sealed.write(record)
        sealed.seek(0)
        await put(store, key, sealed)


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := file.read(PIECE):
        yield chunk


async def piece_put(keys: Keyring, store: Store, key: str, content_type: str, part: Part | None = None) -> Piece:
    """What `put_sealed` wrote, for whoever was found to be allowed to have it. Raises as `piece_sealed`."""
    return await _part(keys, store, key, content_type, part or Part(0, None))


async def fetch_sealed(keys: Keyring, store: Store, key: str, file: IO[bytes]) -> None:
    """Write what `put_sealed` wrote, opened, to a file. Raises NotFound, Unavailable, KeyringError."""
    found = await piece_put(keys, store, key, "")
    async for chunk in found.chunks:
        file.write(chunk)
    file.flush()


async def piece_sealed(keys: Keyring, store: Store, folder: str, key: str, part: Part | None = None) -> Piece:
    """A file that was kept, or a part of it, opened while it is sent. Raises NotFound, NoSuchPart, Unavailable, and
    while it is sent KeyringError.
    """
    return await _part(keys, store, place_of(folder, key), content_type_of(key), part or Part(0, None))


async def _part(keys: Keyring, store: Store, place: str, content_type: str, part: Part) -> Piece:
    whole = await size_of(store, place)
    if not whole:
        raise KeyringError(f"What was sealed in {place} is not whole")
    count = -(-whole // _RECORD)
    size = whole - count * (_RECORD - PIECE)
    start, end = _within(part, size)
    first, last = start // PIECE, max(end - 1, 0) // PIECE
    reach = (first * _RECORD, min((last + 1) * _RECORD, whole))
    try:
        found = await store.objects.get_async(place, options={"range": reach})
    except (BaseError, OSError) as error:
        log.error("a sealed file could not be read", file=place, error=str(error).partition("\n")[0])
        raise Unavailable("Files cannot be read right now. Try again later") from error
    plain = _opened(keys, place, found.stream(CHUNK), first, count)
    return Piece(_cut(plain, start - first * PIECE, end - start), content_type, start, end, size)


def _within(part: Part, size: int) -> tuple[int, int]:
    """Where a part begins and ends, the latter not included. Raises NoSuchPart."""
    if part.start is None:
        return max(size - (part.end or 0), 0), size
    if part.start and part.start >= size:
        raise NoSuchPart(headers={"content-range": f"bytes */{size}"})
    return part.start, size if part.end is None else min(part.end, size)


async def _cut(chunks: AsyncIterator[bytes], skipped: int, length: int) -> AsyncIterator[bytes]:
    """So many bytes, after so many."""
    async for chunk in chunks:
        kept = chunk[skipped : skipped + length]
        skipped, length = max(skipped - len(chunk), 0), length - len(kept)
        if kept:
            yield kept


async def open_sealed(keys: Keyring, store: Store, folder: str, key: str, most: int) -> bytes | None:
    """A file that was kept; None where it is larger than that. Raises NotFound, Unavailable, KeyringError."""
    found = await _part(keys, store, place_of(folder, key), "", Part(0, None))
    return None if found.size > most else b"".join([chunk async for chunk in found.chunks])


def _about(place: str, number: int, *, last: bool) -> str:
    return f"file:{place}:{number}:{'last' if last else 'more'}"
