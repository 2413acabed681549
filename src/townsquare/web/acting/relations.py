"""What one does with other people: follow, mute, block, and answer those who ask."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.accounts import block, follow, remarks
from townsquare.accounts.collections import requests
from townsquare.accounts.follow import Wish
from townsquare.accounts.relationships import relationship
from townsquare.accounts.search import found
from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.web.door.asking import Back
from townsquare.web.door.entities import people_of, person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect
from townsquare.web.feeds.paging import At, cursor, ends

Act = Callable[[Tx, AccountId, AccountId], Awaitable[None]]


def _doing(act: Act, said: str) -> Handler:
    async def handle(visitor: Visitor, given: Back) -> Answer:
        target = AccountId(visitor.id())
        async with visitor.db.transaction() as tx:
            await act(tx, visitor.me, target)
        return redirect(visitor, path_within(given.next), said=said, about=target)

    return handle


async def _words(visitor: Visitor, target: AccountId, said: str) -> str:
    """A follow of somebody who wants to be asked is only a request yet."""
    if said == "followed" and (await relationship(visitor.db, visitor.me, target)).requested:
        return "requested"
    return said


class Follow(msgspec.Struct, frozen=True):
    """How one wants to follow; what is not said stays as it is."""

    reblogs: bool | None = None
    notify: bool | None = None
    next: str = ""


async def follow_one(visitor: Visitor, given: Follow) -> Answer:
    target = AccountId(visitor.id())
    async with visitor.db.transaction() as tx:
        await follow.follow(tx, visitor.me, target, Wish(given.reblogs, given.notify))
    changed = given.reblogs is not None or given.notify is not None
    said = "saved" if changed else await _words(visitor, target, "followed")
    return redirect(visitor, path_within(given.next), said=said)


class Mute(msgspec.Struct, frozen=True):
    """`duration`: seconds, 0 for ever. `told`: of what they do, although their posts are not shown."""

    duration: int = 0
    told: bool = False
    next: str = ""


async def show_mute(visitor: Visitor, given: Back) -> Answer:
    person = person_of(await found(visitor.db, AccountId(visitor.id())))
    return await page(visitor, "mute.html", person=person)


async def mute_one(visitor: Visitor, given: Mute) -> Answer:
    target = AccountId(visitor.id())
    async with visitor.db.transaction() as tx:
        await block.mute(
            tx, visitor.me, target, datetime.now(UTC), notifications=not given.told, duration=given.duration
        )
    return redirect(visitor, path_within(given.next), said="muted", about=target)


class Note(msgspec.Struct, frozen=True):
    comment: str = ""


async def show_note(visitor: Visitor, given: Back) -> Answer:
    between = await relationship(visitor.db, visitor.me, AccountId(visitor.id()))
    return await _note(visitor, between.note)


async def _note(visitor: Visitor, comment: str, wrong: Wrong | None = None, status: int = 200) -> Answer:
    person = person_of(await found(visitor.db, AccountId(visitor.id())))
    return await page(visitor, "person_note.html", status=status, person=person, comment=comment, wrong=wrong)


async def write_note(visitor: Visitor, given: Note) -> Answer:
    """What one notes of somebody for oneself alone."""
    target = AccountId(visitor.id())
    try:
        async with visitor.db.transaction() as tx:
            await remarks.note(tx, visitor.me, target, given.comment)
    except Invalid as refused:
        return await _note(visitor, given.comment, wrong_of(refused), refused.status)
    return redirect(visitor, f"/@{person_of(await found(visitor.db, target)).acct}", said="saved")


_ACTS: Final[dict[str, tuple[Act, str]]] = {
    "unfollow": (follow.unfollow, "unfollowed"),
    "authorise": (follow.authorise, "authorised"),
    "reject": (follow.reject, "rejected"),
    "shed": (follow.remove_follower, "shed"),
    "recommend": (remarks.endorse, "recommended"),
    "unrecommend": (remarks.unendorse, "unrecommended"),
    "unmute": (block.unmute, "unmuted"),
    "block": (block.block, "blocked"),
    "unblock": (block.unblock, "unblocked"),
}


async def show_requests(visitor: Visitor, given: At) -> Answer:
    entities, ids = await requests(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "requests.html", people=people_of(entities), beside=ends(given, ids))


PAGES: Final = (
    Page("GET", "/requests", show_requests, "signed in", At),
    Page("POST", "/people/:id/follow", follow_one, "signed in", Follow),
    Page("GET", "/people/:id/mute", show_mute, "signed in", Back),
    Page("POST", "/people/:id/mute", mute_one, "signed in", Mute),
    Page("GET", "/people/:id/note", show_note, "signed in", Back),
    Page("POST", "/people/:id/note", write_note, "signed in", Note),
    *(Page("POST", f"/people/:id/{name}", _doing(act, said), "signed in", Back) for name, (act, said) in _ACTS.items()),
)
