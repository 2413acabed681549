"""The authors of pages that posts link to, as they are when the posts are read."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses import store_cards
from townsquare.statuses.cards_marks import authors_in, credited
from townsquare.statuses.read import Post


async def with_authors(db: Db, posts: Sequence[Post]) -> Sequence[Post]:
    """The posts, in their order. Asks the database where a card has an author, and only then."""
    named = {author for post in posts if post.has_card for author in authors_in(post.body)}
    if not named:
        return posts
    accounts = await store_cards.authors(db, named)
    return [
        msgspec.structs.replace(post, body=credited(post.body, accounts)) if authors_in(post.body) else post
        for post in posts
    ]
