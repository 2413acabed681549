"""What the methods of the staff share."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.db.pool import Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Unauthorised
from townsquare.kernel.http.answer import Answer, json
from townsquare.moderation import store_lists
from townsquare.moderation.blocks import found
from townsquare.moderation.model import Actor
from townsquare.moderation.store_lists import PlaceList, Row

V1 = "/api/v1/admin"
V2 = "/api/v2/admin"
LIMIT, MOST = 100, 200
P = Permission


def actor(call: Call) -> Actor:
    """Who decides."""
    if call.caller is None or call.caller.role is None:
        raise Unauthorised("This method requires an authenticated user")
    return Actor(call.me, f"@{call.caller.username}", call.caller.role, call.caller.permissions)


def place_in(page: Page) -> Cursor:
    """Where to read in a list of the staff, which are longer than others."""
    return cursor(page, limit=LIMIT, most=MOST)


def read(what: str) -> tuple[str, ...]:
    return (f"admin:read:{what}",)


def write(what: str) -> tuple[str, ...]:
    return (f"admin:write:{what}",)


Render = Callable[[Call, Sequence[Row]], Awaitable[Sequence[msgspec.Struct]]]
Remove = Callable[[Tx, Actor, int], Awaitable[Row]]


def each(entity: Callable[[Row], msgspec.Struct]) -> Render[Row]:
    """Shown one by one."""

    async def render(call: Call, rows: Sequence[Row]) -> Sequence[msgspec.Struct]:
        return [entity(row) for row in rows]

    return render


def listing(
    path: str,
    of: PlaceList[Row],
    render: Render[Row],
    remove: Remove[Row],
    returns: str,
    may: Permission,
    *,
    also: tuple[str, ...] = (),
) -> list[Route]:
    """The methods that all lists of what the place blocks or allows have: all of it, an entry, an entry's end.

    `also`: further scopes, of which any is enough to end one.
    """

    async def show_many(call: Call, given: Page) -> Answer:
        rows = await store_lists.page(call.services.db, of, place_in(given))
        shown = [msgspec.json.encode(one) for one in await render(call, rows)]
        return paged(call, shown, [row.id for row in rows])

    async def show(call: Call, given: Any) -> Answer:
        row = found(await store_lists.by_id(call.services.db, of, call.id()))
        return json((await render(call, [row]))[0])

    async def end(call: Call, given: Any) -> Answer:
        async with call.services.db.transaction() as tx:
            row = await remove(tx, actor(call), call.id())
        return json((await render(call, [row]))[0])

    what = path.rpartition("/")[2]
    return [
        Route("GET", path, show_many, Access.USER, read(what), Page, f"[{returns}]", permission=may),
        Route("GET", f"{path}/:id", show, Access.USER, read(what), returns=returns, permission=may),
        Route("DELETE", f"{path}/:id", end, Access.USER, (*write(what), *also), returns=returns, permission=may),
    ]
