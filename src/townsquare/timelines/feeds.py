"""Feeds that are the same for many: keys first, then what this reader may and wants to see of them.

A page that loses posts to the reader's mutes and blocks is filled up from further down, so that an app that reads on
until a page is empty does not stop too early.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from townsquare.accounts import store_lists
from townsquare.accounts.store_lists import RepliesPolicy
from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId
from townsquare.statuses.read import NO_FLAGS, Filtering, Key, Posts, no_filters, pairs_of
from townsquare.statuses.show import arrange, show
from townsquare.statuses.store_read import fetch_marks, fetch_posts
from townsquare.timelines import store_feeds as store
from townsquare.timelines import store_home
from townsquare.timelines.cursor import Cursor
from townsquare.timelines.store_home import Source

Page = tuple[list[Key], list[bytes]]
"""All keys that were looked at (for the cursors of the next page), and the entities that are shown."""

FILLS = 4


async def read(
    db: Db,
    viewer: int,
    cursor: Cursor,
    more: Callable[[Cursor], Awaitable[list[Key]]],
    filtering: Filtering = no_filters,
) -> Page:
    """A page of a feed whose keys `more` gives for a cursor."""
    seen: list[Key] = []
    shown: list[bytes] = []
    for _ in range(FILLS):
        keys = await more(cursor)
        page = await show(db, viewer, keys, filtering=filtering)
        seen, shown = (keys + seen, page + shown) if cursor.upwards else (seen + keys, shown + page)
        if len(keys) < cursor.limit or len(shown) == len(seen):
            break
        left = cursor.limit - len(page)
        if left <= 0:
            break
        cursor = _beyond(cursor, keys, left)
    return seen, shown


def _beyond(cursor: Cursor, keys: Sequence[Key], limit: int) -> Cursor:
    if cursor.upwards:
        return msgspec.structs.replace(cursor, min_id=keys[0].id, limit=limit)
    return msgspec.structs.replace(cursor, max_id=keys[-1].id, limit=limit)


async def public(db: Db, viewer: int, feed: store.Public, filtering: Filtering = no_filters) -> Page:
    """Public posts, latest first, by time and by nothing else."""

    async def more(cursor: Cursor) -> list[Key]:
        return await db.batched(store.fetch_public, msgspec.structs.replace(feed, cursor=cursor))

    return await read(db, viewer, feed.cursor, more, filtering)


async def tagged(db: Db, viewer: int, feed: store.Tagged, filtering: Filtering = no_filters) -> Page:
    """Public posts with tags."""

    async def more(cursor: Cursor) -> list[Key]:
        return await db.batched(store.fetch_tagged, msgspec.structs.replace(feed, cursor=cursor))

    return await read(db, viewer, feed.cursor, more, filtering)


async def of_list(db: Db, reader: int, list_id: int, cursor: Cursor, filtering: Filtering = no_filters) -> Page:
    """Posts of the members of a list, and those of their answers to others that it is to show. Raises NotFound."""
    row = await store_lists.one(db, AccountId(reader), list_id)
    if row is None:
        raise NotFound
    members = await store.list_members(db, reader, list_id)
    answered = [reader, *await _answered(db, reader, row.replies_policy, members)]

    async def more(cursor: Cursor) -> list[Key]:
        return await store_home.latest_of(db, members, cursor, answered)

    return await read(db, reader, cursor, more, filtering)


async def _answered(db: Db, reader: int, policy: RepliesPolicy, members: Sequence[Source]) -> Sequence[int]:
    """Those to whom answers are shown, as the list says."""
    match policy:
        case "followed":
            return await store_home.follows_of(db, reader)
        case "list":
            return [one.author for one in members]
        case "none":
            return []


async def of_account(db: Db, feed: store.OfAccount, filtering: Filtering = no_filters) -> Page:
    """An account's posts as the viewer may see them, also when the viewer has muted them: they were asked for."""
    found = await db.batched(store.fetch_of_account, feed)
    if feed.pinned:
        found = sorted(found, key=lambda post: post.pinned_id or 0, reverse=True)
    keys = [post.key for post in found]
    if not keys:
        return [], []
    # Whether they have muted or blocked the author is not asked.
    asked = [(0, number) for _, number in pairs_of(keys)]
    flags = db.batched(fetch_marks, (feed.viewer, asked)) if feed.viewer else None
    posts: Posts = {post.id: post for post in found}
    originals = [
        (key.original_account_id, key.original_id) for key in keys if key.original_id and key.original_account_id
    ]
    if originals:
        posts = {**posts, **await db.batched(fetch_posts, (feed.viewer, originals))}
    marks = await flags if flags else NO_FLAGS
    return keys, await arrange(db, feed.viewer, keys, posts, marks, filtering, keep_hidden=True)


async def favourites(
    db: Db, reader: int, cursor: Cursor, filtering: Filtering = no_filters
) -> tuple[list[int], list[bytes]]:
    """What the reader liked, latest first, with the ids by which to read on."""
    return await _marked(db, reader, await store.marked(db, reader, "favourite_id", cursor), filtering)


async def bookmarks(
    db: Db, reader: int, cursor: Cursor, filtering: Filtering = no_filters
) -> tuple[list[int], list[bytes]]:
    """What the reader keeps."""
    return await _marked(db, reader, await store.marked(db, reader, "bookmark_id", cursor), filtering)


async def _marked(
    db: Db, reader: int, found: Sequence[tuple[int, Key]], filtering: Filtering
) -> tuple[list[int], list[bytes]]:
    shown = await show(db, reader, [key for _, key in found], filtering=filtering, keep_hidden=True)
    return [number for number, _ in found], shown
