"""Chains that carry each other on: a place that came back, that another host leads, that somebody has a copy of."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from townsquare.continuity.archive import carry_on, keys, place, removals, restore, uploads, wal
from townsquare.continuity.archive.fetching import Source, fetch_log
from townsquare.continuity.archive.model import (
    ArchiveError,
    Base,
    Bundle,
    Config,
    Cursor,
    Origin,
    Removal,
    Upload,
    Uploads,
    end_name,
    manifest_name,
    place_name,
    removals_name,
    segment_of,
    tail_name,
    wal_name,
)
from townsquare.continuity.archive.plan import Plan, Wanted, make_plan
from townsquare.continuity.archive.sealing import Opener, Sealer
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.spool import Spool
from townsquare.continuity.archive.state import home_of, read_config, write_config
from townsquare.continuity.archive.store_uploads import Index
from townsquare.continuity.archive.targets import open_target
from townsquare.kernel.settings import Bucket, Storage
from townsquare.kernel.settings_sources import load
from townsquare.media import coming
from townsquare.media.storage import open_storage

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIZE = 4096
SECRET = keys.new_pair()[0]
SEALER = Sealer([keys.recipient_of(SECRET)], b"s" * 32)
CONFIG = Config("a", [keys.recipient_of(SECRET)], b"s" * 32, b"n" * 32, [])
FORK = SIZE + SIZE // 2


def segment(number: int, timeline: int = 1) -> str:
    return segment_of(timeline, number * SIZE, SIZE)


def content(name: str) -> bytes:
    return name.encode().ljust(SIZE, b".")


class Town:
    """A target with the chains of several services."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "target"
        self.folder.mkdir()
        self.target = open_target(Bucket(url=str(self.folder)))
        self.source = Source(self.target, Opener([SECRET], SEALER.verifier), lambda _: None)

    def chain(self, name: str) -> Shipping:
        return Shipping(self.target, name, lambda: SEALER, self.folder.with_name(f"{name}.json"))

    async def put(self, name: str, data: bytes) -> None:
        await self.chain("any").put(name, data)

    async def base(self, chain: str, start: int = 0, made_at: datetime = NOW) -> None:
        base = Base(1, None, made_at, made_at, 1, start, start + 1, SIZE, "18.1", "t", "t", "p", 0, [])
        await self.put(manifest_name(chain, 1), msgspec.json.encode(base))

    async def origin(self, chain: str, of: str, *instead: str, begun_at: datetime = NOW + HOUR) -> None:
        await place.tell_origin(self.chain(chain), Origin(of, (of, *instead), begun_at))

    async def log(self, chain: str, *names: str) -> None:
        for name in names:
            await self.put(wal_name(chain, name), content(name))

    def dated(self, chain: str, at: datetime) -> None:
        """All that was written to a chain was written then."""
        for file in (self.folder / "chains" / chain).rglob("*"):
            os.utime(file, (at.timestamp(), at.timestamp()))

    async def plan(self, at: datetime | None = None, chain: str = "") -> Plan:
        return await make_plan(self.target, self.source.opener, Wanted(at, chain))


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    """Of a place that was lost, came back from its archive an hour later, and has no base backup yet since."""
    made = Town(tmp_path)
    await made.base("a")
    await made.put(place_name("a", 1), b"")
    await made.log("a", segment(0))
    await made.put(tail_name("a", segment(1), 0), content(segment(1))[: SIZE - 9])
    await made.origin("b", "a")
    await made.put(wal_name("b", "00000002.history"), f"1\t0/{FORK:X}\tno recovery target specified\n".encode())
    await made.log("b", segment(1, 2))
    await made.put(tail_name("b", segment(2, 2), 0), b"acknowledged")
    made.dated("a", NOW)
    made.dated("b", NOW + HOUR)
    return made


async def test_a_place_that_came_back_is_had_from_the_archive_before_until_it_has_a_base_of_its_own(
    town: Town, tmp_path: Path
) -> None:
    plan = await town.plan()
    assert (plan.line, plan.chain, plan.base_chain) == (["a", "b"], "b", "a")
    await fetch_log(town.source, plan, tmp_path / "log")
    log = {file.name: file.read_bytes() for file in (tmp_path / "log").iterdir()}
    assert set(log) == {segment(0), segment(1, 2), segment(2, 2), "00000002.history"}
    assert log[segment(2, 2)].startswith(b"acknowledged")
    await town.base("b", 2 * SIZE)
    town.dated("b", NOW + HOUR)
    plan = await town.plan()
    assert (plan.base_chain, [one.name for one in plan.segments]) == ("b", [segment(2, 2)])


