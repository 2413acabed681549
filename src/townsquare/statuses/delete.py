"""Deleting: the post, what hangs on it and its echoes go in one transaction; a tombstone keeps its place as gone."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.media.purge import purge
from townsquare.media.storage import Store
from townsquare.media.upload import release
from townsquare.statuses import store, store_delete, store_quotes
from townsquare.statuses.events import StatusDeleted
from townsquare.statuses.model import QuoteState
from townsquare.statuses.restricted import restrict


async def delete_status(
    db: Db,
    me: AccountId,
    status_id: StatusId,
    *,
    before: Callable[[Tx, store.Source], Awaitable[None]],
    kept: Collection[int] | None = (),
) -> store.Source:
    """Delete an own post and return what it said, so that it can be written anew. Raises NotFound.

    Its pictures go too, but for those that are `kept` for the new post (None: all). `before`: what is done with it
    while it is there.
    """
    async with db.transaction() as tx:
        source = await store.source(tx, me, status_id)
        if source is None:
            raise NotFound
        await before(tx, source)
        if kept is None or kept:
            await release(tx, me, status_id, kept)
        await erase(tx, source)
    return source


async def erase(tx: Tx, source: store.Source) -> None:
    """Take a post out of everything that shows posts. Its files are deleted by a job.

    What the place has restricted of it ends first, so that nothing is taken from the counters twice.
    """
    await restrict(tx, (source.account_id, source.id), [])
    if source.reblog_of_id is not None and source.reblog_of_account_id is not None:
        await store_delete.forget_reblog(tx, source.account_id, source.reblog_of_account_id, source.reblog_of_id)
    if source.in_reply_to_id is not None and source.in_reply_to_account_id is not None:
        await store_delete.leave_thread(tx, source)
    if source.quoted is not None and source.quote_state == QuoteState.ACCEPTED:
        await store_quotes.leave(tx, source.quoted, source.id)
    for echo in await store_delete.reblogs(tx, source.account_id, source.id):
        await store_delete.delete(tx, echo.by_id, echo.reblog_id, visibility=source.visibility)
        echoed = StatusDeleted(echo.by_id, echo.reblog_id, original_id=source.id, original_account_id=source.account_id)
        await emit(tx, echoed)
    named = await store_delete.mentioned(tx, source.account_id, source.id)
    await store_delete.reactions(tx, source.account_id, source.id)
    keys = await store_delete.media(tx, source.account_id, source.id)
    await store_delete.delete(tx, source.account_id, source.id, visibility=source.visibility)
    await emit(
        tx,
        StatusDeleted(
            source.account_id,
            source.id,
            file_keys=tuple(keys),
            original_id=source.reblog_of_id,
            original_account_id=source.reblog_of_account_id,
            tags=tuple(source.tags),
            visibility=source.visibility,
            mentioned_ids=tuple(named),
        ),
    )


async def delete_pictures(db: Db, storage: Store, events: Sequence[StatusDeleted]) -> None:
    """Effect: the files of the pictures of deleted posts go."""
    await purge(db, storage, [key for event in events for key in event.file_keys])
