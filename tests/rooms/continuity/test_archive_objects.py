"""Objects of an archive: closed, opened, refused; keys; and what goes by in a tar."""

import asyncio
import io
import os
import tarfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pyrage
import pytest

from townsquare.continuity.archive import keys, uploads
from townsquare.continuity.archive.fetching import Source, unpack
from townsquare.continuity.archive.model import (
    ArchiveError,
    Base,
    Chunk,
    Head,
    Upload,
    Uploads,
    lineage,
    lsn,
    part_name,
    segment_number,
    segment_of,
)
from townsquare.continuity.archive.retention import needed
from townsquare.continuity.archive.sealing import Opener, Sealer
from townsquare.continuity.archive.spool import PAGES, PARTIAL, Spool
from townsquare.continuity.archive.tar_watch import TarWatch
from townsquare.continuity.archive.targets import Target

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
SIZE = 16 * 1024 * 1024


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([keys.recipient_of(SECRET)], b"s" * 32)


SECRET = keys.new_pair()[0]


def test_what_was_closed_opens_with_the_key_and_under_its_name(sealer: Sealer) -> None:
    sealed = sealer.seal("chains/a/wal/1", b"the log")
    assert b"the log" not in sealed
    assert Opener([SECRET], sealer.verifier).open("chains/a/wal/1", sealed) == b"the log"


