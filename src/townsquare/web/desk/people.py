"""Who does what at the desk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId
from townsquare.moderation import misuse_acts, own, store_misuse
from townsquare.moderation.cases.members import GIVEN, list_members, set_role
from townsquare.moderation.cases.roles import DeskRole, role_at_desk
from townsquare.moderation.cases.store_desk import Member
from townsquare.moderation.jury import store as store_jury
from townsquare.moderation.misuse import Kind, Step, Way
from townsquare.moderation.notices import store as store_notices
from townsquare.moderation.notices.filing import contact_of
from townsquare.web.desk.shell import P, actor, desk, show
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.door.words import N_

SHOWN: Final = 200
STEPS: Final[Mapping[tuple[Way, Kind], str]] = {
    ("reports", "warning"): N_("warned: reports"),
    ("reports", "suspension"): N_("suspended from reporting"),
    ("appeals", "warning"): N_("warned: appeals"),
    ("appeals", "suspension"): N_("suspended from appealing"),
    ("notices", "warning"): N_("warned: notices"),
    ("notices", "suspension"): N_("their notices are not looked at"),
}

JURY: Final = "moderation.jury"


class Wanted(msgspec.Struct, frozen=True):
    jury: bool = False


class Role(msgspec.Struct, frozen=True):
    role: str = ""


def role_of(one: Member) -> DeskRole:
    return role_at_desk(one.site_role, one.role)


async def show_people(visitor: Visitor, given: Any) -> Answer:
    now = datetime.now(UTC)
    members = await list_members(visitor.db, now)
    span = timedelta(days=visitor.settings.moderation.misuse.span_days)
    steps = await store_misuse.latest(visitor.db, now - span, SHOWN)
    return await show(
        visitor,
        "people",
        members=[(one, role_of(one)) for one in members],
        names=await names_of(visitor.db, [one.account_id for one in members]),
        given=GIVEN,
        steps=steps,
        jurors=await store_jury.ready(visitor.db),
        bound=visitor.site.own.said,
        misusers=await names_of(visitor.db, [one.account_id for one in steps]) | await _senders(visitor, steps),
        steps_in_words=STEPS,
    )


async def _senders(visitor: Visitor, steps: Sequence[Step]) -> dict[int, str]:
    """What those who give notice are called: by the last of theirs, until what was kept of it is gone."""
    senders = {one.account_id for one in steps if one.way == "notices"}
    found = {await store_misuse.latest_notice(visitor.db, number): number for number in senders}
    notices = await store_notices.by_ids(visitor.db, [last for last in found if last is not None])
    contacts = {found[one.id]: contact_of(visitor.db.keys, one) for one in notices}
    return {number: one.email or one.name for number, one in contacts.items() if one.email or one.name}


async def give(visitor: Visitor, given: Role) -> Answer:
    if given.role not in GIVEN:
        raise NotFound
    async with visitor.db.transaction() as tx:
        await set_role(tx, actor(visitor), AccountId(visitor.id()), msgspec.convert(given.role, DeskRole))
    return redirect(visitor, "/desk/people", said="saved")


async def undo_misuse(visitor: Visitor, _: Any) -> Answer:
    """A warning, or a suspension from reporting or appealing."""
    async with visitor.db.transaction() as tx:
        await misuse_acts.undo(tx, actor(visitor), visitor.id("account"), visitor.id(), datetime.now(UTC))
    return redirect(visitor, "/desk/people", said="misuse-undone")


async def want_jury(visitor: Visitor, given: Wanted) -> Answer:
    """Whether there is a jury for appeals. Those that were drawn speak all the same."""
    mine = visitor.site.own
    if JURY not in mine.said:
        async with visitor.db.transaction() as tx:
            await own.choose(tx, actor(visitor), mine, {JURY: given.jury})
        await mine.load(visitor.db)
    return redirect(visitor, "/desk/people", said="saved")


PAGES: Final = (
    desk("GET", "/people", show_people, may=P.MANAGE_ROLES),
    desk("POST", "/people/jury", want_jury, Wanted, may=P.MANAGE_ROLES),
    desk("POST", "/people/:id", give, Role, may=P.MANAGE_ROLES),
    desk("POST", "/people/:account/misuse/:id/undo", undo_misuse, may=P.MANAGE_ROLES),
)
