"""Posts that wait for their time: looked at, put off, taken back."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.words import N_
from townsquare.media.model import MediaId
from townsquare.statuses import schedule
from townsquare.web.acting import writing
from townsquare.web.composer.box import Asked, Written, again, when
from townsquare.web.door.pages import Page, sentence
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.feeds.paging import At, cursor, ends


class Waiting(msgspec.Struct, frozen=True):
    """A post that waits, as the page shows it."""

    id: int
    at: datetime
    late: bool
    """Its time has come and it could not be posted."""
    entity: schedule.ScheduledStatus


async def show_scheduled(visitor: Visitor, given: At) -> Answer:
    return await _shown(visitor, given)


async def _shown(visitor: Visitor, given: At, problem: str = "", wrong: int = 0) -> Answer:
    """`wrong`: the post of which something is wrong."""
    found = await schedule.page(visitor.db, visitor.settings, visitor.me, cursor(given))
    now = datetime.now(UTC)
    posts = [Waiting(int(one.id), at := datetime.fromisoformat(one.scheduled_at), at < now, one) for one in found]
    return await page(
        visitor,
        "scheduled.html",
        status=422 if problem else 200,
        posts=posts,
        problem=problem,
        wrong=wrong,
        beside=ends(given, [one.id for one in posts]),
    )


class Later(msgspec.Struct, frozen=True):
    """Another time for a post."""

    at: str = ""
    zone: str = ""


async def put_off(visitor: Visitor, given: Later) -> Answer:
    number = visitor.id()
    try:
        at = when(Written(at=given.at, zone=given.zone or visitor.looks.zone))
        if at is None:
            return await _shown(visitor, At(), N_("Say when the post is to be out"), number)
        await schedule.move(visitor.db, visitor.settings, visitor.me, number, at)
    except Refused as refused:
        return await _shown(visitor, At(), sentence(refused), number)
    return redirect(visitor, "/scheduled", said="put-off")


async def take_back(visitor: Visitor, given: At) -> Answer:
    await schedule.cancel(visitor.db, visitor.me, visitor.id())
    return redirect(visitor, "/scheduled", said="taken-back")


async def change(visitor: Visitor, given: At) -> Answer:
    """All of it stands in the box again. It waits on until that is sent (see `place`)."""
    found = await schedule.get(visitor.db, visitor.settings, visitor.me, visitor.id())
    params = found.params
    poll = params.poll
    written = Written(
        text=params.text,
        warning=params.spoiler_text,
        visibility=params.visibility,
        language=params.language or "",
        sensitive=params.sensitive,
        answers="" if params.in_reply_to_id is None else str(params.in_reply_to_id),
        quotes=params.quoted_status_id or "",
        quote_policy=params.quote_approval_policy,
        reply_policy=params.reply_policy or "everybody",
        poll=Asked() if poll is None else Asked(list(poll.options), poll.expires_in, poll.multiple, poll.hide_totals),
        at=_clock(found.scheduled_at, visitor.looks.zone),
        zone=visitor.looks.zone,
        later=found.id,
    )
    box = await again(visitor, written, [MediaId(int(one.id)) for one in found.media_attachments], "")
    return await writing.shown(visitor, box)


def _clock(moment: str, zone: str) -> str:
    """A time as a field for it takes it."""
    at = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone) if zone else UTC)
    return at.strftime("%Y-%m-%dT%H:%M")


PAGES: Final = (
    Page("GET", "/scheduled", show_scheduled, "signed in", At),
    Page("POST", "/scheduled/:id", put_off, "signed in", Later),
    Page("POST", "/scheduled/:id/change", change, "signed in", At),
    Page("POST", "/scheduled/:id/cancel", take_back, "signed in", At),
)
