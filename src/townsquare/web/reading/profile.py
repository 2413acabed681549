"""A person's page: who they are, and what they say."""

from http import HTTPStatus
from typing import Any, Final, Literal

from townsquare.accounts import collections, store
from townsquare.accounts.collections import Shown
from townsquare.accounts.familiar import familiar_followers
from townsquare.accounts.relationships import relationship
from townsquare.accounts.roles import Permission
from townsquare.accounts.search import lookup
from townsquare.accounts.tags import featured_tags
from townsquare.accounts.urls import file_url
from townsquare.db.pool import Db
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
    asked = OfAccount(
        cursor(given),
        visitor.viewer,
        int(person.id),
        only_media=tab == "media",
        exclude_replies=tab == "posts",
        exclude_reblogs=tab == "media",
    )
    keys, shown = await feeds.of_account(visitor.db, asked, filtering(visitor, "account"))
    return await page(
        visitor,
        "profile.html",
        person=person,
        tab=tab,
        pinned=pinned,
        posts=posts_of(shown) if tab == "media" else feed(visitor, shown, without=pinned.ids),
        beside=ends(given, [key.id for key in keys]),
        **await _top(visitor, person, anyway=given.anyway or bool(given.max_id or given.min_id)),
    )


async def show_about(visitor: Visitor, given: Asked) -> Answer:
    """What somebody says of themselves, what they write about, and whom they recommend."""
    person = await find(visitor)
    owner = AccountId(int(person.id))
    recommended, _ = await collections.endorsements(visitor.db, visitor.viewer_id, owner, Cursor(TAKEN))
    return await page(
        visitor,
        "profile_about.html",
        person=person,
        tab="about",
        tags=await featured_tags(visitor.db, owner, person.url),
        recommended=people_of(recommended),
        **await _top(visitor, person, anyway=given.anyway),
    )


async def _top(visitor: Visitor, person: Person, *, anyway: bool) -> dict[str, Any]:
    """What the reader and the person are to each other, whom the reader follows of those who follow them, and whether
    the profile is covered: it is for those who do not follow somebody whom the staff have limited. And a smaller copy
    of the header, where there is one.
    """
    target, small = AccountId(int(person.id)), await small_header(visitor.db, person, visitor.settings.public_url)
    if visitor.viewer_id is None:
        return {"between": None, "familiar": [], "covered": person.limited and not anyway, "small_header": small}
    if person.id == str(visitor.viewer):
        return {"between": None, "familiar": [], "covered": False, "small_header": small}
    between = await relationship(visitor.db, visitor.me, target)
    (_, familiar), *_ = await familiar_followers(visitor.db, visitor.me, [target])
    return {
        "between": between,
        "familiar": people_of(familiar),
        "covered": person.limited and not between.following and not anyway,
        "small_header": small,
    }


async def small_header(db: Db, person: Person, public_url: str) -> str | None:
    """The address of a smaller copy of somebody's header, which only those have who live here and sent one."""
    if not person.header_static.startswith(file_url("", public_url)):
        return None
    key = await store.small_header(db, AccountId(int(person.id)))
    return None if key is None else file_url(key, public_url)


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
