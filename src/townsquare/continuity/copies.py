"""Whole copies of what a person has here: asked for, fetched for a week, and gone then. See `federation.archive`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.continuity import store_copies as store
from townsquare.continuity.events import CopyAsked
from townsquare.continuity.store_copies import Copy
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound, TooMany
from townsquare.kernel.ids import new_id
from townsquare.media.sealed import piece_put
from townsquare.media.storage import Part, Piece, Store, delete_files, key_as_sent, new_prefix

PAUSE: Final = timedelta(days=1)
"""Between two copies: each is much work."""
LASTS: Final = timedelta(days=7)


async def list_copies(db: Db, account_id: int) -> Sequence[Copy]:
    """The latest first."""
    return await store.of_account(db, account_id)


async def ask_for_copy(db: Database, account_id: int, now: datetime) -> Copy:
    """Have one made; the person gets a message when it is there. Raises TooMany within a day of the last."""
    async with db.transaction() as tx:
        before = await store.of_account(tx, account_id)
        if before and now - before[0].asked_at < PAUSE:
            raise TooMany("You asked for a copy within the last day; the next one can be made tomorrow")
        copy = Copy(new_id(now), now, key_as_sent(new_prefix("copies")), None, None)
        await store.insert(tx, account_id, copy)
        await emit(tx, CopyAsked(account_id, copy.id))
    return copy


async def open_copy(
    db: Db, storage: Store, account_id: int, copy_id: int, part: Part | None = None
) -> tuple[Copy, Piece]:
    """The file or a part of it, for its owner. Raises NotFound when there is none, or none any more."""
    for copy in await store.of_account(db, account_id):
        if copy.id == copy_id and copy.ready_at is not None:
            return copy, await piece_put(db.keys, storage, copy.key, "application/zip", part)
    raise NotFound


async def sweep(db: Db, storage: Store, now: datetime | None = None) -> None:
    """Periodic: copies end a week after they were asked for; the file goes before the row that names it."""
    for account_id, copy_id, key in await store.lapsed(db, (now or datetime.now(UTC)) - LASTS):
        await delete_files(storage, [key])
        await store.delete(db, account_id, copy_id)
