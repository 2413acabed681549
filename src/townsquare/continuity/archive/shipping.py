"""What is known of one target while it is filled: an open store, how far it is, and for whom it is encrypted."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec

from townsquare.continuity.archive.model import Progress
from townsquare.continuity.archive.sealing import Sealer, digest
from townsquare.continuity.archive.targets import Found, Target
from townsquare.kernel.kept_file import write_file

Recipients = tuple[str, ...]


class Pieces(msgspec.Struct, frozen=True):
    """Those of a segment that stand there, from its begin on, and for whom all of them were closed."""

    segment: str = ""
    recipients: Recipients = ()
    offsets: tuple[int, ...] = ()

    def and_one(self, segment: str, recipients: Recipients, offset: int) -> "Pieces":
        """With a further one; none at all, where those before it are not known or were closed for others."""
        if offset and (segment, recipients) != (self.segment, self.recipients):
            return Pieces()
        return Pieces(segment, recipients, (*self.offsets, offset) if offset else (0,))


class Shipping:
    """`sealer`: asked for each object, because the test keys change. `file`: where the progress is kept."""

    def __init__(self, target: Target, chain: str, sealer: Callable[[], Sealer], file: Path) -> None:
        self.target, self.chain = target, chain
        self.histories: set[tuple[str, Recipients]] = set()
        """Those that are there, and for whom they were closed."""
        self.pieces = Pieces()
        """Of the segment that grows."""
        self.pending: set[str] = set()
        """Keys of uploads that have come since all of them were compared."""
        self.parts: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Parts of uploads that are on their way."""
        self._sealer, self._file = sealer, file
        self.progress = _read(file)

    @property
    def recipients(self) -> Recipients:
        """For whom an object is closed that is put now: with a new test key, what a base needs is put once more."""
        return self._sealer().recipients

    async def put(self, name: str, data: bytes) -> tuple[bytes, int]:
        """Close and write an object. Its digest and size as it stands there. Raises TargetError."""
        sealed = self._sealer().seal(name, data)
        await self.target.put(name, sealed)
        self.progress.objects += 1
        self.progress.size += len(sealed)
        self.progress.shipped_at = datetime.now(UTC)
        return digest(sealed), len(sealed)

    async def delete(self, found: Sequence[Found]) -> None:
        """Raises TargetError."""
        await self.target.delete([one.name for one in found])
        self.progress.objects -= len(found)
        self.progress.size -= sum(one.size for one in found)

    def save(self) -> None:
        """Keep the progress. It may be older than what the target has: what is shipped again is the same."""
        write_file(self._file, msgspec.json.encode(self.progress))


def _read(file: Path) -> Progress:
    return msgspec.json.decode(file.read_bytes(), type=Progress) if file.exists() else Progress()
