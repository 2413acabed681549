"""How far one has read."""

from datetime import UTC, datetime

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.timelines.markers import get_markers, set_markers


class Timelines(msgspec.Struct, frozen=True):
    timeline: list[str] = []


class Place(msgspec.Struct, frozen=True):
    last_read_id: str | None = None


class Places(msgspec.Struct, frozen=True):
    home: Place | None = None
    notifications: Place | None = None


async def show(call: Call, given: Timelines) -> Answer:
    return json(await get_markers(call.services.db, call.me, given.timeline))


async def save(call: Call, given: Places) -> Answer:
    places: dict[str, int] = {}
    for timeline, place in (("home", given.home), ("notifications", given.notifications)):
        if place is None or not place.last_read_id:
            continue
        number = parse_id(place.last_read_id)
        if number is None:
            raise Invalid(f"Validation failed: {timeline}[last_read_id] is not an id")
        places[timeline] = number
    if not places:
        return json({})
    return json(await set_markers(call.services.db, call.me, places, datetime.now(UTC)))


ROUTES = [
    Route("GET", "/api/v1/markers", show, Access.USER, ("read:statuses",), Timelines, "{Marker}"),
    Route("POST", "/api/v1/markers", save, Access.USER, ("write:statuses",), Places, "{Marker}"),
]
