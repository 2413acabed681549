"""What follows from a decision about an account and takes longer than the decision: its posts, its files."""

from collections.abc import Sequence
from typing import Final

from townsquare.accounts import store as accounts
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId
from townsquare.media.events import MediaUploaded
from townsquare.media.storage import Store, withhold_files
from townsquare.moderation import store_accounts, store_files
from townsquare.moderation.events import BEGIN, FileRestricted, FilesWithheld, SensitivityChanged
from townsquare.statuses.events import RestrictionChanged
from townsquare.statuses.read import Pair

BATCH: Final = 500


async def mark_posts(db: Database, events: Sequence[SensitivityChanged]) -> None:
    """Effect: the next posts show as sensitive, or again as their author said; the rest goes into the queue."""
    for event in events:
        async with db.transaction() as tx:
            last = await store_accounts.mark_posts(tx, event.account_id, event.before, BATCH)
            if last is not None:
                await emit(tx, SensitivityChanged(event.account_id, last))


async def withhold(db: Database, storage: Store, events: Sequence[FilesWithheld]) -> None:
    """Effect: the next files of a suspended account are not given out, or are again; the rest goes into the queue."""
    for event in events:
        account = await accounts.by_id(db, AccountId(event.account_id))
        if account is None:
            continue
        withheld = account.suspended_at is not None
        if event.before == BEGIN:
            await withhold_files(storage, await store_files.of_profile(db, event.account_id), withheld=withheld)
        files = await store_files.of_posts(db, event.account_id, event.before, BATCH)
        await withhold_files(storage, [key for _, key, hidden in files if withheld or not hidden], withheld=withheld)
        if files:
            async with db.transaction() as tx:
                await emit(tx, FilesWithheld(event.account_id, files[-1][0]))


async def withhold_restricted(db: Database, storage: Store, events: Sequence[RestrictionChanged]) -> None:
    """Effect: the files of hidden posts are not given out, or are again."""
    posts: list[Pair] = list({(event.account_id, event.status_id) for event in events})
    await _withhold(storage, await store_files.of_restricted(db, posts))


async def withhold_files_restricted(db: Database, storage: Store, events: Sequence[FileRestricted]) -> None:
    """Effect: files that are hidden themselves are not given out, or are again."""
    await _withhold(storage, await store_files.of_media(db, [(event.account_id, event.media_id) for event in events]))


async def _withhold(storage: Store, files: Sequence[tuple[str, bool]]) -> None:
    for withheld in (False, True):
        await withhold_files(storage, [key for key, hidden in files if hidden is withheld], withheld=withheld)


async def withhold_made(db: Database, storage: Store, events: Sequence[MediaUploaded]) -> None:
    """Effect, after the files were made: what was still worked on when its owner was suspended, or it or its post was
    hidden, is not given out.
    """
    await _withhold(storage, await store_files.of_media(db, [(event.account_id, event.id) for event in events]))
