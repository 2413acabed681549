"""Searching: posts by their words, hashtags by how they begin, and what an address stands for.

A search gives nobody what they may not see, and strangers nothing whose author does not want to be found.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.accounts.search import ids_of, lookup_id
from townsquare.db.pool import Database, Db
from townsquare.jobs import emit
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, StatusId, first_id_of, parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import fold_tag, scan
from townsquare.statuses.events import CardGiven, StatusEdited, StatusPosted
from townsquare.statuses.read import NO_FLAGS, Filtering, Post
from townsquare.statuses.show import arrange
from townsquare.statuses.store_read import fetch_marks, fetch_posts
from townsquare.timelines import store_search as store
from townsquare.timelines import store_search_index
from townsquare.timelines.search_events import SearchLacks
from townsquare.timelines.search_query import Asked, compose, settled
from townsquare.timelines.search_words import Lexicon
from townsquare.timelines.store_filters import fetch_texts
from townsquare.timelines.store_search import Query

FAR: Final = 30_000
"""Posts that are looked at without the index of words: where that has too much, or no word to go by."""
KEPT: Final = 1_000
"""Bookmarks by which a post may be found again, though its author lets nobody find it."""
MESSAGES: Final = 1_000
"""The latest messages of the reader that are looked through."""
BATCH: Final = 500
WEEK: Final = timedelta(days=7)
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
    await store_search_index.index(db, [event.account_id for event in posts], [event.status_id for event in posts])


async def index_edited(db: Db, events: Sequence[StatusEdited]) -> None:
    """Effect of StatusEdited."""
    await store_search_index.index(db, [event.account_id for event in events], [event.status_id for event in events])


async def index_given(db: Db, events: Sequence[CardGiven]) -> None:
    """Effect of CardGiven: the page of a link may be something to play."""
    await store_search_index.index(db, [event.account_id for event in events], [event.status_id for event in events])


async def index_behind(db: Database, events: Sequence[SearchLacks]) -> None:
    """Effect of SearchLacks: the next posts that the index does not have as it is now, and so on until the first."""
    for event in events:
        pairs = await store_search_index.lacking(db, event.below, BATCH)
        await store_search_index.index(db, [owner for owner, _ in pairs], [number for _, number in pairs])
        if pairs:
            async with db.transaction() as tx:
                await emit(tx, SearchLacks(pairs[-1][1]))


class Search(msgspec.Struct, frozen=True):
    """A query as it was asked. `author` 0: of anybody but for what the query says. `languages` of the reader."""

    viewer: int
    asked: Asked
    cursor: Cursor
    offset: int = 0
    author: int = 0
    languages: tuple[str, ...] = ()


def languages_of(settings: Settings, chosen: str | None) -> tuple[str, ...]:
    """The languages whose forms of a word are thought of, unless the query names some: the reader's and the place's."""
    codes = ([chosen] if chosen else []) + [*settings.languages[:2], "en"]
    return tuple(dict.fromkeys(code.partition("-")[0].lower() for code in codes))


async def search_statuses(
    db: Db, settings: Settings, lexicon: Lexicon, search: Search, filtering: Filtering
) -> list[bytes]:
    """Posts for which all that is asked holds, latest first, as the viewer may and wants to see them."""
    way = await _way(db, settings, lexicon, search)
    if way is None:
        return []
    query, found = way.query, await _found(db, way)
    if not found:
        return []
    keys = [post.key for post in found]
    pairs = [(post.account_id, post.id) for post in found]
    marks = db.batched(fetch_marks, (query.viewer, pairs)) if query.viewer else None
    flags = await marks if marks else NO_FLAGS
    posts = {post.id: post for post in found}
    return await arrange(db, query.viewer, keys, posts, flags, filtering)


class _Way(msgspec.Struct, frozen=True):
    """A query as the database takes it, and how its posts are looked for."""

    query: Query
    indexed: bool
    """Whether the index of words can tell them,"""
    common: bool
    """and whether it would have too many to sort."""


async def _way(db: Db, settings: Settings, lexicon: Lexicon, search: Search) -> _Way | None:
    """None where nothing can be found."""
    asked, codes = search.asked, search.asked.languages or search.languages
    if not asked.asks:
        return None
    kept = await _kept(db, search)
    texts = list(dict.fromkeys(one.text for group in asked.groups for one in group if one.form != "mark"))
    words = await asyncio.gather(*(lexicon.lexemes(db, text, codes) for text in texts))
    known = dict(zip(texts, words, strict=True))
    groups = settled(asked.groups, known)
    people = await _people(db, settings, search)
    settled_so = msgspec.structs.replace(asked, groups=groups)
    if people is None or not settled_so.asks:
        return None
    authors, others = people
    cursor = search.cursor
    query = Query(
        viewer=search.viewer,
        text=compose(groups, known),
        cursor=msgspec.structs.replace(
            cursor, max_id=min(cursor.max_id, asked.below), since_id=max(cursor.since_id, asked.above)
        ),
        offset=search.offset,
        depth=FAR // max(1, len(authors)),
        authors=authors,
        others=others,
        gaps=asked.gaps,
        scope=asked.scope,
        kept=kept,
    )
    return _Way(query, settled_so.indexed, await lexicon.common(db, groups, known))


async def _kept(db: Db, search: Search) -> tuple[int, ...]:
    if not search.viewer or search.asked.scope != "all":
        return ()
    return await db.batched(store.bookmarks, (search.viewer, KEPT))


async def _people(db: Db, settings: Settings, search: Search) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Whose posts are wanted, and whose not; None where those who are wanted are unknown here."""
    asked = search.asked
    names = list(dict.fromkeys((*asked.authors, *asked.others)))
    known = {"me": search.viewer or None} | await ids_of(db, [name for name in names if name != "me"], settings.domains)
    authors = {int(number) for name in asked.authors if (number := known.get(name)) is not None}
    if search.author:
        authors = {search.author}.intersection(authors or {search.author})
    if (asked.authors or search.author) and not authors:
        return None
    others = {int(number) for name in asked.others if (number := known.get(name)) is not None}
    return tuple(sorted(authors)), tuple(sorted(others))


