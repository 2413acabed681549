"""Deleting files of people for good: what is under a legal hold leaves a sealed copy behind."""

from collections.abc import Sequence
from typing import Final

from townsquare.db.pool import Db
from townsquare.media.sealed import keep_sealed
from townsquare.media.storage import Store, delete_files
from townsquare.policies import store_holds

HELD: Final = "evidence/hold"
"""Where the copies stand in the store."""


async def purge(db: Db, storage: Store, keys: Sequence[str]) -> None:
    """Delete files; those that are gone already are passed over, so it may be run again. Raises Unavailable."""
    if keys:
        await keep_sealed(db.keys, storage, await store_holds.held_files(db, keys), HELD)
        await delete_files(storage, keys)
