"""Deleting files of people for good: what was reported, or is under a legal hold, leaves a sealed copy behind."""

from collections.abc import Sequence
from typing import Final

from townsquare.db.pool import Db
from townsquare.media.sealed import EVIDENCE, folder_of, keep_sealed
from townsquare.media.storage import Store, delete_files
from townsquare.policies import store_holds

HELD: Final = f"{EVIDENCE}/hold"
"""Where the copies of the latter stand in the store."""


async def purge(db: Db, storage: Store, keys: Sequence[str]) -> None:
    """Delete files; those that are gone already are passed over, so it may be run again. Raises Unavailable."""
    if keys:
        for key, source_id in await store_holds.awaited(db, keys):
            await keep_sealed(db.keys, storage, [key], folder_of(source_id))
        await keep_sealed(db.keys, storage, await store_holds.held_files(db, keys), HELD)
        await delete_files(storage, keys)
