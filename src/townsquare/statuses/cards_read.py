"""The authors of pages that posts link to, as they are when the posts are read."""

from townsquare.db.pool import Db
from townsquare.statuses import store_cards
from townsquare.statuses.cards_marks import authors_in, credited
from townsquare.statuses.read import Posts
from townsquare.statuses.render import changed


async def with_authors(db: Db, posts: Posts) -> Posts:
    """The posts by their ids. Asks the database where a card has an author, and only then."""
    named = {author for post in posts.values() if post.has_card for author in authors_in(post.body)}
    if not named:
        return posts
    accounts = await store_cards.authors(db, named)
    return {
        number: changed(post, body=credited(post.body, accounts)) if authors_in(post.body) else post
        for number, post in posts.items()
    }
