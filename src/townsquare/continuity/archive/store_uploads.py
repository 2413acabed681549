"""Which uploads a target has: a small database of its own, because there may be more of them than fit into memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from townsquare.continuity.archive.model import Upload

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    key text PRIMARY KEY, size integer NOT NULL, parts text NOT NULL, at text NOT NULL, gone text
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (name text PRIMARY KEY, digest blob NOT NULL, size integer NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expected (key text PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE seen (key text PRIMARY KEY) WITHOUT ROWID;
"""


class Index:
    """Open until it is closed. Nothing is kept before `commit`."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._db = sqlite3.connect(file)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def commit(self) -> None:
        self._db.commit()

    def rollback(self) -> None:
        self._db.rollback()

    def has(self, key: str) -> bool:
        return self._one("SELECT 1 FROM files WHERE key = ? AND gone IS NULL", key)

    def has_part(self, name: str) -> bool:
        return self._one("SELECT 1 FROM parts WHERE name = ?", name)

    def add_part(self, name: str, digest: bytes, size: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", (name, digest, size))

    def write(self, uploads: Iterable[Upload]) -> None:
        """What was shipped, or is gone."""
        rows = [
            (
                one.key,
                one.size,
                " ".join(one.parts),
                (one.came or one.at).isoformat(),
                one.at.isoformat() if one.gone else None,
            )
            for one in uploads
        ]
        self._db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)

    def expect(self, keys: Iterable[str]) -> None:
        """These stand in the list of a chain before this one, and may come back."""
        self._db.executemany("INSERT OR IGNORE INTO expected VALUES (?)", [(key,) for key in keys])

    def saw(self, keys: Iterable[str]) -> None:
        """These are in the store, as a look through all of it finds."""
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", [(key,) for key in keys])

    def new(self) -> list[str]:
        """Of those that were seen, what is not there."""
        rows = self._db.execute(
            "SELECT key FROM seen WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.key = seen.key AND f.gone IS NULL)"
        )
        return [row[0] for row in rows]

    def gone(self, now: datetime) -> list[Upload]:
        """What is there, or was to come, and was not seen; what was seen is forgotten."""
        self._db.execute("DELETE FROM expected WHERE key IN (SELECT key FROM files)")
        never = self._db.execute("SELECT key FROM expected WHERE key NOT IN (SELECT key FROM seen)").fetchall()
        rows = self._db.execute(
            "SELECT key, size, parts, at FROM files WHERE gone IS NULL AND key NOT IN (SELECT key FROM seen)"
        ).fetchall()
        self._db.execute("DELETE FROM seen")
        went = [
            Upload(key, size, parts.split(), now, gone=True, came=datetime.fromisoformat(at))
            for key, size, parts, at in rows
        ]
        return went + [Upload(key, 0, [], now, gone=True) for (key,) in never]

    def all(self) -> Iterator[Upload]:
        for key, size, parts, at, gone in self._db.execute("SELECT key, size, parts, at, gone FROM files ORDER BY key"):
            came = datetime.fromisoformat(at)
            if gone is None:
                yield Upload(key, size, parts.split(), came)
            else:
                yield Upload(key, size, parts.split(), datetime.fromisoformat(gone), gone=True, came=came)

    def drop_gone(self, before: datetime) -> list[str]:
        """Forget what went before a time. The parts that nothing else needs."""
        gone = self._db.execute("SELECT key, parts FROM files WHERE gone < ?", (before.isoformat(),)).fetchall()
        self._db.executemany("DELETE FROM files WHERE key = ?", [(key,) for key, _ in gone])
        parts = {part for _, texts in gone for part in texts.split()}
        free = [part for part in parts if not self._one("SELECT 1 FROM files WHERE instr(parts, ?)", part)]
        self._db.executemany("DELETE FROM parts WHERE name = ?", [(part,) for part in free])
        return free

    def sample(self, number: int) -> list[tuple[str, bytes]]:
        """Some parts at random, with what they must be."""
        rows = self._db.execute("SELECT name, digest FROM parts ORDER BY random() LIMIT ?", (number,))
        return [(name, bytes(digest)) for name, digest in rows]

    def count(self) -> int:
        return self._db.execute("SELECT count(*) FROM files WHERE gone IS NULL").fetchone()[0]

    def _one(self, sql: str, value: str) -> bool:
        return self._db.execute(sql, (value,)).fetchone() is not None
