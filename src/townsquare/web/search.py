"""Finding people, tags and posts."""

from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from townsquare.accounts.search import Wanted, search
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.http.answer import Answer
from townsquare.timelines.search import Search, languages_of, search_statuses, search_tags
from townsquare.timelines.search_query import Asked as Query
from townsquare.timelines.search_query import parse
from townsquare.web.articles import feed
from townsquare.web.door import Page
from townsquare.web.entities import people_of
from townsquare.web.reading import LENGTH, filtering
from townsquare.web.visitor import Visitor, page

Kind = Literal["all", "people", "posts", "tags", "profiles"]

FEW: Final = 4
"""People and tags that are shown above the posts."""
MOST_SKIPPED: Final = 1000
KINDS: Final[dict[str, Kind]] = {
    "statuses": "posts",
    "accounts": "people",
    "hashtags": "tags",
    "profiles": "profiles",
}


class Asked(msgspec.Struct, frozen=True):
    q: str = ""
    kind: Kind = "all"
    skip: int = 0


async def show_search(visitor: Visitor, given: Asked) -> Answer:
    words, skip = given.q.strip(), max(0, min(given.skip, MOST_SKIPPED))
    query = parse(words, datetime.now(UTC))
    kind = KINDS[query.kind] if query.kind else given.kind
    limit = FEW if kind == "all" else LENGTH
    beside = kind == "all" and not query.operators
    people = await _people(visitor, query, kind, limit, skip) if beside or kind in ("people", "profiles") else []
    tags = await _tags(visitor, query, limit, skip) if beside or kind == "tags" else []
    posts = await _posts(visitor, query, skip) if kind in ("all", "posts") else []
    return await page(
        visitor,
        "search.html",
        q=words,
        kind=kind,
        people=people_of(people),
        tags=tags,
        posts=feed(visitor, posts),
        skip=skip,
        more=skip + LENGTH if LENGTH in (len(posts), len(people), len(tags)) else 0,
    )


async def _people(visitor: Visitor, query: Query, kind: Kind, limit: int, skip: int) -> list[bytes]:
    wanted = Wanted(
        " ".join(query.words),
        limit=limit,
        offset=skip if kind != "all" else 0,
        exact=query.exact,
        profiles="only" if kind == "profiles" else "too",
    )
    return await search(visitor.db, visitor.viewer_id, wanted, here=visitor.settings.domain)


async def _tags(visitor: Visitor, query: Query, limit: int, skip: int) -> list[str]:
    return await search_tags(visitor.db, query.tag, limit=limit, offset=skip, exact=query.exact)


async def _posts(visitor: Visitor, query: Query, skip: int) -> list[bytes]:
    chosen = visitor.caller.preferences.language if visitor.caller else None
    languages = languages_of(visitor.settings, chosen)
    wanted = Search(visitor.viewer, query, Cursor(LENGTH), offset=skip, languages=languages)
    lexicon = visitor.site.lexicon
    return await search_statuses(visitor.db, visitor.settings, lexicon, wanted, filtering(visitor, "public"))


PAGES: Final = (Page("GET", "/search", show_search, "anybody", Asked),)
