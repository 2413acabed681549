"""What the place tells everybody, on the pages: read, put away, reacted to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.kernel.http.answer import Answer
from townsquare.timelines import announcements as rooms
from townsquare.web.door import cookies
from townsquare.web.door.entities import Announcement, announcements_of
from townsquare.web.door.kept import SECONDS
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect

OFFERED: Final = ("👍", "❤️", "🎉", "😄", "😮", "😢", "🙏", "👀")
"""Emojis that are a press away; apps offer all of them."""


async def unread(visitor: Visitor) -> Sequence[Announcement]:
    """What is announced now, without what the reader has put away; one statement where there is nothing."""
    return await _read(visitor, dismissed=False)


async def _read(visitor: Visitor, *, dismissed: bool) -> Sequence[Announcement]:
    now = datetime.now(UTC)
    found = await rooms.announcements(visitor.db, visitor.settings, visitor.me, now, dismissed=dismissed)
    return announcements_of(msgspec.json.encode(found))


async def show_announcements(visitor: Visitor, given: Any) -> Answer:
    """All that is announced now: what was put away can be read again."""
    return await page(
        visitor, "announcements.html", announcements=await _read(visitor, dismissed=True), offered=OFFERED
    )


class Given(msgspec.Struct, frozen=True):
    """Where the button was; the emoji or the shortcode on it."""

    next: str = ""
    emoji: str = ""


async def dismiss(visitor: Visitor, given: Given) -> Answer:
    await rooms.dismiss(visitor.db, visitor.me, visitor.id())
    return _back(visitor, given)


async def react(visitor: Visitor, given: Given) -> Answer:
    async with visitor.db.transaction() as tx:
        await rooms.react(tx, visitor.me, visitor.id(), given.emoji)
    return _back(visitor, given)


async def unreact(visitor: Visitor, given: Given) -> Answer:
    async with visitor.db.transaction() as tx:
        await rooms.unreact(tx, visitor.me, visitor.id(), given.emoji)
    return _back(visitor, given)


def _back(visitor: Visitor, given: Given) -> Answer:
    visitor.keep(cookies.ANEW, "1", int(SECONDS))
    return redirect(visitor, path_within(given.next))


A: Final = "/announcements"
PAGES: Final = (
    Page("GET", A, show_announcements, "signed in"),
    Page("POST", f"{A}/:id/dismiss", dismiss, "signed in", Given),
    Page("POST", f"{A}/:id/react", react, "signed in", Given),
    Page("POST", f"{A}/:id/unreact", unreact, "signed in", Given),
)
