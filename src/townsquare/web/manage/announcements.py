"""What the place tells everybody: written, put off, changed, taken back."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.moderation import house
from townsquare.timelines import store_announcements as store
from townsquare.timelines.announce import Times
from townsquare.timelines.announcements import is_over
from townsquare.timelines.store_announcements import Announcement
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, show, staff
from townsquare.web.manage.times import field_of, moment_of


class Given(msgspec.Struct, frozen=True):
    """The form; times as a browser writes them, in the reader's zone."""

    text: str = ""
    starts: str = ""
    ends: str = ""
    all_day: bool = False
    scheduled: str = ""


async def show_announcements(visitor: Visitor, given: Any) -> Answer:
    return await _announcements(visitor, Given())


async def _announcements(visitor: Visitor, given: Given, wrong: Wrong | None = None) -> Answer:
    now = datetime.now(UTC)
    found = await store.everything(visitor.db)
    return await show(
        visitor,
        "announcements",
        status=422 if wrong else 200,
        rows=[(one, _state(one, now)) for one in found],
        given=given,
        wrong=wrong,
    )


def _state(one: Announcement, now: datetime) -> str:
    if one.published_at is None:
        return "waits"
    return "over" if is_over(one, now) else "shown"


async def say(visitor: Visitor, given: Given) -> Answer:
    now = datetime.now(UTC)
    try:
        async with visitor.db.transaction() as tx:
            await house.say(tx, actor(visitor), given.text, _times(visitor, given), now)
    except Invalid as refused:
        return await _announcements(visitor, given, wrong_of(refused))
    return redirect(visitor, "/manage/announcements", said="announced")


def _times(visitor: Visitor, given: Given) -> Times:
    """Raises Invalid."""
    zone = visitor.zone or UTC
    return Times(
        moment_of(given.starts, zone), moment_of(given.ends, zone), given.all_day, moment_of(given.scheduled, zone)
    )


async def show_one(visitor: Visitor, given: Any) -> Answer:
    one = await _found(visitor)
    zone = visitor.zone or UTC
    starts, ends, scheduled = (field_of(moment, zone) for moment in (one.starts_at, one.ends_at, one.scheduled_at))
    return await _one(visitor, one, Given(one.text, starts, ends, one.all_day, scheduled))


async def _one(visitor: Visitor, one: Announcement, given: Given, wrong: Wrong | None = None) -> Answer:
    return await show(visitor, "announcement", status=422 if wrong else 200, one=one, given=given, wrong=wrong)


async def _found(visitor: Visitor) -> Announcement:
    one = await store.by_id(visitor.db, visitor.id())
    if one is None:
        raise NotFound
    return one


async def change(visitor: Visitor, given: Given) -> Answer:
    one = await _found(visitor)
    try:
        async with visitor.db.transaction() as tx:
            await house.say_anew(tx, actor(visitor), one.id, given.text, _times(visitor, given), datetime.now(UTC))
    except Invalid as refused:
        return await _one(visitor, one, given, wrong_of(refused))
    return redirect(visitor, "/manage/announcements", said="saved")


async def remove(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await house.unsay(tx, actor(visitor), visitor.id())
    return redirect(visitor, "/manage/announcements", said="unsaid")


PAGES: Final = (
    staff("GET", "/announcements", show_announcements, P.MANAGE_ANNOUNCEMENTS),
    staff("POST", "/announcements", say, P.MANAGE_ANNOUNCEMENTS, Given),
    staff("GET", "/announcements/:id", show_one, P.MANAGE_ANNOUNCEMENTS),
    staff("POST", "/announcements/:id", change, P.MANAGE_ANNOUNCEMENTS, Given),
    staff("POST", "/announcements/:id/delete", remove, P.MANAGE_ANNOUNCEMENTS),
)
