"""A post with its thread."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from markupsafe import Markup

from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.statuses.branches import Line, Way, branches_of, way_to
from townsquare.statuses.model import Author
from townsquare.statuses.post import answered
from townsquare.statuses.read import Key
from townsquare.statuses.show import show, show_one
from townsquare.statuses.thread import tree_around
from townsquare.web.composer.box import Compose, answer_to, defaults
from townsquare.web.door.entities import Post, post_of
from townsquare.web.door.pages import Instead, Page, sentence
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.feeds.articles import apart, picture_of
from townsquare.web.feeds.paging import filtering

GAP: Final = Markup()
"""In the place of a post that is not shown."""


async def find(visitor: Visitor) -> Post:
    """The post of the path, whose author the path must name too. Raises NotFound."""
    status_id = StatusId(visitor.id())
    post = post_of(await show_one(visitor.db, visitor.viewer, status_id))
    if visitor.values["acct"].lower() != f"@{post.account.acct}".lower():
        raise NotFound
    return post


class On(msgspec.Struct, frozen=True):
    """Where to read on: the answer with which the page before ended."""

    after: str = ""


class Twig(msgspec.Struct, frozen=True):
    """A line of the thread as the page shows it. Without `html` it stands for a post that is not shown; `folded`, a
    number of answers that are left out, with where they are.
    """

    html: Markup = Markup()
    level: int = 0
    joined: bool = False
    folded: int = 0
    part: int = 0
    lost: bool = False
    path: str = ""


async def show_thread(visitor: Visitor, given: On) -> Answer:
    try:
        post = await find(visitor)
    except NotFound as error:
        address = visitor.settings.public_url + visitor.path
        raise Instead(HTTPStatus.NOT_FOUND, "post_gone.html", number=visitor.id(), address=address) from error
    if post.reblog is not None:
        return redirect(visitor, post.reblog.path)
    return await page(visitor, "thread.html", **await thread(visitor, post, after=parse_id(given.after) or 0))


async def thread(visitor: Visitor, post: Post, draft: Compose | None = None, *, after: int = 0) -> dict[str, Any]:
    """What the page of a thread shows. `draft`: an answer that was begun. `after`: see `branches_of`."""
    tree = await tree_around(visitor.db, visitor.viewer, StatusId(int(post.id)))
    way = way_to(tree, int(post.id)) if not after else Way()
    branches = branches_of(tree, int(post.id), after)
    keys = [*way.keys, *(line.key for line in branches.lines)]
    visitor.ahead = picture_of(visitor, post)
    html = apart(visitor, await _read(visitor, keys), "thread")
    barred = await _barred(visitor, post) if draft is None else ""
    if draft is None and visitor.caller is not None and not barred:
        draft = answer_to(post, defaults(visitor), visitor.caller.username)
    return {
        "post": post,
        "before": [Twig(html.get(str(key.id), GAP), joined=True) for key in way.keys],
        "upward": way,
        "twigs": twigs_of(branches.lines, html),
        "next": branches.next,
        "moved": bool(after),
        "draft": draft,
        "barred": barred,
    }


async def _barred(visitor: Visitor, post: Post) -> str:
    """Why the reader may not answer; empty where they may."""
    if visitor.caller is None or post.reply_policy == "everybody":
        return ""
    try:
        await answered(visitor.db, Author(visitor.me, visitor.caller.username), StatusId(int(post.id)))
    except Forbidden as refused:
        return sentence(refused)
    return ""


def twigs_of(lines: Sequence[Line], html: Mapping[str, Markup]) -> list[Twig]:
    """The lines as they are shown. What is deleted, or what the reader does not see, leaves a gap where something that
    they see was said to it; otherwise nothing.
    """
    twigs: list[Twig] = []
    below, kept = -1, False
    for line in reversed(lines):
        number = str(line.key.id)
        joined = line.joined and kept
        kept = number in html or (not line.folded and (joined or below > line.level))
        if not kept:
            continue
        below = line.level
        told = GAP if line.folded else html.get(number, GAP)
        twigs.append(Twig(told, line.level, joined, line.folded, line.part, line.lost, f"/p/{number}"))
    return twigs[::-1]


async def _read(visitor: Visitor, keys: Sequence[Key]) -> Sequence[bytes]:
    """Each once, also where it stands for what was said to it."""
    once = list({key.id: key for key in keys}.values())
    return await show(visitor.db, visitor.viewer, once, filtering=filtering(visitor, "thread"))


async def lead(visitor: Visitor, given: Any) -> Answer:
    """To a post of which only the id is known."""
    post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(visitor.id())))
    return redirect(visitor, (post.reblog or post).path)


PAGES: Final = (
    Page("GET", "/:acct/:id", show_thread, "anybody", On),
    Page("GET", "/p/:id", lead, "anybody"),
)
