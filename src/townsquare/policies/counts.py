"""Counts that all processes of a service on a machine have in common: a table in memory, through a file.

Nothing is locked and no process waits for another: of two that count one client at the very same moment one may be
forgotten, which a bound of hundreds does not notice. The table has a fixed size. A client has one of a few places in
it; when others have them all, whoever asked least is forgotten.
"""

import fcntl
import mmap
import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

PLACES: Final = 1 << 17
SIZE: Final = PLACES * 16
"""Bytes: of each place who it is, and the span above the count, as 64-bit numbers."""
TRIED: Final = 8
"""Places that one client may have."""
MOST: Final = (1 << 32) - 1


class Counts:
    """`file`: where the table is for the other processes too. Raises OSError where that cannot be."""

    def __init__(self, file: Path | None = None) -> None:
        self._words = memoryview(mmap.mmap(-1, SIZE) if file is None else _mapped(file)).cast("Q")

    def add(self, key: str, span: int) -> int:
        """Count one more of `key` in a span of time, and tell how many there were in it."""
        words = self._words
        who = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
        chosen, least = 0, MOST
        for step in range(TRIED):
            place = (who + step) % PLACES * 2
            tally = words[place + 1]
            used = tally & MOST if tally >> 32 == span else 0
            if words[place] == who and used:
                chosen, least = place, used
                break
            if used < least:
                chosen, least = place, used
        else:
            least = 0
        words[chosen] = who
        words[chosen + 1] = span << 32 | least + 1
        return least + 1


def _mapped(file: Path) -> mmap.mmap:
    """The file is as large as the table before anybody maps it, so that a full disk is an error and not a crash."""
    with file.open("ab") as opened:
        os.fchmod(opened.fileno(), 0o600)
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.write(bytes(max(0, SIZE - opened.tell())))
    with file.open("r+b") as opened:
        return mmap.mmap(opened.fileno(), SIZE)
