"""Files laid down at a target: those that are other than before, and no others; what is there is known by digest."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Final

import structlog

from townsquare.continuity.domains.verbs import said
from townsquare.continuity.mirror import manifest, store_targets
from townsquare.continuity.mirror.model import File, Written
from townsquare.continuity.mirror.store_targets import Laid
from townsquare.continuity.mirror.targets import Place, delete_all, list_all, put_all
from townsquare.db.pool import Database
from townsquare.kernel import domains
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.media import storage
from townsquare.media.storage import Store

log = structlog.get_logger("mirror")

POINTERS: Final = (".well-known/townsquare", "townsquare.json")
"""Under which names it is told where the place is (see kernel.domains): some hosts of files serve no hidden folders."""

MEDIA: Final = "media/"
"""Below it stands what never changes under its name."""
OURS: Final = ("@", "people/", "tags/", "search/", MEDIA, manifest.FOLDER)
"""How the names begin under which nobody but a mirror writes."""


class _Passing:
    """Digest and size of what goes by: a film is never in memory as a whole."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    async def through(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.digest.update(chunk)
            self.size += len(chunk)
            yield chunk


class Laying:
    """One target for the time of one walk over what is to be written.

    `known`: what is known to lie there does so, and is passed over. It may not where somebody else writes there too:
    they may have put something else there, and not have said so yet.
    """

    def __init__(self, db: Database, place: Place, files: Store, *, known: bool = True) -> None:
        self._db = db
        self._place = place
        self._files = files
        self._trusts = known
        self.paths: set[str] = set()
        """What was laid down, or lay there as it is to."""
        self.touched: set[int] = set()
        """The parts of the manifest that are others now."""
        self.written = 0

    async def lay(self, written: Written) -> None:
        """Write what differs, and bring along the files of people that are not there yet. Raises Unavailable."""
        await self._put(written.files)
        await self._bring(written.keys)
        self.paths |= {one.path for one in written.files} | {f"{MEDIA}{key}" for key in written.keys}

    async def _put(self, files: Sequence[File]) -> None:
        before = await self._known([one.path for one in files]) if self._trusts else {}
        made = [(one, hashlib.sha256(one.data).digest()) for one in files]
        new = [(one, digest) for one, digest in made if before.get(one.path) != digest]
        await put_all(self._place, ((one.path, one.data) for one, _ in new))
        await self._note([Laid(one.path, digest, len(one.data), manifest.part_of(one.path)) for one, digest in new])

    async def _bring(self, keys: Iterable[str]) -> None:
        """A file never changes under its key."""
        wanted = {f"media/{key}": key for key in keys}
        missing = wanted.keys() - {path for path, digest in (await self._known(list(wanted))).items() if digest}
        for path in sorted(missing):
            try:
                found = await storage.piece(self._files, wanted[path])
            except NotFound:
                log.warning("a file is missing for the mirror", file=wanted[path])
                continue
            passing = _Passing()
            await put_all(self._place, [(path, passing.through(found.chunks))])
            await self._note([Laid(path, passing.digest.digest(), passing.size, manifest.part_of(path))])

    async def look_again(self, *, same: bool) -> None:
        """Find out what lies there, where that may be other than is known. Raises Unavailable.

        `same`: the database has seen all that was written there, so what has the size that is known is what is known.
        """
        known = {one.path: one for one in await store_targets.laid(self._db, self._place.url)}
        there = await list_all(self._place)
        found: list[Laid] = []
        for path, size in there.items():
            old = known.get(path)
            if old is not None and old.size == size and (same or path.startswith(MEDIA)):
                found.append(old)
            elif old is not None or path.startswith(OURS):
                found.append(Laid(path, b"", size, manifest.part_of(path)))
        await store_targets.lay_out(self._db, self._place.url, found)
        self.touched |= set(range(manifest.PARTS))

    async def take_away(self, paths: Sequence[str]) -> None:
        """Raises Unavailable."""
        there = list(await self._known(paths))
        if there:
            await delete_all(self._place, there)
            await store_targets.note_gone(self._db, self._place.url, there)
            self.touched |= {manifest.part_of(path) for path in there}

    async def _known(self, paths: Sequence[str]) -> dict[str, bytes]:
        if not paths:
            return {}
        return {one.path: one.digest for one in await store_targets.laid_among(self._db, self._place.url, paths)}

    async def _note(self, files: Sequence[Laid]) -> None:
        if files:
            await store_targets.note_laid(self._db, self._place.url, files)
            self.touched |= {one.part for one in files}
            self.written += len(files)

    async def sign(self, settings: Settings, now: datetime) -> None:
        """Tell anew what there is: the parts that are others, and when that was. Raises Unavailable."""
        parts = sorted(self.touched - {-1})
        by_part: dict[int, list[Laid]] = {part: [] for part in parts}
        for one in await store_targets.laid_parts(self._db, self._place.url, parts):
            by_part[one.part].append(one)
        await self._put(
            [File(manifest.part_path(part), manifest.part_of_manifest(some)) for part, some in by_part.items() if some]
        )
        await self.take_away([manifest.part_path(part) for part, some in by_part.items() if not some])
        told = await store_targets.laid_parts(self._db, self._place.url, [-1])
        count, size = await store_targets.sums(self._db, self._place.url)
        whole = manifest.whole(settings, self._db.keys, now, count, size, told)
        signed = [(manifest.NAME, whole), (manifest.SIGNATURE, manifest.sign(self._db.keys, whole))]
        pointer = domains.document(settings, await said(self._db), self._db.keys)
        await put_all(self._place, [*signed, *((name, pointer) for name in POINTERS)])
        await store_targets.set_signed(self._db, self._place.url, now)
        self.touched.clear()
