"""Effects that tell people of collections that they are in: that they were put there, and what these are called now."""

from collections.abc import Sequence

from townsquare.accounts.curated import members
from townsquare.accounts.events import Collected, CollectionChanged, Uncollected
from townsquare.db.pool import Database, Db
from townsquare.timelines import store_notify as store
from townsquare.timelines.notify import tell
from townsquare.timelines.store_notify import Notice

ADDED, CHANGED = "added_to_collection", "collection_update"


async def notify_collected(db: Database, events: Sequence[Collected]) -> None:
    """Effect of Collected; not of those who have left it by now."""
    there = {number: await members(db, number) for number in {event.collection_id for event in events}}
    await tell(
        db,
        [
            Notice(one.target_id, ADDED, one.account_id, about=one.collection_id)
            for one in events
            if one.target_id in there[one.collection_id]
        ],
    )


async def notify_changed(db: Database, events: Sequence[CollectionChanged]) -> None:
    """Effect of CollectionChanged: of several changes the last one is told."""
    for owner, number in {(event.account_id, event.collection_id) for event in events}:
        there = await members(db, number)
        await store.delete_about(db, there, (CHANGED,), owner, number)
        await tell(db, [Notice(one, CHANGED, owner, about=number) for one in there])


async def forget_collected(db: Db, events: Sequence[Uncollected]) -> None:
    """Effect of Uncollected, unless they were put there again."""
    for event in events:
        there = await members(db, event.collection_id)
        gone = [one for one in event.target_ids if one not in there]
        await store.delete_about(db, gone, (ADDED, CHANGED), event.account_id, event.collection_id)
