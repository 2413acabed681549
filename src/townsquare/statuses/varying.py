"""What of a post depends on the moment, on its reader, or on another post: its poll, its quote, who may quote it.

Most posts have neither poll nor quote, and constant bytes say so. Where something on a page has one, polls are one
statement more and quotes two, however long the page is. What is quoted within a quoted post is named only, as in
Mastodon.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from townsquare.db.pool import Db
from townsquare.statuses.model import QuotePolicy, QuoteState
from townsquare.statuses.polls import encode_polls
from townsquare.statuses.read import BLOCKED_AUTHOR, MUTED_AUTHOR, NO_FLAGS, Filtering, Pair, Post
from townsquare.statuses.render import approval_part, status_for, varying_part
from townsquare.statuses.store_polls import fetch_polls
from townsquare.statuses.store_quotes import fetch_followed
from townsquare.statuses.store_read import fetch_marks, fetch_posts

Parts = Mapping[int, bytes]
"""Pieces of JSON by the ids of posts."""
NONE: Final[Parts] = {}
NULL: Final = b"null"


async def varying_parts(
    db: Db,
    viewer: int,
    posts: Iterable[Post],
    filtering: Filtering,
    *,
    nested: bool = False,
    quoted_anyhow: bool = False,
) -> Parts:
    """The varying parts of those posts whose parts are not the plain ones. `nested`: they are shown as quoted.
    `quoted_anyhow`: with what they quote, also where their readers are not shown it.
    """
    special = [post for post in posts if post.varies]
    if not special:
        return NONE
    polls = await _polls(db, viewer, [post for post in special if post.has_poll])
    quoting = [
        (post, post.quotes if quoted_anyhow else post.quoted) for post in special if post.quote_state is not None
    ]
    quotes = await _quotes(db, viewer, quoting, filtering, nested)
    followed = await _followed(db, viewer, special)
    return {
        post.id: varying_part(
            polls.get(post.id, NULL),
            quotes.get(post.id, NULL),
            approval_part(post, viewer, follows=post.account_id in followed),
        )
        for post in special
    }


async def quote_part(db: Db, viewer: int, post: Post, filtering: Filtering) -> bytes:
    """What a post quotes, as it stands; null where it quotes nothing."""
    if post.quote_state is None:
        return NULL
    return (await _quotes(db, viewer, [(post, post.quoted)], filtering, nested=False))[post.id]


async def _polls(db: Db, viewer: int, posts: Sequence[Post]) -> Parts:
    if not posts:
        return NONE
    return encode_polls(await db.batched(fetch_polls, (viewer, [(post.account_id, post.id) for post in posts])), viewer)


async def _followed(db: Db, viewer: int, posts: Sequence[Post]) -> Collection[int]:
    """Those of the authors who let their followers quote whom the reader follows."""
    asked = {post.account_id for post in posts if post.quote_policy == QuotePolicy.FOLLOWERS} - {viewer}
    return await db.batched(fetch_followed, (viewer, list(asked))) if viewer and asked else ()


async def _quotes(
    db: Db, viewer: int, quoting: Sequence[tuple[Post, Pair | None]], filtering: Filtering, nested: bool
) -> Parts:
    """What the posts quote, as the reader may see it: whole, or for those that are quoted themselves named."""
    pairs = list({pair for _, pair in quoting if pair is not None})
    found: Mapping[int, Post] = {}
    flags = NO_FLAGS
    if pairs:
        reading = db.batched(fetch_posts, (viewer, pairs))
        flags = await db.batched(fetch_marks, (viewer, pairs)) if viewer else NO_FLAGS
        found = await reading
    whole = NONE if nested else await _whole(db, viewer, list(found.values()), flags, filtering)
    parts: dict[int, bytes] = {}
    for post, pair in quoting:
        quoted = found.get(pair[1]) if pair else None
        state = _state(post, quoted, flags)
        if nested:
            shown = b'"quoted_status_id":%b' % (NULL if quoted is None else b'"%d"' % quoted.id)
        else:
            shown = b'"quoted_status":%b' % (NULL if quoted is None else whole[quoted.id])
        parts[post.id] = b'{"state":"%b",%b}' % (state.encode(), shown)
    return parts


async def _whole(db: Db, viewer: int, posts: Sequence[Post], flags: Mapping[int, int], filtering: Filtering) -> Parts:
    if not posts:
        return NONE
    filtered = await filtering([post.key for post in posts])
    parts = await varying_parts(db, viewer, posts, filtering, nested=True)
    return {
        post.id: status_for(post, viewer, flags.get(post.id, 0), filtered.get(post.id), parts.get(post.id))
        for post in posts
    }


def _state(post: Post, quoted: Post | None, flags: Mapping[int, int]) -> str:
    if post.quote_state is not None and post.quote_state != QuoteState.ACCEPTED:
        return QuoteState(post.quote_state).name.lower()
    if quoted is None:
        return "unauthorized"
    flag = flags.get(quoted.id, 0)
    return "blocked_account" if flag & BLOCKED_AUTHOR else "muted_account" if flag & MUTED_AUTHOR else "accepted"
