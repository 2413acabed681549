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
from townsquare.api.reading import filtering
from townsquare.kernel.errors import NotFound, Unauthorised
from townsquare.kernel.http.answer import Answer, joined, json
from townsquare.kernel.ids import parse_id
from townsquare.statuses.show import show_one
from townsquare.timelines import search
from townsquare.timelines.store_search import Query

LIMIT, MOST = 20, 40
FARTHEST = 10_000
NOBODY = -1

Kind = Literal["accounts", "hashtags", "statuses"]


class Search(Page, frozen=True):
    """`exclude_unreviewed` changes nothing: hashtags are not reviewed here before they can be found."""

    q: str = ""
    type: Kind | None = None
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
    at = cursor(given, limit=LIMIT, most=MOST)
    accounts = await _accounts(call, given, text, at.limit) if _asks_people(given, text) else []
    statuses = await _statuses(call, given, text) if _asks_posts(given, text) else []
    wants_tags = given.type in (None, "hashtags") and "@" not in text
    limit, skipped = at.limit, given.skipped
    hashtags = await search.search_tags(call.services.db, text, limit=limit, offset=skipped) if wants_tags else []
    return accounts, statuses, hashtags


def _check(call: Call, given: Search) -> None:
    if call.viewer:
        return
    if given.resolve:
        raise Unauthorised("Search queries that resolve remote resources are not supported without authentication")
    if given.offset:
        raise Unauthorised("Search queries pagination is not supported without authentication")


def _asks_people(given: Search, text: str) -> bool:
    return given.type == "accounts" or (not given.type and not text.startswith("#"))


def _asks_posts(given: Search, text: str) -> bool:
    """What is a handle or a hashtag is looked for in posts only when they are asked for."""
    return given.type == "statuses" or (not given.type and (" " in text or not ("@" in text or text.startswith("#"))))


async def _accounts(call: Call, given: Search, text: str, limit: int) -> list[bytes]:
    return await people.search(
        call.services.db,
        reader(call),
        text,
        here=call.services.settings.domain,
        limit=limit,
        offset=given.skipped,
        following=given.following and bool(call.viewer),
    )


async def _statuses(call: Call, given: Search, text: str) -> list[bytes]:
    author = 0 if not given.account_id else parse_id(given.account_id) or NOBODY
    query = Query(
        viewer=call.viewer,
        text=search.terms(text),
        cursor=cursor(given, limit=LIMIT, most=MOST),
        offset=given.skipped,
        author=author,
    )
    return await search.search_statuses(call.services.db, query, filtering(call))


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
        return [], [await show_one(db, call.viewer, place.status_id)]
    except NotFound:
        return None


ROUTES = [
    Route("GET", "/api/v2/search", search_v2, Access.PUBLIC, ("read:search",), Search, "Search"),
    Route("GET", "/api/v1/search", search_v1, Access.USER, ("read:search",), Search, "V1::Search"),
]
