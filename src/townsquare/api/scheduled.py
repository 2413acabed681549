"""Posts for later: look, move, cancel. They are written as any other post, with a time."""

from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.api.paging import Page, cursor, paged
from townsquare.kernel.http.answer import Answer, json
from townsquare.statuses import schedule


class Moved(msgspec.Struct, frozen=True):
    scheduled_at: str | None = None


async def show_many(call: Call, given: Page) -> Answer:
    services = call.services
    found = await schedule.page(services.db, services.settings, call.me, cursor(given))
    return paged(call, [msgspec.json.encode(one) for one in found], [int(one.id) for one in found])


async def show(call: Call, given: Any) -> Answer:
    services = call.services
    return json(await schedule.get(services.db, services.settings, call.me, call.id()))


async def move(call: Call, given: Moved) -> Answer:
    """Without a time nothing is changed, as in Mastodon."""
    if not given.scheduled_at:
        return await show(call, given)
    services, at = call.services, schedule.moment_of(given.scheduled_at)
    return json(await schedule.move(services.db, services.settings, call.me, call.id(), at))


async def cancel(call: Call, given: Any) -> Answer:
    await schedule.cancel(call.services.db, call.me, call.id())
    return json({})


READ, WRITE = ("read:statuses",), ("write:statuses",)
ONE = "/api/v1/scheduled_statuses/:id"

ROUTES = [
    Route("GET", "/api/v1/scheduled_statuses", show_many, Access.USER, READ, Page, "[ScheduledStatus]"),
    Route("GET", ONE, show, Access.USER, READ, returns="ScheduledStatus"),
    Route("PUT", ONE, move, Access.USER, WRITE, Moved, "ScheduledStatus"),
    Route("DELETE", ONE, cancel, Access.USER, WRITE),
]
