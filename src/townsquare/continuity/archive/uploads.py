"""Uploads into a target: those that have just come at once, and from time to time a comparison of all.

An upload is there in parts, which are named by their content with a secret key: the same content is there once, and its
name tells nobody what it is. The list of uploads is written in entries, each after the parts that it names.
"""

import asyncio
import fcntl
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from townsquare.continuity.archive.model import PART, Upload, Uploads, files_name, media_name
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.store_uploads import Index
from townsquare.kernel.errors import NotFound
from townsquare.media import coming
from townsquare.media.storage import Store, all_keys, chunks_of

_AT_ONCE: Final = 8
_BATCH: Final = 64
_LONGEST_LIST: Final = 500
"""Entries of the list after which all of it is written anew."""
_ENTRY: Final = 5000
"""Uploads in an entry of a list that is written anew."""


def arrived(file: Path) -> list[str]:
    """The keys that were noted since this was asked last (see media.storage.noting)."""
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    with os.fdopen(descriptor, "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        keys = stream.read().decode().split()
        stream.truncate(0)
    return keys


async def compare(to: Shipping, index: Index, storage: Store, coming_back: Path) -> bool:
    """Find by a look through the whole store what is to be shipped, and note what has gone. Whether all is there.

    `coming_back`: the list of what has not come back yet to a place that was restored. Raises Unavailable.
    """
    listed, left = await asyncio.to_thread(coming.keys, coming_back)
    index.expect(listed)
    async for keys in all_keys(storage):
        index.saw(keys)
    to.pending.update(index.new())
    index.saw(left)
    gone = index.gone(datetime.now(UTC))
    for start in range(0, len(gone), _ENTRY):
        await _enter(to, index, gone[start : start + _ENTRY])
    return not left


async def tell_whole(to: Shipping) -> None:
    """The list has everything by now: those of the chains that this one carries on are needed no more."""
    now, number = datetime.now(UTC), to.progress.files + 1
    await to.put(files_name(to.chain, number), msgspec.msgpack.encode(Uploads([], whole=now)))
    to.progress.files, to.progress.whole = number, now
    to.save()


async def ship(to: Shipping, index: Index, storage: Store, names: bytes) -> bool:
    """Some of the uploads that wait. False when none do. Raises TargetError, Unavailable."""
    batch = list(islice(to.pending, _BATCH))
    if not batch:
        return False
    bound = asyncio.Semaphore(_AT_ONCE)

    async def one(key: str) -> Upload | None:
        async with bound:
            return await _upload(to, index, storage, names, key)

    new = [key for key in batch if not index.has(key)]
    made = await asyncio.gather(*(one(key) for key in new))
    if shipped := [upload for upload in made if upload is not None]:
        await _enter(to, index, shipped)
    to.pending.difference_update(batch)
    return True


async def _upload(to: Shipping, index: Index, storage: Store, names: bytes, key: str) -> Upload | None:
    """None for one that is not there: it has gone again, or is still being written and found by the next comparison."""
    parts: list[str] = []
    size = 0
    try:
        async for chunk in chunks_of(storage, key, PART):
            for start in range(0, len(chunk), PART):
                part = chunk[start : start + PART]
                name = hmac.digest(names, part, hashlib.sha256).hex()
                # The same content may be on its way with another upload: it is written once, as it is known.
                lock = to.parts.setdefault(name, asyncio.Lock())
                async with lock:
                    if not index.has_part(name):
                        index.add_part(name, *await to.put(media_name(name), part))
                parts.append(name)
                size += len(part)
    except NotFound:
        return None
    return Upload(key, size, parts, datetime.now(UTC))


async def _enter(to: Shipping, index: Index, uploads: Sequence[Upload]) -> None:
    number = to.progress.files + 1
    await to.put(files_name(to.chain, number), msgspec.msgpack.encode(Uploads(list(uploads))))
    index.write(uploads)
    index.commit()
    to.progress.files = number
    to.save()


async def tidy(to: Shipping, index: Index, before: datetime) -> None:
    """Drop what has gone before a time, and write the list anew when it has become long."""
    free = index.drop_gone(before)
    if to.progress.files - to.progress.since > _LONGEST_LIST:
        await _write_anew(to, index)
    index.commit()
    names = [media_name(part) for part in free]
    await to.target.delete(names)


async def _write_anew(to: Shipping, index: Index) -> None:
    """The last entry says that all before the first of these count no more; so it may be cut off anywhere."""
    first = number = to.progress.files + 1
    uploads = index.all()
    while batch := list(islice(uploads, _ENTRY)):
        await to.put(files_name(to.chain, number), msgspec.msgpack.encode(Uploads(batch)))
        number += 1
    await to.put(
        files_name(to.chain, number), msgspec.msgpack.encode(Uploads([], since=first, whole=to.progress.whole))
    )
    to.progress.files, to.progress.since = number, first
    to.save()
    old = [one for one in await to.target.names(f"chains/{to.chain}/files") if one.name < files_name(to.chain, first)]
    await to.delete(old)


def entry_number(name: str) -> int:
    """Of an object that is an entry of a list."""
    return int(name.rpartition("/")[2])


def read_lists(chains: Sequence[Sequence[tuple[int, bytes]]], at: datetime | None) -> dict[str, Upload]:
    """What uploads there are, or were at a time, of the entries of lists by their numbers. Pure.

    `chains`: the list of each, in their order. Of a place that came back, all that it had not listed anew yet stands
    in the list of the chain that it carries on.
    """
    found: dict[str, Upload] = {}
    for entries in chains:
        read = [(number, msgspec.msgpack.decode(data, type=Uploads)) for number, data in sorted(entries)]
        since = max((one.since for _, one in read if one.since is not None), default=0)
        if any(one.whole is not None and (at is None or one.whole <= at) for _, one in read):
            found.clear()
        for upload in (upload for number, one in read if number >= since for upload in one.files):
            _apply(found, upload, at)
    return found


def _apply(found: dict[str, Upload], upload: Upload, at: datetime | None) -> None:
    if not upload.gone:
        found[upload.key] = upload
    elif at is None or upload.at <= at:
        found.pop(upload.key, None)
    elif upload.came is not None and upload.came <= at:
        # A list that was written anew says only that it has gone; the parts stay for as long.
        found.setdefault(upload.key, msgspec.structs.replace(upload, at=upload.came, gone=False))


EVERY: Final = timedelta(hours=1)
"""Between two comparisons."""
