"""Files as they arrive on a standby. What is acknowledged stands on the disk here, whole, under its key."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from townsquare.continuity.standby.files_out import Answered, Message, folders, listing
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.wire import CHUNK, Stream

DRAFT: Final = ".arriving"
DIGEST: Final = 32

log = structlog.get_logger("link")


class Inbox:
    """Takes files in. `note` is called with the number of files that this host is known to lack."""

    def __init__(self, root: Path, note: Callable[[int], None]) -> None:
        self._root = root
        self._note = note
        self._lacking: set[str] = set()
        self._arrived: set[str] = set()

    async def run(self, stream: Stream) -> None:
        """Until the stream ends. Raises one of wire.LOST, and StandbyError for a file that arrives damaged."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        await stream.say(Answered(0, folders=await asyncio.to_thread(lambda: list(folders(self._root)))))
        while True:
            message = await stream.hear(Message)
            lacks: list[str] = []
            match message.act:
                case "put":
                    await self._take(stream, message)
                case "drop":
                    await asyncio.to_thread(self._drop, message.key)
                case "move":
                    await asyncio.to_thread(self._move, message.key, message.to)
                case "list":
                    lacks = await asyncio.to_thread(self._compare, message)
                case "done":
                    self._arrived.clear()
            self._note(len(self._lacking))
            await stream.say(Answered(message.number, lacks=lacks))

    def path(self, key: str) -> Path:
        """Raises StandbyError for what would lead out of the folder."""
        path = self._root / key
        if not key or Path(key).is_absolute() or ".." in Path(key).parts:
            raise StandbyError(f"{key!r} is no name of a file")
        return path

    async def _take(self, stream: Stream, message: Message) -> None:
        draft = self._root / DRAFT
        digest, left = hashlib.sha256(), message.size
        with draft.open("wb", buffering=0) as out:
            while left:
                chunk = await stream.reader.read(min(CHUNK, left))
                if not chunk:
                    raise ConnectionResetError
                digest.update(chunk)
                out.write(chunk)
                left -= len(chunk)
            if await stream.reader.readexactly(DIGEST) != digest.digest():
                raise StandbyError(f"{message.key} has arrived damaged, and is fetched again")
            await asyncio.to_thread(_settle, out.fileno(), draft, self.path(message.key))
        self._lacking.discard(message.key)
        self._arrived.add(message.key)

    def _drop(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)
        self._lacking.discard(key)

    def _move(self, key: str, to: str) -> None:
        try:
            self.path(to).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path(key).rename(self.path(to))
        except FileNotFoundError:
            log.info("a file to be moved is not here yet", file=key)

    def _compare(self, message: Message) -> list[str]:
        """What of a folder is not here. What is here and not there was deleted while this host was away."""
        self.path(message.key)
        here = listing(self._root, message.key)
        for key in here.keys() - message.files.keys() - self._arrived:
            self._drop(key)
        lacks = sorted(key for key, size in message.files.items() if here.get(key) != size)
        self._lacking.update(lacks)
        return lacks


def _settle(descriptor: int, draft: Path, file: Path) -> None:
    os.fsync(descriptor)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
