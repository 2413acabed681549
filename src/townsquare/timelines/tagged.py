"""Posts with a hashtag come home to those who follow it, whoever wrote them.

They are pushed as the posts of people are, and up to the same bound: a hashtag that more people follow is pulled in
when a timeline is read (see home), so that nobody can make the place write a million rows by naming it.
"""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.events import RestrictionChanged, StatusDeleted, StatusPosted
from townsquare.statuses.model import Visibility
from townsquare.statuses.restricted import BITS, hidden
from townsquare.statuses.store_restricted import restricted
from townsquare.timelines import store_tagged as store
from townsquare.timelines.home import pushed_until


async def push_tagged(db: Db, bound: int, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted: public posts, unless the place has limited them or their author."""
    tagged = [event for event in events if event.tags and event.visibility == Visibility.PUBLIC]
    if not tagged:
        return
    named = await store.unlimited(db, [(event.account_id, event.status_id) for event in tagged])
    pulled = await store.become_pulled(db, list({tag for event in tagged for tag in event.tags}), bound)
    shown = [
        msgspec.structs.replace(event, tags=tags, named=named[pair])
        for event in tagged
        if (pair := (event.account_id, event.status_id)) in named
        and (tags := tuple(tag for tag in event.tags if tag not in pulled))
    ]
    if shown:
        await store.push(db, shown)


async def take_out_tagged(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted."""
    pairs = [(event.status_id, tag) for event in events for tag in event.tags]
    if pairs:
        ids, tags = [number for number, _ in pairs], [tag for _, tag in pairs]
        since = await store.pulled_since(db, tags)
        await store.take_out(db, ids, tags, [pushed_until(since.get(tag)) for tag in tags])


async def follow_restriction(db: Db, bound: int, events: Sequence[RestrictionChanged]) -> None:
    """Effect of RestrictionChanged: what is limited goes from those whom only its hashtags brought it, or comes back.

    What is hidden stays where it is: nobody is shown it, and it is there again when that ends.
    """
    tagged = {(event.account_id, event.status_id): event for event in events if event.tags and _public(event)}
    now = await restricted(db, list(tagged)) if tagged else {}
    limited = {pair for pair, bits in now.items() if bits & BITS["limit"] and not hidden(bits)}
    if taken := [(*pair, tag) for pair in limited for tag in tagged[pair].tags]:
        await store.withdraw(db, taken)
    lifted = [event for pair, event in tagged.items() if pair in now.keys() - limited and event.before & BITS["limit"]]
    again = [StatusPosted(one.account_id, one.status_id, one.visibility, tags=one.tags) for one in lifted]
    await push_tagged(db, bound, again)


def _public(event: RestrictionChanged) -> bool:
    return event.visibility == Visibility.PUBLIC
