"""A post's surroundings: what it answers, and what answers it, as far as the reader may see."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import StatusId
from townsquare.statuses import store_thread
from townsquare.statuses.branches import Tree, tree_of
from townsquare.statuses.read import Key

ANONYMOUS = (40, 60, 20)
SIGNED_IN = (4096, 4096, 4096)
"""How many posts before and after, and how deep: for nobody in particular and for people, as in Mastodon."""


class Around(msgspec.Struct, frozen=True):
    """Keys of the posts before (first of the thread first) and after (answers below what they answer)."""

    before: Sequence[Key]
    after: Sequence[Key]


async def around(db: Db, viewer: int, status_id: StatusId) -> Around:
    """The thread of a post. Raises NotFound."""
    tree = await tree_around(db, viewer, status_id)
    ancestors, descendants, depth = SIGNED_IN if viewer else ANONYMOUS
    return Around(_before(tree, status_id, ancestors), _after(tree, status_id, descendants, depth))


async def tree_around(db: Db, viewer: int, status_id: StatusId) -> Tree:
    """All posts of a post's thread, whoever may see them. Raises NotFound where the viewer may not see the post."""
    place = await store_thread.place(db, viewer, status_id)
    if place is None:
        raise NotFound
    posts = await store_thread.posts(db, place.root_account_id, place.root_id)
    known = {place.root_id: store_thread.ThreadPost(place.root_id, place.root_account_id, 0)}
    return tree_of(known | {post.status_id: post for post in posts})


def _before(tree: Tree, status_id: int, most: int) -> list[Key]:
    chain: list[Key] = []
    here = tree.known.get(status_id)
    while here is not None and here.in_reply_to_id and len(chain) < most:
        here = tree.known.get(here.in_reply_to_id)
        if here is not None:
            chain.append(Key(here.status_id, here.author_id))
    return chain[::-1]


def _after(tree: Tree, status_id: int, most: int, deepest: int) -> list[Key]:
    """Depth first, each post's answers in their order."""
    out: list[Key] = []
    waiting = [(status_id, 0)]
    while waiting and len(out) <= most:
        number, depth = waiting.pop()
        if depth:
            out.append(Key(number, tree.known[number].author_id))
        if depth < deepest:
            below = tree.answers.get(number, ())
            waiting.extend((post.status_id, depth + 1) for post in reversed(below))
    return out[:most]
