"""Voting in a poll, and looking at it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses import store_polls as store
from townsquare.statuses.polls import check_vote, counted, encode_polls
from townsquare.statuses.react import reachable
from townsquare.statuses.store_read import fetch_by_id


async def vote(db: Db, me: AccountId, poll_id: StatusId, choices: Sequence[int]) -> None:
    """Choose in a poll, all of it or nothing. Raises NotFound, Forbidden and Invalid."""
    key = await reachable(db, me, poll_id)
    chosen = list(dict.fromkeys(choices))
    async with db.transaction() as tx:
        poll = await store.lock(tx, key.account_id, key.id)
        if poll is None:
            raise NotFound
        before = await store.choices(tx, me, key.id)
        check_vote(poll, me, chosen, before, datetime.now(UTC))
        await store.vote(tx, me, poll, chosen, counted(poll, chosen), first=not before)


async def show_poll(db: Db, viewer: int, poll_id: StatusId) -> bytes:
    """The entity Poll of a post that the viewer may see. Raises NotFound."""
    post = await db.batched(fetch_by_id, (viewer, poll_id))
    if post is None or not post.has_poll:
        raise NotFound
    found = await db.batched(store.fetch_polls, (viewer, [(post.account_id, post.id)]))
    shown = encode_polls(found, viewer)
    if post.id not in shown:
        raise NotFound
    return shown[post.id]
