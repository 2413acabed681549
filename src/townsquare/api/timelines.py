"""Timelines, favourites and bookmarks."""

from typing import Final

from townsquare.accounts.store import present_entities
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.api.reading import check_open, filtering
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.kernel.text import fold_tag
from townsquare.timelines import feeds
from townsquare.timelines.home import home
from townsquare.timelines.store_feeds import OfAccount, Public, Tagged

BESIDE: Final = 4
"""Further hashtags of each kind that a tag's timeline goes by, as in Mastodon; what is beyond is passed over."""


class PublicPage(Page, frozen=True):
    local: bool = False
    remote: bool = False
    only_media: bool = False


class TagPage(PublicPage, frozen=True):
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class AccountPage(Page, frozen=True):
    only_media: bool = False
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    pinned: bool = False
    tagged: str | None = None


async def show_home(call: Call, given: Page) -> Answer:
    services = call.services
    keys, shown = await home(services.db, services.pulled, call.me, cursor(given), filtering=filtering(call))
    return paged(call, shown, [key.id for key in keys])


async def show_public(call: Call, given: PublicPage) -> Answer:
    check_open(call)
    feed = Public(cursor(given), given.local, given.remote, given.only_media)
    keys, shown = await feeds.public(call.services.db, call.viewer, feed, filtering(call))
    return paged(call, shown, [key.id for key in keys])


async def show_tag(call: Call, given: TagPage) -> Answer:
    check_open(call)
    some, every, none = (tuple(map(fold_tag, names[:BESIDE])) for names in (given.any, given.all, given.none))
    some = (fold_tag(call.values["hashtag"]), *some)
    feed = Tagged(cursor(given), some, every, none, given.local, given.remote, given.only_media)
    keys, shown = await feeds.tagged(call.services.db, call.viewer, feed, filtering(call))
    return paged(call, shown, [key.id for key in keys])


async def show_list(call: Call, given: Page) -> Answer:
    keys, shown = await feeds.of_list(call.services.db, call.me, call.id("list_id"), cursor(given), filtering(call))
    return paged(call, shown, [key.id for key in keys])


async def show_of_account(call: Call, given: AccountPage) -> Answer:
    feed = OfAccount(
        cursor(given),
        call.viewer,
        call.id(),
        given.only_media,
        given.exclude_replies,
        given.exclude_reblogs,
        given.pinned,
        fold_tag(given.tagged) if given.tagged else None,
    )
    keys, shown = await feeds.of_account(call.services.db, feed, filtering(call))
    if not keys and await call.services.db.batched(present_entities, AccountId(call.id())) is None:
        raise NotFound
    # Pinned posts are in the order in which they were pinned; one reads on by the ids of posts.
    return paged(call, shown, sorted((key.id for key in keys), reverse=True))


async def show_favourites(call: Call, given: Page) -> Answer:
    ids, shown = await feeds.favourites(call.services.db, call.me, cursor(given), filtering(call))
    return paged(call, shown, ids)


async def show_bookmarks(call: Call, given: Page) -> Answer:
    ids, shown = await feeds.bookmarks(call.services.db, call.me, cursor(given), filtering(call))
    return paged(call, shown, ids)


ROUTES = [
    Route("GET", "/api/v1/timelines/home", show_home, Access.USER, ("read:statuses",), Page, "[Status]"),
    Route("GET", "/api/v1/timelines/public", show_public, Access.PUBLIC, ("read:statuses",), PublicPage, "[Status]"),
    Route("GET", "/api/v1/timelines/tag/:hashtag", show_tag, Access.PUBLIC, ("read:statuses",), TagPage, "[Status]"),
    Route("GET", "/api/v1/timelines/list/:list_id", show_list, Access.USER, ("read:lists",), Page, "[Status]"),
    Route(
        "GET",
        "/api/v1/accounts/:id/statuses",
        show_of_account,
        Access.PUBLIC,
        ("read:statuses",),
        AccountPage,
        "[Status]",
    ),
    Route("GET", "/api/v1/favourites", show_favourites, Access.USER, ("read:favourites",), Page, "[Status]"),
    Route("GET", "/api/v1/bookmarks", show_bookmarks, Access.USER, ("read:bookmarks",), Page, "[Status]"),
]
