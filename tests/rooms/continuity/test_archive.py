"""A service is archived, killed with everything it has, and comes back on nothing but the archive and a key."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyrage
import pytest
from backports import zstd

from tests.live import PATIENCE, Live, Person, live, run
from tests.rooms.media.pictures import jpeg
from townsquare.continuity.archive.model import Base
from townsquare.continuity.archive.status import Status, TargetStatus

CANARY = "the canary sings at midnight"
SHIPPED = 3.0
"""Seconds after which what was acknowledged has to be there, on a machine that is busy with other things."""


class Lost(msgspec.Struct, frozen=True):
    """What is left of a service that was killed: its archive, its key, and what people hold."""

    target: Path
    """As it was left."""
    going_on: Path
    """Where the archive says that it is: what is restored goes on there."""
    key: Path
    author: Person
    posts: dict[str, float]
    """When each was acknowledged."""
    killed_at: float
    private: str
    picture: str
    keys: bytes
    niceness: dict[str, int]
    """Of PostgreSQL's processes, at the end."""


def target_of(service: Live) -> TargetStatus | None:
    said = service.run("archive", "status", "--json").stdout
    return msgspec.json.decode(said, type=Status).targets[0] if said else None


def wait_for(service: Live, wanted: Callable[[TargetStatus], object]) -> TargetStatus:
    deadline = time.monotonic() + PATIENCE
    while (found := target_of(service)) is None or not wanted(found):
        assert time.monotonic() < deadline, f"{found}\n{service.output}"
        time.sleep(0.2)
    return found


def kill_everything(service: Live) -> None:
    """As the loss of power does it."""
    pids = [
        pid for name in ("townsquare-http", "townsquare-work", "townsquare-arch") for pid in service.processes(name)
    ]
    for pid in filter(None, (service.process.pid, service.postgres(), *pids)):
        os.kill(pid, signal.SIGKILL)
    service.process.wait()


def niceness(service: Live) -> dict[str, int]:
    """Of PostgreSQL's processes, by what they do."""
    found = dict[str, int]()
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((one / "stat").read_text().rpartition(")")[2].split()[1]) == service.postgres():
                doing = (one / "cmdline").read_text().removeprefix("postgres: ").split()[0]
                found[doing] = os.getpriority(os.PRIO_PROCESS, int(one.name))
    return found


