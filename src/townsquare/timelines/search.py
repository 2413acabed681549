"""Searching: posts by their words, hashtags by how they begin, and what an address stands for.

A search gives nobody what they may not see, and strangers nothing whose author does not want to be found.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.accounts.search import lookup_id
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag
from townsquare.statuses.cards_read import with_authors
from townsquare.statuses.events import StatusEdited, StatusPosted
from townsquare.statuses.read import NO_FLAGS
from townsquare.statuses.render import assemble
from townsquare.statuses.show import Filtering
from townsquare.statuses.store_read import fetch_marks
from townsquare.timelines import store_search as store
from townsquare.timelines.store_search import CJK, Query

LONGEST = 500
"""Characters of a query that are looked at."""
_RUN: Final = re.compile(f"{CJK}+")
_LETTER: Final = re.compile(CJK)
_PLACES: Final = (
    re.compile(r"/@(?P<name>[^/\s]+)(?:/(?P<id>\d+))?/?"),
    re.compile(r"/ap/users/(?P<account>\d+)(?:/statuses/(?P<id>\d+))?/?"),
)
"""The addresses of profiles and posts of this place: of their pages, and by which other servers know them."""


class Place(msgspec.Struct, frozen=True):
    """What an address stands for: an account or, with an id, a post."""

    account_id: AccountId
    status_id: StatusId | None = None


async def index_posted(db: Db, events: Sequence[StatusPosted]) -> None:
    """Effect of StatusPosted."""
    posts = [event for event in events if event.original_id is None]
    await store.index(db, [event.account_id for event in posts], [event.status_id for event in posts])


async def index_edited(db: Db, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited."""
    await store.index(db, [event.account_id for event in events], [event.status_id for event in events])


def terms(text: str) -> str:
    """What a person typed, as PostgreSQL's web search takes it, with words of letters without spaces as phrases."""
    parts = text[:LONGEST].split('"')
    for place, part in enumerate(parts):
        parts[place] = _RUN.sub(_spaced if place % 2 else _phrase, part)
    return '"'.join(parts).strip()


def _spaced(run: re.Match[str]) -> str:
    return _LETTER.sub(r" \g<0> ", run[0])


def _phrase(run: re.Match[str]) -> str:
    return f' "{_spaced(run)}" '


async def search_statuses(db: Db, query: Query, filtering: Filtering) -> list[bytes]:
    """Posts that have all words of the query (see `terms`), latest first, as the viewer may and wants to see them."""
    if not query.text:
        return []
    fetch = store.fetch_up if query.cursor.upwards else store.fetch_down
    found = await db.batched(fetch, query)
    if not found:
        return []
    keys = [post.key for post in found]
    pairs = [(post.account_id, post.id) for post in found]
    marks = db.batched(fetch_marks, (query.viewer, pairs)) if query.viewer else None
    matched = await filtering(keys)
    flags = await marks if marks else NO_FLAGS
    posts = await with_authors(db, found)
    return assemble(keys, {post.id: post for post in posts}, query.viewer, flags, matched)


async def search_tags(db: Db, text: str, *, limit: int, offset: int = 0) -> list[str]:
    """Names of hashtags that begin so, the shortest first."""
    prefix = fold_tag(text.strip().removeprefix("#"))
    return await store.tags(db, prefix, limit, offset) if prefix else []


async def find_place(db: Db, settings: Settings, url: str) -> Place | None:
    """What an address of this place or of another stands for, if it is known here; also what one may not see."""
    if url.startswith(settings.public_url + "/"):
        path = url.partition("?")[0].partition("#")[0].removeprefix(settings.public_url)
        ours = next((found for shape in _PLACES if (found := shape.fullmatch(path))), None)
        if ours is not None:
            return await _place(db, settings, ours.groupdict())
    known = await store.by_uri(db, url)
    if known is None:
        return None
    return Place(AccountId(known[0]), None if known[1] is None else StatusId(known[1]))


async def _place(db: Db, settings: Settings, parts: Mapping[str, str | None]) -> Place | None:
    name, status_id = parts.get("name"), parse_id(parts["id"] or "")
    number = parse_id(parts["account"] or "") if name is None else await lookup_id(db, name, here=settings.domain)
    return None if number is None else Place(AccountId(number), None if status_id is None else StatusId(status_id))
