"""Digests by mail: which lists people can choose from, how many take them, and what one says now."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.jobs import emit
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.settings import Digest
from townsquare.kernel.settings_sources import value_of
from townsquare.timelines import store_digest
from townsquare.timelines.digest_events import PreviewAsked
from townsquare.timelines.digest_model import Every
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.place import choose_own
from townsquare.web.manage.shell import P, show, staff

WEEK: Final = timedelta(days=7)
LISTS: Final = Digest().lists
"""All that there are."""


class Given(msgspec.Struct, frozen=True):
    lists: list[str] = []


class Preview(msgspec.Struct, frozen=True):
    every: Every = "week"


async def show_digests(visitor: Visitor, given: Any) -> Answer:
    return await _digests(visitor)


async def _digests(visitor: Visitor, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await show(
        visitor,
        "digests",
        status=status,
        course=await store_digest.course(visitor.db, datetime.now(UTC) - WEEK),
        uptake={one.list: one for one in await store_digest.uptake(visitor.db)},
        lists=LISTS,
        offered=value_of(visitor.settings, "digest.lists"),
        bound=visitor.site.own.said,
        wrong=wrong,
    )


async def save(visitor: Visitor, given: Given) -> Answer:
    try:
        await choose_own(visitor, {"digest.lists": tuple(one for one in LISTS if one in given.lists)})
    except Invalid as refused:
        return await _digests(visitor, wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/digests", said="saved")


async def preview(visitor: Visitor, given: Preview) -> Answer:
    async with visitor.db.transaction() as tx:
        await emit(tx, PreviewAsked(visitor.me, given.every))
    return redirect(visitor, "/manage/digests", said="digest-asked")


PAGES: Final = (
    staff("GET", "/digests", show_digests, P.MANAGE_SETTINGS),
    staff("POST", "/digests", save, P.MANAGE_SETTINGS, Given),
    staff("POST", "/digests/preview", preview, P.MANAGE_SETTINGS, Preview),
)
