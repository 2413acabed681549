"""Where a signed-in person reads what those whom they follow say, and writes."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from markupsafe import Markup

from townsquare.accounts.search import directory
from townsquare.auth.tokens import new_token
from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.read import Key
from townsquare.statuses.show import show_one
from townsquare.timelines import feeds
from townsquare.timelines.home import home, rebuild
from townsquare.web import cookies
from townsquare.web.announcements import OFFERED, unread
from townsquare.web.articles import Feed, feed, key_of_person
from townsquare.web.compose import Compose, defaults
from townsquare.web.door import Page
from townsquare.web.entities import people_of
from townsquare.web.holes import hole, to_keep
from townsquare.web.kept import SECONDS, Frame
from townsquare.web.reading import At, Ends, cursor, ends, filtering
from townsquare.web.visitor import Visitor, page, pieces, sent

SUGGESTED: Final = 6


class _Below(msgspec.Struct, frozen=True):
    """The ends of a page whose cursor is filled in later."""

    older: Markup
    newer: int = 0
    moved: bool = False


async def show_home(visitor: Visitor, given: At) -> Answer:
    """Most of those who open a page open this one: of its beginning the frame is kept for a while, and joined with the
    posts, which are kept too (see `articles`).
    """
    if given != At() or visitor.said.word or visitor.kept(cookies.ANEW):
        return await shown(visitor, given, defaults(visitor))
    standing = asyncio.ensure_future(visitor.top())
    keys, posts = await _read(visitor, given)
    top = await standing
    if not keys:
        return await shown(visitor, given, defaults(visitor))
    read = feed(visitor, posts)
    beside = ends(given, [key.id for key in keys])
    key = (
        "home",
        id(visitor.settings),
        visitor.caller,
        key_of_person(top.entity),
        top.unread,
        visitor.language,
        str(visitor.zone),
        bool(read),
        beside.older > 0,
    )
    frame = visitor.site.frames.get(key)
    if frame is None or frame.until < time.monotonic():
        draft = msgspec.structs.replace(defaults(visitor), key=hole("key"))
        below = _Below(hole("older") if beside.older else Markup())
        made = await pieces(visitor, "home.html", await _values(visitor, True, read, draft, below))
        frame = Frame(to_keep(made), time.monotonic() + SECONDS)
        visitor.site.frames.put(key, frame)
    more = {"key": new_token().encode("ascii"), "older": b"%d" % beside.older}
    return sent(visitor, frame.pieces, more=more)


async def shown(visitor: Visitor, at: At, draft: Compose, status: int = 200) -> Answer:
    """The home page, with a post that was begun.

    What was just posted is there at once, and so is the timeline of somebody who comes back after a long time: neither
    waits for the queue.
    """
    first = not at.max_id and not at.min_id
    keys, posts = await _read(visitor, at)
    if first and not keys:
        await rebuild(visitor.db, visitor.settings.home.length, visitor.me)
        keys, posts = await _read(visitor, at)
    if first:
        posts = [*await _fresh(visitor, keys), *posts]
    read = feed(visitor, posts)
    values = await _values(visitor, first, read, draft, ends(at, [key.id for key in keys]))
    return await page(visitor, "home.html", status=status, **values)


async def _values(visitor: Visitor, first: bool, posts: Feed, draft: Compose, beside: Ends | _Below) -> dict[str, Any]:
    people = await directory(visitor.db, visitor.me, "active", local=True, limit=SUGGESTED, offset=0)
    return {
        "first": first,
        "posts": posts,
        "announcements": await unread(visitor) if first else (),
        "offered": OFFERED,
        "people": [person for person in people_of(people) if person.id != str(visitor.viewer)],
        "draft": draft,
        "beside": beside,
    }


async def _fresh(visitor: Visitor, keys: Sequence[Key]) -> list[bytes]:
    """What was just posted, where the timeline does not have it yet."""
    status_id = visitor.said.status_id
    if not status_id or status_id in {key.id for key in keys}:
        return []
    try:
        return [await show_one(visitor.db, visitor.viewer, StatusId(status_id))]
    except NotFound:
        return []


async def _read(visitor: Visitor, at: At) -> tuple[list[Key], list[bytes]]:
    return await home(visitor.db, visitor.site.pulled, visitor.me, cursor(at), filtering=filtering(visitor, "home"))


async def show_favourites(visitor: Visitor, given: At) -> Answer:
    ids, posts = await feeds.favourites(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "favourites.html", posts=feed(visitor, posts), beside=ends(given, ids))


async def show_bookmarks(visitor: Visitor, given: At) -> Answer:
    ids, posts = await feeds.bookmarks(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "bookmarks.html", posts=feed(visitor, posts), beside=ends(given, ids))


PAGES: Final = (
    Page("GET", "/home", show_home, "signed in", At),
    Page("GET", "/favourites", show_favourites, "signed in", At),
    Page("GET", "/bookmarks", show_bookmarks, "signed in", At),
)
