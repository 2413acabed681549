"""The rules by which hosts know who leads, and what they let each other do."""

import itertools
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from townsquare.continuity.standby import answers, folder, move, wire
from townsquare.continuity.standby.files_in import Inbox
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import (
    Glance,
    Lag,
    Peer,
    State,
    Taking,
    check_name,
    newer_primary,
    split_address,
    synchronous_names,
    waiting,
)
from townsquare.continuity.standby.wire import Asking, Stream
from townsquare.kernel.http import gate
from townsquare.kernel.http.gate import Gate, Order

ALPHA = State("alpha", "primary", 3, "a:1", "a:1", (Peer("beta", "b:1", ""),), since=datetime.now(UTC))


def test_of_two_primaries_the_one_of_the_lower_term_is_wrong() -> None:
    assert newer_primary(ALPHA, [Glance("beta", "primary", 4)]) is not None
    assert newer_primary(ALPHA, [Glance("beta", "primary", 3), Glance("gamma", "standby", 9)]) is None
    latest = newer_primary(ALPHA, [Glance("beta", "primary", 4), Glance("gamma", "primary", 5)])
    assert latest is not None
    assert latest.name == "gamma"


def test_writes_wait_only_once_a_standby_has_caught_up() -> None:
    assert synchronous_names(ALPHA) == ""
    assert synchronous_names(folder.kept(ALPHA, armed=True)) == 'ANY 1 ("beta")'
    assert synchronous_names(folder.kept(ALPHA, armed=True, peers=())) == ""


def test_with_local_durability_nothing_waits_but_what_says_so_itself() -> None:
    follows = folder.kept(ALPHA, deletions=True)
    assert synchronous_names(follows) == 'ANY 1 ("beta")'
    assert waiting(follows) == "local"
    assert waiting(folder.kept(ALPHA, armed=True)) == "on"
    assert synchronous_names(folder.become(follows, "fenced")) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("b.example.org", ("b.example.org", 8700)), ("[::1]:9", ("::1", 9)), ("10.0.0.2:80", ("10.0.0.2", 80))],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    assert split_address(text) == expected


@pytest.mark.parametrize("text", ["", ":", "host:", "host:0", "host:70000", "host:port"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        split_address(text)


@pytest.mark.parametrize("name", ["", "Beta", "b-1", '"; DROP', "x" * 21])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="host's name"):
        check_name(name)


def test_lag_is_told_by_one_clock_alone() -> None:
    lag = Lag()
    lag.note(10.0, 100)
    lag.note(11.0, 200)
    assert lag.seconds(12.0, 50) == 2.0
    assert lag.seconds(12.0, 100) == 1.0
    assert lag.seconds(12.0, 200) == 0.0


def hello(version: int, **words: str) -> bytes:
    body = struct.pack("!i", version) + b"".join(f"{key}\0{value}\0".encode() for key, value in words.items()) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def test_only_the_role_that_reads_the_log_is_let_through() -> None:
    assert answers.role_of(hello(3 << 16, user="townsquare_standby", replication="true")) == "townsquare_standby"
    assert answers.role_of(hello(3 << 16, database="townsquare_standby", user="postgres")) == "postgres"
    assert answers.role_of(hello(80877103)) == ""


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../keys.json", "attachments/../../keys.json"])
def test_no_file_arrives_outside_of_its_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(StandbyError):
        Inbox(tmp_path, lambda _: None).path(key)


def scope(method: str, path: str = "/api/v1/statuses") -> dict[str, object]:
    return {"method": method, "path": path, "headers": [], "query_string": b""}


async def nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


async def test_a_closed_gate_refuses_what_writes_and_nothing_else(tmp_path: Path) -> None:
    seconds = itertools.count()
    door = Gate(clock=lambda: next(seconds))
    door.watch(tmp_path)
    gate.check(asked := scope("POST"))
    assert await door.admit(asked, nothing) is None
    folder.tell_doors(tmp_path, Order("closed"))
    for method, path, refused in (
        ("GET", "/home", False),
        ("POST", "/api/v1/statuses", True),
        ("DELETE", "/api/v1/statuses/1", True),
        ("POST", "/health", False),
    ):
        asked = scope(method, path)
        assert await door.admit(asked, nothing) is None
        assert (gate.REFUSED in asked) is refused, path
    # Nobody listens where it should lead: what writes is refused, and was not taken.
    folder.tell_doors(tmp_path, Order("elsewhere"))
    asked = scope("POST")
    assert await door.admit(asked, nothing) is None
    assert gate.REFUSED in asked


class Other:
    """A host that is asked to lead, over a real stream. `answers`: what it does each time; "" is to be lost."""

    def __init__(self, folder: Path, *answers: str) -> None:
        self.door = folder / "door.sock"
        self.answers = list(answers)
        self.asked: list[Taking] = []

    async def serve(self, stream: Stream) -> None:
        asking = await stream.hear(Asking)
        self.asked.append(wire.decoded(asking.given, Taking))
        match self.answers.pop(0):
            case "":
                return
            case "leads":
                await wire.accept(stream, Glance("beta", "primary", 4))
            case wrong:
                await wire.refuse(stream, wrong)

    async def call(self) -> Stream:
        return Stream(*await wire.open_local(self.door))


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move, "AGAIN", 0.001)


@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize("end", ["leads", "beta lacks the end of the log"])
async def test_a_host_whose_answer_is_lost_is_asked_until_it_says_whether_it_leads(tmp_path: Path, end: str) -> None:
    other, taking = Other(tmp_path, "", "", end), Taking(4, 100, 7)
    async with await wire.local(other.door, other.serve):
        asked = move.taken(other.call, taking, lambda: True)
        if end == "leads":
            assert (await asked).term == 4
        else:
            with pytest.raises(StandbyError, match=end):
                await asked
    assert other.asked == [taking] * 3


@pytest.mark.usefixtures("quickly")
async def test_an_operator_ends_the_asking_and_who_was_never_asked_does_not_lead(tmp_path: Path) -> None:
    other = Other(tmp_path, "")
    with pytest.raises(wire.LOST):
        await move.taken(other.call, Taking(4, 100, 7), lambda: True)
    async with await wire.local(other.door, other.serve):
        with pytest.raises(StandbyError, match="an operator"):
            await move.taken(other.call, Taking(4, 100, 7), lambda: False)
