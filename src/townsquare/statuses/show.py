"""From keys to entities: the two reads that every list of posts is made of."""

from collections.abc import Mapping, Sequence

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import StatusId
from townsquare.statuses.read import NO_FLAGS, Filtering, Key, Posts, no_filters, pairs_of, people_of
from townsquare.statuses.render import assemble
from townsquare.statuses.store_read import fetch_by_id, fetch_marks, fetch_posts
from townsquare.statuses.varying import varying_parts


async def arrange(
    db: Db,
    viewer: int,
    keys: Sequence[Key],
    posts: Posts,
    flags: Mapping[int, int],
    filtering: Filtering,
    *,
    keep_hidden: bool = False,
    quoted_anyhow: bool = False,
) -> list[bytes]:
    """Entities in the order of the keys (see `render.assemble`) of posts that were read, with what varies of them."""
    filtered = await filtering(keys)
    varying = await varying_parts(db, viewer, posts.values(), filtering, quoted_anyhow=quoted_anyhow)
    return assemble(keys, posts, viewer, flags, filtered, varying, keep_hidden=keep_hidden)


async def show(
    db: Db, viewer: int, keys: Sequence[Key], *, filtering: Filtering = no_filters, keep_hidden: bool = False
) -> list[bytes]:
    """The posts of the keys as JSON, for keys that came without the reader's flags."""
    if not keys:
        return []
    pairs = pairs_of(keys)
    posts = db.batched(fetch_posts, (viewer, pairs))
    asked = pairs + people_of(viewer, keys)
    flags = await db.batched(fetch_marks, (viewer, asked)) if viewer else NO_FLAGS
    return await arrange(db, viewer, keys, await posts, flags, filtering, keep_hidden=keep_hidden)


async def show_one(
    db: Db, viewer: int, status_id: StatusId, *, filtering: Filtering = no_filters, quoted_anyhow: bool = False
) -> bytes:
    """One post as JSON, also by somebody whom the reader has muted. Raises NotFound.

    `quoted_anyhow`: with what it quotes however the quote stands, so that its author can write it anew.
    """
    found = db.batched(fetch_by_id, (viewer, status_id))
    flags = await db.batched(fetch_marks, (viewer, [(0, status_id)])) if viewer else NO_FLAGS
    post = await found
    if post is None:
        raise NotFound
    keys = [post.key]
    if post.reblog_of_id is None:
        posts = {post.id: post}
        shown = await arrange(db, viewer, keys, posts, flags, filtering, keep_hidden=True, quoted_anyhow=quoted_anyhow)
    else:
        shown = await show(db, viewer, keys, filtering=filtering, keep_hidden=True)
    if not shown:
        raise NotFound
    return shown[0]


async def key_of(db: Db, viewer: int, status_id: StatusId) -> Key | None:
    """The key of a post that the viewer may see."""
    post = await db.batched(fetch_by_id, (viewer, status_id))
    return None if post is None else post.key
