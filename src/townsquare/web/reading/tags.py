"""The page of a hashtag, and the hashtags that somebody follows."""

from collections.abc import Awaitable, Callable
from typing import Final

from townsquare.accounts import store_tags, tags
from townsquare.db.pool import Tx
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.kernel.text import fold_tag
from townsquare.timelines import feeds
from townsquare.timelines.store_feeds import Tagged
from townsquare.web.door.asking import Back
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import At, cursor, ends, filtering
from townsquare.web.feeds.trends import used_tags
from townsquare.web.reading.front import check_open

Act = Callable[[Tx, AccountId, str], Awaitable[object]]


async def show_tag(visitor: Visitor, given: At) -> Answer:
    check_open(visitor)
    name = visitor.values["tag"]
    wanted = Tagged(cursor(given), (fold_tag(name),))
    keys, shown = await feeds.tagged(visitor.db, visitor.viewer, wanted, filtering(visitor, "public"))
    return await page(
        visitor,
        "tag.html",
        tag=name,
        used=(await used_tags(visitor, [name]))[0] if tags.is_tag(name) else None,
        posts=feed(visitor, shown),
        beside=ends(given, [key.id for key in keys]),
    )


async def show_followed(visitor: Visitor, given: At) -> Answer:
    found = await store_tags.followed(visitor.db, visitor.me, cursor(given))
    shown = await used_tags(visitor, [one.tag for one in found])
    return await page(visitor, "followed_tags.html", tags=shown, beside=ends(given, [one.id for one in found]))


def _doing(act: Act, said: str) -> Handler:
    async def handle(visitor: Visitor, given: Back) -> Answer:
        async with visitor.db.transaction() as tx:
            await act(tx, visitor.me, visitor.values["tag"])
        return redirect(visitor, path_within(given.next, "/followed-tags"), said=said)

    return handle


PAGES: Final = (
    Page("GET", "/tags/:tag", show_tag, "anybody", At),
    Page("POST", "/tags/:tag/follow", _doing(tags.follow_tag, "tag-followed"), "signed in", Back),
    Page("POST", "/tags/:tag/unfollow", _doing(tags.unfollow_tag, "tag-unfollowed"), "signed in", Back),
    Page("GET", "/followed-tags", show_followed, "signed in", At),
)
