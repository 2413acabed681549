"""What anybody may read: the front page, all public posts, those with a tag."""

from typing import Any, Final

from townsquare.accounts.search import directory
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.text import fold_tag
from townsquare.timelines import feeds
from townsquare.timelines.store_feeds import Public, Tagged
from townsquare.web.articles import feed
from townsquare.web.door import Page
from townsquare.web.entities import people_of
from townsquare.web.reading import At, cursor, ends, filtering
from townsquare.web.visitor import Visitor, page, redirect

FACES: Final = 8


async def show_front(visitor: Visitor, given: Any) -> Answer:
    """What this place is, and what is said here. Who is signed in goes home."""
    if visitor.caller is not None:
        return redirect(visitor, "/home")
    keys, shown = await feeds.public(visitor.db, 0, Public(cursor(At()), local=True))
    people = await directory(visitor.db, None, "active", local=True, limit=FACES, offset=0)
    last = ends(At(), [key.id for key in keys]).older
    return await page(visitor, "front.html", posts=feed(visitor, shown), people=people_of(people), older=last)


async def show_public(visitor: Visitor, given: At) -> Answer:
    wanted = Public(cursor(given))
    keys, shown = await feeds.public(visitor.db, visitor.viewer, wanted, filtering(visitor, "public"))
    beside = ends(given, [key.id for key in keys])
    return await page(visitor, "public.html", posts=feed(visitor, shown), beside=beside)


async def show_tag(visitor: Visitor, given: At) -> Answer:
    tag = fold_tag(visitor.values["tag"])
    wanted = Tagged(cursor(given), (tag,))
    keys, shown = await feeds.tagged(visitor.db, visitor.viewer, wanted, filtering(visitor, "public"))
    beside = ends(given, [key.id for key in keys])
    return await page(visitor, "tag.html", tag=visitor.values["tag"], posts=feed(visitor, shown), beside=beside)


PAGES: Final = (
    Page("GET", "/", show_front, "anybody"),
    Page("GET", "/public", show_public, "anybody", At),
    Page("GET", "/tags/:tag", show_tag, "anybody", At),
)
