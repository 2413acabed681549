"""The SQL of the list of files that are still coming back: a small database of its own, beside the store of files."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

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


class List:
    """Open until it is closed. Raises sqlite3.OperationalError where there is none: it is not to be made anew."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", timeout=_BUSY, uri=True)

    def close(self) -> None:
        self._db.close()

    def count(self) -> int:
        return self._db.execute("SELECT count(*) FROM coming").fetchone()[0]

    def keys(self) -> tuple[list[str], list[str]]:
        """All that are on the list, also those that were deleted meanwhile; and without these."""
        rows = self._db.execute("SELECT key, gone FROM coming").fetchall()
        return [key for key, _ in rows], [key for key, gone in rows if not gone]

    def take(self, taken: set[int]) -> Due | None:
        """The next one that is not taken, which now is being written; None where there is none."""
        sql = """
            SELECT id, key, size, parts, gone, put FROM coming WHERE failed = 0
            ORDER BY gone DESC, asked DESC, at DESC LIMIT ?
        """
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = self._db.execute(sql, (len(taken) + 1,)).fetchall()
            found = next((row for row in rows if row[0] not in taken), None)
            if found is None:
                return None
            number, key, size, parts, gone, put = found
            self._db.execute("UPDATE coming SET put = ? WHERE id = ?", (key, number))
        return Due(number, key, size, parts.split(), bool(gone), put)

    def settle(self, number: int, key: str) -> bool:
        """It is there. False where it belongs elsewhere by now, or was deleted."""
        with self._db:
            sql = "DELETE FROM coming WHERE id = ? AND key = ? AND gone = 0"
            return self._db.execute(sql, (number, key)).rowcount > 0

    def belongs(self, number: int) -> str | None:
        """Where it belongs; None where it was deleted."""
        key, gone = self._db.execute("SELECT key, gone FROM coming WHERE id = ?", (number,)).fetchone()
        return None if gone else key

    def forget(self, number: int) -> None:
        with self._db:
            self._db.execute("DELETE FROM coming WHERE id = ?", (number,))

    def fail(self, number: int) -> None:
        with self._db:
            self._db.execute("UPDATE coming SET failed = 1 WHERE id = ?", (number,))

    def try_again(self) -> None:
        with self._db:
            self._db.execute("UPDATE coming SET failed = 0 WHERE failed = 1")

    def ask(self, key: str) -> bool:
        """Have it come first. Whether it is to come."""
        with self._db:
            sql = "UPDATE coming SET asked = 1 WHERE key = ? AND gone = 0 AND failed = 0"
            return self._db.execute(sql, (key,)).rowcount > 0

    def waits(self, key: str) -> bool:
        """Whether it is to come."""
        sql = "SELECT 1 FROM coming WHERE key = ? AND gone = 0 AND failed = 0"
        return self._db.execute(sql, (key,)).fetchone() is not None

    def drop(self, keys: Sequence[str]) -> None:
        with self._db:
            self._db.executemany("UPDATE coming SET gone = 1 WHERE key = ?", [(key,) for key in keys])

    def move(self, pairs: Sequence[tuple[str, str]]) -> None:
        """From where to where."""
        with self._db:
            sql = "UPDATE coming SET key = ? WHERE key = ? AND gone = 0"
            self._db.executemany(sql, [(end, start) for start, end in pairs])


def create(file: Path, files: Iterable[tuple[str, int, Sequence[str], str]]) -> None:
    """A list of these: key, size, parts, and when each was stored."""
    rows = ((key, size, " ".join(parts), at) for key, size, parts, at in files)
    db = sqlite3.connect(file)
    try:
        with db:
            db.executescript(_SCHEMA)
            db.executemany("INSERT OR REPLACE INTO coming (key, size, parts, at) VALUES (?, ?, ?, ?)", rows)
    finally:
        db.close()
