"""PostgreSQL's own part of it: with which settings it leads or follows, and the file that makes it follow.

The log comes by PostgreSQL's streaming replication through the link (see link.py): on a standby its socket stands
beside PostgreSQL's own, as if the primary ran there on another port.
"""

import os
import socket as socket_of
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from townsquare.continuity.standby import council
from townsquare.continuity.standby import folder as files
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import REPLICATION, SLOT, State, synchronous_names, waiting
from townsquare.db.cluster import owner, sockets
from townsquare.db.launcher import LauncherError

PORT: Final = 5433
"""By whose name the link's socket stands beside that of PostgreSQL."""
SIGNAL: Final = "standby.signal"

COMMON: Final[Mapping[str, str]] = {
    "hot_standby": "on",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    # A standby that stays away must not fill the disk: then it is copied anew.
    "max_slot_wal_keep_size": "16GB",
    # Who is gone is seen soon, on both sides.
    "wal_sender_timeout": "5s",
    "wal_receiver_timeout": "5s",
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "250ms",
    # What is read on the standby is not cut off by what is cleared away on the primary, for a while.
    "hot_standby_feedback": "on",
    "max_standby_streaming_delay": "5s",
}


def prepare(data: Path, folder: Path, *, engine: bool = False) -> dict[str, str]:
    """The settings of PostgreSQL for a start on this host, which follows after it if that is its part.

    `engine`: for Patroni, which adds what leads or follows. Where that is its part, nobody else starts PostgreSQL.
    Raises LauncherError there, and on a host that was the primary once and is no more: its data is of a past that
    others left.
    """
    try:
        state = files.read(folder)
    except StandbyError as error:
        raise LauncherError(str(error)) from error
    if engine:
        return dict(COMMON)
    if council.sitting(data) is not None:
        raise LauncherError(
            "PostgreSQL is started and ended by Patroni on this host, as the voters decide: "
            f"start the service, townsquare up --data {data}"
        )
    if state is None:
        return {}
    if state.role == "fenced":
        raise LauncherError(
            f"This host ({state.name}) is no primary any more: {state.primary or 'another host'} took its place. "
            f"What stands here is kept and not served. To have it follow: townsquare standby join --again --data {data}"
        )
    if state.role == "standby" and (data / "postgres" / "PG_VERSION").exists():
        follow(data)
    return settings(data, state)


def settings(data: Path, state: State) -> dict[str, str]:
    """The settings that follow from a state."""
    if state.role != "standby":
        names = synchronous_names(state)
        return {**COMMON, "synchronous_standby_names": names, "synchronous_commit": waiting(state)}
    return {
        **COMMON,
        "primary_conninfo": conninfo(data, state.name),
        "primary_slot_name": SLOT + state.name,
        "synchronous_standby_names": "",
    }


def socket(data: Path) -> Path:
    """Where the link listens for this host's PostgreSQL."""
    return sockets.directory(data, owner.owner_of(data / "postgres")) / f".s.PGSQL.{PORT}"


def is_reached(data: Path) -> bool:
    """Whether somebody listens there."""
    with socket_of.socket(socket_of.AF_UNIX) as asking:
        return asking.connect_ex(str(socket(data))) == 0


def conninfo(data: Path, name: str) -> str:
    """How PostgreSQL and its programs on this host reach the primary's."""
    place = str(socket(data).parent).replace("\\", "\\\\").replace("'", "\\'")
    parts = {
        "host": f"'{place}'",
        "port": str(PORT),
        "user": REPLICATION,
        "dbname": "townsquare",
        "application_name": name,
        "connect_timeout": "5",
        "sslmode": "disable",
        "gssencmode": "disable",
    }
    return " ".join(f"{key}={value}" for key, value in parts.items())


def follow(data: Path) -> None:
    """Make PostgreSQL follow from its next start on."""
    file = data / "postgres" / SIGNAL
    if file.exists():
        return
    # The folder belongs to PostgreSQL's user, and this may be root: no link of theirs is followed.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    who = owner.owner_of(data / "postgres")
    if not who.is_caller:
        os.chown(file, who.uid, who.gid)
