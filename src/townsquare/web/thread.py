"""A post with its thread."""

from collections.abc import Sequence
from typing import Any, Final

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import StatusId
from townsquare.statuses.read import Key
from townsquare.statuses.show import show, show_one
from townsquare.statuses.thread import around
from townsquare.web.articles import Feed, feed
from townsquare.web.compose import Compose, answer_to, defaults
from townsquare.web.door import Page
from townsquare.web.entities import Post, post_of
from townsquare.web.reading import filtering
from townsquare.web.visitor import Visitor, page, redirect


async def find(visitor: Visitor) -> Post:
    """The post of the path, whose author the path must name too. Raises NotFound."""
    status_id = StatusId(visitor.id())
    post = post_of(await show_one(visitor.db, visitor.viewer, status_id))
    if visitor.values["acct"].lower() != f"@{post.account.acct}".lower():
        raise NotFound
    return post


async def show_thread(visitor: Visitor, given: Any) -> Answer:
    post = await find(visitor)
    if post.reblog is not None:
        return redirect(visitor, post.reblog.path)
    return await page(visitor, "thread.html", **await thread(visitor, post))


async def thread(visitor: Visitor, post: Post, draft: Compose | None = None) -> dict[str, Any]:
    """What the page of a thread shows. `draft`: an answer that was begun."""
    found = await around(visitor.db, visitor.viewer, StatusId(int(post.id)))
    if draft is None and visitor.caller is not None:
        draft = answer_to(post, defaults(visitor), visitor.caller.username)
    return {
        "post": post,
        "before": await _read(visitor, found.before),
        "after": await _read(visitor, found.after),
        "draft": draft,
    }


async def _read(visitor: Visitor, keys: Sequence[Key]) -> Feed:
    shown = await show(visitor.db, visitor.viewer, keys, filtering=filtering(visitor, "thread"))
    return feed(visitor, shown, place="thread")


PAGES: Final = (Page("GET", "/:acct/:id", show_thread, "anybody"),)
