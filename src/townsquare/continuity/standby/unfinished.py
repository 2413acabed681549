"""While PostgreSQL's files are changed as a whole, a note says so (`data`/automatic/unfinished).

Patroni takes a host that led back to the parting (pg_rewind), or copies it anew (pg_basebackup). Where that is broken
off, by the end of the machine or of Patroni, the files can look as if PostgreSQL had been ended in order: some of them
from before, some from after. So nothing is started on files that have the note; they go, and are copied from the host
that leads, which has all of it.
"""

import os
from pathlib import Path
from typing import Final

NOTE: Final = "unfinished"


def begin(folder: Path) -> None:
    """The files are about to change. The note is on the disk before they do."""
    descriptor = os.open(folder / NOTE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for one in (descriptor, os.open(folder, os.O_RDONLY | os.O_CLOEXEC)):
        try:
            os.fsync(one)
        finally:
            os.close(one)


def end(folder: Path) -> None:
    """The files are whole."""
    (folder / NOTE).unlink(missing_ok=True)


def is_left(folder: Path) -> bool:
    """Whether they are not: somebody has begun, and has not come to the end."""
    return (folder / NOTE).exists()