async def test_what_the_former_host_wrote_after_the_parting_is_none_of_it(town: Town) -> None:
    """Also where what would come in its place has not come: that is a hole, and is named."""
    await town.log("a", segment(1), segment(2), segment(3))
    town.dated("a", NOW)
    assert [one.name for one in (await town.plan()).segments] == [segment(0), segment(1, 2), segment(2, 2)]
    (town.folder / "chains/b/wal" / segment(1, 2)).unlink()
    with pytest.raises(ArchiveError, match=f"chains/b/wal/{segment(1)} is missing"):
        await town.plan()


async def test_a_base_that_was_made_after_the_parting_is_none_to_stand_on(town: Town) -> None:
    await town.base("a", 5 * SIZE)
    town.dated("a", NOW)
    with pytest.raises(ArchiveError, match="begins at"):
        await town.plan()


async def test_two_that_went_on_beside_each_other_are_told_apart_by_who_restores(town: Town) -> None:
    """A copy for practice does not take the place of the service that it is a copy of."""
    town.dated("a", NOW + 2 * HOUR)
    with pytest.raises(
        ArchiveError, match=r"(?s)Say with --chain.* a, written last 2027-01-10 14.* b, .*a copy made of a"
    ):
        await town.plan()
    assert ((await town.plan(chain="a")).line, (await town.plan(chain="b")).line) == (["a"], ["a", "b"])
    with pytest.raises(ArchiveError, match=r"There is no chain x .* a, b"):
        await town.plan(chain="x")


async def test_a_moment_before_it_came_back_is_had_from_before_with_what_was_deleted_since(town: Town) -> None:
    plan = await town.plan(NOW + HOUR / 2)
    assert (plan.line, plan.chain) == (["a", "b"], "a")
    assert [one.name for one in plan.segments] == [segment(0), segment(1)]
    # What comes of that takes the place of both.
    await town.origin("c", "a", "b", begun_at=NOW + 2 * HOUR)
    town.dated("c", NOW + 2 * HOUR)
    assert (await town.plan()).line == ["a", "c"]


async def test_what_was_deleted_in_a_copy_beside_the_place_is_not_deleted_in_the_place(town: Town) -> None:
    for chain, number in (("a", 1), ("b", 2)):
        await town.put(removals_name(chain, 1), msgspec.msgpack.encode([Removal(7, removals.POST, number, NOW)]))
    found = {
        chain: sorted(
            one.item_id for one in await removals.fetch(town.source, (await town.plan(chain=chain)).line, NOW)
        )
        for chain in "ab"
    }
    assert found == {"a": [1], "b": [1, 2]}


async def test_a_target_to_which_somebody_goes_on_writing_is_seen(town: Town) -> None:
    plan = await town.plan()
    assert not await restore.lives(town.source, plan)
    town.dated("b", NOW + 2 * HOUR)
    assert await restore.lives(town.source, plan)


async def test_an_end_without_its_pieces_beside_the_whole_segment_is_passed_over_and_goes(
    town: Town, tmp_path: Path
) -> None:
    """A process put the end, and died before it had noted that; the next one put all of it, and removed the pieces."""
    stale = end_name("a", segment(0), [0, 100])
    await town.put(stale, b"the end")
    town.dated("a", NOW)
    assert (await town.plan()).segments[0].objects == [wal_name("a", segment(0))]
    spool = Spool(tmp_path / "spool")
    spool.folder.mkdir()
    (spool.folder / segment(0)).write_bytes(content(segment(0)))
    to = town.chain("a")
    to.progress.cursor = Cursor(segment(0), 200)
    await wal.ship(to, spool, SIZE)
    assert not (town.folder / stale).exists()


def entry(number: int, *files: Upload, whole: datetime | None = None) -> tuple[int, bytes]:
    return number, msgspec.msgpack.encode(Uploads(list(files), whole=whole))


def test_what_has_not_come_back_yet_stands_in_the_list_of_before() -> None:
    one, two, new = (Upload(key, 1, ["p"], NOW) for key in ("one", "two", "new"))
    gone = Upload("two", 0, [], NOW + HOUR, gone=True)
    lists = [[entry(1, one, two)], [entry(1, new), entry(2, gone)]]
    assert set(uploads.read_lists(lists, None)) == {"one", "new"}
    lists[1].append(entry(3, whole=NOW + 2 * HOUR))
    assert set(uploads.read_lists([lists[0], [*lists[1], entry(4, one)]], None)) == {"one", "new"}
    assert set(uploads.read_lists(lists, NOW + HOUR)) == {"one", "new"}


