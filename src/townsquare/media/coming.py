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

import msgspec

from townsquare.kernel.errors import Unavailable

T = TypeVar("T")

LONGEST: Final = 20.0
"""Seconds that somebody who asks for a file waits for it."""
_LOOK: Final = 0.1
_BUSY: Final = 30.0
"""Seconds for which one process waits while another one writes to the list."""
_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS coming (
    id integer PRIMARY KEY,
    key text NOT NULL UNIQUE,               -- where it belongs
    size integer NOT NULL,
    parts text NOT NULL,
    at text NOT NULL,
    asked integer NOT NULL DEFAULT 0,
    gone integer NOT NULL DEFAULT 0,        -- deleted meanwhile
    failed integer NOT NULL DEFAULT 0,
    put text                                -- where it is being written, or was when that was cut off
);
CREATE INDEX IF NOT EXISTS coming_order ON coming (failed, gone DESC, asked DESC, at DESC);
"""


class Due(msgspec.Struct, frozen=True):
    """A file to be fetched. `left`: where an attempt that was cut off may have put it."""

    id: int
    key: str
    size: int
    parts: Sequence[str]
    gone: bool
    left: str | None


def create(file: Path, files: Iterable[tuple[str, int, Sequence[str], str]]) -> None:
    """A list of these: key, size, parts, and when each was stored."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    rows = ((key, size, " ".join(parts), at) for key, size, parts, at in files)
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(_SCHEMA)
        db.executemany("INSERT OR REPLACE INTO coming (key, size, parts, at) VALUES (?, ?, ?, ?)", rows)


def remove(file: Path) -> None:
    """There is nothing to wait for any more."""
    for name in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", ".lock"))):
        name.unlink(missing_ok=True)


@contextmanager
def fetching(file: Path) -> Generator["Fetching"]:
    """For whoever fetches them; one process at a time."""
    descriptor = os.open(_lock(file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with closing(_open(file)) as db:
            yield Fetching(db)
    finally:
        os.close(descriptor)


class Fetching:
    """The list in the hands of whoever fetches."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._taken: set[int] = set()
        with db:
            db.execute("UPDATE coming SET failed = 0 WHERE failed = 1")

    def left(self) -> int:
        """How many are on the list."""
        return self._db.execute("SELECT count(*) FROM coming").fetchone()[0]

    def take(self) -> Due | None:
        """The next one; None where nothing is left that nobody has taken."""
        sql = """
            SELECT id, key, size, parts, gone, put FROM coming WHERE failed = 0
            ORDER BY gone DESC, asked DESC, at DESC LIMIT ?
        """
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._db.execute(sql, (len(self._taken) + 1,)).fetchall()
            found = next((row for row in rows if row[0] not in self._taken), None)
            if found is None:
                return None
            number, key, size, parts, gone, put = found
            self._db.execute("UPDATE coming SET put = ? WHERE id = ?", (key, number))
        self._taken.add(number)
        return Due(number, key, size, parts.split(), bool(gone), put)

    def settle(self, one: Due, key: str) -> bool:
        """It is there, under this key. False where it belongs elsewhere by now, or was deleted."""
        with self._db:
            sql = "DELETE FROM coming WHERE id = ? AND key = ? AND gone = 0"
            return self._db.execute(sql, (one.id, key)).rowcount > 0

    def belongs(self, one: Due) -> str | None:
        """Where it belongs; None where it was deleted."""
        key, gone = self._db.execute("SELECT key, gone FROM coming WHERE id = ?", (one.id,)).fetchone()
        return None if gone else key

    def forget(self, one: Due) -> None:
        """It was deleted, here too."""
        with self._db:
            self._db.execute("DELETE FROM coming WHERE id = ?", (one.id,))

    def fail(self, one: Due) -> None:
        """It could not be had. It stays on the list for another attempt."""
        with self._db:
            self._db.execute("UPDATE coming SET failed = 1 WHERE id = ?", (one.id,))


async def awaited(file: Path | None, key: str) -> bool:
    """Wait for a file that is coming. Whether it was, and may be there now. Raises Unavailable where it takes long."""
    if file is None or not await asyncio.to_thread(_ask, file, key):
        return False
    try:
        async with asyncio.timeout(LONGEST):
            while True:
                if not await asyncio.to_thread(_waits, file, key):
                    return True
                await asyncio.sleep(_LOOK)
    except TimeoutError as error:
        raise Unavailable("This file is still on its way back. Try again later") from error


def drop(file: Path | None, keys: Sequence[str]) -> None:
    """These are deleted: before that is done with the files themselves."""
    _do(file, lambda db: db.executemany("UPDATE coming SET gone = 1 WHERE key = ?", [(key,) for key in keys]))


def move(file: Path | None, pairs: Sequence[tuple[str, str]]) -> None:
    """These belong elsewhere, from where to where: before the files themselves are moved."""
    sql = "UPDATE coming SET key = ? WHERE key = ? AND gone = 0"
    _do(file, lambda db: db.executemany(sql, [(end, start) for start, end in pairs]))


def _do(file: Path | None, act: Callable[[sqlite3.Connection], T]) -> T | None:
    """Something with the list; None where there is none, or none any more."""
    if file is None or not file.exists():
        return None
    try:
        with closing(_open(file)) as db, db:
            return act(db)
    except sqlite3.OperationalError:
        if file.exists():
            raise
        return None


def _ask(file: Path, key: str) -> bool:
    """Have it come first. Whether it is on the list."""
    sql = "UPDATE coming SET asked = 1 WHERE key = ? AND gone = 0 AND failed = 0"
    return bool(_do(file, lambda db: db.execute(sql, (key,)).rowcount))


def _waits(file: Path, key: str) -> bool:
    """Whether it is still on the list, and somebody fetches. Raises Unavailable where nobody does."""
    sql = "SELECT key FROM coming WHERE key = ? AND gone = 0 AND failed = 0"
    if _do(file, lambda db: db.execute(sql, (key,)).fetchone()) is None:
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


def _open(file: Path) -> sqlite3.Connection:
    """One that is there: a list that has just been removed is not to be made anew."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", timeout=_BUSY, uri=True)