def upload(service: Live, author: Person) -> dict[str, Any]:
    answer = httpx.post(
        f"{service.url}/api/v2/media",
        headers={"Authorization": f"Bearer {author.token}"},
        files={"file": ("square.jpg", jpeg(), "image/jpeg")},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Generator[Lost]:
    folder = tmp_path_factory.mktemp("archive")
    data, target, kept = folder / "data", folder / "target", folder / "keys"
    with live(data, "--workers", "1", "--set", "title=The Archived Square") as service:
        author = service.person("canary", scopes="read write")
        made = service.run("archive", "init", str(target), "--write-keys", str(kept))
        assert made.returncode == 0, made.stderr
        private = service.post("/api/v1/statuses", author.token, status=CANARY, visibility="direct").json()["id"]
        picture = upload(service, author)["url"]
        wait_for(service, lambda one: one.bases and not one.uploads_waiting and one.uploads > 1)
        assert service.run("archive", "base").returncode == 0
        wait_for(service, lambda one: one.bases == 2)
        posts: dict[str, float] = {}
        stopped = threading.Event()

        def write() -> None:
            while not stopped.is_set():
                try:
                    answer = service.post("/api/v1/statuses", author.token, status=f"post {len(posts)}")
                except httpx.HTTPError:
                    return
                if answer.is_success:  # what is killed first is the database: then it says that it is away
                    posts[answer.json()["id"]] = time.monotonic()

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(8)
        behind = niceness(service)
        killed_at = time.monotonic()
        kill_everything(service)
        stopped.set()
        writer.join()
        keys = (data / "keys.json").read_bytes()
        shutil.rmtree(data)
        left = shutil.copytree(target, folder / "left")
        yield Lost(left, target, kept / "recovery-key.txt", author, posts, killed_at, private, picture, keys, behind)


@pytest.fixture
def target(lost: Lost, tmp_path: Path) -> Path:
    """The archive, for a test that spoils it."""
    copy = tmp_path / "target"
    shutil.copytree(lost.target, copy)
    return copy


def restore(target: Path, key: Path, data: Path, *options: str) -> tuple[int, str]:
    done = run("restore", str(target), "--key", str(key), "--data", str(data), *options)
    return done.returncode, f"{done.stdout}{done.stderr}"


def test_what_was_acknowledged_comes_back_with_logins_uploads_settings_and_keys(lost: Lost, tmp_path: Path) -> None:
    data = tmp_path / "back"
    status, said = restore(lost.target, lost.key, data)
    assert status == 0, said
    assert (data / "keys.json").read_bytes() == lost.keys
    owed = [post for post, at in lost.posts.items() if at < lost.killed_at - SHIPPED]
    assert len(owed) > 5
    with live(data, "--workers", "1") as service:
        token = lost.author.token
        gone = [post for post in owed if service.get(f"/api/v1/statuses/{post}", token).status_code != 200]
        assert gone == [], f"{len(gone)} of {len(owed)} posts were lost"
        assert CANARY in service.get(f"/api/v1/statuses/{lost.private}", token).json()["content"]
        assert service.get("/api/v2/instance").json()["title"] == "The Archived Square"
        assert (
            service.get(lost.picture.partition("/media/")[1] + lost.picture.partition("/media/")[2]).status_code == 200
        )
        again = service.post("/api/v1/statuses", token, status="back again").json()["id"]
        # It goes on in a chain of its own, and proves by itself that it can be had back.
        assert wait_for(service, lambda one: one.verified_at and not one.lag_bytes).failure == ""
        _, second = sorted((lost.going_on / "chains").iterdir())
    # Lost again as it would have been before its first base backup, it comes back with what it acknowledged.
    shutil.rmtree(second / "base")
    status, said = restore(lost.going_on, lost.key, tmp_path / "twice", "--chain", second.name)
    shutil.rmtree(second)
    assert status == 0, said
    with live(tmp_path / "twice", "--workers", "1") as service:
        assert [service.get(f"/api/v1/statuses/{one}", token).status_code for one in (owed[0], again)] == [200, 200]
        shown = lost.picture.partition("/media/")[2]
        assert service.get(f"/media/{shown}").status_code == 200


def test_uploads_come_while_the_service_runs_and_one_that_is_missing_comes_later(
    lost: Lost, target: Path, tmp_path: Path
) -> None:
    data, shown = tmp_path / "back", lost.picture.partition("/media/")[2]
    parts = target / "media"
    away = parts.rename(tmp_path / "away")
    status, said = restore(target, lost.key, data)
    assert (status, shown in said) == (1, True), said
    with live(data, "--workers", "1") as service:
        assert service.get(f"/media/{shown}").status_code == 404
        away.rename(parts)
        status, said = restore(target, lost.key, data)
        assert status == 0, said
        assert service.get(f"/media/{shown}").status_code == 200
        assert not (data / "archive" / "coming").exists()


def test_nothing_goes_out_of_a_copy_for_practice_until_it_is_said_to_be_the_place(lost: Lost, tmp_path: Path) -> None:
    data, chains = tmp_path / "copy", lost.going_on / "chains"
    status, said = restore(lost.target, lost.key, data, "--practice", "--no-uploads")
    assert (status, "Nothing goes out of it" in said) == (0, True), said
    before = len(list(chains.iterdir()))
    with live(data, "--workers", "1") as service:
        assert service.post("/api/v1/statuses", lost.author.token, status="tried in the copy").status_code == 200
        assert "restored for practice" in service.run("archive", "status").stderr
        assert service.processes("townsquare-work") + service.processes("townsquare-arch") == []
        assert len(list(chains.iterdir())) == before
        assert service.run("archive", "resume").returncode == 0
        wait_for(service, lambda one: one.shipped_at)
        assert service.processes("townsquare-work")
    assert len(list(chains.iterdir())) == before + 1


def opened_with(key: Path, file: Path) -> bytes:
    secret = next(line for line in key.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-"))
    identity = pyrage.x25519.Identity.from_str(secret)
    return zstd.decompress(pyrage.decrypt(file.read_bytes(), [identity])[64:])


def test_a_second_base_backup_is_of_what_changed(lost: Lost) -> None:
    """All that is restored here is put together of both."""
    first, second = sorted(lost.target.glob("chains/*/base/*/manifest"))
    manifest = msgspec.json.decode(opened_with(lost.key, second), type=Base)
    assert manifest.parent == msgspec.json.decode(opened_with(lost.key, first), type=Base).number
    assert sum(one.stat().st_size for one in second.parent.iterdir()) * 2 < sum(
        one.stat().st_size for one in first.parent.iterdir()
    )


def test_nothing_in_any_object_can_be_read(lost: Lost) -> None:
    """Neither as it stands there, nor unpacked, is there a text, an address, a token, a key."""
    purposes = json.loads(lost.keys)["keys"].values()
    words = [CANARY, "canary@example.org", lost.author.token, *(one["secret"] for many in purposes for one in many)]
    objects = [file for file in lost.target.rglob("*") if file.is_file()]
    assert len(objects) > 5
    for file in objects:
        data = file.read_bytes()
        assert not [word for word in words if word.encode() in data], file
        if file.name != "townsquare-archive.json":
            assert data.startswith(b"age-encryption.org/v1"), file


def test_the_words_are_in_it_for_whoever_has_the_key(lost: Lost) -> None:
    """So the test above looks for what is there."""
    logs = [file for file in lost.target.rglob("chains/*/*/*") if "wal" in file.parts or "tail" in file.parts]
    logs += list(lost.target.rglob("tail/*/*")) + list(lost.target.rglob("base/*/*"))
    opened = b"".join(opened_with(lost.key, file) for file in logs if file.is_file())
    assert b"post 1" in opened
    assert CANARY.encode() not in opened, "a message is closed in the database too"


def test_what_postgresql_does_for_the_archive_steps_back_behind_people(lost: Lost) -> None:
    assert lost.niceness["walsummarizer"] > lost.niceness["walwriter"]
    assert lost.niceness["walsender"] > lost.niceness["walwriter"]


def test_another_key_is_refused_and_nothing_is_left(lost: Lost, tmp_path: Path) -> None:
    key = tmp_path / "key"
    other = str(pyrage.x25519.Identity.generate())
    key.write_text("\n".join([*lost.key.read_text().splitlines()[:3], other]))
    status, said = restore(lost.target, key, tmp_path / "back")
    assert (status, "This key does not open the archive" in said) == (2, True), said
    assert [file.name for file in tmp_path.iterdir() if "back" in file.name and "lock" not in file.name] == []


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize("spoil", [Path.unlink, cut])
def test_a_part_of_a_base_that_is_missing_or_cut_off_is_named(
    lost: Lost, target: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    part = next(target.glob("chains/*/base/*/000000"))
    spoil(part)
    status, said = restore(target, lost.key, tmp_path / "back")
    assert status == 2
    assert str(part.relative_to(target)) in said
    assert not (tmp_path / "back").exists()


def test_a_changed_byte_is_found_and_nothing_half_restored_is_left(lost: Lost, target: Path, tmp_path: Path) -> None:
    part = next(target.glob("chains/*/base/*/000000"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    status, said = restore(target, lost.key, tmp_path / "back")
    assert (status, f"{part.relative_to(target)} is damaged" in said) == (2, True), said
    assert not (tmp_path / "back").exists()
    assert not (tmp_path / ".back.restoring").exists()


def test_a_folder_that_has_something_in_it_is_not_written_over(lost: Lost, tmp_path: Path) -> None:
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "mine").write_text("precious")
    status, said = restore(lost.target, lost.key, tmp_path / "back")
    assert (status, "is there already" in said) == (2, True), said


def test_a_time_before_the_archive_and_one_after_it_are_refused(lost: Lost, tmp_path: Path) -> None:
    status, said = restore(lost.target, lost.key, tmp_path / "back", "--at", "2020-01-01T00:00:00Z")
    assert (status, "begins at" in said) == (2, True), said
    status, said = restore(lost.target, lost.key, tmp_path / "back", "--at", "2099-01-01T00:00:00Z")
    assert (status, "Nothing was written after 2099-01-01" in said) == (2, True), said
    assert not (tmp_path / "back").exists()


def test_what_holds_no_archive_is_said_to_hold_none(lost: Lost, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "There is no archive of Townsquare" in restore(tmp_path / "empty", lost.key, tmp_path / "back")[1]
    assert "There is no folder" in restore(tmp_path / "nowhere", lost.key, tmp_path / "back")[1]
