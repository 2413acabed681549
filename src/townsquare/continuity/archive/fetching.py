"""Objects of a target onto the disk: many on their way at a time, opened as they come."""

import asyncio
import os
import queue
import tarfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Final, TypeVar, cast

from townsquare.continuity.archive.model import ArchiveError, Base, part_name, wal_name
from townsquare.continuity.archive.plan import Plan, Segment
from townsquare.continuity.archive.sealing import Opener, digest
from townsquare.continuity.archive.targets import Target, TargetError
from townsquare.kernel.kept_file import write_file

K = TypeVar("K")

_AT_ONCE: Final = 4
_FULL: Final = 0.2
"""Seconds between two looks whether the one who unpacks is still there."""

Progress = Callable[[int], object]
"""Is told how many bytes have come."""


def make_folder(folder: Path) -> None:
    """For us alone."""
    folder.mkdir(mode=0o700, parents=True)


class Source:
    """A target with what opens it."""

    def __init__(self, target: Target, opener: Opener, progress: Progress) -> None:
        self.target = target
        self.opener = opener
        self._progress = progress

    async def get(self, name: str, known: bytes | None = None) -> bytes:
        """An object, opened. `known`: what its digest must be. Raises ArchiveError."""
        sealed = await self.target.get(name)
        if known is not None and digest(sealed) != known:
            raise ArchiveError(f"{name} in {self.target.url} is damaged. Restore from another target, if there is one")
        opened = await asyncio.to_thread(self.opener.open, name, sealed)
        self._progress(len(sealed))
        return opened

    async def many(self, names: Sequence[str]) -> AsyncIterator[bytes]:
        """Objects in their order, some of them on their way while one is used. Raises ArchiveError."""
        coming: list[asyncio.Task[bytes]] = []
        try:
            for name in names:
                coming.append(asyncio.create_task(self.get(name)))
                if len(coming) > _AT_ONCE:
                    yield await coming.pop(0)
            while coming:
                yield await coming.pop(0)
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)


class _Pieces:
    """What comes, as a file that a thread reads."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[bytes] = queue.Queue(_AT_ONCE)
        self._rest = memoryview(b"")
        self._over = self._left = False

    def leave(self) -> None:
        """Nothing more comes: whoever reads is not to wait for it."""
        self._left = True
        with suppress(queue.Full):  # then nobody waits
            self.waiting.put_nowait(b"")

    def read(self, size: int) -> bytes:
        taken: list[bytes] = []
        while size and not self._over and not self._left:
            if not self._rest:
                self._rest = memoryview(self.waiting.get())
                self._over = not self._rest
            part = self._rest[:size]
            taken.append(bytes(part))
            self._rest, size = self._rest[len(part) :], size - len(part)
        return b"".join(taken)


async def unpack(source: Source, chain: str, base: Base, folder: Path) -> None:
    """A base backup into a folder, which is made. Raises ArchiveError, OSError."""
    make_folder(folder)
    pieces = _Pieces()
    unpacking = asyncio.create_task(asyncio.to_thread(_untar, pieces, folder))
    names = [part_name(chain, base.number, number) for number in range(len(base.chunks))]
    try:
        async for piece in source.many(names):
            await _hand(pieces, piece, unpacking)
            if unpacking.done():
                break
        await _hand(pieces, b"", unpacking)
        await unpacking
    except tarfile.TarError as error:
        raise ArchiveError(f"Base backup {base.number} cannot be unpacked: {error}") from error
    finally:
        pieces.leave()
        await asyncio.gather(unpacking, return_exceptions=True)


async def _hand(pieces: _Pieces, piece: bytes, unpacking: asyncio.Task[None]) -> None:
    while not unpacking.done():
        try:
            pieces.waiting.put_nowait(piece)
        except queue.Full:
            await asyncio.wait([unpacking], timeout=_FULL)
        else:
            return


def _untar(pieces: _Pieces, folder: Path) -> None:
    with tarfile.open(fileobj=cast("IO[bytes]", pieces), mode="r|", bufsize=1 << 20) as tar:
        for member in tar:
            tar.extract(_ours(member), folder)


def _ours(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """One that stays in the folder. Whoever restores owns it; PostgreSQL's user gets it when it is started.

    Python's own filters (PEP 706) came with 3.11.4, after Debian 12's.
    """
    path = PurePosixPath(member.name)
    if not (member.isreg() or member.isdir()) or path.is_absolute() or ".." in path.parts:
        raise tarfile.ReadError(f"{member.name!r} is no file or folder of a base backup")
    member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
    return member


async def fetch_log(source: Source, plan: Plan, folder: Path) -> str:
    """The log into a folder: histories, and segments of their pieces, the last filled up with zeros.

    Pieces may overlap, where one was shipped again and longer; after a gap nothing counts. The object before which the
    log ends where that is accepted, empty where there is none. Raises ArchiveError where it is not.
    """
    make_folder(folder)
    async for name, data in _named(plan.histories, source.many(plan.histories)):
        write_file(folder / name.rpartition("/")[2], data)
    places = [(one, offset) for one in plan.segments for offset in one.offsets]
    names = [name for one in plan.segments for name in one.objects]
    whole, size, come = bytearray(), plan.bases[0].segment_bytes, 0
    try:
        async for (one, offset), data in _named(places, source.many(names)):
            if offset == one.offsets[0]:
                whole = bytearray()
            if offset <= len(whole):
                whole[offset : offset + len(data)] = data
            if offset == one.offsets[-1]:
                _write(folder, plan, one, whole, size)
            come += 1
    except TargetError:
        raise
    except ArchiveError:
        if not plan.to_hole:
            raise
        one, offset = places[come]
        if offset != one.offsets[0]:
            write_file(folder / one.name, bytes(whole).ljust(size, b"\0"))
        return names[come]
    return plan.hole


def _write(folder: Path, plan: Plan, one: Segment, whole: bytearray, size: int) -> None:
    if len(whole) != size and one is not plan.segments[-1]:
        raise ArchiveError(
            f"{wal_name(one.chain, one.name)} is missing, and the pieces of it that are there do not make it up"
        )
    write_file(folder / one.name, bytes(whole).ljust(size, b"\0"))


async def _named(names: Sequence[K], coming: AsyncIterator[bytes]) -> AsyncIterator[tuple[K, bytes]]:
    left = iter(names)
    async for data in coming:
        yield next(left), data
