"""What follows from a decision about an account and takes longer than the decision: its posts, its files."""

from collections.abc import Sequence
from typing import Final

from townsquare.accounts import store as accounts
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId
from townsquare.media.storage import Store, delete_files, move_files
from townsquare.moderation import store_accounts, store_files
from townsquare.moderation.events import FilesDropped, FilesWithheld, SensitivityChanged
from townsquare.statuses.events import StatusDeleted

BATCH: Final = 500
WITHHELD: Final = "withheld/"
"""Where the files of suspended people stand: nothing is given out from there."""


async def mark_posts(db: Database, events: Sequence[SensitivityChanged]) -> None:
    """Effect: the next posts show as sensitive, or again as their author said; the rest goes into the queue."""
    for event in events:
        async with db.transaction() as tx:
            last = await store_accounts.mark_posts(tx, event.account_id, event.after, BATCH)
            if last is not None:
                await emit(tx, SensitivityChanged(event.account_id, last))


async def move_withheld(db: Database, storage: Store, events: Sequence[FilesWithheld]) -> None:
    """Effect: the next files of a suspended account are not given out, or are again; the rest goes into the queue."""
    for event in events:
        account = await accounts.by_id(db, AccountId(event.account_id))
        if account is None:
            continue
        start, end = (WITHHELD, "") if account.suspended_at is None else ("", WITHHELD)
        if not event.after:
            await move_files(storage, await store_files.of_profile(db, event.account_id), start, end)
        files = await store_files.of_posts(db, event.account_id, event.after, BATCH)
        await move_files(storage, [key for _, key in files], start, end)
        if files:
            async with db.transaction() as tx:
                await emit(tx, FilesWithheld(event.account_id, files[-1][0]))


async def drop(storage: Store, events: Sequence[FilesDropped]) -> None:
    """Effect: withheld files go for good."""
    await delete_files(storage, [WITHHELD + key for event in events for key in event.keys])


async def drop_deleted(db: Database, storage: Store, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted: of suspended authors the files are not where those of others are."""
    authors = {event.account_id for event in events if event.file_keys}
    suspended = set(await store_accounts.suspended_among(db, list(authors))) if authors else set[int]()
    keys = [key for event in events if event.account_id in suspended for key in event.file_keys]
    await delete_files(storage, [WITHHELD + key for key in keys])
