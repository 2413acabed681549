"""A whole service, started as people start it: `townsquare up` in a process of its own, on a free port."""

import os
import random
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

TOWNSQUARE = str(Path(sys.executable).with_name("townsquare"))
PATIENCE = 180
"""Seconds for what happens at once, on a machine that is busy with other things."""


class Person(msgspec.Struct, frozen=True):
    """An account with a token, as `account create --json` prints it."""

    id: str
    username: str
    token: str


class Live:
    """A service that runs on `data` and answers at `url`."""

    def __init__(self, data: Path, port: int, options: Sequence[str]) -> None:
        self.data = data
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = data.parent / f"{data.name}.log"
        self.process = self._start(options)

    def _start(self, options: Sequence[str]) -> "subprocess.Popen[bytes]":
        self.log.write_bytes(b"")
        command = [TOWNSQUARE, "up", "--data", str(self.data), "--port", str(self.port), *options]
        with self.log.open("ab") as out:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment())

    @property
    def output(self) -> str:
        """What it has printed and logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_open(self) -> None:
        """Return when it says where it is open."""
        deadline = time.monotonic() + PATIENCE
        while "is open at" not in self.output:
            assert self.process.poll() is None, f"it ended while starting:\n{self.output}"
            assert time.monotonic() < deadline, f"it did not open:\n{self.output}"
            time.sleep(0.05)

    @property
    def claim_link(self) -> str:
        """The link that it prints while the place has no owner; empty where it prints none."""
        found = re.search(r"http://\S+/claim/\S+", self.output)
        return found[0] if found else ""

    def run(self, *command: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """A command of the command line on the same data folder."""
        return run(*command, "--data", str(self.data), stdin=stdin)

    def person(self, name: str, *, role: str = "user", scopes: str = "read write follow push") -> Person:
        """A new account with a token, made at the command line."""
        account = ("account", "create", name, "--email", f"{name}@example.org", "--password", f"password of {name}")
        made = self.run(*account, "--role", role, "--token", scopes, "--json")
        assert made.returncode == 0, made.stderr
        return msgspec.json.decode(made.stdout, type=Person)

    def get(self, path: str, token: str = "") -> httpx.Response:
        """What it answers to a GET."""
        return httpx.get(self.url + path, headers=_headers(token), timeout=30)

    def post(self, path: str, token: str, **body: object) -> httpx.Response:
        """What it answers to a POST of JSON."""
        return httpx.post(self.url + path, headers=_headers(token), json=body, timeout=30)

    def answers(self) -> bool:
        """Whether it takes requests at this moment."""
        try:
            return self.get("/health").status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it as Ctrl-C does. Its exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def processes(self, name: str) -> list[int]:
        """The ids of its processes of this name (`townsquare-http`, `townsquare-work`)."""
        return [pid for pid, called in _descendants(self.process.pid) if called == name]

    def postgres(self) -> int:
        """The id of its PostgreSQL's main process, 0 where none runs."""
        file = self.data / "postgres" / "postmaster.pid"
        return int(file.read_text().split()[0]) if file.exists() else 0


@contextmanager
def live(data: Path, *options: str, port: int | None = None) -> Generator[Live]:
    """A service for the time of the block. Ended with Ctrl-C; killed, with its PostgreSQL, if that does not do."""
    service = Live(data, port or free_port(), options)
    try:
        service.wait_until_open()
        yield service
        if service.process.poll() is None:
            assert service.stop() == 0, service.output
    finally:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
        if (leftover := service.postgres()) and _is_alive(leftover):
            os.kill(leftover, signal.SIGQUIT)


def run(*command: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
    """A command of the command line."""
    return subprocess.run(
        [TOWNSQUARE, *command],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )


def begin(*command: str) -> "subprocess.Popen[bytes]":
    """A command that runs until it is ended."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([TOWNSQUARE, *command], stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment())


def environment() -> dict[str, str]:
    """Ours, without settings of a service that somebody runs here."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TOWNSQUARE_")}


def free_port() -> int:
    """A port that nobody has at this moment, and that the system gives to nobody who asks for any."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _descendants(pid: int) -> list[tuple[int, str]]:
    """All processes that come from this one, from /proc: (id, name)."""
    parents = dict[int, int]()
    names = dict[int, str]()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        one = int(fields["Pid"])
        parents[one], names[one] = int(fields["PPid"]), fields["Name"]
    found = [pid]
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return [(one, names[one]) for one in found[1:]]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False