async def _found(db: Db, way: _Way) -> list[Post]:
    """What is asked for, and of the reader's own conversations what says it: the index has no words of these."""
    query = way.query
    direct = await _direct(db, query)
    if not direct:
        return await _public(db, way)
    cursor, skipped = query.cursor, query.offset
    wide = msgspec.structs.replace(
        query, offset=0, cursor=msgspec.structs.replace(cursor, limit=cursor.limit + skipped)
    )
    found = await _public(db, msgspec.structs.replace(way, query=wide))
    both = sorted({post.id: post for post in (*found, *direct)}.values(), key=lambda post: -post.id)
    end = len(both) - skipped
    return both[max(0, end - cursor.limit) : end] if cursor.upwards else both[skipped : skipped + cursor.limit]


async def _direct(db: Db, query: Query) -> list[Post]:
    """The latest messages of the reader in which the query is found: they are opened, and looked through."""
    if not query.viewer or query.scope == "public":
        return []
    pairs = await db.batched(store.direct, (query.viewer, query.cursor, MESSAGES))
    fitting = [
        pair
        for pair in pairs
        if (not query.authors or pair[0] in query.authors)
        and pair[0] not in query.others
        and not any(start <= pair[1] < end for start, end in query.gaps)
    ]
    if not fitting:
        return []
    texts = (await fetch_texts(db, [fitting]))[0]
    said = {(one.account_id, one.id): (one.text, [fold_tag(tag) for tag in scan(one.text).tags]) for one in texts}
    ids = set(await store_search_index.direct(db, said, query.text))
    posts = await db.batched(fetch_posts, (query.viewer, [pair for pair in fitting if pair[1] in ids]))
    return list(posts.values())


async def _public(db: Db, way: _Way) -> list[Post]:
    """What the index, or a look at the latest posts, can tell (see docs/decisions/006).

    What is common is soon found by looking at the latest posts, or at those of an author; of what is rare the index of
    words knows all there is, and it takes no time to sort that.
    """
    query = way.query
    if query.scope == "library":
        pairs = await store.library(db, query.viewer, query.cursor, FAR) if query.viewer else []
        return await store.fetch_among(db, query, pairs) if pairs else []
    if way.indexed and not way.common and not query.authors:
        return await db.batched(store.fetch_indexed, query)
    found = await db.batched(store.fetch_of_authors if query.authors else store.fetch_latest, query)
    if way.indexed and len(found) < query.cursor.limit and await store.has_beyond(db, query):
        found = await db.batched(store.fetch_indexed, query)
    return found


async def search_tags(db: Db, text: str, *, limit: int, offset: int = 0, exact: bool = False) -> list[str]:
    """Names of hashtags that begin so, or are exactly so: those first that are in most posts of the last week."""
    name = fold_tag(text.strip().removeprefix("#"))
    since = first_id_of(int((datetime.now(UTC) - WEEK).timestamp() * 1000))
    return await store.tags(db, name, since, limit, offset, exact=exact) if name else []


async def find_place(db: Db, settings: Settings, url: str) -> Place | None:
    """What an address of this place or of another stands for, if it is known here; also what one may not see."""
    base = next((one for one in settings.urls if url.startswith(one + "/")), None)
    if base is not None:
        path = url.partition("?")[0].partition("#")[0].removeprefix(base)
        ours = next((found for shape in _PLACES if (found := shape.fullmatch(path))), None)
        if ours is not None:
            return await _place(db, settings, ours.groupdict())
    known = await store.by_uri(db, url)
    if known is None:
        return None
    return Place(AccountId(known[0]), None if known[1] is None else StatusId(known[1]))


async def _place(db: Db, settings: Settings, parts: Mapping[str, str | None]) -> Place | None:
    name, status_id = parts.get("name"), parse_id(parts["id"] or "")
    number = parse_id(parts["account"] or "") if name is None else await lookup_id(db, name, here=settings.domains)
    return None if number is None else Place(AccountId(number), None if status_id is None else StatusId(status_id))
