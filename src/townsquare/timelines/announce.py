"""Telling everybody something: now or later, changed, taken back.

Jobs that wait for their time publish what is due, and say when something is over.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.text import BadText, normalise
from townsquare.kernel.words import Words
from townsquare.timelines import store_announcements as store
from townsquare.timelines.announcements import ends, is_over
from townsquare.timelines.events import (
    AnnouncementDeleted,
    AnnouncementDue,
    AnnouncementOver,
    AnnouncementPublished,
)
from townsquare.timelines.store_announcements import Announcement

LENGTH = 5000


class Times(msgspec.Struct, frozen=True):
    """When something is: from and to, with the hour or only by the day; and when to tell of it (None: now)."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False
    scheduled_at: datetime | None = None


async def announce(tx: Tx, text: str, times: Times, now: datetime) -> int:
    """Publish something to everybody, now or when it is due; gives its id. Raises Invalid."""
    later = times.scheduled_at is not None and times.scheduled_at > now
    one = Announcement(
        id=new_id(now),
        text=check_text(text),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        all_day=times.all_day,
        scheduled_at=times.scheduled_at if later else None,
        published_at=None if later else now,
        updated_at=now,
    )
    check_times(one)
    await store.insert(tx, one)
    await _foresee(tx, one)
    return one.id


async def change(tx: Tx, number: int, text: str, times: Times, now: datetime) -> None:
    """Say it anew; readers who dismissed it are not told again. Raises NotFound, Invalid."""
    before = await store.lock(tx, number)
    if before is None:
        raise NotFound("There is no announcement with this id")
    one = msgspec.structs.replace(
        before,
        text=check_text(text),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        all_day=times.all_day,
        scheduled_at=None if before.published_at else times.scheduled_at or before.scheduled_at,
        updated_at=now,
    )
    check_times(one)
    await store.update(tx, one)
    await _foresee(tx, one)


async def remove(tx: Tx, number: int) -> None:
    """Take an announcement back. Raises NotFound."""
    if not await store.delete(tx, number):
        raise NotFound("There is no announcement with this id")
    await emit(tx, AnnouncementDeleted(number))


def check_text(text: str) -> str:
    """Raises Invalid."""
    try:
        said = normalise(text).strip()
    except BadText as error:
        raise Invalid(Words("Validation failed: Text: %(wrong)s", wrong=error.words)) from error
    if not said:
        raise Invalid("Validation failed: Text can't be blank")
    if len(said) > LENGTH:
        raise Invalid(Words("Validation failed: Text is too long (maximum is %(num)s characters)", num=LENGTH))
    return said


def check_times(one: Announcement) -> None:
    """Raises Invalid."""
    if (one.starts_at is None) != (one.ends_at is None):
        raise Invalid("Validation failed: Say both when it starts and when it ends, or neither")
    if one.starts_at is not None and one.ends_at is not None and one.ends_at < one.starts_at:
        raise Invalid("Validation failed: It cannot end before it starts")
    if one.all_day and one.starts_at is None:
        raise Invalid("Validation failed: Say on which days it is")


async def _foresee(tx: Tx, one: Announcement) -> None:
    if one.published_at is not None:
        await emit(tx, AnnouncementPublished(one.id))
    else:
        await emit(tx, AnnouncementDue(one.id), at=one.scheduled_at)
    over = ends(one)
    if over is not None:
        await emit(tx, AnnouncementOver(one.id), at=over)


async def publish_due(db: Database, events: Sequence[AnnouncementDue]) -> None:
    """Effect of AnnouncementDue, unless it was put off or taken back meanwhile."""
    for event in events:
        async with db.transaction() as tx:
            now = datetime.now(UTC)
            one = await store.lock(tx, event.announcement_id)
            if one is not None and one.published_at is None and (one.scheduled_at is None or one.scheduled_at <= now):
                one = msgspec.structs.replace(one, published_at=now, updated_at=now)
                await store.update(tx, one)
                await emit(tx, AnnouncementPublished(one.id))


async def say_over(db: Database, events: Sequence[AnnouncementOver]) -> None:
    """Effect of AnnouncementOver: apps that are connected take it away, unless it was prolonged meanwhile."""
    for event in events:
        async with db.transaction() as tx:
            one = await store.by_id(tx, event.announcement_id)
            if one is not None and is_over(one, datetime.now(UTC)):
                await emit(tx, AnnouncementDeleted(one.id))
