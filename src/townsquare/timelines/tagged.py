"""Posts with a hashtag come home to those who follow it, whoever wrote them."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.statuses.events import StatusDeleted, StatusPosted
from townsquare.statuses.model import Visibility
from townsquare.timelines import store_tagged as store


async def push_tagged(db: Db, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: public posts, unless the place has limited their author."""
    tagged = [event for event in events if event.tags and event.visibility == Visibility.PUBLIC]
    if not tagged:
        return
    limited = await store.limited(db, [event.account_id for event in tagged])
    if shown := [event for event in tagged if event.account_id not in limited]:
        await store.push(db, shown)


async def take_out_tagged(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted."""
    if tagged := [event for event in events if event.tags]:
        await store.take_out(db, tagged)
