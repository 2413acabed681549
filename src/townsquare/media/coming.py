"""Files that are still coming back: a place that was restored is opened before all of its files have come.

A list of them stands on the disk while there are any; the service and whoever fetches them (`townsquare restore`) share
it. What somebody asks for comes first, then the newest. What is deleted or moved meanwhile is written there before it
is done with the file itself: it neither comes back nor comes to where it does not belong, wherever either is cut off.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from townsquare.kernel.errors import Unavailable
from townsquare.media import store_coming
from townsquare.media.store_coming import Due, List

T = TypeVar("T")

LONGEST: Final = 20.0
"""Seconds that somebody who asks for a file waits for it."""
_LOOK: Final = 0.1


def create(file: Path, files: Iterable[tuple[str, int, Sequence[str], str]]) -> None:
    """A list of these: key, size, parts, and when each was stored."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    store_coming.create(file, files)


def remove(file: Path) -> None:
    """There is nothing to wait for any more."""
    for name in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", ".lock"))):
        name.unlink(missing_ok=True)


def keys(file: Path) -> tuple[list[str], list[str]]:
    """Of what is on the list: all, and those of them that are still to come. Nothing where there is no list."""
    return _do(file, lambda listed: listed.keys()) or ([], [])


@contextmanager
def fetching(file: Path) -> Generator["Fetching"]:
    """For whoever fetches them; one process at a time."""
    descriptor = os.open(_lock(file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with closing(List(file)) as listed:
            yield Fetching(listed)
    finally:
        os.close(descriptor)


class Fetching:
    """The list in the hands of whoever fetches."""

    def __init__(self, listed: List) -> None:
        self._listed = listed
        self._taken: set[int] = set()
        listed.try_again()

    def left(self) -> int:
        """How many are on the list."""
        return self._listed.count()

    def take(self) -> Due | None:
        """The next one; None where nothing is left that nobody has taken."""
        one = self._listed.take(self._taken)
        if one is not None:
            self._taken.add(one.id)
        return one

    def settle(self, one: Due, key: str) -> bool:
        """It is there, under this key. False where it belongs elsewhere by now, or was deleted."""
        return self._listed.settle(one.id, key)

    def belongs(self, one: Due) -> str | None:
        """Where it belongs; None where it was deleted."""
        return self._listed.belongs(one.id)

    def forget(self, one: Due) -> None:
        """It was deleted, here too."""
        self._listed.forget(one.id)

    def done(self, one: Due) -> None:
        """Nobody works on it any more."""
        self._taken.discard(one.id)

    def fail(self, one: Due) -> None:
        """It could not be had. It stays on the list for another attempt."""
        self._listed.fail(one.id)


async def awaited(file: Path | None, key: str) -> bool:
    """Wait for a file that is coming. Whether it was, and may be there now. Raises Unavailable where it takes long."""
    if file is None or not _is_there(file) or not await asyncio.to_thread(_ask, file, key):
        return False
    try:
        async with asyncio.timeout(LONGEST):
            while True:
                if not await asyncio.to_thread(_waits, file, key):
                    return True
                await asyncio.sleep(_LOOK)
    except TimeoutError as error:
        raise Unavailable("This file is still on its way back. Try again later") from error


async def drop(file: Path | None, keys: Sequence[str]) -> None:
    """These are deleted: before that is done with the files themselves."""
    if _is_there(file):
        await asyncio.to_thread(_do, file, lambda listed: listed.drop(keys))


async def move(file: Path | None, pairs: Sequence[tuple[str, str]]) -> None:
    """These belong elsewhere, from where to where: before the files themselves are moved."""
    if _is_there(file):
        await asyncio.to_thread(_do, file, lambda listed: listed.move(pairs))


def _is_there(file: Path | None) -> bool:
    """Whether there is a list: mostly there is none, and no thread is needed to find that out."""
    return file is not None and file.exists()


def _do(file: Path | None, act: Callable[[List], T]) -> T | None:
    """Something with the list; None where there is none, or none any more."""
    if file is None or not _is_there(file):
        return None
    try:
        with closing(List(file)) as listed:
            return act(listed)
    except sqlite3.OperationalError:
        if file.exists():
            raise
        return None


def _ask(file: Path, key: str) -> bool:
    return bool(_do(file, lambda listed: listed.ask(key)))


def _waits(file: Path, key: str) -> bool:
    """Whether it is still to come, and somebody fetches. Raises Unavailable where nobody does."""
    if not _do(file, lambda listed: listed.waits(key)):
        return False
    if not _fetched(file):
        raise Unavailable("This file has not come back yet. Try again later")
    return True


def _fetched(file: Path) -> bool:
    """Whether somebody fetches what is on the list."""
    try:
        descriptor = os.open(_lock(file), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(file: Path) -> Path:
    return file.with_name(file.name + ".lock")
