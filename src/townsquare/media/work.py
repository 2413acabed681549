"""Files are decoded in processes beside ours (`press.py`), one of which is kept for pictures while people send some.

What waits is bounded: it holds the bytes of its uploads. So are the memory and the time that a file may take, for both
can be made huge by a few bytes.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import IO, Any, Final, Protocol, TypeVar, get_type_hints

import msgspec

from townsquare.kernel.errors import Unavailable
from townsquare.media import press
from townsquare.media.errors import TooMuchWork
from townsquare.media.formats import ImageLimits
from townsquare.media.tasks import Task

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MOST_WAITING: Final = 32
HARMLESS: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")
"""The variables that a press gets. Others may hold secrets."""


class Bounds(msgspec.Struct, frozen=True):
    """What one order may take."""

    seconds: float
    memory: int
    """Bytes of address space, the program itself included."""
    niceness: int = 5
    """How much it stands back behind the answering of requests."""


WAITED_FOR: Final = Bounds(seconds=30, memory=2 * 1024**3)
"""Somebody waits for the answer."""


class Process(Protocol[T_co]):
    """`images.process`, `process_avatar` or `process_header`."""

    def __call__(self, data: bytes, *, limits: ImageLimits) -> T_co: ...


class Ended(Exception):  # noqa: N818 (it is no error: a press that nobody needed)
    """The process had ended before it got an order."""


class Press:
    """One process, and the socket to it."""

    def __init__(self, bounds: Bounds) -> None:
        ours, theirs = socket.socketpair()
        self._channel = ours
        command = [sys.executable, "-m", press.__name__, str(bounds.memory), str(bounds.niceness)]
        environ = {name: os.environ[name] for name in HARMLESS if name in os.environ}
        self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environ)
        theirs.close()

    def ask(self, order: press.Order, files: list[int], seconds: float) -> press.Reply:
        """Raises TooMuchWork when the process dies over it or takes too long, Ended when it was gone already. It is to
        be ended after either.
        """
        self._channel.settimeout(seconds)
        try:
            press.send(self._channel, order, files)
            answer, _ = press.receive(self._channel)
        except TimeoutError as error:
            raise TooMuchWork from error
        except OSError:
            answer = b""
        if answer:
            return msgspec.msgpack.decode(answer, type=press.Reply)
        if self._process.wait() == 0:
            raise Ended
        raise TooMuchWork

    def end(self) -> None:
        """At once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._channel.close()


class Workshop:
    """The thread of this process in which answers are waited for, and the press that is kept."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="press")
        self._kept: Press | None = None
        self.taken = 0

    async def do(self, order: press.Order, files: list[int], bounds: Bounds) -> press.Reply:
        """By the press that is kept, or a new one. Raises as `Press.ask`, and Unavailable when too many wait."""
        if self.taken >= MOST_WAITING:
            raise Unavailable("Many pictures are being worked on. Wait a moment and send yours again")
        self.taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._by_kept, order, files, bounds)
        finally:
            self.taken -= 1

    def _by_kept(self, order: press.Order, files: list[int], bounds: Bounds) -> press.Reply:
        if self._kept is None:
            self._kept = Press(bounds)
        try:
            return self._kept.ask(order, files, bounds.seconds)
        except (Ended, TooMuchWork) as error:
            self._kept.end()
            self._kept = None
            if isinstance(error, TooMuchWork):
                raise
        return self._by_kept(order, files, bounds)


@cache
def workshop() -> Workshop:
    return Workshop()


async def run(process: Process[T_co], data: bytes, limits: ImageLimits) -> T_co:
    """`process(data, limits=limits)` elsewhere. Raises what that raises, TooMuchWork, and Unavailable when too many
    wait.
    """
    shape: Any = get_type_hints(process)["return"]
    return await quickly(Task(press.name_of(process), shape), {"data": data, "limits": limits})


async def quickly(task: Task[T], given: Mapping[str, object], files: Mapping[str, IO[bytes]] | None = None) -> T:
    """Do a task elsewhere while somebody waits; `files` are parameters too. Raises as `run` does."""
    return await _told(task, given, files or {}, lambda order, open_: workshop().do(order, open_, WAITED_FOR))


async def slowly(task: Task[T], given: Mapping[str, object], files: Mapping[str, IO[bytes]], bounds: Bounds) -> T:
    """The same in a process of its own, which ends with it, or when this call is cancelled."""

    async def do(order: press.Order, open_: list[int]) -> press.Reply:
        own = Press(bounds)
        try:
            return await asyncio.to_thread(own.ask, order, open_, bounds.seconds)
        finally:
            own.end()

    return await _told(task, given, files, do)


async def _told(
    task: Task[T],
    given: Mapping[str, object],
    files: Mapping[str, IO[bytes]],
    do: Callable[[press.Order, list[int]], Awaitable[press.Reply]],
) -> T:
    reply = await do(press.Order(task.name, dict(given), list(files)), [file.fileno() for file in files.values()])
    if reply.broken is not None:
        raise RuntimeError(f"{task.name} failed elsewhere:\n{reply.broken}")
    if reply.refused is not None:
        name, text = reply.refused
        raise press.named(name)(text or None)
    return msgspec.msgpack.decode(reply.result, type=task.returns)
