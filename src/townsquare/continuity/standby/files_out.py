"""Files on their way to the standbys: told of by the web and the background work, sent in order, each acknowledged.

A file never changes under its key (media/storage.py), so a standby that has a key of that size has the file; what it
lacks is found by comparing the names in each folder when it connects. Every file is sent with its SHA-256, and stands
on the standby's disk before it is acknowledged.

What a standby has and this host has not was either deleted while it was away, or taken in while it led and lost on the
way: the database tells which, by naming the file or not.
"""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import asyncpg
import msgspec
import structlog

from townsquare.continuity.standby.files_across import give, path_in, take
from townsquare.continuity.standby.wire import Stream
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.media.beside import Order, Outcome

Act = Literal["put", "drop", "move", "list", "fetch", "done"]
Named = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these files the database names."""
WAIT: Final = 10.0
"""Seconds in which a file must be on a standby where uploads wait for that."""
AT_ONCE: Final = 64
"""Files that are sent before the first of them is acknowledged."""

log = structlog.get_logger("link")


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a standby is told. After a `put` follow `size` bytes, and the SHA-256 of these."""

    number: int
    act: Act
    key: str = ""
    to: str = ""
    size: int = 0
    files: dict[str, int] = {}
    """Of a folder (`key`): the files below it and their sizes."""


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What it answers: done with `number`; and these files of a list it lacks, these it has besides. To a `fetch`: of
    so many bytes, which follow, with their SHA-256. Its first word names its folders.
    """

    number: int
    lacks: list[str] = []
    has: list[str] = []
    size: int | None = None
    folders: list[str] = []


class Follower:
    """One standby that is connected for files."""

    def __init__(self, root: Path, named: Named, came: Callable[["Follower", str], None]) -> None:
        self._root = root
        self._named = named
        self._came = came
        self._fetched: dict[int, str] = {}
        self._waiting: deque[tuple[Message, asyncio.Future[None] | None]] = deque()
        self._sent: dict[int, asyncio.Future[None] | None] = {}
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._number = 0
        self.compared = False
        """Whether all that stood here when it connected was told of."""

    @property
    def behind(self) -> int:
        """Files that are not acknowledged yet."""
        return len(self._waiting) + len(self._sent)

    def enter(self, act: Act, key: str, to: str = "", *, files: dict[str, int] | None = None) -> asyncio.Future[None]:
        """To be sent; done when it is acknowledged."""
        self._number += 1
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= AT_ONCE:
            self._room.clear()
        self._waiting.append((Message(self._number, act, key, to, files=files or {}), done))
        self._more.set()
        return done

    async def run(self, stream: Stream) -> None:
        """Until the stream ends. Raises one of wire.LOST."""
        first = await stream.hear(Answered)
        comparing = asyncio.create_task(self._compare(first.folders))
        hearing = asyncio.create_task(self._hear(stream))
        sending = asyncio.create_task(self._send(stream))
        try:
            done, _ = await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for task in (comparing, hearing, sending):
                task.cancel()
            for future in (*self._sent.values(), *(one for _, one in self._waiting)):
                if future is not None and not future.done():
                    future.cancel()

    async def _compare(self, theirs: list[str]) -> None:
        """Tell it what stands in each folder here."""
        here = await asyncio.to_thread(lambda: list(folders(self._root)))
        for name in sorted({*here, *theirs}):
            # Listed and told in one turn, so that what is stored meanwhile is told of after it.
            self.enter("list", name, files=listing(self._root, name))
            await self._room.wait()
        await self.enter("done", "")
        self.compared = True

    async def _send(self, stream: Stream) -> None:
        while True:
            while not self._waiting or len(self._sent) >= AT_ONCE:
                self._more.clear()
                await self._more.wait()
            message, done = self._waiting.popleft()
            if len(self._waiting) < AT_ONCE:
                self._room.set()
            self._sent[message.number] = done
            if message.act != "put":
                if message.act == "fetch":
                    self._fetched[message.number] = message.key
                await stream.say(message)
                continue
            if not await _send_file(stream, message, self._root / message.key):
                self._acknowledge(message.number)  # it was deleted meanwhile, which comes next

    async def _hear(self, stream: Stream) -> None:
        while True:
            answered = await stream.hear(Answered)
            for key in answered.lacks:
                self.enter("put", key)
            if answered.has:
                await self._judge(answered.has)
            key = self._fetched.pop(answered.number, "")
            if answered.size is not None and key:
                draft = self._root / f".arriving-{id(self)}"
                await take(stream, answered.size, draft, path_in(self._root, key))
                self._came(self, key)
            self._acknowledge(answered.number)

    async def _judge(self, keys: list[str]) -> None:
        """What only the standby has: is brought here where the database names it, and else is to go there too."""
        try:
            named = await self._named(keys)
        except (*DATABASE_LOST, asyncpg.PostgresError, TimeoutError) as error:
            log.warning("what only a standby has is looked at when it connects again", reason=str(error))
            return
        for key in keys:
            self.enter("fetch" if key in named else "drop", key)

    def _acknowledge(self, number: int) -> None:
        done = self._sent.pop(number, None)
        if done is not None and not done.done():
            done.set_result(None)
        self._more.set()


class Outbox:
    """The standbys that take files."""

    def __init__(self, root: Path | None, named: Named) -> None:
        self._root = root
        self._named = named
        self._followers: dict[str, Follower] = {}

    async def serve(self, name: str, stream: Stream) -> None:
        """Send files to a standby until it is gone. Raises one of wire.LOST."""
        if self._root is None:
            return
        follower = self._followers[name] = Follower(self._root, self._named, self._came)
        try:
            await follower.run(stream)
        finally:
            if self._followers.get(name) is follower:
                del self._followers[name]

    def _came(self, of: Follower, key: str) -> None:
        """A standby had a file that was not here: the others are to have it as well."""
        log.info("a file has come that only a standby had", file=key)
        for one in self._followers.values():
            if one is not of:
                one.enter("put", key)

    def behind(self, name: str) -> int:
        """How many files a standby lacks, as far as is known."""
        follower = self._followers.get(name)
        return follower.behind if follower is not None else 0

    def compared(self, name: str) -> bool:
        """Whether it is known what a standby lacks."""
        follower = self._followers.get(name)
        return follower is not None and follower.compared

    async def told(self, order: Order, *, remote: bool) -> Outcome:
        """A process of this host has stored or deleted a file. With `remote`, one standby must have it as well."""
        done = [one.enter(order.act, order.key, order.to) for one in self._followers.values()]
        if not remote or not order.wait:
            return Outcome()
        if done:
            finished, _ = await asyncio.wait(done, timeout=WAIT, return_when=asyncio.FIRST_COMPLETED)
            if any(not one.cancelled() for one in finished):
                return Outcome()
        return Outcome("no standby has the file")


def folders(root: Path) -> Iterator[str]:
    """The folders that are compared one by one: what begins alike of each kind of file."""
    for kind in sorted(root.iterdir()) if root.exists() else ():
        if kind.is_dir():
            inner = [one for one in sorted(kind.iterdir()) if one.is_dir()]
            deeper = [two for one in inner for two in sorted(one.iterdir())] if kind.name == "withheld" else inner
            yield from (str(one.relative_to(root)) for one in deeper if one.is_dir())


def listing(root: Path, name: str) -> dict[str, int]:
    """The files below a folder, and their sizes, without those that are being written (`#`)."""
    found: dict[str, int] = {}
    for parent, _, names in os.walk(root / name):
        for one in names:
            file = Path(parent) / one
            if "#" not in one and not one.startswith("."):
                with suppress(FileNotFoundError):
                    found[str(file.relative_to(root))] = file.stat().st_size
    return found


async def _send_file(stream: Stream, message: Message, file: Path) -> bool:
    """Whether it is still there."""
    try:
        opened = await asyncio.to_thread(file.open, "rb")
    except FileNotFoundError:
        return False
    with opened:
        await stream.say(msgspec.structs.replace(message, size=os.fstat(opened.fileno()).st_size))
        await give(stream, opened)
    return True
