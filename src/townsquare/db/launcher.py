"""Runs PostgreSQL in a data folder, on a unix socket only.

    data/postgres           the cluster
    data/run                the socket (or, where that path is too long for one, a short folder named in data/run.path)
    data/up.lock            held by the service that runs on this folder

The server is no child of ours: it outlives a launcher that is killed, and the next `start` adopts it.
"""

import errno
import fcntl
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from townsquare.db.cluster import configuration, owner, postmaster, sockets
from townsquare.db.cluster.binaries import Binaries, LauncherError, find_binaries
from townsquare.db.cluster.owner import Owner
from townsquare.db.cluster.postmaster import Cluster

__all__ = ["Binaries", "Cluster", "LauncherError", "Owner", "cluster_major", "find_binaries", "lock_data", "running"]
__all__ += ["configure", "expected", "last_words", "make_data", "prepare", "ready", "start", "stop"]

PATIENCE = 600
"""Seconds to wait for a server to be ready: after a crash it first replays up to max_wal_size of its log."""
LEFTOVERS = 15
"""Seconds in which the processes of a server that was killed notice it and end."""
AT_ONCE = 0.01
"""Seconds: one look."""
ROOM = 200 * 1024 * 1024
"""Free bytes needed for a new cluster: 70 MB at once, and the first segments of its log."""


def start(data: Path, binaries: Binaries, *, extra: Mapping[str, str]) -> Cluster:
    """A PostgreSQL that is ready, on `data`/postgres: the one that runs there, else a new one. Raises LauncherError.

    `extra` are settings of PostgreSQL that go before ours; they do not reach a server that is adopted.
    """
    data = data.absolute()
    with _readable_errors(data):
        make_data(data)
        descriptor = _lock(data / "start.lock", wait=True)
        try:
            return _adopt(data) or _launch(data, binaries, extra)
        finally:
            os.close(descriptor)


def configure(cluster: Cluster, *, extra: Mapping[str, str]) -> None:
    """Write the settings of a server that runs anew; it takes those over that it can when it is told to read them."""
    configuration.write(cluster.data, owner.owner_of(cluster.data / "postgres"), cluster.socket, extra)


def running(data: Path) -> Cluster | None:
    """The server that runs on `data`/postgres, whoever started it. Raises LauncherError when it belongs to another."""
    with _readable_errors(data):
        cluster = postmaster.find(data.absolute())
    return cluster if cluster is not None and postmaster.answers(cluster) else None


def ready(data: Path) -> bool:
    """Whether the server on `data`/postgres takes queries at this moment, whoever started it."""
    cluster = running(data)
    return cluster is not None and postmaster.wait_until_ready(cluster, AT_ONCE)


def expected(data: Path) -> Cluster:
    """The server on `data`/postgres as it is going to be reached, whether it runs or not."""
    data = data.absolute()
    return Cluster(data, sockets.directory(data, owner.owner_of(data / "postgres")), 0)


def prepare(data: Path, binaries: Binaries, *beside: str, extra: Mapping[str, str]) -> Owner:
    """Have all ready for a server that another program starts. As whom it is to run, with the programs `beside` it.

    Raises LauncherError.
    """
    data = data.absolute()
    with _readable_errors(data):
        _check_version(data, binaries)
        who = owner.reaching(owner.owner_of(data / "postgres"), binaries, data / "postgres", *beside)
        configuration.write(data, who, sockets.directory(data, who), extra)
        return who


def stop(cluster: Cluster, *, timeout: float = 60) -> None:
    """Shut the server down: sessions are ended, what was committed is on the disk. Nothing happens if it has ended.

    After `timeout` seconds it is made to quit at once; it then recovers at the next start.
    """
    postmaster.end(cluster, timeout=timeout)


def last_words(data: Path) -> str:
    """Why the server on `data`/postgres has ended, as far as its log tells."""
    return postmaster.last_words(data / "postgres")


def cluster_major(data: Path) -> int | None:
    """The PostgreSQL version that made `data`/postgres, or None where there is no cluster yet."""
    with _readable_errors(data):
        file = data / "postgres" / "PG_VERSION"
        return int(file.read_text().strip()) if file.exists() else None


