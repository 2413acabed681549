"""What its author deletes can be reported for 30 days more: so that nobody threatens, is seen, and leaves no trace.

A sealed copy is kept, of its pictures and films too, also when the author deletes their whole account. Nobody sees it,
the staff neither, until somebody reports it: then it is kept with the report, as all that is reported is. Who could see
the post while it was there can report it, and for nobody else there is any: whether it was for all, for those who
followed its author at some time of its life, or for whom it named. After 30 days the copies go.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.accounts import store as accounts
from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.media.sealed import keep_sealed, place_of
from townsquare.media.storage import Store, delete_files
from townsquare.moderation import kept, store_deleted
from townsquare.moderation.store_deleted import Deleted
from townsquare.moderation.store_reports import Item
from townsquare.statuses import delete
from townsquare.statuses import store as statuses
from townsquare.statuses.events import StatusDeleted
from townsquare.statuses.store import Source

REPORTABLE: Final = timedelta(days=30)
"""For so long after its author has deleted it a post can be reported."""
_AT_ONCE: Final = 500


async def keep(tx: Tx, source: Source) -> None:
    """Before its author deletes it, or it goes with their account: the copy, where it is a post of their own."""
    if source.reblog_of_id is not None:
        return
    for one in await kept.posts_of(tx, source.account_id, [source.id]):
        if one.sealed is not None:
            made = Deleted(source.account_id, source.id, one.sealed, one.file_keys, list(one.prints))
            await store_deleted.insert(tx, made, datetime.now(UTC))


async def reportable(tx: Tx, reader: AccountId, author: AccountId, ids: Sequence[int], now: datetime) -> list[Item]:
    """What is kept of those of the posts that an author has deleted, and that the reader could see before."""
    if await accounts.is_deleted(tx, author):
        await _keep_early(tx, author, ids)
    return items(await store_deleted.seen(tx, reader, author, ids, now - REPORTABLE))


async def author_of(tx: Tx, reader: AccountId, status_id: int, now: datetime) -> AccountId | None:
    """Who has deleted a post that the reader can report."""
    author = await store_deleted.author_of(tx, status_id)
    if author is None or not await reportable(tx, reader, AccountId(author), [status_id], now):
        return None
    return AccountId(author)


async def _keep_early(tx: Tx, author: AccountId, ids: Sequence[int]) -> None:
    """Posts of a deleted account that are still to be erased."""
    for number in ids:
        source = await statuses.source(tx, author, StatusId(number))
        if source is not None:
            await keep(tx, source)


def items(found: Sequence[Deleted]) -> list[Item]:
    """As a report keeps them."""
    return [Item("status", one.id, one.file_keys, one.private, one.sealed, one.prints) for one in found]


async def delete_pictures(db: Db, storage: Store, events: Sequence[StatusDeleted]) -> None:
    """Effect: of the files of posts that are kept sealed copies are made; then those go that are to go."""
    owners, ids = [event.account_id for event in events], [event.status_id for event in events]
    for one in await store_deleted.files(db, owners, ids):
        await keep_sealed(db.keys, storage, one.file_keys, kept.place_of_deleted(one.id))
    await delete.delete_pictures(db, storage, events)


async def sweep(db: Database, storage: Store) -> None:
    """From time to time: what has had its time goes, the files before the rows that name them."""
    while await _sweep_some(db, storage) == _AT_ONCE:
        continue
    await store_deleted.forget_followers(db, datetime.now(UTC) - REPORTABLE)


async def _sweep_some(db: Database, storage: Store) -> int:
    async with db.transaction() as tx:
        found = await store_deleted.over(tx, datetime.now(UTC) - REPORTABLE, _AT_ONCE)
        places = [place_of(kept.place_of_deleted(one.id), key) for one in found for key in one.file_keys]
        await delete_files(storage, places)
        await store_deleted.purge(tx, [one.account_id for one in found], [one.id for one in found])
    return len(found)
