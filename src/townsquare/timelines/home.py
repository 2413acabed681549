"""The home timeline: push for most, pull for the few.

A post is pushed into its followers' timelines, unless its author has more followers than a bound: those few are pulled
in when a timeline is read, and so are hashtags that more people follow (see tagged). So a post costs the same however
famous its author is, and is in every timeline at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from townsquare.accounts.events import Followed, Unfollowed
from townsquare.auth.events import Seen
from townsquare.db.pool import Db
from townsquare.kernel.ids import LARGEST, first_id_of
from townsquare.kernel.settings import Home
from townsquare.statuses.events import StatusDeleted, StatusEdited, StatusPosted
from townsquare.statuses.model import Visibility
from townsquare.statuses.read import NO_FLAGS, Filtering, Key, Posts, no_filters, pairs_of, people_of
from townsquare.statuses.show import arrange
from townsquare.statuses.store_read import fetch_marks, fetch_posts
from townsquare.timelines import store_home as store
from townsquare.timelines import store_tagged
from townsquare.timelines.cursor import Cursor
from townsquare.timelines.store_feeds import Tagged, fetch_tagged

PULLED = "townsquare_pulled"
"""The channel on which a process says that somebody has become one of the few."""
BROUGHT = 40
"""Posts of somebody newly followed that are brought into the timeline."""
GRACE = timedelta(minutes=1)
"""For clocks that differ, and for pushes that were under way when their author became one of the few."""


class Pulled:
    """The few whose posts are not pushed, as this process knows them: small sets that only ever grow."""

    def __init__(self) -> None:
        self.authors: set[int] = set()
        self.tags: set[str] = set()

    async def load(self, db: Db) -> None:
        self.authors |= set(await store.pulled_authors(db))
        self.tags |= set(await store_tagged.pulled_tags(db))

    def add(self, payload: str) -> None:
        """Heard from the process that found one: an author's id, or a hashtag with its sign."""
        if payload.startswith("#"):
            self.tags.add(payload[1:])
        else:
            self.authors.add(int(payload))


async def places(db: Db, pulled: Pulled, reader: int, cursor: Cursor) -> list[Key]:
    """What stands in a reader's timeline, latest first, with the reader's flags."""
    pushed = await db.batched(store.fetch_up if cursor.upwards else store.fetch_down, (reader, cursor))
    everybody = not pushed and not await store.is_made(db, reader)
    if not everybody and not pulled.authors and not pulled.tags:
        return pushed
    known = {key.id for key in pushed}
    found = await _pull(db, pulled, reader, cursor, everybody=everybody)
    more = {key.id: key for key in found if key.id not in known}
    if not more:
        return pushed
    asked = list(more.values())
    flags = await db.batched(fetch_marks, (reader, pairs_of(asked) + people_of(reader, asked)))
    keys = [msgspec.structs.replace(key, flags=flags.get(key.original_id or key.id, 0)) for key in more.values()]
    keys = sorted(pushed + keys, key=lambda key: key.id, reverse=True)
    return keys[-cursor.limit :] if cursor.upwards else keys[: cursor.limit]


async def _pull(db: Db, pulled: Pulled, reader: int, cursor: Cursor, *, everybody: bool) -> list[Key]:
    """What is not pushed, by the same rules: answers to those whom the reader follows, nobody who is in a list only.

    Of the few; of the reader and `everybody` whom they follow where the timeline is not made yet, for somebody who is
    new or has just come back.
    """
    keys: list[Key] = []
    among = await store.follows_of(db, reader) if everybody else list(pulled.authors)
    authors = [
        *(await store.followed_among(db, reader, among) if among else ()),
        *([store.Source(reader)] if everybody else ()),
    ]
    if authors:
        answered = [reader, *(among if everybody else await store.follows_of(db, reader))]
        keys += await store.latest_of(db, authors, cursor, answered=answered)
    if pulled.tags and (tags := await store_tagged.followed_among(db, reader, list(pulled.tags))):
        tagged = await db.batched(fetch_tagged, Tagged(cursor, tuple(tags)))
        apart = await store.exclusive_among(db, reader, list({key.account_id for key in tagged})) if tagged else ()
        keys += [key for key in tagged if key.account_id not in apart]
    return keys


