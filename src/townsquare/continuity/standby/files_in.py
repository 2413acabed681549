"""Files as they arrive on a standby. What is acknowledged stands on the disk here, whole, under its key."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from townsquare.continuity.standby.files_across import give, path_in, take
from townsquare.continuity.standby.files_out import Answered, Message, folders, listing
from townsquare.continuity.standby.wire import Stream

DRAFT: Final = ".arriving"

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
            has: list[str] = []
            match message.act:
                case "put":
                    await take(stream, message.size, self._root / DRAFT, self.path(message.key))
                    self._lacking.discard(message.key)
                    self._arrived.add(message.key)
                case "fetch":
                    await self._give(stream, message)
                    continue
                case "drop":
                    await asyncio.to_thread(self._drop, message.key)
                case "move":
                    await asyncio.to_thread(self._move, message.key, message.to)
                case "list":
                    lacks, has = await asyncio.to_thread(self._compare, message)
                case "done":
                    self._arrived.clear()
            self._note(len(self._lacking))
            await stream.say(Answered(message.number, lacks=lacks, has=has))

    def path(self, key: str) -> Path:
        """Raises StandbyError for what would lead out of the folder."""
        return path_in(self._root, key)

    async def _give(self, stream: Stream, message: Message) -> None:
        """The primary lacks it: it was taken in while this host led, and went no further then."""
        try:
            opened = await asyncio.to_thread(self.path(message.key).open, "rb")
        except FileNotFoundError:
            await stream.say(Answered(message.number))
            return
        with opened:
            await stream.say(Answered(message.number, size=os.fstat(opened.fileno()).st_size))
            await give(stream, opened)

    def _drop(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)
        self._lacking.discard(key)

    def _move(self, key: str, to: str) -> None:
        try:
            self.path(to).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path(key).rename(self.path(to))
        except FileNotFoundError:
            log.info("a file to be moved is not here yet", file=key)

    def _compare(self, message: Message) -> tuple[list[str], list[str]]:
        """What of a folder is not here, and what is here and not there: the primary knows what becomes of that."""
        self.path(message.key)
        here = listing(self._root, message.key)
        lacks = sorted(key for key, size in message.files.items() if here.get(key) != size)
        self._lacking.update(lacks)
        return lacks, sorted(here.keys() - message.files.keys() - self._arrived)
