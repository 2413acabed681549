"""What anybody may read: the front page, and all public posts."""

from datetime import UTC, datetime
from typing import Any, Final

from townsquare.accounts.search import directory
from townsquare.accounts.store import unsuspended_entities
from townsquare.kernel.errors import Unauthorised
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.moderation import front as chosen
from townsquare.statuses.show import show
from townsquare.timelines import feeds, store_place
from townsquare.timelines.store_feeds import Public
from townsquare.web.door.entities import Person, people_of, person_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import At, cursor, ends, filtering
from townsquare.web.feeds.trends import trending_links, trending_posts, trending_tags

FACES: Final = 8
POPULAR: Final = 5
TAGS: Final = 8
LINKS: Final = 3
RULES: Final = 5


async def show_front(visitor: Visitor, given: Any) -> Answer:
    """What this place is, and what is said here. Who is signed in goes home."""
    if visitor.caller is not None:
        return redirect(visitor, "/home")
    shown, now = visitor.settings.front, datetime.now(UTC)
    picked = feed(visitor, await show(visitor.db, visitor.viewer, await chosen.posts(visitor.db, now)))
    well_liked = feed(visitor, await _popular(visitor), without=picked.ids)
    keys, latest = await _latest(visitor)
    people = await directory(visitor.db, None, "active", local=True, limit=FACES, offset=0)
    return await page(
        visitor,
        "front.html",
        picked=picked,
        picked_tags=await chosen.tags(visitor.db, now),
        picked_people=people_of(await chosen.people(visitor.db, now)),
        popular=well_liked,
        posts=feed(visitor, latest, without=[*picked.ids, *well_liked.ids]),
        tags=await trending_tags(visitor, TAGS) if shown.trends else [],
        links=await trending_links(visitor, LINKS) if shown.trends else [],
        people=people_of(people),
        rules=(await store_place.rules(visitor.db))[:RULES],
        counts=await visitor.site.census.counts(visitor.db),
        owner=await owner(visitor),
        older=ends(At(), [key.id for key in keys]).older,
    )


async def _popular(visitor: Visitor) -> list[bytes]:
    """Nothing where the place does not want it."""
    return (await trending_posts(visitor, POPULAR))[1] if visitor.settings.front.popular else []


async def _latest(visitor: Visitor) -> feeds.Page:
    """Nothing where the place shows its timelines to those only who are signed in."""
    if not visitor.settings.front.timelines:
        return [], []
    return await feeds.public(visitor.db, 0, Public(cursor(At()), local=True))


async def owner(visitor: Visitor) -> Person | None:
    """Who runs the place."""
    number = await store_place.owner(visitor.db)
    found = {} if number is None else await unsuspended_entities(visitor.db, [AccountId(number)])
    return next((person_of(entity) for entity in found.values()), None)


def is_open(visitor: Visitor) -> bool:
    """Whether this visitor may read what everybody here writes, as a list: strangers only where the place lets them."""
    return visitor.caller is not None or visitor.settings.front.timelines


def check_open(visitor: Visitor) -> None:
    """Raises Unauthorised where strangers are not to read what everybody writes."""
    if not is_open(visitor):
        raise Unauthorised("Sign in to read what everybody writes here")


async def show_public(visitor: Visitor, given: At) -> Answer:
    """What everybody says, as far as it is known here."""
    return await _public(visitor, given, local=False)


async def show_local(visitor: Visitor, given: At) -> Answer:
    """What is said by those who live here."""
    return await _public(visitor, given, local=True)


async def _public(visitor: Visitor, at: At, *, local: bool) -> Answer:
    check_open(visitor)
    wanted = Public(cursor(at), local=local)
    keys, shown = await feeds.public(visitor.db, visitor.viewer, wanted, filtering(visitor, "public"))
    beside = ends(at, [key.id for key in keys])
    return await page(visitor, "public.html", posts=feed(visitor, shown), local=local, beside=beside)


PAGES: Final = (
    Page("GET", "/", show_front, "anybody"),
    Page("GET", "/public", show_public, "anybody", At),
    Page("GET", "/public/local", show_local, "anybody", At),
)
