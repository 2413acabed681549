"""What trends, as pages show it: hashtags with a small chart of their use, links, posts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts.tags import Day, Tag, tags
from townsquare.kernel.text import valid_language
from townsquare.statuses.show import show
from townsquare.timelines import store_trends as store
from townsquare.timelines import trends_show
from townsquare.web.door.entities import Card
from townsquare.web.door.visitor import Visitor
from townsquare.web.feeds.paging import filtering

WIDTH: Final = 60
HEIGHT: Final = 20
LATELY: Final = 2
"""Days of which is said how many people talked of something."""
LANGUAGES: Final = 5


class Used(msgspec.Struct, frozen=True):
    """A hashtag: how many have used it lately, and a line of its use day by day, as points of an SVG."""

    name: str
    people: int
    line: str
    following: bool


class Link(Card, frozen=True, kw_only=True):
    """The entity Trends::Link."""

    history: Sequence[Day] = ()

    @property
    def people(self) -> int:
        return people_of_late(self.history)


def people_of_late(history: Sequence[Day]) -> int:
    return sum(int(day.accounts) for day in history[:LATELY])


def line_of(history: Sequence[Day]) -> str:
    """Points of a polyline, the oldest day first, the highest use at the top."""
    uses = [int(day.uses) for day in reversed(history)]
    top, step = max([*uses, 1]), WIDTH / max(1, len(uses) - 1)
    return " ".join(
        f"{place * step:.0f},{HEIGHT - 1 - number / top * (HEIGHT - 2):.0f}" for place, number in enumerate(uses)
    )


def used(tag: Tag) -> Used:
    return Used(tag.name, people_of_late(tag.history), line_of(tag.history), following=tag.following is True)


async def used_tags(visitor: Visitor, names: Sequence[str]) -> list[Used]:
    """Hashtags by their names, in this order."""
    if not names:
        return []
    found = await tags(visitor.db, visitor.viewer_id, names, visitor.settings.public_url, datetime.now(UTC))
    return [used(tag) for tag in found]


def part(visitor: Visitor, limit: int, skip: int = 0) -> store.Page:
    """What is in the reader's languages comes first, and the rest after it."""
    chosen = visitor.caller.preferences.language if visitor.caller is not None else None
    said = [
        one.partition(";")[0] for one in visitor.request.headers.get("accept-language", "").split(",")[:LANGUAGES]
    ]  # fmt: skip
    found = [valid_language(code.strip()) for code in [chosen or "", *said]]
    return store.Page(limit, skip, tuple(dict.fromkeys(code for code in found if code is not None)))


async def trending_tags(visitor: Visitor, limit: int, skip: int = 0) -> list[Used]:
    """Nothing where the place wants no trends; so it is with links and posts."""
    if not visitor.settings.trends.enabled:
        return []
    return await used_tags(visitor, await store.trending(visitor.db, "tag", part(visitor, limit, skip)))


async def trending_links(visitor: Visitor, limit: int, skip: int = 0) -> list[Link]:
    if not visitor.settings.trends.enabled:
        return []
    urls = await store.trending(visitor.db, "link", part(visitor, limit, skip))
    shown = await trends_show.links(visitor.db, visitor.settings, visitor.viewer, urls, datetime.now(UTC))
    return [msgspec.json.decode(shown[url], type=Link) for url in urls if url in shown]


async def trending_posts(visitor: Visitor, limit: int, skip: int = 0) -> tuple[int, list[bytes]]:
    """How many there were, and those of them that this reader may and wants to see."""
    if not visitor.settings.trends.enabled:
        return 0, []
    keys = await store.trending_statuses(visitor.db, part(visitor, limit, skip))
    return len(keys), await show(visitor.db, visitor.viewer, keys, filtering=filtering(visitor, "public"))
