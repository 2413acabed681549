"""What happens on the square: posts, hashtags and links that trend, and people whom one might want to follow."""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.accounts import suggestions
from townsquare.accounts.search import directory
from townsquare.kernel.http.answer import Answer
from townsquare.timelines import trends_show
from townsquare.web.door.asking import Back
from townsquare.web.door.entities import people_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import LENGTH, At, cursor, ends, filtering
from townsquare.web.feeds.trends import trending_links, trending_posts, trending_tags
from townsquare.web.reading.front import check_open
from townsquare.web.reading.suggested import Suggested, suggested

MOST_SKIPPED: Final = 1000


class From(msgspec.Struct, frozen=True):
    """How many to skip: what trends has no cursor, for its order changes."""

    skip: int = 0

    @property
    def skipped(self) -> int:
        return max(0, min(self.skip, MOST_SKIPPED))


async def show_posts(visitor: Visitor, given: From) -> Answer:
    check_open(visitor)
    number, posts = await trending_posts(visitor, LENGTH, given.skipped)
    tags = await trending_tags(visitor, 5) if not given.skipped else []
    more = given.skipped + LENGTH if number == LENGTH else 0
    return await page(visitor, "explore.html", posts=feed(visitor, posts), tags=tags, skip=given.skipped, more=more)


async def show_tags(visitor: Visitor, given: From) -> Answer:
    found = await trending_tags(visitor, LENGTH, given.skipped)
    more = given.skipped + LENGTH if len(found) == LENGTH else 0
    return await page(visitor, "explore_tags.html", tags=found, skip=given.skipped, more=more)


async def show_links(visitor: Visitor, given: From) -> Answer:
    found = await trending_links(visitor, LENGTH, given.skipped)
    more = given.skipped + LENGTH if len(found) == LENGTH else 0
    return await page(visitor, "explore_links.html", links=found, skip=given.skipped, more=more)


class Shared(At, frozen=True):
    url: str = ""


async def show_link(visitor: Visitor, given: Shared) -> Answer:
    """Posts with a link that trends."""
    check_open(visitor)
    keys, shown = await trends_show.linked(
        visitor.db, visitor.viewer, given.url, cursor(given), filtering(visitor, "public")
    )
    beside = ends(given, [key.id for key in keys])
    return await page(visitor, "explore_link.html", url=given.url, posts=feed(visitor, shown), beside=beside)


async def show_people(visitor: Visitor, given: From) -> Answer:
    """Suggestions with the reasons for them; to a stranger, those who want to be found and have posted lately."""
    if visitor.caller is None:
        entities = await directory(visitor.db, None, "active", local=False, limit=LENGTH, offset=given.skipped)
        more = given.skipped + LENGTH if len(entities) == LENGTH else 0
        found: Sequence[Suggested] = [Suggested(one) for one in people_of(entities)]
    else:
        found = await suggested(visitor, LENGTH * 2)
        more = 0
    return await page(visitor, "explore_people.html", people=found, skip=given.skipped, more=more)


async def dismiss(visitor: Visitor, given: Back) -> Answer:
    """Do not suggest somebody any more."""
    await suggestions.dismiss(visitor.db, visitor.me, visitor.id())
    return redirect(visitor, path_within(given.next, "/explore/people"), said="not-suggested")


PAGES: Final = (
    Page("GET", "/explore", show_posts, "anybody", From),
    Page("GET", "/explore/tags", show_tags, "anybody", From),
    Page("GET", "/explore/links", show_links, "anybody", From),
    Page("GET", "/explore/link", show_link, "anybody", Shared),
    Page("GET", "/explore/people", show_people, "anybody", From),
    Page("POST", "/people/:id/dismiss", dismiss, "signed in", Back),
)
