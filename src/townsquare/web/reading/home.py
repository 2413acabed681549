"""Where a signed-in person reads what those whom they follow say, and writes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final

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
from townsquare.timelines.home import home
from townsquare.web.composer.box import Compose, defaults
from townsquare.web.door import cookies
from townsquare.web.door.entities import Person, people_of
from townsquare.web.door.holes import Pieces, hole, pieces_of, to_keep
from townsquare.web.door.kept import SECONDS, Frame
from townsquare.web.door.packed import Part
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, pieces, sent
from townsquare.web.door.whoever import Whoever, told
from townsquare.web.door.words import ZONE
from townsquare.web.feeds.articles import Feed, feed, key_of_person
from townsquare.web.feeds.paging import At, cursor, ends, filtering
from townsquare.web.reading.announcements import OFFERED, unread
from townsquare.web.reading.suggested import suggested

SUGGESTED: Final = 6


class _Below(msgspec.Struct, frozen=True):
    """The ends of a page whose cursor is filled in later."""

    older: Markup
    newer: int = 0
    moved: bool = False


async def show_home(visitor: Visitor, given: At) -> Answer:
    """Most of those who open a page open this one. Its frame is made once for all who read alike and kept for a while,
    and joined with what is theirs and with the posts, which are kept too (see `articles`).
    """
    if given != At() or visitor.said.word or visitor.kept(cookies.ANEW) or visitor.frozen:
        return await shown(visitor, given, defaults(visitor))
    standing = asyncio.ensure_future(visitor.top())
    keys, posts = await _read(visitor, given)
    top = await standing
    read = feed(visitor, posts)
    person = await visitor.person()
    if not read or person is None:
        return await shown(visitor, given, defaults(visitor))
    beside = ends(given, [key.id for key in keys])
    frame = await _frame(visitor, read, key_of_person(top.entity) if person.emojis else b"", older=beside.older > 0)
    visitor.feeds["announced"] = await _own(visitor, "announced", _announced)
    visitor.feeds["active"] = await _own(visitor, "active", _active)
    more = {
        "key": new_token().encode("ascii"),
        "older": b"%d" % beside.older,
        **told(person, visitor.settings.public_url),
    }
    return sent(visitor, frame.pieces, more=more)


async def _frame(visitor: Visitor, read: Feed, own: bytes, *, older: bool) -> Frame:
    """The page without its posts, for all who see the same. `own`: what makes it one person's, if anything does."""
    caller, new = visitor.caller, (await visitor.top()).new
    choices = (visitor.looks, visitor.reads, visitor.writes, caller and caller.permissions, caller and caller.agreed)
    key = ("home", id(visitor.settings), visitor.language, str(visitor.zone), choices, own, new, older)
    return await _kept(visitor, key, lambda: _made(visitor, read, own, older=older))


async def _made(visitor: Visitor, read: Feed, own: bytes, *, older: bool) -> Pieces:
    values = {
        "first": True,
        "posts": read,
        "people": (),
        "announced": hole("announced"),
        "active": hole("active"),
        "draft": msgspec.structs.replace(defaults(visitor), key=hole("key")),
        "beside": _Below(hole("older") if older else Markup()),
    }
    return await pieces(visitor, "home.html", values, me=None if own else Whoever())


async def _announced(visitor: Visitor) -> str:
    """What the place tells everybody, on top."""
    return _rendered(visitor, "announcements_box.html", announcements=await unread(visitor), offered=OFFERED)


async def _active(visitor: Visitor) -> str:
    """Some of those who were here lately, beside the posts."""
    return _rendered(visitor, "entry/active.html", people=await _lately(visitor))


def _rendered(visitor: Visitor, template: str, **values: object) -> str:
    ZONE.set(visitor.zone)
    return visitor.templates.get_template(template).render(**values)


async def _own(visitor: Visitor, name: str, make: Callable[[Visitor], Awaitable[str]]) -> Sequence[Part]:
    """A part of the page that is one person's."""

    async def made() -> Pieces:
        return pieces_of(await make(visitor))

    frame = await _kept(visitor, (name, visitor.viewer, visitor.language, str(visitor.zone)), made)
    return [one for one in frame.pieces if not isinstance(one, str)]


async def _kept(visitor: Visitor, key: Hashable, make: Callable[[], Awaitable[Pieces]]) -> Frame:
    """What was made a little while ago, or is made now."""
    frame = visitor.site.frames.get(key)
    if frame is None or frame.until < time.monotonic():
        frame = Frame(to_keep(await make()), time.monotonic() + SECONDS)
        visitor.site.frames.put(key, frame)
    return frame


async def shown(visitor: Visitor, at: At, draft: Compose, status: int = 200) -> Answer:
    """The home page, with a post that was begun. What was just posted is there at once: it waits for no queue."""
    first = not at.max_id and not at.min_id
    keys, posts = await _read(visitor, at)
    if first:
        posts = [*await _fresh(visitor, keys), *posts]
    read = feed(visitor, posts)
    beside = ends(at, [key.id for key in keys])
    people = () if read or not first else await suggested(visitor, SUGGESTED)
    announced = Markup(await _announced(visitor) if first else "")  # noqa: S704 (a template, which escapes)
    active = Markup(await _active(visitor) if read else "")  # noqa: S704 (the same)
    return await page(
        visitor,
        "home.html",
        status=status,
        first=first,
        posts=read,
        people=people,
        announced=announced,
        active=active,
        draft=draft,
        beside=beside,
    )


async def _lately(visitor: Visitor) -> list[Person]:
    people = await directory(visitor.db, visitor.me, "active", local=True, limit=SUGGESTED, offset=0)
    return [person for person in people_of(people) if person.id != str(visitor.viewer)]


async def _fresh(visitor: Visitor, keys: Sequence[Key]) -> list[bytes]:
    """What was just posted, where the timeline does not have it yet."""
    status_id = visitor.said.about if visitor.said.word == "posted" else 0
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
