"""The service that is measured: `townsquare up` on a folder of its own, and the accounts that use it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import msgspec

from benchmarks.commands import Trouble, environment, run, tell
from benchmarks.processes import cpu_seconds, named
from townsquare.cli.place import service_file
from townsquare.db import launcher
from townsquare.kernel.settings_sources import RUN, load_resolved

TOWNSQUARE = str(Path(sys.executable).with_name("townsquare"))
SETTINGS = ("limits.enabled=false", "log.level=warning")
SCOPES = "read write follow push"
ACCOUNTS = 200
PATIENCE = 120.0


class Person(msgspec.Struct, frozen=True):
    """An account with a token, as the load driver's file has it."""

    username: str
    token: str
    id: str = ""


class Town(msgspec.Struct, frozen=True):
    """A service that runs. Process ids: `up` looks after `web` and `work`; `postgres` is the main one."""

    folder: Path
    data: Path
    url: str
    dsn: str
    up: int
    web: tuple[int, ...]
    work: int
    postgres: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The driver's option for CPU time by part."""
        return tuple(f"--group={name}={','.join(map(str, pids))}" for name, pids in self._parts)

    def cpu_seconds(self) -> dict[str, float]:
        """The CPU time so far by part."""
        return {name: cpu_seconds(pids) for name, pids in self._parts}

    @property
    def roots(self) -> tuple[int, int]:
        """All processes are these or below them."""
        return self.up, self.postgres

    @property
    def _parts(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        return ("web", self.web), ("work", (self.work,)), ("pg", (self.postgres,))


@contextmanager
def running(folder: Path, *, workers: int, port: int, settings: Sequence[str] = ()) -> Generator[Town]:
    """A service that leads, on `folder`/town, for the time of the block."""
    with started(folder, workers=workers, port=port, settings=settings) as (url, up):
        yield _town(folder, folder / "town", url, up)


@contextmanager
def started(folder: Path, *, workers: int, port: int, settings: Sequence[str] = ()) -> Generator[tuple[str, int]]:
    """Start a service on `folder`/town; it has ended when the block ends, however that ends. Its address and id.

    `settings`: beside those that every measurement has.
    """
    data = folder / "town"
    chosen = port or free_port()
    command = [TOWNSQUARE, "up", "--data", str(data), "--port", str(chosen), "--workers", str(workers)]
    for setting in (*SETTINGS, *settings):
        command += ["--set", setting]
    with (folder / "town.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{chosen}"
        _wait_until_open(process, url, folder / "town.log")
        yield url, process.pid
    finally:
        _end(process, data)


def _town(folder: Path, data: Path, url: str, up: int) -> Town:
    cluster = launcher.running(data)
    web, work = named(up, "townsquare-http"), named(up, "townsquare-work")
    if cluster is None or not web or not work:
        raise Trouble(f"The service on {data} does not run all its parts; see {folder / 'town.log'}")
    dsn = load_resolved({RUN: str(service_file(data))}).settings.database_url
    return Town(folder, data, url, dsn, up, tuple(web), work[0], cluster.pid)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_until_open(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            said = re.sub(r"/claim/\S+", "/claim/…", log.read_text(errors="replace"))
            raise Trouble(f"The service did not start. It said:\n{said}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _end(process: "subprocess.Popen[bytes]", data: Path) -> None:
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    left = launcher.running(data)
    if left is not None:
        launcher.stop(left)


def make_accounts(town: Town, names: Sequence[str]) -> list[Person]:
    """Accounts of the command line's making, each with a token."""
    tell(f"making {len(names)} accounts")
    rows = "".join(f"{name},{name}@example.org,the password of {name}\n" for name in names)
    command = [TOWNSQUARE, "account", "create", "--data", str(town.data), "--from", "-", "--token", SCOPES, "--json"]
    printed = run(command, seconds=600, folder=town.folder, text=rows)
    return [msgspec.json.decode(line, type=Person) for line in printed]
