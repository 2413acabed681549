"""Where a signed-in person reads what those whom they follow say, and writes."""

from collections.abc import Sequence
from typing import Final

from townsquare.accounts.search import directory
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.read import Key
from townsquare.statuses.show import show_one
from townsquare.timelines import feeds
from townsquare.timelines.home import home, rebuild
from townsquare.web.compose import Compose, defaults
from townsquare.web.door import Page
from townsquare.web.entities import gathered, people_of, posts_of
from townsquare.web.reading import At, cursor, ends, filtering
from townsquare.web.visitor import Visitor, page

SUGGESTED: Final = 6


async def show_home(visitor: Visitor, given: At) -> Answer:
    return await shown(visitor, given, await defaults(visitor))


async def shown(visitor: Visitor, at: At, draft: Compose, status: int = 200) -> Answer:
    """The home page, with a post that was begun.

    What was just posted is there at once, and so is the timeline of somebody who comes back after a long time: neither
    waits for the queue.
    """
    first = not at.max_id and not at.min_id
    keys, posts = await _read(visitor, at)
    if first and not keys:
        await rebuild(visitor.db, visitor.settings.home.length, visitor.me)
        keys, posts = await _read(visitor, at)
    people = await directory(visitor.db, visitor.me, "active", local=True, limit=SUGGESTED, offset=0)
    if first:
        posts = [*await _fresh(visitor, keys), *posts]
    return await page(
        visitor,
        "home.html",
        status=status,
        first=first,
        posts=gathered(posts_of(posts)),
        people=[person for person in people_of(people) if person.id != str(visitor.viewer)],
        draft=draft,
        beside=ends(at, [key.id for key in keys]),
    )


async def _fresh(visitor: Visitor, keys: Sequence[Key]) -> list[bytes]:
    """What was just posted, where the timeline does not have it yet."""
    status_id = visitor.said.status_id
    if not status_id or status_id in {key.id for key in keys}:
        return []
    try:
        return [await show_one(visitor.db, visitor.viewer, StatusId(status_id))]
    except NotFound:
        return []


async def _read(visitor: Visitor, at: At) -> tuple[list[Key], list[bytes]]:
    return await home(visitor.db, visitor.site.pulled, visitor.me, cursor(at), filtering=filtering(visitor, "home"))


async def show_favourites(visitor: Visitor, given: At) -> Answer:
    ids, posts = await feeds.favourites(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "favourites.html", posts=posts_of(posts), beside=ends(given, ids))


async def show_bookmarks(visitor: Visitor, given: At) -> Answer:
    ids, posts = await feeds.bookmarks(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "bookmarks.html", posts=posts_of(posts), beside=ends(given, ids))


PAGES: Final = (
    Page("GET", "/home", show_home, "signed in", At),
    Page("GET", "/favourites", show_favourites, "signed in", At),
    Page("GET", "/bookmarks", show_bookmarks, "signed in", At),
)