async def home(
    db: Db, pulled: Pulled, reader: int, cursor: Cursor, *, filtering: Filtering = no_filters
) -> tuple[list[Key], list[bytes]]:
    """A page of the home timeline: its keys (for the cursors of the next page) and its entities."""
    keys = await places(db, pulled, reader, cursor)
    if not keys:
        return [], []
    posts = await db.batched(fetch_posts, (reader, pairs_of(keys)))
    return keys, await arrange(db, reader, once(keys, posts), posts, NO_FLAGS, filtering)


def once(keys: Sequence[Key], posts: Posts) -> Sequence[Key]:
    """The keys of a page, latest first, without echoes of what stands further down: the post itself or another echo."""
    if not any(key.original_id for key in keys):
        return keys
    seen: set[int] = set()
    kept: list[Key] = []
    for key in reversed(keys):
        number = key.original_id or key.id
        if number not in posts or key.id not in posts or (key.original_id and number in seen):
            continue
        seen.add(number)
        kept.append(key)
    return kept[::-1]


async def push(db: Db, bound: int, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted. Direct posts are in the timelines of their authors, and of the followers they name."""
    direct = [event for event in events if event.visibility == Visibility.DIRECT]
    if direct:
        await store.push_direct(db, direct)
    shown = [event for event in events if event.visibility != Visibility.DIRECT]
    if not shown:
        return
    pulled = set(await store.become_pulled(db, list({event.account_id for event in shown}), bound))
    pushed = [event for event in shown if event.account_id not in pulled]
    if pushed:
        await store.push(db, pushed)
    if len(pushed) < len(shown):
        await store.push_to_authors(db, [event for event in shown if event.account_id in pulled])


async def name_anew(db: Db, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited: who keeps somebody away does not see what names them only now, and sees what did before.

    Not in the timelines to which a post was pushed before its author became one of the few, which grow shorter."""
    await store.name_anew(db, list({(event.account_id, event.status_id) for event in events}))


async def take_out(db: Db, events: Sequence[StatusDeleted]) -> None:
    """Effect of StatusDeleted. Who is pulled may have a million followers; only those of before have the post."""
    authors = [event.account_id for event in events]
    since = await store.pulled_since(db, authors)
    ends = [pushed_until(since.get(author)) for author in authors]
    await store.take_out(db, authors, [event.status_id for event in events], ends)


def pushed_until(pulled_since: datetime | None) -> int:
    """The id from which posts were not pushed any more, nor to those who followed from there on."""
    return LARGEST if pulled_since is None else first_id_of(int((pulled_since + GRACE).timestamp() * 1000))


async def bring_in(db: Db, events: Sequence[Followed]) -> None:
    """Effect of Followed: the latest posts of who is followed come in at once."""
    await store.bring_in(db, [event.follower_id for event in events], [event.target_id for event in events], BROUGHT)


async def take_away(db: Db, events: Sequence[Unfollowed]) -> None:
    """Effect of Unfollowed."""
    await store.take_away(db, [event.follower_id for event in events], [event.target_id for event in events])


async def welcome_back(db: Db, settings: Home, events: Sequence[Seen]) -> None:
    """Effect of Seen: who comes back after a long time gets their timeline made anew."""
    for event in events:
        if event.before is None or (event.on - event.before).days >= settings.dormant_days:
            await _rebuild(db, settings.length, event.account_id)


async def _rebuild(db: Db, length: int, reader: int) -> None:
    """Make the timeline of somebody who comes back after a long time, and push to it again."""
    async with db.transaction() as tx:
        await store.set_active(tx, [reader], active=True)
        authors = [*await store.follows_of(tx, reader), reader]
        each = max(BROUGHT, length // len(authors))
        await store.bring_in(tx, [reader] * len(authors), authors, each)


async def lapse(db: Db, days: int) -> None:
    """Periodic: stop pushing to those who have not come for so many days."""
    readers = await store.dormant(db, days, 1000)
    if readers:
        async with db.transaction() as tx:
            await store.set_active(tx, readers, active=False)
            await store.forget(tx, readers)


async def trim(db: Db, length: int) -> None:
    """Periodic: keep timelines as long as they are meant to be."""
    last: int | None = 0
    while last is not None:
        last = await store.trim(db, last, 500, length)
