"""One file on its way between two hosts: its bytes, and their SHA-256 after them."""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import IO, Final

from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.wire import CHUNK, Stream

DIGEST: Final = 32


async def give(stream: Stream, opened: IO[bytes]) -> None:
    """As much as was said before."""
    digest = hashlib.sha256()
    while chunk := await asyncio.to_thread(opened.read, CHUNK):
        digest.update(chunk)
        stream.writer.write(chunk)
        await stream.writer.drain()
    stream.writer.write(digest.digest())
    await stream.writer.drain()


async def take(stream: Stream, size: int, draft: Path, file: Path) -> None:
    """It stands on the disk, whole, under its name. Raises one of wire.LOST, and StandbyError for a damaged one."""
    digest, left = hashlib.sha256(), size
    with draft.open("wb", buffering=0) as out:
        while left:
            chunk = await stream.reader.read(min(CHUNK, left))
            if not chunk:
                raise ConnectionResetError
            digest.update(chunk)
            out.write(chunk)
            left -= len(chunk)
        if await stream.reader.readexactly(DIGEST) != digest.digest():
            raise StandbyError(f"{file.name} has arrived damaged, and is fetched again")
        await asyncio.to_thread(_settle, out.fileno(), draft, file)


def _settle(descriptor: int, draft: Path, file: Path) -> None:
    os.fsync(descriptor)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def path_in(root: Path, key: str) -> Path:
    """Where a file belongs. Raises StandbyError for what would lead out of the folder."""
    if not key or Path(key).is_absolute() or ".." in Path(key).parts:
        raise StandbyError(f"{key!r} is no name of a file")
    return root / key
