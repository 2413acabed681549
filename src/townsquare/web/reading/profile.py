"""A person's page: who they are, and what they say."""

from http import HTTPStatus
from typing import Any, Final, Literal

from townsquare.accounts import collections
from townsquare.accounts.collections import Shown
from townsquare.accounts.familiar import familiar_followers
from townsquare.accounts.relationships import relationship
from townsquare.accounts.roles import Permission
from townsquare.accounts.search import lookup
from townsquare.accounts.tags import featured_tags
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.timelines import feeds
from townsquare.timelines.store_feeds import OfAccount
from townsquare.web.door.entities import Person, people_of, person_of, posts_of
from townsquare.web.door.pages import Instead, Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.feeds.articles import Feed, feed
from townsquare.web.feeds.paging import At, cursor, ends, filtering
from townsquare.web.reading.strip import strip_of

Tab = Literal["posts", "replies", "media", "about"]
TAKEN: Final = 100
"""How many people of those whom somebody recommends are shown."""


class Asked(At, frozen=True):
    """`anyway`: although those who keep order have covered the profile."""

    anyway: bool = False


async def find(visitor: Visitor) -> Person:
    """Whose page it is: the path says `@name`. Raises NotFound, and Instead where the account is suspended."""
    handle = visitor.values["acct"]
    if not handle.startswith("@"):
        raise NotFound
    person = person_of(await lookup(visitor.db, handle, here=visitor.settings.domains))
    if person.suspended:
        looks_after = visitor.may(Permission.MANAGE_USERS)
        raise Instead(HTTPStatus.GONE, "suspended.html", person=person, looks_after=looks_after)
    return person


async def show_posts(visitor: Visitor, given: Asked) -> Answer:
    person = await find(visitor)
    pinned: Feed = Feed()
    if not given.max_id and not given.min_id:
        asked = OfAccount(cursor(given), visitor.viewer, int(person.id), pinned=True)
        _, shown = await feeds.of_account(visitor.db, asked, filtering(visitor, "account"))
        pinned = feed(visitor, shown, place="pinned")
    return await _show(visitor, person, given, "posts", pinned)


async def show_replies(visitor: Visitor, given: Asked) -> Answer:
    return await _show(visitor, await find(visitor), given, "replies", Feed())


async def show_media(visitor: Visitor, given: Asked) -> Answer:
    return await _show(visitor, await find(visitor), given, "media", Feed())


async def _show(visitor: Visitor, person: Person, given: Asked, tab: Tab, pinned: Feed) -> Answer:
    """Without messages between the two, which stand among what anybody reads as if they were that."""
    asked = OfAccount(
        cursor(given),
        visitor.viewer,
        int(person.id),
        only_media=tab == "media",
        exclude_replies=tab == "posts",
        exclude_reblogs=tab == "media",
        exclude_direct=True,
    )
    keys, shown = await feeds.of_account(visitor.db, asked, filtering(visitor, "account"))
    return await _page(
        visitor,
        "profile.html",
        person,
        anyway=given.anyway or bool(given.max_id or given.min_id),
        tab=tab,
        pinned=pinned,
        posts=posts_of(shown) if tab == "media" else feed(visitor, shown, without=pinned.ids),
        beside=ends(given, [key.id for key in keys]),
    )


async def show_about(visitor: Visitor, given: Asked) -> Answer:
    """What somebody says of themselves, what they write about, and whom they recommend."""
    person = await find(visitor)
    owner = AccountId(int(person.id))
    recommended, _ = await collections.endorsements(visitor.db, visitor.viewer_id, owner, Cursor(TAKEN))
    return await _page(
        visitor,
        "profile_about.html",
        person,
        anyway=given.anyway,
        tab="about",
        tags=await featured_tags(visitor.db, owner, person.url),
        recommended=people_of(recommended),
    )


async def _page(visitor: Visitor, template: str, person: Person, *, anyway: bool, **values: Any) -> Answer:
    """With what stands above all of somebody's pages. The picture there is the largest that is seen: it comes first."""
    strip = await strip_of(visitor.db, person, visitor.settings.public_url)
    top = await _top(visitor, person, anyway=anyway)
    link = strip.link(phone=visitor.phone)
    visitor.ahead = b"" if link else visitor.ahead
    made = await page(visitor, template, person=person, strip=strip, **top, **values)
    return made.header("link", link) if link else made


async def _top(visitor: Visitor, person: Person, *, anyway: bool) -> dict[str, Any]:
    """What the reader and the person are to each other, whom the reader follows of those who follow them, and whether
    the profile is covered: it is for those who do not follow somebody whom the staff have limited.
    """
    target = AccountId(int(person.id))
    if visitor.viewer_id is None:
        return {"between": None, "familiar": [], "covered": person.limited and not anyway}
    if person.id == str(visitor.viewer):
        return {"between": None, "familiar": [], "covered": False}
    between = await relationship(visitor.db, visitor.me, target)
    (_, familiar), *_ = await familiar_followers(visitor.db, visitor.me, [target])
    return {
        "between": between,
        "familiar": people_of(familiar),
        "covered": person.limited and not between.following and not anyway,
    }


async def show_followers(visitor: Visitor, given: At) -> Answer:
    person = await find(visitor)
    found = await collections.followers(visitor.db, visitor.viewer_id, AccountId(int(person.id)), cursor(given))
    return await _list(visitor, person, given, "followers", found)


async def show_following(visitor: Visitor, given: At) -> Answer:
    person = await find(visitor)
    found = await collections.following(visitor.db, visitor.viewer_id, AccountId(int(person.id)), cursor(given))
    return await _list(visitor, person, given, "following", found)


async def _list(visitor: Visitor, person: Person, given: At, tab: str, found: Shown) -> Answer:
    entities, ids = found
    return await page(
        visitor, "people.html", person=person, tab=tab, people=people_of(entities), beside=ends(given, ids)
    )


PAGES: Final = (
    Page("GET", "/:acct", show_posts, "anybody", Asked),
    Page("GET", "/:acct/with_replies", show_replies, "anybody", Asked),
    Page("GET", "/:acct/media", show_media, "anybody", Asked),
    Page("GET", "/:acct/about", show_about, "anybody", Asked),
    Page("GET", "/:acct/followers", show_followers, "anybody", At),
    Page("GET", "/:acct/following", show_following, "anybody", At),
)
