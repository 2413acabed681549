"""Direct posts, conversation by conversation."""

from typing import Any

from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, links
from townsquare.api.reading import filtering
from townsquare.kernel.http.answer import Answer, json
from townsquare.timelines import conversations


async def show_all(call: Call, given: Page) -> Answer:
    ids, shown = await conversations.conversations(call.services.db, call.me, cursor(given), filtering(call))
    answer = json(shown)
    if ids:
        answer.header("link", links(call, ids[-1], ids[0]))
    return answer


async def read(call: Call, given: Any) -> Answer:
    await conversations.mark_read(call.services.db, call.me, call.id())
    return json(await conversations.conversation(call.services.db, call.me, call.id(), filtering(call)))


async def unread(call: Call, given: Any) -> Answer:
    await conversations.mark_unread(call.services.db, call.me, call.id())
    return json(await conversations.conversation(call.services.db, call.me, call.id(), filtering(call)))


async def delete(call: Call, given: Any) -> Answer:
    await conversations.delete(call.services.db, call.me, call.id())
    return json({})


C = "/api/v1/conversations"
WRITE = ("write:conversations",)
ROUTES = [
    Route("GET", C, show_all, Access.USER, ("read:statuses",), Page, "[Conversation]"),
    Route("POST", f"{C}/:id/read", read, Access.USER, WRITE, returns="Conversation"),
    Route("POST", f"{C}/:id/unread", unread, Access.USER, WRITE, returns="Conversation"),
    Route("DELETE", f"{C}/:id", delete, Access.USER, WRITE),
]
