"""Finding people, tags and posts; with what can be chosen beside the words shown as fields and as marks to take off."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec

from townsquare.accounts.search import Wanted, search
from townsquare.accounts.store import present_entities
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.statuses.show import show_one
from townsquare.timelines.search import Search, find_place, languages_of, search_statuses, search_tags
from townsquare.timelines.search_query import HAS, IS, LONGEST, parse
from townsquare.timelines.search_query import Asked as Query
from townsquare.web.door.entities import people_of, person_of, post_of
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_
from townsquare.web.feeds.articles import feed
from townsquare.web.feeds.paging import LENGTH, filtering
from townsquare.web.feeds.trends import Used, used_tags
from townsquare.web.reading.front import check_open, is_open

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
HAVING: Final[Mapping[str, str]] = {
    "media": N_("Pictures, films or sound"),
    "image": N_("Pictures"),
    "video": N_("Films"),
    "audio": N_("Sound"),
    "poll": N_("A poll"),
    "link": N_("A link"),
    "quote": N_("A quote"),
}
BEING: Final[Mapping[str, str]] = {"reply": N_("Answers"), "sensitive": N_("Sensitive posts"), "quote": N_("Quotes")}
WITHIN: Final[Mapping[str, str]] = {
    "": N_("All that you may see"),
    "library": N_("Posts that you wrote, liked, kept, or in which you are named"),
    "public": N_("Public posts"),
}
_SELECTOR: Final = re.compile(r'(?<!\S)[+-]?(?:from|has|is|in|language|before|after|during):(?:"[^"]*"|\S+)', re.I)


class Asked(msgspec.Struct, frozen=True, rename={"whose": "from", "within": "in"}):
    """The query, and what the fields beside it add to it."""

    q: str = ""
    kind: Kind = "all"
    skip: int = 0
    whose: str = ""
    has: tuple[str, ...] = ()
    is_: tuple[str, ...] = msgspec.field(default=(), name="is")
    within: str = ""
    language: str = ""
    after: str = ""
    before: str = ""


class Mark(msgspec.Struct, frozen=True):
    """A part of a query that is no word: as written, and the query without it."""

    text: str
    without: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`problem`: why nothing could be looked for."""

    people: Sequence[bytes] = ()
    tags: Sequence[Used] = ()
    posts: Sequence[bytes] = ()
    full: bool = False
    problem: str = ""


async def show_search(visitor: Visitor, given: Asked) -> Answer:
    """Fields that were filled in become part of the query, so that one address says all of it."""
    words = given.q.strip()[:LONGEST]
    added = selectors(given)
    if added:
        whole = " ".join([words, *(one for one in added if one not in words)]).strip()
        return redirect(visitor, "/search?" + urlencode({"q": whole} | _kind(given.kind)))
    if words.startswith(("https://", "http://")):
        there = await _place(visitor, words)
        if there:
            return redirect(visitor, there)
    skip = max(0, min(given.skip, MOST_SKIPPED))
    kind, found = await _find(visitor, words, given.kind, skip)
    return await page(
        visitor,
        "search.html",
        status=422 if found.problem else 200,
        q=words,
        kind=kind,
        people=people_of(found.people),
        tags=found.tags,
        posts=feed(visitor, found.posts),
        problem=found.problem,
        marks=marks(words),
        skip=skip,
        more=skip + LENGTH if found.full and kind != "all" else 0,
        **_CHOICES,
    )


_CHOICES: Final[dict[str, Any]] = {"having": HAVING, "being": BEING, "within": WITHIN}


def selectors(given: Asked) -> list[str]:
    """What the fields say, as it is written in a query."""
    name = given.whose.strip().removeprefix("@")
    pairs = [("from", name), ("language", given.language), ("after", given.after), ("before", given.before)]
    pairs += [("in", given.within)] if given.within in WITHIN else []
    pairs += [("has", one) for one in given.has if one in HAS] + [("is", one) for one in given.is_ if one in IS]
    return [f"{key}:{value.split()[0]}" for key, value in pairs if value.strip()]


def marks(query: str) -> list[Mark]:
    """The selectors of a query, each with the query that is left when it is taken off."""
    return [
        Mark(found[0], " ".join((query[: found.start()] + query[found.end() :]).split()))
        for found in _SELECTOR.finditer(query)
    ]


def _kind(kind: Kind) -> dict[str, str]:
    return {} if kind == "all" else {"kind": kind}


async def _place(visitor: Visitor, url: str) -> str:
    """Where the person or the post is shown here that an address stands for."""
    place = await find_place(visitor.db, visitor.settings, url)
    if place is None:
        return ""
    if place.status_id is None:
        entity = (await present_entities(visitor.db, [place.account_id]))[0]
        return "" if entity is None else f"/@{person_of(entity).acct}"
    try:
        return post_of(await show_one(visitor.db, visitor.viewer, place.status_id)).path
    except NotFound:
        return ""


async def _find(visitor: Visitor, words: str, wanted: Kind, skip: int) -> tuple[Kind, Found]:
    try:
        query = parse(words, datetime.now(UTC))
    except Invalid as wrong:
        return wanted, Found(problem=sentence(wrong))
    kind = KINDS[query.kind] if query.kind else wanted
    if not words:
        return kind, Found()
    limit = FEW if kind == "all" else LENGTH
    beside = kind == "all" and not query.operators
    people = await _people(visitor, query, kind, limit, skip) if beside or kind in ("people", "profiles") else []
    names = await _tags(visitor, query, limit, skip) if beside or kind == "tags" else []
    if kind == "posts":
        check_open(visitor)
    posts = await _posts(visitor, query, skip) if kind in ("all", "posts") and is_open(visitor) else []
    full = LENGTH in (len(posts), len(people), len(names))
    return kind, Found(people=people, tags=await used_tags(visitor, names), posts=posts, full=full)


async def _people(visitor: Visitor, query: Query, kind: Kind, limit: int, skip: int) -> list[bytes]:
    wanted = Wanted(
        " ".join(query.words),
        limit=limit,
        offset=skip if kind != "all" else 0,
        exact=query.exact,
        profiles="only" if kind == "profiles" else "too",
    )
    return await search(visitor.db, visitor.viewer_id, wanted, here=visitor.settings.domains)


async def _tags(visitor: Visitor, query: Query, limit: int, skip: int) -> list[str]:
    return await search_tags(visitor.db, query.tag, limit=limit, offset=skip, exact=query.exact)


async def _posts(visitor: Visitor, query: Query, skip: int) -> list[bytes]:
    chosen = visitor.caller.preferences.language if visitor.caller else None
    languages = languages_of(visitor.settings, chosen)
    wanted = Search(visitor.viewer, query, Cursor(LENGTH), offset=skip, languages=languages)
    lexicon = visitor.site.lexicon
    return await search_statuses(visitor.db, visitor.settings, lexicon, wanted, filtering(visitor, "public"))


PAGES: Final = (Page("GET", "/search", show_search, "anybody", Asked),)
