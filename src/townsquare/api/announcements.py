"""What the place tells everybody."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.kernel.http.answer import Answer, json
from townsquare.timelines import announcements


class Shown(msgspec.Struct, frozen=True):
    with_dismissed: bool = False


async def show(call: Call, given: Shown) -> Answer:
    services = call.services
    return json(
        await announcements.announcements(
            services.db, services.settings, call.me, datetime.now(UTC), dismissed=given.with_dismissed
        )
    )


async def dismiss(call: Call, given: Any) -> Answer:
    await announcements.dismiss(call.services.db, call.me, call.id())
    return json({})


async def react(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await announcements.react(tx, call.me, call.id(), call.values["name"])
    return json({})


async def unreact(call: Call, given: Any) -> Answer:
    async with call.services.db.transaction() as tx:
        await announcements.unreact(tx, call.me, call.id(), call.values["name"])
    return json({})


A = "/api/v1/announcements"
ROUTES = [
    Route("GET", A, show, Access.USER, given=Shown, returns="[Announcement]"),
    Route("POST", f"{A}/:id/dismiss", dismiss, Access.USER, ("write:accounts",)),
    Route("PUT", f"{A}/:id/reactions/:name", react, Access.USER, ("write:favourites",)),
    Route("DELETE", f"{A}/:id/reactions/:name", unreact, Access.USER, ("write:favourites",)),
]
