"""Searching for people, posts and hashtags at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from townsquare.accounts import search as people
from townsquare.accounts.store import present_entities
from townsquare.accounts.tags import Tag, tags
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor
from townsquare.api.people import reader
from townsquare.api.reading import check_open, filtering, is_open
from townsquare.kernel.errors import NotFound, Unauthorised
from townsquare.kernel.http.answer import Answer, joined, json
from townsquare.kernel.ids import parse_id
from townsquare.statuses.show import show_one
from townsquare.timelines import search
from townsquare.timelines.search_query import Asked, Kind, parse

LIMIT, MOST = 20, 40
FARTHEST = 10_000
NOBODY = -1

Type = Literal["accounts", "hashtags", "statuses"]
Chosen = Kind | Type | None


class Search(Page, frozen=True):
    """`exclude_unreviewed` changes nothing: hashtags are not reviewed here before they can be found."""

    q: str = ""
    type: Type | None = None
    resolve: bool = False
    following: bool = False
    account_id: str | None = None
    exclude_unreviewed: bool = False
    offset: int = 0

    @property
    def skipped(self) -> int:
        """An offset is of one kind of results, as in Mastodon."""
        return max(0, min(self.offset, FARTHEST)) if self.type else 0


async def search_v2(call: Call, given: Search) -> Answer:
    accounts, statuses, hashtags = await _found(call, given)
    names = [name for name in hashtags if name]
    entities = await _tags(call, names) if names else []
    return _results(accounts, statuses, msgspec.json.encode(entities))


async def search_v1(call: Call, given: Search) -> Answer:
    """The old form: hashtags as their names."""
    accounts, statuses, hashtags = await _found(call, given)
    return _results(accounts, statuses, msgspec.json.encode(hashtags))


def _results(accounts: list[bytes], statuses: list[bytes], hashtags: bytes) -> Answer:
    return json(b'{"accounts":%b,"statuses":%b,"hashtags":%b}' % (joined(accounts), joined(statuses), hashtags))


async def _found(call: Call, given: Search) -> tuple[list[bytes], list[bytes], list[str]]:
    _check(call, given)
    text = given.q.strip()
    if not text:
        return [], [], []
    if text.startswith(("https://", "http://")):
        place = await _place(call, given, text)
        if place is not None:
            return place[0], place[1], []
    asked = parse(text, datetime.now(UTC))
    at, kind = cursor(given, limit=LIMIT, most=MOST), asked.kind or given.type
    accounts = await _accounts(call, given, asked, at.limit) if _asks_people(kind, text, asked) else []
    if kind == "statuses":
        check_open(call)
    statuses = await _statuses(call, given, asked) if _asks_posts(kind, text) and is_open(call) else []
    return accounts, statuses, await _hashtags(call, given, asked, at.limit) if _asks_tags(kind, text, asked) else []


def _check(call: Call, given: Search) -> None:
    if call.viewer:
        return
    if given.resolve:
        raise Unauthorised("Search queries that resolve remote resources are not supported without authentication")
    if given.offset:
        raise Unauthorised("Search queries pagination is not supported without authentication")


def _asks_people(kind: Chosen, text: str, asked: Asked) -> bool:
    return kind in ("accounts", "profiles") or (not kind and not text.startswith("#") and not asked.operators)


def _asks_posts(kind: Chosen, text: str) -> bool:
    """What is a handle or a hashtag is looked for in posts only when they are asked for."""
    return kind == "statuses" or (not kind and (" " in text or not ("@" in text or text.startswith("#"))))


def _asks_tags(kind: Chosen, text: str, asked: Asked) -> bool:
    return kind == "hashtags" or (not kind and "@" not in text and not asked.operators)


async def _accounts(call: Call, given: Search, asked: Asked, limit: int) -> list[bytes]:
    wanted = people.Wanted(
        " ".join(asked.words),
        limit=limit,
        offset=given.skipped,
        following=given.following and bool(call.viewer),
        exact=asked.exact,
        profiles="only" if asked.kind == "profiles" else "too",
    )
    return await people.search(call.services.db, reader(call), wanted, here=call.services.settings.domains)


async def _hashtags(call: Call, given: Search, asked: Asked, limit: int) -> list[str]:
    db, skipped = call.services.db, given.skipped
    return await search.search_tags(db, asked.tag, limit=limit, offset=skipped, exact=asked.exact)


async def _statuses(call: Call, given: Search, asked: Asked) -> list[bytes]:
    author = 0 if not given.account_id else parse_id(given.account_id) or NOBODY
    settings, chosen = call.services.settings, call.caller.preferences.language if call.caller else None
    wanted = search.Search(
        viewer=call.viewer,
        asked=asked,
        cursor=cursor(given, limit=LIMIT, most=MOST),
        offset=given.skipped,
        author=author,
        languages=search.languages_of(settings, chosen),
    )
    return await search.search_statuses(call.services.db, settings, call.services.lexicon, wanted, filtering(call))


async def _tags(call: Call, names: Sequence[str]) -> list[Tag]:
    return await tags(call.services.db, reader(call), names, call.services.settings.public_url, datetime.now(UTC))


async def _place(call: Call, given: Search, url: str) -> tuple[list[bytes], list[bytes]] | None:
    """What the address stands for, None where it is not known here or nothing of the kind that is wanted."""
    db = call.services.db
    place = await search.find_place(db, call.services.settings, url)
    if place is None:
        return None
    if place.status_id is None:
        entity = (await present_entities(db, [place.account_id]))[0]
        return ([entity], []) if entity is not None and given.type in (None, "accounts") else None
    if given.type not in (None, "statuses"):
        return None
    try:
        return [], [await show_one(db, call.viewer, place.status_id, filtering=filtering(call))]
    except NotFound:
        return None


ROUTES = [
    Route("GET", "/api/v2/search", search_v2, Access.PUBLIC, ("read:search",), Search, "Search"),
    Route("GET", "/api/v1/search", search_v1, Access.USER, ("read:search",), Search, "V1::Search"),
]
