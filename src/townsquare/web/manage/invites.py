"""Invitations: made, ended, and who came by which."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.accounts.store import unsuspended_entities
from townsquare.auth import store_invites as store
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.moderation import house
from townsquare.web.door.entities import person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.manage.shell import P, actor, show, staff

LENGTH: Final = 100
FACES: Final = 12
DAYS: Final = (1, 7, 30, 0)


class Given(msgspec.Struct, frozen=True):
    """The form; nothing in `uses`: any number of people. 0 days: it does not end."""

    uses: str = "1"
    days: int = 7


async def show_invites(visitor: Visitor, given: Any) -> Answer:
    return await _invites(visitor, Given())


async def _invites(visitor: Visitor, given: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    found = await store.latest(visitor.db, LENGTH)
    came = await store.came_by(visitor.db, [one.code for one in found], FACES)
    ids = {AccountId(one.account_id) for one in found} | {AccountId(one) for ids in came.values() for one in ids}
    shown = await unsuspended_entities(visitor.db, list(ids)) if ids else {}
    return await show(
        visitor,
        "invites",
        status=status,
        invites=found,
        came=came,
        people={number: person_of(entity) for number, entity in shown.items()},
        given=given,
        days=DAYS,
        wrong=wrong,
    )


async def make(visitor: Visitor, given: Given) -> Answer:
    now = datetime.now(UTC)
    uses = given.uses.strip()
    try:
        if uses and not uses.isdecimal():
            raise Invalid("Write a number of people, or nothing for any number")
        async with visitor.db.transaction() as tx:
            await house.invite(
                tx,
                actor(visitor),
                max_uses=int(uses) if uses else None,
                expires_at=now + timedelta(days=min(given.days, 3650)) if given.days > 0 else None,
                now=now,
            )
    except Invalid as refused:
        return await _invites(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, "/manage/invites", said="invited")


async def end(visitor: Visitor, given: Any) -> Answer:
    async with visitor.db.transaction() as tx:
        await house.end_invite(tx, actor(visitor), visitor.values["code"])
    return redirect(visitor, "/manage/invites", said="uninvited")


PAGES: Final = (
    staff("GET", "/invites", show_invites, P.MANAGE_INVITES),
    staff("POST", "/invites", make, P.MANAGE_INVITES, Given),
    staff("POST", "/invites/:code/end", end, P.MANAGE_INVITES),
)
