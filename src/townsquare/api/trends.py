"""What trends: hashtags, links, posts; and the posts with a link that trends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from townsquare.accounts.tags import tags
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import SAFE, Page, cursor, paged
from townsquare.api.people import reader
from townsquare.api.reading import check_open, filtering
from townsquare.kernel.http.answer import Answer, json, json_array
from townsquare.kernel.text import valid_language
from townsquare.statuses.show import show
from townsquare.timelines import store_trends as store
from townsquare.timelines import trends_show

FEW, MOST_OF_FEW = 10, 20
MANY, MOST_OF_MANY = 20, 40
FARTHEST = 1000
LANGUAGES = 5


class Part(msgspec.Struct, frozen=True):
    limit: int | None = None
    offset: int = 0


class Linked(Page, frozen=True):
    url: str = ""


def part(call: Call, given: Part, *, limit: int, most: int, everything: bool = False) -> store.Page:
    """Which part is asked for. What is in the reader's languages comes first, and the rest after it."""
    wanted = limit if given.limit is None else max(1, min(given.limit, most))
    return store.Page(wanted, max(0, min(given.offset, FARTHEST)), languages(call), everything)


def languages(call: Call) -> tuple[str, ...]:
    """What the reader posts in, and what their app says that they read."""
    chosen = call.caller.preferences.language if call.caller is not None else None
    said = [part.partition(";")[0] for part in call.header(b"accept-language").split(",")[:LANGUAGES]]
    found = [valid_language(code) for code in [chosen or "", *said]]
    return tuple(dict.fromkeys(code for code in found if code is not None))


def with_links(call: Call, answer: Answer, page: store.Page, found: int) -> Answer:
    """Where the next part is, and the one before (RFC 8288)."""
    query: str = call.scope["query_string"].decode("latin-1")
    kept = "".join(f"{one}&" for one in query.split("&") if one and one.partition("=")[0] != "offset")
    base = f"{call.services.settings.public_url}{quote(call.scope['path'])}?{quote(kept, safe=SAFE)}offset="
    ways = [f'<{base}{page.offset + page.limit}>; rel="next"'] if found == page.limit else []
    if page.offset > 0:
        ways.append(f'<{base}{max(0, page.offset - page.limit)}>; rel="prev"')
    return answer.header("link", ", ".join(ways)) if ways else answer


async def show_tags(call: Call, given: Part) -> Answer:
    page = part(call, given, limit=FEW, most=MOST_OF_FEW)
    names = await trending(call, "tag", page)
    settings = call.services.settings
    shown = await tags(call.services.db, reader(call), names, settings.public_url, datetime.now(UTC))
    return with_links(call, json(shown), page, len(names))


async def show_links(call: Call, given: Part) -> Answer:
    page = part(call, given, limit=FEW, most=MOST_OF_FEW)
    urls = await trending(call, "link", page)
    shown = await trends_show.links(call.services.db, call.services.settings, call.viewer, urls, datetime.now(UTC))
    return with_links(call, json_array([shown[url] for url in urls if url in shown]), page, len(urls))


async def show_statuses(call: Call, given: Part) -> Answer:
    check_open(call)
    page = part(call, given, limit=MANY, most=MOST_OF_MANY)
    if not call.services.settings.trends.enabled:
        return json([])
    keys = await store.trending_statuses(call.services.db, page)
    shown = await show(call.services.db, call.viewer, keys, filtering=filtering(call))
    return with_links(call, json_array(shown), page, len(keys))


async def trending(call: Call, kind: store.Kind, page: store.Page) -> Sequence[str]:
    """Nothing where the place wants no trends."""
    if not call.services.settings.trends.enabled:
        return []
    return await store.trending(call.services.db, kind, page)


async def show_linked(call: Call, given: Linked) -> Answer:
    check_open(call)
    keys, shown = await trends_show.linked(call.services.db, call.viewer, given.url, cursor(given), filtering(call))
    return paged(call, shown, [key.id for key in keys])


T = "/api/v1/trends"
READ = ("read:statuses",)
ROUTES = [
    Route("GET", T, show_tags, Access.PUBLIC, given=Part, returns="[Tag]"),
    Route("GET", f"{T}/tags", show_tags, Access.PUBLIC, given=Part, returns="[Tag]"),
    Route("GET", f"{T}/links", show_links, Access.PUBLIC, given=Part, returns="[Trends::Link]"),
    Route("GET", f"{T}/statuses", show_statuses, Access.PUBLIC, given=Part, returns="[Status]"),
    Route("GET", "/api/v1/timelines/link", show_linked, Access.PUBLIC, READ, Linked, "[Status]"),
]
