"""The file that is imported, as it lies there: its fingerprint, its encoding, its lines. It is read, never changed."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from townsquare.cli.errors import CommandError

UTF_8 = "utf-8-sig"
LATIN_1 = "cp1252"
"""What is called Latin-1 is Windows-1252 almost everywhere (https://encoding.spec.whatwg.org/#names-and-labels)."""


class Source(msgspec.Struct, frozen=True):
    path: Path
    sha256: str
    encoding: str


def look_at(path: Path) -> Source:
    """Read the whole file once. Raises CommandError for what cannot be read as text.

    A file is UTF-8 when more of its lines beyond ASCII are than are not: the others are bad rows, which are set aside.
    """
    digest, good, bad = hashlib.sha256(), 0, 0
    try:
        with path.open("rb") as file:
            for line in file:
                digest.update(line)
                if line.startswith((b"\xff\xfe", b"\xfe\xff")) and not good + bad:
                    raise CommandError(f"{path} is UTF-16. Save it as UTF-8 and import that.")
                if not line.isascii():
                    valid = _is_utf_8(line)
                    good, bad = good + valid, bad + (not valid)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    return Source(path, digest.hexdigest(), UTF_8 if good or not bad else LATIN_1)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_valid(text: str) -> bool:
    """False for what was not in the file's encoding: such bytes come as lone surrogates (PEP 383)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(text: str) -> str:
    """The text with invalid bytes written out, `\\xff`."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def lines_of(source: Source) -> Iterator[str]:
    """The lines with their ends. Invalid bytes come as lone surrogates."""
    with source.path.open(encoding=source.encoding, errors="surrogateescape", newline="") as file:
        yield from file


class Lines:
    """Lines that can be given back: a parser takes as many as it needs, and more than it should when one is broken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._given_back: deque[str] = deque()
        self.number = 0
        """How many were taken in all."""
        self.taken: list[str] = []
        """Since `begin`."""

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._lines)
        self.number += 1
        self.taken.append(line)
        return line

    def begin(self) -> None:
        """What comes now belongs to another row."""
        self.taken = []

    def keep_first(self) -> None:
        """Give back all that was taken but the first line."""
        back = self.taken[1:]
        self.taken = self.taken[:1]
        self.number -= len(back)
        self._given_back.extendleft(reversed(back))
