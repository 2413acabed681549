"""The folder of PostgreSQL's unix socket."""

import os
import stat
import tempfile
from pathlib import Path

from townsquare.db.cluster.owner import Owner, give

SOCKET = ".s.PGSQL.5432"
LONGEST = 107
"""Bytes of a unix socket's path: `sun_path` in unix(7), less its final NUL."""
RECORD = "run.path"


def directory(data: Path, owner: Owner) -> Path:
    """`data`/run; where its path cannot be a socket's, a short private folder, which `data`/run.path names."""
    near = data / "run"
    if _fits(near):
        near.mkdir(exist_ok=True)
        give(owner, near)
        return near
    record = data / RECORD
    known = Path(record.read_text().strip()) if record.exists() else None
    if known is not None and _is_private(known, owner):
        return known
    made = Path(tempfile.mkdtemp(prefix="townsquare-", dir=_base(owner)))
    give(owner, made)
    record.write_text(f"{made}\n")
    return made


def _fits(folder: Path) -> bool:
    """Short enough, and without what connection strings or PostgreSQL's lists of folders give a meaning to."""
    text = str(folder / SOCKET)
    plain = text.isprintable() and not set(text) & set(",\"'\\")
    return plain and len(os.fsencode(text)) <= LONGEST


def _base(owner: Owner) -> str:
    personal = os.environ.get("XDG_RUNTIME_DIR", "")
    return personal if owner.is_caller and Path(personal).is_absolute() and Path(personal).is_dir() else "/tmp"  # noqa: S108 (mkdtemp makes a private folder in it)


def _is_private(folder: Path, owner: Owner) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    mode = found.st_mode
    return stat.S_ISDIR(mode) and stat.S_IMODE(mode) == stat.S_IRWXU and found.st_uid == owner.uid
