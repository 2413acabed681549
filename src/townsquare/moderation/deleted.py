"""What its author deletes can be reported for 30 days more: so that nobody threatens, is seen, and leaves no trace.

A sealed copy is kept of what was public, its pictures and films too, and nobody sees it, the staff neither, until
somebody reports it: then it is kept with the report, as all that is reported is. After 30 days the copies go, and with
their account at once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from townsquare.accounts.events import AccountDeleted
from townsquare.db.pool import Database, Db, Tx
from townsquare.media.purge import HELD
from townsquare.media.sealed import copy_sealed, keep_sealed, place_of
from townsquare.media.storage import Store, delete_files
from townsquare.moderation import reports, store_deleted, store_holds
from townsquare.moderation.store_deleted import Deleted, OfAccount
from townsquare.statuses import delete
from townsquare.statuses.events import StatusDeleted
from townsquare.statuses.model import Visibility
from townsquare.statuses.store import Source

PUBLIC = (Visibility.PUBLIC, Visibility.UNLISTED)
_AT_ONCE: Final = 500


async def keep(tx: Tx, source: Source) -> None:
    """Before its author deletes it: the copy, where it is a post of their own that anybody could see."""
    if source.reblog_of_id is not None or source.visibility not in PUBLIC:
        return
    for one in await reports.kept_posts(tx, source.account_id, source.account_id, [source.id]):
        if one.sealed is not None:
            kept = Deleted(source.account_id, source.id, one.sealed, one.file_keys, list(one.prints))
            await store_deleted.insert(tx, kept, datetime.now(UTC))


async def delete_pictures(db: Db, storage: Store, events: Sequence[StatusDeleted]) -> None:
    """Effect: of the files of posts that are kept sealed copies are made; then those go that are to go."""
    owners, ids = [event.account_id for event in events], [event.status_id for event in events]
    for one in await store_deleted.files(db, owners, ids):
        await keep_sealed(db.keys, storage, one.file_keys, reports.kept_of_deleted(one.id))
    await delete.delete_pictures(db, storage, events)


async def forget(db: Db, storage: Store, events: Sequence[AccountDeleted]) -> None:
    """Effect: with an account what is kept of its files goes. The rows go with all others of it.

    What is under a legal hold comes to all other files under one: it goes when the hold is lifted.
    """
    found = await store_deleted.of_accounts(db, [event.account_id for event in events])
    for one in found:
        if one.held:
            await copy_sealed(db.keys, storage, one.file_keys, reports.kept_of_deleted(one.id), HELD)
            await store_holds.keep_files(db, one.account_id, one.id, one.file_keys)
    await _delete_kept(storage, found)


async def sweep(db: Database, storage: Store) -> None:
    """From time to time: what has had its time goes, the files before the rows that name them."""
    while await _sweep_some(db, storage) == _AT_ONCE:
        continue


async def _sweep_some(db: Database, storage: Store) -> int:
    async with db.transaction() as tx:
        found = await store_deleted.over(tx, datetime.now(UTC) - reports.REPORTABLE, _AT_ONCE)
        await _delete_kept(storage, found)
        await store_deleted.purge(tx, [one.account_id for one in found], [one.id for one in found])
    return len(found)


async def _delete_kept(storage: Store, found: Sequence[OfAccount | Deleted]) -> None:
    await delete_files(
        storage, [place_of(reports.kept_of_deleted(one.id), key) for one in found for key in one.file_keys]
    )
