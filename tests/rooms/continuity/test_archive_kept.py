"""The process that keeps an archive: which targets it fills, and what it says of them."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from townsquare.cli.archiving import bundle
from townsquare.cli.place import Place
from townsquare.continuity.archive import keys, place, setting_up, status
from townsquare.continuity.archive.model import Config, Progress
from townsquare.continuity.archive.receive import Source, is_gone
from townsquare.continuity.archive.run import Running, Work, say, tend_once
from townsquare.continuity.archive.state import home_of, read_config, write_config
from townsquare.continuity.archive.status import Now, of_target
from townsquare.db import launcher
from townsquare.kernel.settings import Archive, Bucket, Storage
from townsquare.kernel.settings_sources import load
from townsquare.media.storage import open_storage

CONFIG = Config("a", [keys.recipient_of(keys.new_pair()[0])], b"s" * 32, b"n" * 32, [])


@pytest.fixture
async def running(tmp_path: Path) -> AsyncGenerator[Running]:
    """An archive with one target, of a database that is away."""
    home = home_of(tmp_path)
    home.folder.mkdir()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "picture").write_bytes(b"of the square")
    write_config(home, msgspec.structs.replace(CONFIG, targets=[bucket(tmp_path / "one")]))
    source = Source(lambda: f"postgresql:///?host={tmp_path}", launcher.find_binaries(None), is_own=True)
    store = open_storage(Storage(url=str(tmp_path / "media")))
    made = Running(Work(home, Archive(), source, store, dict), read_config(home))
    yield made
    for one in made.targets:
        await one.leave()


def bucket(folder: Path) -> Bucket:
    folder.mkdir(exist_ok=True)
    return Bucket(url=str(folder))


async def look(running: Running, now: float) -> None:
    running.config = read_config(running.work.home)
    await tend_once(running, now)


async def comes(file: Path) -> None:
    for _ in range(2000):
        if file.exists():
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{file} did not come")


async def test_a_target_that_is_added_is_filled_and_one_that_is_removed_is_left(
    running: Running, tmp_path: Path
) -> None:
    await look(running, 0)
    await comes(tmp_path / "one/chains/a/files/000001")
    await setting_up.add(running.work.home, bucket(tmp_path / "two"))
    await look(running, 1)
    await comes(tmp_path / "two/chains/a/files/000001")
    assert [one.url for one in say(running).targets] == [str(tmp_path / "one"), str(tmp_path / "two")]
    left = running.targets[0]
    setting_up.remove(running.work.home, left.url)
    await look(running, 2)
    assert left.filling.done()
    assert [one.url for one in say(running).targets] == [str(tmp_path / "two")]


async def test_a_target_that_is_reached_in_another_way_is_opened_anew(running: Running, tmp_path: Path) -> None:
    await look(running, 0)
    [before] = running.targets
    await look(running, 1)
    assert running.targets == [before]
    changed = msgspec.structs.replace(before.storage, region="elsewhere")
    write_config(running.work.home, msgspec.structs.replace(CONFIG, targets=[changed]))
    await look(running, 2)
    assert before.filling.done()
    assert [one.storage for one in running.targets] == [changed]
    await comes(tmp_path / "one/chains/a/files/000001")


async def test_a_target_that_cannot_be_opened_is_named_and_tried_again_and_holds_up_none(
    running: Running, tmp_path: Path
) -> None:
    home, wrong = running.work.home, Bucket(url="ftp://example.org/square")
    write_config(home, msgspec.structs.replace(CONFIG, targets=[wrong, bucket(tmp_path / "one")]))
    now = asyncio.get_running_loop().time()
    await look(running, now - 400)
    await comes(tmp_path / "one/chains/a/files/000001")
    said = {one.url: one for one in say(running).targets}
    assert (said[wrong.url].error != "", said[wrong.url].lag_seconds >= 400) == (True, True)
    assert any(wrong.url in one.text for one in status.concerns(say(running)))
    # What is known of a target may be what is in the way: it is looked at anew, after a while.
    second = bucket(tmp_path / "two")
    home.of(second.url).with_suffix(".json").write_text("no progress")
    write_config(home, msgspec.structs.replace(CONFIG, targets=[second]))
    await look(running, now)
    home.of(second.url).with_suffix(".json").unlink()
    await look(running, now + 1)
    assert list(running.closed) == [second.url]
    await look(running, now + 60)
    assert ([one.url for one in running.targets], running.closed) == ([second.url], {})


def test_a_test_of_one_target_is_in_nobody_elses_way(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    assert home.scratch_of("s3://one") != home.scratch_of("s3://two")


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("ERROR:  requested WAL segment 000000010000000000000003 has already been removed", True),
        ("ERROR:  requested starting point 0/5000000 on timeline 1 is not in this server's history", True),
        ("DETAIL:  This server's history forked from timeline 1 at 0/4000148.", True),
        ("connection to server at 10.0.0.1, port 5432 failed: Connection refused", False),
    ],
)
def test_a_log_that_will_not_come_is_told_from_one_that_may(said: str, gone: bool) -> None:
    assert is_gone(said) is gone


async def test_a_log_that_will_not_come_is_a_hole_until_there_is_a_new_base(running: Running) -> None:
    await look(running, 0)
    running.lost()
    assert "a part of the log was lost" in of_target("x", running.targets[0].to.progress, Now()).error
    # A target that could not be opened then, and one that is filled by the next process, know of it too.
    [left] = running.targets
    await left.leave()
    running.targets.clear()
    running.lost()
    await look(running, 1)
    assert running.targets[0].to.progress.gaps == 2
    assert of_target("x", Progress(gaps=1, covered=1), Now()).error == ""


def test_the_key_by_which_letters_are_signed_goes_along(tmp_path: Path) -> None:
    home, key, settings = home_of(tmp_path), tmp_path / "elsewhere.pem", tmp_path / "townsquare.toml"
    home.folder.mkdir()
    write_config(home, CONFIG)
    key.write_bytes(b"a key")
    settings.write_text(f'title = "Square"\nmail.dkim.key_file = "{key}"\n')
    loaded = load(settings, {}, [])
    files = bundle(Place(tmp_path, loaded, loaded.settings, live=False))
    assert (files[place.DKIM], files[place.SETTINGS]) == (b"a key", b'title = "Square"\n')
