"""Having enough of a conversation: nothing that happens in it is told any more."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses import store_thread
from townsquare.statuses.events import StatusPosted
from townsquare.statuses.react import original
from townsquare.statuses.store_thread import Place


async def mute_thread(db: Db, me: AccountId, status_id: StatusId) -> None:
    """Raises NotFound for a post that the reader may not see."""
    place = await _place(db, me, status_id)
    posts = await store_thread.posts(db, place.root_account_id, place.root_id)
    ids = [place.root_id, *(post.status_id for post in posts)]
    authors = [place.root_account_id, *(post.author_id for post in posts)]
    await store_thread.mute(db, me, place.root_id, ids, authors)


async def unmute_thread(db: Db, me: AccountId, status_id: StatusId) -> None:
    """Raises NotFound for a post that the reader may not see."""
    place = await _place(db, me, status_id)
    posts = await store_thread.posts(db, place.root_account_id, place.root_id)
    await store_thread.unmute(db, me, place.root_id, [place.root_id, *(post.status_id for post in posts)])


async def mark_joined(db: Db, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: answers in a thread show to those who have muted it that it is."""
    answers = [(event.account_id, event.status_id) for event in events if event.reply_to_account_id is not None]
    if answers:
        await store_thread.mark_joined(db, answers)


async def _place(db: Db, me: AccountId, status_id: StatusId) -> Place:
    place = await store_thread.place(db, me, StatusId((await original(db, me, status_id)).id))
    if place is None:
        raise NotFound
    return place
