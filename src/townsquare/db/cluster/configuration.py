"""PostgreSQL's settings for one small host, in `data`/postgres.conf, which its own postgresql.conf includes.

The file belongs to us and is written at each start. What an operator wants otherwise goes into postgresql.conf, below
the line that includes it, or is set with ALTER SYSTEM.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from townsquare.db.cluster.binaries import LauncherError
from townsquare.db.cluster.owner import Owner

FILE = "postgres.conf"
DATABASE = "townsquare"

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "64MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "wal_level": "replica",
    "synchronous_commit": "on",
    # After each checkpoint the log gets every page whole that is written to again: at a quiet place ten times what the
    # posts themselves take. How much is gone through after a crash, max_wal_size bounds: seconds.
    "checkpoint_timeout": "1h",
    "min_wal_size": "128MB",
    "max_wal_size": "1GB",
    # What changed is noted where there is an archive (summarize_wal, see continuity/archive/store.py), for so long; and
    # nobody who stays away fills the disk.
    "wal_summary_keep_time": "10d",
    "max_slot_wal_keep_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    # A week of days; a file is emptied before it is used again.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
}

ACCESS = """\
# Only by the unix socket, whose folder is closed to all but the user of the service (mode 0700).
local  all          all  trust
local  replication  all  trust
"""

# The service is no superuser: whoever got SQL past it could still not read files or run programs.
FIRST_STATEMENTS = f"CREATE ROLE {DATABASE} LOGIN;\nCREATE DATABASE {DATABASE} OWNER {DATABASE};\n"

REMARK = "# Written at each start. Settings of your own belong at the end of postgres/postgresql.conf.\n"
INCLUDE = f"include_if_exists = '../{FILE}'"


def prepare(folder: Path) -> None:
    """Who may connect, in a cluster that was just made."""
    (folder / "pg_hba.conf").write_text(ACCESS)


def write(data: Path, owner: Owner, socket: Path, extra: Mapping[str, str]) -> None:
    """Our settings, `extra` over them. Raises LauncherError for a name or value that PostgreSQL could not read."""
    settings = SETTINGS | {"unix_socket_directories": f'"{socket}"'} | dict(extra)
    lines = "".join(f"{_name(key)} = {_quoted(value)}\n" for key, value in settings.items())
    draft = data / f"{FILE}.new"
    draft.unlink(missing_ok=True)
    draft.write_bytes(os.fsencode(REMARK + lines))
    if not owner.is_caller:
        os.chown(draft, -1, owner.gid)
    draft.chmod(0o640)
    draft.rename(data / FILE)
    cluster = data / "postgres" / "postgresql.conf"
    if cluster.exists():  # one that is still to be copied from another host brings it along
        _include(cluster)


def _include(file: Path) -> None:
    """Name our file in PostgreSQL's own: in a new cluster, and in one that was restored from elsewhere."""
    # The folder belongs to PostgreSQL's user, and this may be root: no link of theirs is followed.
    with os.fdopen(os.open(file, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC), "r+b") as stream:
        if INCLUDE.encode() not in stream.read():
            stream.write(f"\n{INCLUDE}\n".encode())


def _name(key: str) -> str:
    if re.fullmatch(r"[a-z_][a-z0-9_.]*", key) is None:
        raise LauncherError(f"{key!r} is not the name of a PostgreSQL setting.")
    return key


def _quoted(value: str) -> str:
    if "\n" in value or "\0" in value:
        raise LauncherError(f"{value!r} cannot be a PostgreSQL setting: it has more than one line.")
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
