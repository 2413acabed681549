"""Uploads back from a target into a place that is open already, those that somebody asks for first."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from townsquare.continuity.archive.fetching import Source
from townsquare.continuity.archive.model import ArchiveError, Upload, media_name
from townsquare.kernel.errors import NotFound, Refused
from townsquare.media import coming, storage
from townsquare.media.coming import Fetching
from townsquare.media.storage import WITHHELD, Store
from townsquare.media.store_coming import Due

_AT_ONCE: Final = 8


def note(file: Path, uploads: Iterable[Upload]) -> None:
    """Put these on the list of what is to come."""
    coming.create(file, ((one.key, one.size, one.parts, one.at.isoformat()) for one in uploads))


async def fetch(source: Source, waiting: Fetching, store: Store, scratch: Path) -> list[str]:
    """All that is on the list, each whole or not at all. What could not be had, and stays there."""
    failed: list[str] = []

    async def work() -> None:
        while (one := waiting.take()) is not None:
            try:
                await _bring(source, waiting, store, one, scratch)
            except (ArchiveError, Refused, OSError) as error:
                waiting.fail(one)
                failed.append(f"{one.key}: {error}")
            waiting.done(one)

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return failed


async def _bring(source: Source, waiting: Fetching, store: Store, one: Due, scratch: Path) -> None:
    """Raises ArchiveError, Refused, OSError."""
    if one.left is not None and (one.gone or one.left != one.key):
        await storage.delete_files(store, [one.left])
    if not one.gone and not await _is_there(store, one):
        with tempfile.TemporaryFile(dir=scratch) as draft:
            await _put_together(source, one, draft)
            await storage.put(store, one.key, draft)
    key = one.key
    while not waiting.settle(one, key):
        belongs = waiting.belongs(one)
        if belongs is None:
            await storage.delete_files(store, [key])
            waiting.forget(one)
            return
        await storage.withhold_files(store, [belongs.removeprefix(WITHHELD)], withheld=belongs.startswith(WITHHELD))
        key = belongs


async def _is_there(store: Store, one: Due) -> bool:
    try:
        return await storage.size_of(store, one.key) == one.size
    except NotFound:
        return False


async def _put_together(source: Source, one: Due, draft: IO[bytes]) -> None:
    for part in one.parts:
        draft.write(await source.get(media_name(part)))
    draft.seek(0)
