"""Finding people, tags and posts."""

from typing import Final, Literal

import msgspec

from townsquare.accounts.search import search
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST
from townsquare.timelines.search import search_statuses, search_tags, terms
from townsquare.timelines.store_search import Query
from townsquare.web.door import Page
from townsquare.web.entities import people_of, posts_of
from townsquare.web.reading import LENGTH, filtering
from townsquare.web.visitor import Visitor, page

FEW: Final = 4
"""People that are shown above the posts."""
MOST_SKIPPED: Final = 1000


class Asked(msgspec.Struct, frozen=True):
    q: str = ""
    kind: Literal["all", "people", "posts"] = "all"
    skip: int = 0


async def show_search(visitor: Visitor, given: Asked) -> Answer:
    words, skip = given.q.strip(), max(0, min(given.skip, MOST_SKIPPED))
    many = given.kind == "people"
    people = [] if given.kind == "posts" else await _people(visitor, words, LENGTH if many else FEW, skip * many)
    tags = await search_tags(visitor.db, words, limit=FEW) if given.kind == "all" and words else []
    posts = [] if many else await _posts(visitor, words, skip)
    return await page(
        visitor,
        "search.html",
        q=words,
        kind=given.kind,
        people=people_of(people),
        tags=[tag for tag in tags if tag],
        posts=posts_of(posts),
        skip=skip,
        more=skip + LENGTH if len(posts) == LENGTH or (many and len(people) == LENGTH) else 0,
    )


async def _people(visitor: Visitor, words: str, limit: int, skip: int) -> list[bytes]:
    here = visitor.settings.domain
    return await search(visitor.db, visitor.viewer_id, words, here=here, limit=limit, offset=skip)


async def _posts(visitor: Visitor, words: str, skip: int) -> list[bytes]:
    query = Query(visitor.viewer, terms(words), Cursor(LENGTH, max_id=LARGEST), offset=skip)
    return await search_statuses(visitor.db, query, filtering(visitor, "public"))


PAGES: Final = (Page("GET", "/search", show_search, "anybody", Asked),)
