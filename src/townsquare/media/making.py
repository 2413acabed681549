"""The job that makes what is shown of films and sound.

It may be cut off at any moment and begins anew then: what is stored has the same keys, and what was sent is deleted
when that is done. A file over which whole processes die is given up.
"""

from collections.abc import Sequence
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Final

import structlog

from townsquare.db.pool import Db
from townsquare.kernel.errors import Refused, Unavailable
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Settings
from townsquare.media import store, work
from townsquare.media.arrival import gif_limits, track_limits
from townsquare.media.containers import HEAD, container_of
from townsquare.media.errors import TooMuchWork
from townsquare.media.events import FilesReplaced, MediaUploaded
from townsquare.media.model import MediaId, Sizes, State, played
from townsquare.media.purge import purge
from townsquare.media.storage import Store, delete_files, fetch, put
from townsquare.media.tasks import CONVERT_FILM, CONVERT_GIF, CONVERT_SOUND, Made

BOUNDS: Final = work.Bounds(seconds=timedelta(minutes=40).total_seconds(), memory=2 * 1024**3, niceness=15)
MOST_ATTEMPTS: Final = 3

log = structlog.get_logger("media")


async def make_uploaded(db: Db, storage: Store, settings: Settings, events: Sequence[MediaUploaded]) -> None:
    """Effect: what was sent becomes what is shown."""
    for event in events:
        await _make(db, storage, settings, AccountId(event.account_id), MediaId(event.id))


async def delete_replaced_files(db: Db, storage: Store, events: Sequence[FilesReplaced]) -> None:
    """Effect: what nothing shows any more goes."""
    await purge(db, storage, [key for event in events for key in event.keys])


async def _make(db: Db, storage: Store, settings: Settings, owner: AccountId, number: MediaId) -> None:
    found = await store.begin(db, owner, number)
    if found is None:
        return
    if found.state is State.PROCESSING and found.attempts > MOST_ATTEMPTS:
        await _give_up(db, owner, number, TooMuchWork())
    elif found.state is State.PROCESSING:
        try:
            await _convert(db, storage, settings, owner, number, found)
        except Unavailable:
            await store.put_off(db, owner, number)
            raise
        except Refused as refused:
            await _give_up(db, owner, number, refused)
    await delete_files(storage, [found.upload_key])
    await store.forget_upload(db, owner, number)


async def _give_up(db: Db, owner: AccountId, number: MediaId, refused: Refused) -> None:
    log.info("a file could not be worked on", media=number, why=type(refused).__name__)
    await store.fail(db, owner, number, refused.text)


async def _convert(
    db: Db, storage: Store, settings: Settings, owner: AccountId, number: MediaId, found: store.Work
) -> None:
    with TemporaryFile() as source, TemporaryFile() as target:
        await fetch(storage, found.upload_key, source)
        made = await _made(settings, found.kind, source, target)
        target.seek(0)
        await put(storage, found.file_key, target)
    sizes = Sizes(played(made), sound=made.sound)
    if not await store.finish(db, owner, number, sizes, made.size_bytes, made.prints):
        await delete_files(storage, [found.file_key])


async def _made(settings: Settings, kind: str, source: IO[bytes], target: IO[bytes]) -> Made:
    files = {"source": source, "target": target}
    limits = track_limits(settings)
    source.seek(0)
    if container_of(source.read(HEAD)) is None:
        return await work.slowly(CONVERT_GIF, {"limits": gif_limits(settings)}, files, BOUNDS)
    if kind == "audio":
        return await work.slowly(CONVERT_SOUND, {"limits": limits}, files, BOUNDS)
    return await work.slowly(CONVERT_FILM, {"limits": limits, "with_sound": kind == "video"}, files, BOUNDS)
