"""Uploads that come back into a place that is open already: asked for, deleted, moved, cut off, not to be had."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from townsquare.continuity.archive import bring_back, keys
from townsquare.continuity.archive.fetching import Source
from townsquare.continuity.archive.model import Upload, media_name
from townsquare.continuity.archive.sealing import Opener, Sealer
from townsquare.continuity.archive.state import home_of, open_files
from townsquare.continuity.archive.targets import open_target
from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.settings import Bucket, Settings, Storage
from townsquare.media import coming
from townsquare.media.coming import Fetching
from townsquare.media.storage import WITHHELD, Store, delete_files, open_storage, put, read, size_of, withhold_files
from townsquare.media.store_coming import Due

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)


def key_of(number: int) -> str:
    return f"attachments/00/00/{number:032x}/original.png"


OLD, NEW, NEWEST = (key_of(number) for number in (1, 2, 3))


class Back(msgspec.Struct, frozen=True):
    """A place of which three uploads are still in an archive. `store`: as the service has it; `own`: as a restore."""

    folder: Path
    listed: Path
    source: Source
    store: Store
    own: Store

    @contextmanager
    def fetching(self) -> Generator[Fetching]:
        with coming.fetching(self.listed) as waiting:
            yield waiting

    async def fetch(self) -> list[str]:
        with self.fetching() as waiting:
            return await bring_back.fetch(self.source, waiting, self.own, self.folder)


@pytest.fixture
async def back(tmp_path: Path) -> Back:
    secret = keys.new_pair()[0]
    sealer = Sealer([keys.recipient_of(secret)], b"s" * 32)
    target = open_target(Bucket(url=str(tmp_path / "target")))
    uploads: list[Upload] = []
    for days, key in enumerate((OLD, NEW, NEWEST)):
        parts = [f"{days}{half}" * 32 for half in "ab"]
        for part in parts:
            await target.put(media_name(part), sealer.seal(media_name(part), f"{key} {part[1]};".encode()))
        size = sum(len(f"{key} {part[1]};") for part in parts)
        uploads.append(Upload(key, size, parts, NOW + timedelta(days=days)))
    listed = tmp_path / "archive" / "coming"
    bring_back.note(listed, uploads)
    own = open_storage(Storage(url=str(tmp_path / "media")))
    source = Source(target, Opener([secret], sealer.verifier), lambda _: None)
    return Back(tmp_path, listed, source, msgspec.structs.replace(own, coming=listed), own)


def content(key: str) -> bytes:
    return f"{key} a;{key} b;".encode()


async def test_all_of_them_come_whole_and_the_list_ends(back: Back) -> None:
    assert await back.fetch() == []
    for key in (OLD, NEW, NEWEST):
        assert (await read(back.store, key))[0] == content(key)
    with back.fetching() as waiting:
        assert waiting.left() == 0
    coming.remove(back.listed)
    assert list(back.listed.parent.iterdir()) == []
    with pytest.raises(NotFound):
        await read(back.store, key_of(9))


async def asked(back: Back) -> None:
    """Until somebody has asked for one of them."""
    with closing(sqlite3.connect(back.listed)) as db:
        while True:
            if db.execute("SELECT count(*) FROM coming WHERE asked = 1").fetchone()[0]:
                return
            await asyncio.sleep(0.01)


def taken(waiting: Fetching) -> Due:
    one = waiting.take()
    assert one is not None
    return one


async def test_whoever_asks_for_one_waits_for_it_and_it_comes_before_newer_ones(back: Back) -> None:
    with back.fetching() as waiting:
        assert taken(waiting).key == NEWEST
        asking = asyncio.create_task(read(back.store, OLD))
        await asked(back)
        assert not asking.done()
        one = taken(waiting)
        assert one.key == OLD
        await put(back.own, one.key, content(OLD))
        assert waiting.settle(one, one.key)
        assert (await asking)[0] == content(OLD)
        assert taken(waiting).key == NEW


async def test_a_command_waits_as_the_service_does(back: Back) -> None:
    store = open_files(home_of(back.folder), Settings(storage=Storage(url=str(back.folder / "media"))))
    with back.fetching() as waiting:
        asking = asyncio.create_task(read(store, NEWEST))
        await asked(back)
        one = taken(waiting)
        await put(back.own, one.key, content(NEWEST))
        assert waiting.settle(one, one.key)
        assert (await asking)[0] == content(NEWEST)


async def test_where_nobody_fetches_it_is_said_that_it_is_not_back_yet(back: Back) -> None:
    with pytest.raises(Unavailable):
        await read(back.store, OLD)
    with pytest.raises(NotFound):
        await read(back.store, key_of(9))


async def test_what_is_deleted_meanwhile_does_not_come_back_wherever_the_fetching_was(back: Back) -> None:
    await delete_files(back.store, [OLD])
    with back.fetching() as waiting:
        assert taken(waiting).key == OLD  # it is the first to be seen to, and was never fetched
        one = taken(waiting)
        await delete_files(back.store, [one.key])
        await put(
            back.own, one.key, content(one.key)
        )  # it arrives after it was deleted, and that is where it is cut off
        assert not waiting.settle(one, one.key)
    assert await back.fetch() == []
    for key in (OLD, NEWEST):
        with pytest.raises(NotFound):
            await read(back.store, key)
    assert (await read(back.store, NEW))[0] == content(NEW)


async def test_what_is_withheld_meanwhile_comes_to_where_it_belongs(back: Back) -> None:
    await withhold_files(back.store, [OLD], withheld=True)
    with back.fetching() as waiting:
        one = taken(waiting)
        await withhold_files(back.store, [one.key], withheld=True)
        await put(back.own, one.key, content(one.key))
    assert await back.fetch() == []
    for key in (OLD, NEWEST):
        with pytest.raises(NotFound):
            await read(back.store, key)
        assert await size_of(back.store, f"{WITHHELD}{key}") == len(content(key))


async def test_one_that_cannot_be_had_stays_on_the_list_and_holds_up_no_other(back: Back) -> None:
    (name,) = [one for one in (back.folder / "target").rglob("*") if one.is_file() and one.name.startswith("0a")]
    hidden = name.rename(name.with_name("hidden"))
    (told,) = await back.fetch()
    assert told.startswith(OLD)
    with pytest.raises(NotFound):
        await read(back.store, OLD)
    assert (await read(back.store, NEWEST))[0] == content(NEWEST)
    hidden.rename(name)
    assert await back.fetch() == []
    assert (await read(back.store, OLD))[0] == content(OLD)
