"""Hosts of the drill: each a service of its own on this machine, with its own folder, ports and PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec

from townsquare.cli.errors import CommandError

PROGRAM = (sys.executable, "-c", "from townsquare.cli.main import program; program()")
PATIENCE = 240.0
"""Seconds for what takes a few, on a machine that is busy with other things."""


def command(*words: str) -> str:
    """What a command of ours prints. Raises CommandError where it fails."""
    done = subprocess.run([*PROGRAM, *words], capture_output=True, encoding="utf-8", env=_environment(), check=False)
    if done.returncode:
        raise CommandError(f"townsquare {' '.join(words[:2])}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def wait(what: Callable[[], object], said: str) -> None:
    """Until it is so. Raises CommandError."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            raise CommandError(f"The drill waited in vain: {said}")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Host:
    """One host. `options`: further ones of `townsquare up`."""

    def __init__(self, folder: Path, name: str, options: tuple[str, ...]) -> None:
        self.name = name
        self.data = folder / name
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = f"127.0.0.1:{free_port()}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        words = ["up", "--data", str(self.data), "--port", str(self.port), "--workers", "2", *self._options]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [*PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=_environment()
            )
        wait(self._answers, f"{self.name} does not start")

    def empty(self) -> None:
        """Remove what it had on its disk."""
        shutil.rmtree(self.data, ignore_errors=True)

    def kill(self) -> None:
        """Kill every process of it at once, without a word."""
        if self._process is None:
            return
        doomed = [self._postgres(), self._process.pid, *_children(self._process.pid)]
        for pid in doomed:
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def invite(self) -> str:
        """An address by which another host can join."""
        printed = command("standby", "invite", "--data", str(self.data), "--name", self.name, "--address", self.address)
        return next(word.strip("'") for word in printed.split() if "townsquare-standby://" in word)

    def join(self, invitation: str) -> None:
        """Follow whoever has invited."""
        words = ("--data", str(self.data), "--name", self.name, "--address", self.address)
        wait(lambda: _joined(invitation, words), f"{self.name} does not get in")

    def status(self) -> dict[str, object]:
        """What `standby status` says."""
        done = subprocess.run(
            [*PROGRAM, "standby", "status", "--json", "--data", str(self.data)],
            capture_output=True,
            env=_environment(),
            check=False,
        )
        return msgspec.json.decode(done.stdout or b"{}", type=dict[str, object])

    def is_safe(self) -> bool:
        """Whether what is acknowledged here stands on the other host too."""
        told = self.status()
        return bool(told.get("armed")) and "'synchronous': True" in str(told.get("standbys"))

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise CommandError(f"{self.name} ended while starting: {self._last_words()}")
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        return False

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace").strip()[-600:]

    def _postgres(self) -> int:
        with suppress(OSError, ValueError, IndexError):
            return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        return 0


def _joined(invitation: str, words: tuple[str, ...]) -> bool:
    """The primary opens its door a moment after it has invited somebody for the first time."""
    try:
        command("standby", "join", invitation, *words)
    except CommandError as error:
        if "was not reached" not in str(error):
            raise
        return False
    return True


def _environment() -> dict[str, str]:
    """Ours, without settings of a service that somebody runs here."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TOWNSQUARE_")}


def _children(pid: int) -> list[int]:
    """All processes that come from this one."""
    parents: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            parents.setdefault(int(file.read_text().rpartition(")")[2].split()[1]), []).append(int(file.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found[1:]
