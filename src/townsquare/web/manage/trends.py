"""What many talk about: whether it may be shown to everybody. Hashtags, links with their publishers, posts."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.moderation import trends as decisions
from townsquare.statuses.show import key_of
from townsquare.statuses.show import show as show_posts
from townsquare.timelines import store_trend_reviews as reviews
from townsquare.timelines import store_trends as store
from townsquare.timelines.store_trends import Page as Part
from townsquare.timelines.trends_model import decided
from townsquare.web.door.entities import Post, posts_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.feeds.paging import At, cursor
from townsquare.web.manage.shell import P, actor, chosen, show, staff

LENGTH: Final = 40
POSTS: Final = 20
KINDS: Final = ("tags", "links", "publishers", "posts", "authors")


class Reviewed(msgspec.Struct, frozen=True):
    """`waits`: nobody has decided; `shown`: as it is now."""

    id: int
    name: str
    waits: bool
    shown: bool


async def show_trends(visitor: Visitor, given: Any) -> Answer:
    db, default = visitor.db, not visitor.settings.trends.review
    part = Part(limit=LENGTH, offset=0, languages=(), everything=True)
    names = await store.trending(db, "tag", part)
    urls = await store.trending(db, "link", part)
    tags, links = await reviews.tags(db, names), await reviews.links(db, urls)
    publishers = await reviews.list_publishers(db, cursor(At(), LENGTH))
    posts, unread = await _posts(visitor)
    return await show(
        visitor,
        "trends",
        tags=[_reviewed(tags[one].id, one, tags[one].trendable, default) for one in names if one in tags],
        links=[_reviewed(links[one].id, one, links[one].trendable, default) for one in urls if one in links],
        publishers=[_reviewed(one.id, one.domain, one.trendable, default) for one in publishers],
        posts=posts,
        unreviewed=unread,
    )


async def _posts(visitor: Visitor) -> tuple[list[Post], set[int]]:
    """As anybody sees them, and those that nobody has decided of."""
    part = Part(limit=POSTS, offset=0, languages=(), everything=True)
    keys = await store.trending_statuses(visitor.db, part)
    unread = await reviews.unreviewed(visitor.db, [key.id for key in keys], [key.account_id for key in keys])
    return posts_of(await show_posts(visitor.db, 0, keys)), unread


def _reviewed(number: int, name: str, trendable: bool | None, default: bool) -> Reviewed:
    return Reviewed(number, name, trendable is None, decided(trendable, default=default))


async def decide(visitor: Visitor, given: Any) -> Answer:
    kind = chosen(visitor.values["kind"], KINDS)
    allow = chosen(visitor.values["verb"], ("approve", "reject")) == "approve"
    db, settings, by, now = visitor.db, visitor.settings, actor(visitor), datetime.now(UTC)
    match kind:
        case "tags":
            await decisions.decide_named(db, settings, by, decisions.TAG, visitor.id(), now, allow=allow)
        case "links":
            await decisions.decide_named(db, settings, by, decisions.LINK, visitor.id(), now, allow=allow)
        case "publishers":
            await decisions.decide_publisher(db, settings, by, visitor.id(), now, allow=allow)
        case _:
            key = await key_of(db, 0, StatusId(visitor.id()))
            if key is None or key.original_id is not None:
                raise NotFound
            act = decisions.decide_author if kind == "authors" else decisions.decide_status
            await act(db, settings, by, key, now, allow=allow)
    return redirect(visitor, "/manage/trends", said="saved")


PAGES: Final = (
    staff("GET", "/trends", show_trends, P.MANAGE_TAXONOMIES),
    staff("POST", "/trends/:kind/:id/:verb", decide, P.MANAGE_TAXONOMIES),
)
