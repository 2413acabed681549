"""What other places need to show a post of ours on a page of theirs (https://oembed.com)."""

from html import escape
from typing import Literal

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, json, kept
from townsquare.statuses.show import show_one
from townsquare.timelines.search import find_place

WIDTH = 400
CACHE_AGE = 86_400


class Asked(msgspec.Struct, frozen=True):
    """A `format` is passed over: the answer is JSON."""

    url: str = ""
    maxwidth: int | None = None
    maxheight: int | None = None


class OEmbed(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the type `rich`: a frame, and a script that gives it its height."""

    type: Literal["rich"] = "rich"
    version: Literal["1.0"] = "1.0"
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    cache_age: int = CACHE_AGE
    html: str
    width: int
    height: int | None


class _Author(msgspec.Struct, frozen=True):
    username: str
    display_name: str
    url: str


class _Post(msgspec.Struct, frozen=True):
    url: str | None
    account: _Author
    reblog: "_Post | None"


async def show(call: Call, given: Asked) -> Answer:
    """Of posts of this place that anybody may see; of an echo, what it echoes."""
    settings = call.services.settings
    place = await find_place(call.services.db, settings, given.url) if _is_ours(call, given.url) else None
    if place is None or place.status_id is None:
        raise NotFound
    shown = msgspec.json.decode(await show_one(call.services.db, 0, place.status_id), type=_Post)
    post = shown.reblog or shown
    if post.url is None or not _is_ours(call, post.url):
        raise NotFound
    name = post.account.display_name or post.account.username
    width = given.maxwidth if given.maxwidth is not None and given.maxwidth > 0 else WIDTH
    height = given.maxheight if given.maxheight is not None and given.maxheight > 0 else None
    answer = json(
        OEmbed(
            title=f"New status by {name}",
            author_name=name,
            author_url=post.account.url,
            provider_name=settings.domain,
            provider_url=f"{settings.public_url}/",
            html=frame(settings.public_url, post.url, width, height),
            width=width,
            height=height,
        )
    )
    answer.headers.append(kept(CACHE_AGE // 24))
    return answer


def frame(base_url: str, url: str, width: int, height: int | None) -> str:
    """The HTML that shows a post within another page."""
    tall = "" if height is None else f' height="{height}"'
    return (
        f'<iframe src="{escape(url)}/embed" class="townsquare-embed" style="max-width: 100%; border: 0" '
        f'width="{width}"{tall} allowfullscreen="allowfullscreen"></iframe>'
        f'<script src="{escape(base_url)}/embed.js" async="async"></script>'
    )


def _is_ours(call: Call, url: str) -> bool:
    return url.startswith(call.services.settings.public_url + "/")


ROUTES = [Route("GET", "/api/oembed", show, Access.OPEN, given=Asked, returns="OEmbed")]
