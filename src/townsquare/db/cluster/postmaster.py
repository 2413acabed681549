"""PostgreSQL's main process: whether it runs, and how it is ended."""

import os
import re
import signal
import socket
import struct
import time
from pathlib import Path
from urllib.parse import quote

import msgspec

from townsquare.db.cluster.binaries import LauncherError
from townsquare.db.cluster.configuration import DATABASE
from townsquare.db.cluster.sockets import SOCKET

START_LOG = "start.log"
NO_PROCESS = 2**22 + 1
"""A number that no process can have: Linux's largest process id is 2**22."""
LINES = 8
"""Lines of a postmaster.pid that is complete: process, folder, start, port, socket's folder, address, memory, state."""


class Cluster(msgspec.Struct, frozen=True):
    """A PostgreSQL server that runs."""

    data: Path
    socket: Path
    """The folder of its unix socket."""
    pid: int
    """Its main process; 0 when that is out of sight, in another container on the same folder."""

    @property
    def dsn(self) -> str:
        """For the service: as the database's owner, without rights beyond it."""
        return self.address_of(DATABASE)

    @property
    def admin(self) -> str:
        """For what only an administrator of the server may do."""
        return self.address_of("postgres")

    def address_of(self, role: str, database: str = DATABASE) -> str:
        """For a role, in one of the server's databases."""
        where = f"{quote(role, safe='')}@/{quote(database, safe='')}"
        return f"postgresql://{where}?host={quote(str(self.socket), safe='/')}&port=5432"


def find(data: Path) -> Cluster | None:
    """The server on `data`/postgres, ready or about to be; None where none is alive."""
    folder = data / "postgres"
    lines = _pid_file(folder)
    if len(lines) < LINES - 1 or not lines[4]:
        return None
    pid, directory = int(lines[0]), Path(lines[4])
    listener = _listener(directory)
    if listener == 0:
        return Cluster(data, directory, 0)
    return Cluster(data, directory, pid) if listener == pid or _is_in(folder, pid) else None


def answers(cluster: Cluster) -> bool:
    """Whether its socket is there and its own: somebody may have cleaned the socket's folder."""
    return _listener(cluster.socket) in (0, cluster.pid)


def wait_until_ready(cluster: Cluster, seconds: float) -> bool:
    """True once it takes queries; False when it is on its way out instead, or takes longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines = _pid_file(cluster.data / "postgres")
        state = lines[7].strip() if len(lines) >= LINES else ""
        if not lines or state == "stopping":
            return False
        if state in ("ready", "standby"):
            return True
        time.sleep(0.05)
    return False


def end(cluster: Cluster, *, timeout: float) -> None:
    """Fast shutdown; after `timeout` seconds, without the courtesies."""
    if cluster.pid == 0:
        raise LauncherError(f"The PostgreSQL on {cluster.data} runs in another container. Stop it there.")
    for how, seconds in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        if find(cluster.data) != cluster:
            return
        try:
            os.kill(cluster.pid, how)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise LauncherError(
                f"The PostgreSQL on {cluster.data} (process {cluster.pid}) belongs to another user. Stop it as them."
            ) from error
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and _pid_file(cluster.data / "postgres") and find(cluster.data) == cluster:
            time.sleep(0.02)


def forget_the_dead(folder: Path, directory: Path) -> None:
    """Make PostgreSQL see that the files of a dead server are stale, whose process id is by now another program's.

    The rest of postmaster.pid stays: by it PostgreSQL finds out whether sessions of that server are still at work.
    """
    for name in (SOCKET, f"{SOCKET}.lock"):
        (directory / name).unlink(missing_ok=True)
    lines = _pid_file(folder)
    if lines:
        text = "\n".join([str(NO_PROCESS), *lines[1:]]) + "\n"
        # The folder belongs to PostgreSQL's user, and this may be root: no link of theirs is followed.
        flags = os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(folder / "postmaster.pid", flags), "wb") as stream:
            stream.write(os.fsencode(text))


def last_words(folder: Path) -> str:
    """Why the server did not start, as far as its log tells."""
    start = folder / START_LOG
    text = _tail(start)
    if "FATAL" not in text and "PANIC" not in text:
        since = start.stat().st_mtime - 60 if start.exists() else 0
        logs = sorted((folder / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)
        text += "".join(_tail(file) for file in logs[-1:] if file.stat().st_mtime >= since)
    telling = r"((?:FATAL|PANIC|DETAIL|HINT):.*|LOG: .*(?:could not|invalid|unrecognized|syntax error).*)"
    said = re.findall(telling, text) or [line for line in text.splitlines() if line.strip()]
    return " ".join(re.sub(r"^(?:FATAL|PANIC|LOG):\s+", "", line.strip()) for line in said[-3:])


def _tail(file: Path) -> str:
    if not file.exists():
        return ""
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 8192))
        return stream.read().decode(errors="replace")


def _pid_file(folder: Path) -> list[str]:
    try:
        lines = os.fsdecode((folder / "postmaster.pid").read_bytes()).splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return lines if lines and lines[0].isascii() and lines[0].isdigit() else []


def _listener(directory: Path) -> int | None:
    """The process that listens on the socket, None for none, 0 for one that this process may not see."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.settimeout(2)
            client.connect(str(directory / SOCKET))
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        except OSError:
            return None
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def _is_in(folder: Path, pid: int) -> bool:
    """Whether a process works in the folder, as PostgreSQL's do; no, where that may not be seen."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:
        return False
