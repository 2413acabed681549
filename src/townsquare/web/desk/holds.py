"""Legal holds: what may not be lost, because of whom, and until when."""

from datetime import UTC, datetime, time
from typing import Final

import msgspec

from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.moderation import holds, store_holds
from townsquare.moderation.cases.roles import check_legal
from townsquare.moderation.store_holds import Hold
from townsquare.web.desk.shell import actor, desk, reviewer, show
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor, redirect

LISTED: Final = 200


class Given(msgspec.Struct, frozen=True):
    """`what`: a name, an address, or a case. `until`: a day, or empty."""

    what: str = ""
    why: str = ""
    until: str = ""


async def show_holds(visitor: Visitor, given: Given) -> Answer:
    return await _page(visitor, given)


async def _page(
    visitor: Visitor, given: Given, wrong: Wrong | None = None, lifting: int = 0, status: int = 200
) -> Answer:
    check_legal(await reviewer(visitor))
    found, now = await store_holds.holds(visitor.db, LISTED), datetime.now(UTC)
    people = [one.owner_id for one in found] + [one.set_by_id for one in found]
    return await show(
        visitor,
        "holds",
        status=status,
        holds=found,
        standing={one.id for one in found if _stands(one, now)},
        kept=await store_holds.counts(visitor.db, found),
        names=await names_of(visitor.db, people),
        given=given,
        wrong=wrong,
        lifting=lifting,
    )


def _stands(one: Hold, now: datetime) -> bool:
    return one.lifted_at is None and (one.until is None or one.until > now)


async def set_hold(visitor: Visitor, given: Given) -> Answer:
    check_legal(await reviewer(visitor))
    now = datetime.now(UTC)
    try:
        under = await holds.find(visitor.db, visitor.settings, given.what)
        async with visitor.db.transaction() as tx:
            await holds.hold(tx, actor(visitor), under, given.why, _until(visitor, given.until), now)
    except NotFound as refused:
        return await _page(visitor, given, wrong_of(refused), status=422)
    except Refused as refused:
        return await _page(visitor, given, wrong_of(refused), status=refused.status)
    return redirect(visitor, "/desk/holds", said="saved")


def _until(visitor: Visitor, text: str) -> datetime | None:
    """The end of that day, where the reader is. Raises Invalid."""
    if not text.strip():
        return None
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 (only the day is taken of it)
    except ValueError as error:
        raise Invalid(
            "Validation failed: Until is not a day",
            details={"until": [{"error": "ERR_INVALID", "description": "is not a day"}]},
        ) from error
    return datetime.combine(day, time.max, visitor.zone or UTC)


async def lift_hold(visitor: Visitor, given: Given) -> Answer:
    check_legal(await reviewer(visitor))
    number = visitor.id()
    try:
        async with visitor.db.transaction() as tx:
            await holds.lift(tx, actor(visitor), number, given.why, datetime.now(UTC))
    except Invalid as refused:
        return await _page(visitor, Given(), wrong_of(refused), number, refused.status)
    return redirect(visitor, "/desk/holds", said="saved")


PAGES: Final = (
    desk("GET", "/holds", show_holds, Given),
    desk("POST", "/holds", set_hold, Given),
    desk("POST", "/holds/:id/lift", lift_hold, Given),
)