async def test_a_list_that_was_written_anew_knows_what_was_there_at_a_moment(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_LONGEST_LIST", 0)
    to, index, store = town.chain("a"), Index(tmp_path / "index.db"), open_storage(Storage(url=str(tmp_path / "media")))
    (tmp_path / "media").mkdir(exist_ok=True)
    (tmp_path / "media" / "picture").write_bytes(b"of the square")
    nothing = tmp_path / "coming"
    await uploads.compare(to, index, store, nothing)
    await uploads.ship(to, index, store, b"names")
    there = datetime.now(UTC)
    (tmp_path / "media" / "picture").unlink()
    await uploads.compare(to, index, store, nothing)
    await uploads.tidy(to, index, there - HOUR)
    index.close()
    names = [one.name for one in await town.target.names("chains/a/files")]
    assert len(names) == 2, "written anew"
    entries = [(uploads.entry_number(name), await town.source.get(name)) for name in names]
    assert set(uploads.read_lists([entries], None)) == set()
    assert set(uploads.read_lists([entries], there)) == {"picture"}
    assert set(uploads.read_lists([entries], there - HOUR)) == set(), "it had not come"


async def test_what_was_deleted_before_it_came_back_is_noted_and_the_rest_is_waited_for(
    town: Town, tmp_path: Path
) -> None:
    listed = tmp_path / "coming"
    coming.create(listed, [(key, 1, ["p"], NOW.isoformat()) for key in ("late", "deleted", "here")])
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "here").write_bytes(b"h")
    to, index, store = town.chain("b"), Index(tmp_path / "index.db"), open_storage(Storage(url=str(tmp_path / "media")))
    await coming.drop(listed, ["deleted"])
    assert not await uploads.compare(to, index, store, listed)
    await uploads.ship(to, index, store, b"names")
    before = [entry(1, *(Upload(key, 1, ["p"], NOW) for key in ("late", "deleted", "here")))]
    names = [one.name for one in await town.target.names("chains/b/files")]
    entries = [(uploads.entry_number(name), await town.source.get(name)) for name in names]
    assert set(uploads.read_lists([before, entries], None)) == {"late", "here"}
    coming.remove(listed)
    assert await uploads.compare(to, index, store, listed)
    index.close()


def test_who_leads_after_another_host_carries_its_chain_on(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    home_of(first).folder.mkdir(parents=True)
    second.mkdir()
    write_config(home_of(first), CONFIG)
    assert carry_on.digest(first) != carry_on.digest(second)
    carry_on.lay_down(second, carry_on.description(first))
    assert carry_on.digest(first) == carry_on.digest(second)
    carry_on.begin(second)
    led = read_config(home_of(second))
    assert led.origin is not None
    assert (led.origin.chain, led.origin.instead, led.follows) == ("a", ("a",), "")
    carry_on.begin(second)
    assert read_config(home_of(second)) == led, "it was cut off before it led, and begins again"
    assert carry_on.digest(first) != carry_on.digest(second), "so that the other one is told"
    carry_on.lay_down(first, carry_on.description(second))
    carry_on.begin(first)
    back = read_config(home_of(first)).origin
    assert back is not None
    assert back.chain == led.chain


@pytest.mark.parametrize("led", [True, False], ids=["it led before", "it followed"])
def test_what_a_chain_carries_on_is_known_wherever_its_begin_is_cut_off(
    tmp_path: Path, led: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_of(tmp_path)
    origin = Origin("0", ("0",), NOW) if led else None
    (home.folder / "targets").mkdir(parents=True)
    write_config(home, msgspec.structs.replace(CONFIG, origin=origin, follows="" if led else "b"))

    def cut_off() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(carry_on, "new_chain", cut_off)
        with pytest.raises(KeyboardInterrupt):
            carry_on.begin(tmp_path)
    carry_on.begin(tmp_path)
    begun = read_config(home)
    assert begun.origin is not None
    assert (begun.origin.chain, begun.follows) == ("a" if led else "b", "")


async def test_the_key_of_letters_comes_back_and_files_stay_here_where_their_store_is_lost(
    town: Town, tmp_path: Path
) -> None:
    settings = 'title = "Square"\nstorage.url = "s3://lost/square"\nstorage.region = "x"\n'
    files = {
        place.SETTINGS: settings.encode(),
        place.KEYS: b"{}",
        place.DKIM: b"a key",
        place.DESCRIPTION: msgspec.json.encode(CONFIG),
    }
    await town.put(place_name("b", 1), msgspec.msgpack.encode(Bundle(files)))
    town.dated("b", NOW + HOUR)
    plan, data = await town.plan(), tmp_path / "data"
    for here, url in ((False, "s3://lost/square"), (True, "")):
        side = tmp_path / f"side.{here}"
        (side / "archive").mkdir(parents=True)
        await restore.put_place(town.source, plan, side, data, uploads_here=here)
        said = load(side / place.SETTINGS, {}, []).settings
        assert (said.title, said.storage.url, said.mail.dkim.key_file) == ("Square", url, str(data / "dkim.pem"))
        assert (side / "dkim.pem").read_bytes() == b"a key"
        origin = read_config(home_of(side)).origin
        assert origin is not None
        assert (origin.chain, origin.instead) == ("b", ("a", "b"))
