"""The log on its way: into a spool as PostgreSQL writes it, from there into a target, and back out of it."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from townsquare.continuity.archive import keys, plan, wal
from townsquare.continuity.archive.fetching import Source, fetch_log
from townsquare.continuity.archive.model import (
    ArchiveError,
    Base,
    manifest_name,
    place_name,
    segment_of,
    tail_name,
)
from townsquare.continuity.archive.plan import Wanted
from townsquare.continuity.archive.sealing import Opener, Sealer
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.spool import PARTIAL, Spool
from townsquare.continuity.archive.targets import open_target
from townsquare.kernel.settings import Bucket

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
SIZE = 256 * 1024
SECRET, OTHER = (keys.new_pair()[0] for _ in range(2))
FIRST, SECOND, THIRD = (segment_of(1, number * SIZE, SIZE) for number in range(3))
LOG = {name: random.Random(name).randbytes(SIZE) for name in (FIRST, SECOND, THIRD)}


class Archive:
    """One that is filled from a spool."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "target"
        self.folder.mkdir()
        self.spool = Spool(folder / "spool")
        self.spool.folder.mkdir()
        self.recipients = [keys.recipient_of(SECRET)]
        self.target = open_target(Bucket(url=str(self.folder)))
        self._progress = folder / "progress.json"
        self.begin()

    def begin(self) -> None:
        """As a process that was started anew does."""
        self.to = Shipping(self.target, "a", lambda: Sealer(self.recipients, b"s" * 32), self._progress)

    async def grow(self, segment: str, *ends: int) -> None:
        """It comes up to each of these places, and is shipped each time."""
        for end in ends:
            (self.spool.folder / f"{segment}{PARTIAL}").write_bytes(LOG[segment][:end].ljust(SIZE, b"\0"))
            await wal.ship(self.to, self.spool, SIZE)

    async def fill(self, segment: str) -> None:
        """It is whole."""
        (self.spool.folder / f"{segment}{PARTIAL}").unlink(missing_ok=True)
        (self.spool.folder / segment).write_bytes(LOG[segment])
        await wal.ship(self.to, self.spool, SIZE)

    async def come_back(self, folder: Path, secret: str = SECRET, *, to_hole: bool = False) -> dict[str, bytes]:
        """What a restore makes of it. Raises ArchiveError."""
        base = Base(1, None, NOW, NOW, 1, 0, SIZE, SIZE, "18.1", "t", "t", "p", 0, [])
        await self.to.put(manifest_name("a", 1), msgspec.json.encode(base))
        await self.to.put(place_name("a", 1), b"")
        opener = Opener([secret], Sealer([], b"s" * 32).verifier)
        found = await plan.make_plan(self.target, opener, Wanted(to_hole=to_hole))
        self.ended = await fetch_log(Source(self.target, opener, lambda _: None), found, folder)
        return {file.name: file.read_bytes() for file in folder.iterdir()}

    def objects(self, below: str) -> list[str]:
        return sorted(file.name for file in (self.folder / "chains" / "a" / below).rglob("*") if file.is_file())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


async def test_a_segment_that_came_quickly_is_not_sent_twice(archive: Archive, tmp_path: Path) -> None:
    await archive.grow(FIRST, 100_000, 200_000)
    await archive.fill(FIRST)
    await archive.fill(SECOND)
    await archive.grow(THIRD, 70_000, 90_000)
    assert archive.objects("wal") == [f"{FIRST}.00000000-000186a0-00030d40", SECOND]
    assert sum(file.stat().st_size for file in archive.folder.rglob("*") if FIRST in str(file)) < SIZE * 1.1
    back = await archive.come_back(tmp_path / "log")
    assert back == LOG | {THIRD: LOG[THIRD][:90_000].ljust(SIZE, b"\0")}


async def test_one_of_which_all_had_come_before_it_was_called_whole_has_an_end(
    archive: Archive, tmp_path: Path
) -> None:
    """PostgreSQL's program has it on the disk before it gives it its name, and that takes a while."""
    await archive.grow(FIRST, 100_000, SIZE)
    await archive.fill(FIRST)
    await archive.fill(SECOND)
    assert len(archive.objects("wal")) == 2
    assert await archive.come_back(tmp_path / "log") == {name: LOG[name] for name in (FIRST, SECOND)}


async def test_one_that_ends_with_a_piece_is_whole_where_it_is(archive: Archive, tmp_path: Path) -> None:
    """As earlier versions left them, and with a hole, as nobody may."""
    await archive.to.put(tail_name("a", FIRST, 0), LOG[FIRST])
    await archive.fill(SECOND)
    assert await archive.come_back(tmp_path / "log") == {name: LOG[name] for name in (FIRST, SECOND)}
    await archive.to.put(tail_name("a", FIRST, 0), LOG[FIRST][:-1])
    with pytest.raises(ArchiveError, match=f"chains/a/wal/{FIRST} is missing"):
        await archive.come_back(tmp_path / "hole")


async def test_one_that_came_slowly_is_one_object_in_the_end(archive: Archive, tmp_path: Path) -> None:
    await archive.grow(FIRST, *range(10_000, 100_000, 10_000))
    await archive.fill(FIRST)
    assert (archive.objects("wal"), archive.objects("tail")) == ([FIRST], [])
    assert await archive.come_back(tmp_path / "log") == {FIRST: LOG[FIRST]}


async def test_pieces_that_a_new_key_does_not_open_are_sent_again_with_the_rest(
    archive: Archive, tmp_path: Path
) -> None:
    await archive.grow(FIRST, 100_000)
    archive.recipients.append(keys.recipient_of(OTHER))
    await archive.grow(FIRST, 200_000)
    await archive.fill(FIRST)
    assert await archive.come_back(tmp_path / "log", OTHER) == {FIRST: LOG[FIRST]}


async def test_pieces_of_which_a_new_process_knows_nothing_are_sent_again_with_the_rest(archive: Archive) -> None:
    await archive.grow(FIRST, 100_000)
    archive.begin()
    await archive.grow(FIRST, 200_000)
    await archive.fill(FIRST)
    assert (archive.objects("wal"), archive.objects("tail")) == ([FIRST], [])


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize(("spoil", "said"), [(Path.unlink, "missing"), (cut, "damaged")])
async def test_a_piece_that_cannot_be_had_is_named_and_what_was_before_it_can(
    archive: Archive, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    await archive.fill(FIRST)
    await archive.grow(SECOND, 100_000, 200_000)
    await archive.fill(SECOND)
    await archive.fill(THIRD)
    spoil(archive.folder / "chains/a/tail" / SECOND / "000186a0")
    with pytest.raises(ArchiveError, match=f"tail/{SECOND}/000186a0.* is {said}"):
        await archive.come_back(tmp_path / "log")
    back = await archive.come_back(tmp_path / "before", to_hole=True)
    assert back == {FIRST: LOG[FIRST], SECOND: LOG[SECOND][:100_000].ljust(SIZE, b"\0")}
    assert archive.ended == f"chains/a/tail/{SECOND}/000186a0"
