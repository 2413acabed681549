"""What one does with a post of others: a button each. Afterwards one is where one was."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses import react
from townsquare.statuses.mute import mute_thread, unmute_thread
from townsquare.statuses.show import show_one
from townsquare.statuses.vote import vote
from townsquare.web.acting.posts import author
from townsquare.web.door.asking import Back
from townsquare.web.door.entities import post_of
from townsquare.web.door.pages import Handler, Page
from townsquare.web.door.visitor import Visitor, page, path_within, redirect

Act = Callable[[Visitor, StatusId], Awaitable[object]]


async def _favourite(visitor: Visitor, status_id: StatusId) -> object:
    return await react.favourite(visitor.db, visitor.me, status_id)


async def _unfavourite(visitor: Visitor, status_id: StatusId) -> object:
    return await react.unfavourite(visitor.db, visitor.me, status_id)


async def _echo(visitor: Visitor, status_id: StatusId) -> object:
    return await react.reblog(visitor.db, visitor.settings, author(visitor), status_id)


async def _unecho(visitor: Visitor, status_id: StatusId) -> object:
    return await react.unreblog(visitor.db, visitor.me, status_id)


async def _bookmark(visitor: Visitor, status_id: StatusId) -> object:
    return await react.bookmark(visitor.db, visitor.me, status_id)


async def _unbookmark(visitor: Visitor, status_id: StatusId) -> object:
    return await react.unbookmark(visitor.db, visitor.me, status_id)


async def _pin(visitor: Visitor, status_id: StatusId) -> object:
    return await react.pin(visitor.db, visitor.me, status_id)


async def _unpin(visitor: Visitor, status_id: StatusId) -> object:
    return await react.unpin(visitor.db, visitor.me, status_id)


async def _silence(visitor: Visitor, status_id: StatusId) -> object:
    return await mute_thread(visitor.db, visitor.me, status_id)


async def _unsilence(visitor: Visitor, status_id: StatusId) -> object:
    return await unmute_thread(visitor.db, visitor.me, status_id)


def _doing(act: Act, said: str = "") -> Handler:
    async def handle(visitor: Visitor, given: Back) -> Answer:
        status_id = StatusId(visitor.id())
        await act(visitor, status_id)
        if "part" in visitor.request.headers:
            return await _actions(visitor, status_id)
        return redirect(visitor, back_to(given.next, status_id), said=said, about=status_id)

    return handle


def back_to(path: str, status_id: StatusId) -> str:
    """Where the button was, at its post."""
    return f"{path_within(path).partition('#')[0]}#post-{status_id}"


async def _actions(visitor: Visitor, status_id: StatusId) -> Answer:
    """The post's row of buttons alone, for the script that puts it in the place of the old one."""
    post = post_of(await show_one(visitor.db, visitor.viewer, status_id))
    if post.reblog is not None:
        raise NotFound
    return await page(visitor, "actions_part.html", post=post)


class Votes(msgspec.Struct, frozen=True):
    """What was chosen in each poll of the page, by the ids of their posts: places of options, from 0."""

    choices: dict[str, list[int]] = {}
    next: str = ""


async def take_vote(visitor: Visitor, given: Votes) -> Answer:
    author(visitor)
    status_id = StatusId(visitor.id())
    await vote(visitor.db, visitor.me, status_id, given.choices.get(str(status_id), []))
    if "part" in visitor.request.headers:
        post = post_of(await show_one(visitor.db, visitor.viewer, status_id))
        return await page(visitor, "poll_part.html", post=post)
    return redirect(visitor, back_to(given.next, status_id), said="voted")


_ACTS: Final[dict[str, tuple[Act, str]]] = {
    "favourite": (_favourite, ""),
    "unfavourite": (_unfavourite, ""),
    "echo": (_echo, ""),
    "unecho": (_unecho, ""),
    "bookmark": (_bookmark, ""),
    "unbookmark": (_unbookmark, ""),
    "pin": (_pin, "pinned"),
    "unpin": (_unpin, "unpinned"),
    "silence": (_silence, "silenced"),
    "unsilence": (_unsilence, "unsilenced"),
}

PAGES: Final = (
    Page("POST", "/posts/:id/vote", take_vote, "signed in", Votes),
    *(Page("POST", f"/posts/:id/{name}", _doing(act, said), "signed in", Back) for name, (act, said) in _ACTS.items()),
)