@contextmanager
def lock_data(data: Path) -> Generator[None]:
    """Hold the folder for one `townsquare up`. Raises LauncherError when another one has it.

    The lock is the process's own: it ends with it however it ends, and its children do not inherit it.
    """
    data = data.absolute()
    with _readable_errors(data):
        make_data(data)
        descriptor = _lock(data / "up.lock", wait=False)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(path: Path, *, wait: bool) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise LauncherError(
            f"Townsquare already runs on {path.parent} (process {holder or 'unknown'}). "
            "Stop that one first, or choose another folder with --data."
        ) from error
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _readable_errors(data: Path) -> Generator[None]:
    try:
        yield
    except PermissionError as error:
        raise LauncherError(
            f"{error.filename or data} is closed to {_caller()}. Run this as the user who owns {data}, or choose "
            "another folder with --data."
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise LauncherError(
            f"{error.filename or data} is a file where a folder is needed. Choose another folder with --data."
        ) from error
    except OSError as error:
        advice = " Free some space and start again." if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise LauncherError(f"{error.filename or data} cannot be used: {error.strerror}.{advice}") from error


def _caller() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"


def make_data(data: Path) -> None:
    """The folder, closed to all but its owner and PostgreSQL's user. Nothing where it is there."""
    if data.exists():
        return
    data.mkdir(parents=True)
    # PostgreSQL's user, if it is another one, passes through by its group; nobody else does.
    who = owner.owner_of(data / "postgres")
    if not who.is_caller:
        os.chown(data, -1, who.gid)
    data.chmod(0o700 if who.is_caller else 0o710)


def _adopt(data: Path) -> Cluster | None:
    cluster = postmaster.find(data)
    if cluster is None:
        return None
    if postmaster.answers(cluster) and postmaster.wait_until_ready(cluster, PATIENCE):
        return cluster
    # It is shutting down, or its socket was removed from under it.
    postmaster.end(cluster, timeout=60)
    return None


def _launch(data: Path, binaries: Binaries, extra: Mapping[str, str]) -> Cluster:
    folder = data / "postgres"
    _check_version(data, binaries)
    who = owner.owner_of(folder)
    if not folder.exists():
        _create(data, who, binaries, durable=extra.get("fsync") != "off")
    elif folder.stat().st_uid != who.uid:
        owner.give(who, folder)
    who = owner.reaching(who, binaries, folder)
    socket = sockets.directory(data, who)
    configuration.write(data, who, socket, extra)
    postmaster.forget_the_dead(folder, socket)
    _pg_ctl_start(data, who, binaries)
    cluster = postmaster.find(data)
    if cluster is None:
        raise LauncherError(f"PostgreSQL started in {folder} and ended again: {postmaster.last_words(folder)}")
    return cluster


def _pg_ctl_start(data: Path, who: Owner, binaries: Binaries) -> None:
    folder = data / "postgres"
    log = folder / postmaster.START_LOG
    deadline = time.monotonic() + LEFTOVERS
    # The names are relative, because pg_ctl hands them to a shell.
    command = ("-D", "postgres", "-l", f"postgres/{log.name}", "-w", "-t", str(PATIENCE), "start")
    while True:
        log.unlink(missing_ok=True)
        answer = owner.run(who, data, binaries.program("pg_ctl"), *command)
        if answer.returncode == 0:
            return
        words = postmaster.last_words(folder) or answer.stdout.strip()
        if "pre-existing shared memory block" not in words or time.monotonic() > deadline:
            raise LauncherError(f"PostgreSQL does not start in {folder}: {words}")
        time.sleep(0.2)


def _check_version(data: Path, binaries: Binaries) -> None:
    major = cluster_major(data)
    if major is not None and major != binaries.major:
        raise LauncherError(
            f"{data / 'postgres'} was made by PostgreSQL {major}, and {binaries.folder} has {binaries.version}, which "
            f"cannot open it. Install PostgreSQL {major} and name its folder with database.binaries; to move to "
            f"{binaries.major}, dump it with {major} (pg_dumpall) and load that into a new data folder."
        )


def _create(data: Path, who: Owner, binaries: Binaries, *, durable: bool) -> None:
    """A new cluster with its role and database. It gets its name last: one that is half made is never used."""
    if shutil.disk_usage(data).free < ROOM:
        raise LauncherError(f"Less than {ROOM // 1024**2} MB are free in {data}. Free some space and start again.")
    draft = data / "postgres.new"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    owner.give(who, draft)
    who = owner.reaching(who, binaries, draft)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    how = ("--username=postgres", "--auth=trust", "--data-checksums", *(() if durable else ("--no-sync",)))
    _must(data, owner.run(who, data, binaries.program("initdb"), "-D", draft.name, *locale, *how))
    configuration.prepare(draft)
    single = ("--single", "-D", draft.name, "postgres")
    _must(data, owner.run(who, data, binaries.program("postgres"), *single, text=configuration.FIRST_STATEMENTS))
    draft.rename(data / "postgres")


def _must(data: Path, answer: subprocess.CompletedProcess[str]) -> None:
    """A server without clients ends well whatever became of its statements, so its words are looked at too."""
    wrong = [line.strip() for line in answer.stdout.splitlines() if re.search(r"\b(?:error|ERROR|FATAL|PANIC):", line)]
    if answer.returncode or wrong:
        why = " ".join(wrong) or answer.stdout.strip()
        raise LauncherError(f"PostgreSQL cannot set up its folder in {data}: {why}")
