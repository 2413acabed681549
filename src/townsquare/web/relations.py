"""What one does with other people: follow, mute, block, and answer those who ask."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from townsquare.accounts import block, follow
from townsquare.accounts.collections import requests
from townsquare.accounts.relationships import relationship
from townsquare.db.pool import Tx
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.web.door import Handler, Page
from townsquare.web.entities import people_of
from townsquare.web.reactions import Back
from townsquare.web.reading import At, cursor, ends
from townsquare.web.visitor import Visitor, page, path_within, redirect

Act = Callable[[Tx, AccountId, AccountId], Awaitable[None]]


async def _mute(tx: Tx, me: AccountId, target: AccountId) -> None:
    await block.mute(tx, me, target, datetime.now(UTC))


def _doing(act: Act, said: str) -> Handler:
    async def handle(visitor: Visitor, given: Back) -> Answer:
        target = AccountId(visitor.id())
        async with visitor.db.transaction() as tx:
            await act(tx, visitor.me, target)
        return redirect(visitor, path_within(given.next), said=await _words(visitor, target, said))

    return handle


async def _words(visitor: Visitor, target: AccountId, said: str) -> str:
    """A follow of somebody who wants to be asked is only a request yet."""
    if said == "followed" and (await relationship(visitor.db, visitor.me, target)).requested:
        return "requested"
    return said


_ACTS: Final[dict[str, tuple[Act, str]]] = {
    "follow": (follow.follow, "followed"),
    "unfollow": (follow.unfollow, "unfollowed"),
    "authorise": (follow.authorise, "authorised"),
    "reject": (follow.reject, "rejected"),
    "mute": (_mute, "muted"),
    "unmute": (block.unmute, "unmuted"),
    "block": (block.block, "blocked"),
    "unblock": (block.unblock, "unblocked"),
}


async def show_requests(visitor: Visitor, given: At) -> Answer:
    entities, ids = await requests(visitor.db, visitor.me, cursor(given))
    return await page(visitor, "requests.html", people=people_of(entities), beside=ends(given, ids))


PAGES: Final = (
    Page("GET", "/requests", show_requests, "signed in", At),
    *(Page("POST", f"/people/:id/{name}", _doing(act, said), "signed in", Back) for name, (act, said) in _ACTS.items()),
)