def test_another_key_a_changed_byte_another_name_and_another_signer_are_each_refused(sealer: Sealer) -> None:
    sealed = sealer.seal("one", b"the log")
    opener = Opener([SECRET], sealer.verifier)
    with pytest.raises(ArchiveError, match="This key does not open the archive"):
        Opener([keys.new_pair()[0]], sealer.verifier).open("one", sealed)
    with pytest.raises(ArchiveError, match="one is damaged"):
        opener.open("one", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(ArchiveError, match="one is damaged"):
        opener.open("one", sealed[: len(sealed) // 2])
    with pytest.raises(ArchiveError, match="was not written by the place"):
        opener.open("another", sealed)
    forged = Sealer([keys.recipient_of(SECRET)], b"x" * 32).seal("one", b"a log of theirs")
    with pytest.raises(ArchiveError, match="was not written by the place"):
        opener.open("one", forged)


def test_programs_of_others_open_an_object(sealer: Sealer) -> None:
    sealed = sealer.seal("one", b"the log")
    opened = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(SECRET)])
    assert opened[64:68] == bytes.fromhex("28b52ffd"), "no zstd after the signature"


def head(split: keys.Split | None = None) -> Head:
    return Head([], NOW, split)


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    made = keys.make(b"v" * 32, "2027-01-10")
    file = tmp_path / "key"
    file.write_text(made.files["recovery-key.txt"])
    held = keys.read([file], head())
    assert [keys.recipient_of(one) for one in held.secrets] == [made.recipient]
    assert held.verifier == b"v" * 32


def test_parts_enough_make_up_the_key_and_fewer_do_not(tmp_path: Path) -> None:
    made = keys.make_split(b"v" * 32, "2027-01-10", 3, 5)
    files = [tmp_path / name for name in made.files]
    for file, text in zip(files, made.files.values(), strict=True):
        file.write_text(text)
        assert len(next(line for line in text.splitlines() if not line.startswith("#")).split()) == 20
    held = keys.read([files[4], files[0], files[2]], head(made.split))
    assert [keys.recipient_of(one) for one in held.secrets] == [made.recipient]
    with pytest.raises(ArchiveError, match="It takes 3 of 5"):
        keys.read(files[:2], head(made.split))
    with pytest.raises(ArchiveError, match="was not split"):
        keys.read(files[:3], head())
    with pytest.raises(ArchiveError, match="at least 2, at most 16"):
        keys.make_split(b"v" * 32, "2027-01-10", 4, 3)


def test_a_file_without_a_key_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("nothing")
    with pytest.raises(ArchiveError, match="no recovery key"):
        keys.read([tmp_path / "key"], head())


@pytest.mark.parametrize("step", [1, 511, 512, 700, 100_000])
def test_a_file_of_a_tar_is_seen_going_by_in_pieces_of_any_size(step: int) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in (("base/1/1", b"x" * 3000), ("backup_manifest", b"{}" * 700), ("after", b"y" * 10)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    whole, watch = made.getvalue(), TarWatch("backup_manifest")
    for start in range(0, len(whole), step):
        watch.feed(whole[start : start + step])
    assert bytes(watch.found) == b"{}" * 700


def test_places_in_the_log_have_their_segments() -> None:
    assert lsn("16/B374D848") == 0x16B374D848
    assert segment_of(1, lsn("0/3000028"), SIZE) == "000000010000000000000003"
    assert segment_of(2, lsn("1/0"), SIZE) == "000000020000000100000000"
    assert segment_number("000000020000000100000000", SIZE) == 256


def base(number: int, parent: int | None, days: int) -> Base:
    at = NOW - timedelta(days=days)
    return Base(number, parent, at, at, 1, 0, 0, SIZE, "18.6", "townsquare", "townsquare", "postgres", 0, [])


def test_a_base_without_the_one_that_it_stands_on_is_none() -> None:
    bases = {one.number: one for one in (base(1, None, 3), base(2, 1, 2), base(4, 3, 1))}
    assert [one.number for one in lineage(bases, 2)] == [1, 2]
    with pytest.raises(ArchiveError, match="Base backup 3 is missing"):
        lineage(bases, 4)


def test_bases_are_dropped_only_when_a_newer_one_was_tested_and_nothing_that_is_kept_needs_them() -> None:
    bases = [base(1, None, 30), base(2, 1, 29), base(3, None, 20), base(4, 3, 16), base(5, None, 2)]
    before = NOW - timedelta(days=14)
    assert needed(bases, None, before) == bases
    assert needed(bases, 2, before) == bases
    assert [one.number for one in needed(bases, 5, before)] == [3, 4, 5]
    assert [one.number for one in needed(bases, 5, NOW - timedelta(days=25))] == [1, 2, 3, 4, 5]


def test_the_list_of_uploads_says_what_there_was_at_a_moment() -> None:
    def entry(number: int, *files: Upload, since: int | None = None) -> tuple[int, bytes]:
        return number, msgspec.msgpack.encode(Uploads(list(files), since))

    early, late = NOW - timedelta(hours=2), NOW
    one, two = Upload("a", 1, ["p"], early), Upload("b", 1, ["q"], early)
    gone = Upload("a", 1, ["p"], late, gone=True)
    entries = [entry(2, gone), entry(1, one, two)]
    assert set(uploads.read_lists([entries], None)) == {"b"}
    assert set(uploads.read_lists([entries], NOW - timedelta(hours=1))) == {"a", "b"}
    assert set(uploads.read_lists([[*entries, entry(3, two), entry(4, since=3)]], None)) == {"b"}


def test_of_a_growing_segment_all_is_read_that_has_come_and_no_zeros_that_wait(tmp_path: Path) -> None:
    """Also pages of which most is zeros, from wherever it was read before."""
    spool, segment = Spool(tmp_path), segment_of(1, SIZE, 1)
    come = b"".join(b"\x18\xd1" + bytes([number % 3]) * 8190 for number in range(20)) + b"\x18\xd1half a page"
    (tmp_path / f"{segment}{PARTIAL}").write_bytes(come.ljust(SIZE, b"\0"))
    for offset in (0, 8192, PAGES, PAGES + 5000, len(come) - 3, len(come)):
        assert spool.written(segment, offset) == come[offset:]
    full = come[:2] * (SIZE // 2)
    (tmp_path / f"{segment}{PARTIAL}").write_bytes(full)
    assert spool.written(segment, PAGES * 7) == full[PAGES * 7 :]


class Silent(Target):
    """A target from which one object comes, and then nothing any more."""

    def __init__(self, sealed: bytes) -> None:
        super().__init__("silent", cast("Any", None))
        self._left = [sealed]
        self.waited_for = asyncio.Event()

    async def get(self, name: str) -> bytes:
        if not self._left:
            self.waited_for.set()
            await asyncio.Event().wait()
        return self._left.pop()


def test_what_is_stopped_while_it_unpacks_comes_to_its_end(tmp_path: Path, sealer: Sealer) -> None:
    """A service that is stopped in the middle of a test of its archive waits for nobody."""
    with tarfile.open(fileobj=(whole := io.BytesIO()), mode="w") as tar:
        member = tarfile.TarInfo("large")
        member.size = 4 << 20
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    chunks = [Chunk(b"", 0)] * 3
    base = Base(1, None, NOW, NOW, 1, 0, 0, SIZE, "18.1", "t", "t", "p", 0, chunks)
    target = Silent(sealer.seal(part_name("a", 1, 0), whole.getvalue()[: 2 << 20]))
    source = Source(target, Opener([SECRET], sealer.verifier), lambda _: None)

    async def begin() -> None:
        unpacking = asyncio.create_task(unpack(source, "a", base, tmp_path / "out"))
        await target.waited_for.wait()
        assert not unpacking.done()

    running = threading.Thread(target=lambda: asyncio.run(begin()), daemon=True)
    running.start()
    running.join(20)
    assert target.waited_for.is_set()
    assert not running.is_alive()
