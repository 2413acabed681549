"""Being a juror: ready to be drawn or not, what one was drawn for, and what one says of it."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.cases import store_policies
from townsquare.moderation.jury import sit, store
from townsquare.moderation.jury.model import MOST_POINTS, POINTS_LAST
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect

SHOWN: Final = 50


class Ready(msgspec.Struct, frozen=True):
    ready: bool = False


class Given(msgspec.Struct, frozen=True):
    answer: str = ""


async def show_jury(visitor: Visitor, given: Any) -> Answer:
    db, me = visitor.db, visitor.me
    seats = await store.seats_of(db, me, SHOWN)
    if not (visitor.settings.moderation.jury or seats):
        raise NotFound
    return await page(
        visitor,
        "settings/jury.html",
        ready=await store.is_ready(db, me),
        points=await store.points(db, me, datetime.now(UTC) - POINTS_LAST),
        most=MOST_POINTS,
        seats=seats,
    )


async def be_ready(visitor: Visitor, given: Ready) -> Answer:
    async with visitor.db.transaction() as tx:
        if given.ready:
            await sit.volunteer(tx, visitor.settings, visitor.me, datetime.now(UTC))
        else:
            await store.withdraw(tx, visitor.me)
    return redirect(visitor, "/settings/jury", said="jury-ready" if given.ready else "jury-left")


async def show_matter(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        seat, matter = await sit.look(tx, visitor.me, visitor.id(), datetime.now(UTC))
    policies = {one.code: one for one in await store_policies.all_of_them(visitor.db)}
    return await page(
        visitor,
        "settings/jury_matter.html",
        seat=seat,
        matter=matter,
        worded=policies[matter.policy].said(visitor.language),
    )


async def answer(visitor: Visitor, given: Given) -> Answer:
    async with visitor.db.transaction() as tx:
        await sit.vote(tx, visitor.me, visitor.id(), given.answer, datetime.now(UTC))
    return redirect(visitor, "/settings/jury", said="jury-answered")


PAGES: Final = (
    Page("GET", "/settings/jury", show_jury, "signed in"),
    Page("POST", "/settings/jury", be_ready, "signed in", Ready),
    Page("GET", "/settings/jury/:id", show_matter, "signed in"),
    Page("POST", "/settings/jury/:id", answer, "signed in", Given),
)
