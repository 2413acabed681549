"""From keys to entities: the two reads that every list of posts is made of."""

from collections.abc import Mapping, Sequence

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import StatusId
from townsquare.statuses.read import NO_FLAGS, Key, fetch_by_id, fetch_marks, fetch_posts, pairs_of
from townsquare.statuses.render import assemble

NONE: Mapping[int, bytes] = {}


async def show(
    db: Db, viewer: int, keys: Sequence[Key], *, filtered: Mapping[int, bytes] = NONE, keep_hidden: bool = False
) -> list[bytes]:
    """The posts of the keys as JSON, for keys that came without the reader's flags."""
    if not keys:
        return []
    pairs = pairs_of(keys)
    posts = db.batched(fetch_posts, (viewer, pairs))
    flags = await db.batched(fetch_marks, (viewer, pairs)) if viewer else NO_FLAGS
    return assemble(keys, await posts, viewer, flags, filtered, keep_hidden=keep_hidden)


async def show_one(db: Db, viewer: int, status_id: StatusId, *, filtered: Mapping[int, bytes] = NONE) -> bytes:
    """One post as JSON, also by somebody whom the reader has muted. Raises NotFound."""
    found = db.batched(fetch_by_id, (viewer, status_id))
    flags = await db.batched(fetch_marks, (viewer, [(0, status_id)])) if viewer else NO_FLAGS
    post = await found
    if post is None:
        raise NotFound
    key = post.key
    if key.original_id is not None:
        shown = await show(db, viewer, [key], filtered=filtered, keep_hidden=True)
    else:
        shown = assemble([key], {key.id: post}, viewer, flags, filtered, keep_hidden=True)
    if not shown:
        raise NotFound
    return shown[0]
