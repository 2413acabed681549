"""Those who wait to be let in: what they said, where they come from; one by one, or several at once."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.moderation import pending, people
from townsquare.moderation.store_people import Wanted
from townsquare.web.door.entities import person_of
from townsquare.web.door.visitor import Visitor, redirect
from townsquare.web.feeds.paging import At, cursor, ends
from townsquare.web.manage.people import Row
from townsquare.web.manage.shell import P, actor, show, staff

LENGTH: Final = 30


class Chosen(msgspec.Struct, frozen=True):
    """Ids of those who were ticked, or of the one whose button was pressed."""

    ids: list[str] = []
    decision: str = ""


async def show_approvals(visitor: Visitor, given: At) -> Answer:
    known = await people.find(visitor.db, Wanted(cursor=cursor(given, LENGTH), origin="local", state="pending"))
    rows = [Row(one, person_of(one.entity)) for one in known]
    return await show(visitor, "approvals", rows=rows, beside=ends(given, [row.person.id for row in rows], LENGTH))


async def decide(visitor: Visitor, given: Chosen) -> Answer:
    """`approve` or `reject` for all that are ticked, `approve.ID` or `reject.ID` for one.

    Who was let in or turned away by somebody else in the meantime is passed over.
    """
    verb, _, single = given.decision.partition(".")
    ids = [number for text in ([single] if single else given.ids) if (number := parse_id(text)) is not None]
    if verb not in ("approve", "reject"):
        raise Invalid("Say what is to be done")
    if not ids:
        raise Invalid("Tick those whom you mean first")
    for number in ids:
        try:
            async with visitor.db.transaction() as tx:
                if verb == "approve":
                    await pending.approve(tx, actor(visitor), AccountId(number), datetime.now(UTC))
                else:
                    await pending.reject(tx, actor(visitor), AccountId(number))
        except (NotFound, Forbidden):
            continue
    return redirect(visitor, "/manage/approvals", said="let-in" if verb == "approve" else "turned-away")


PAGES: Final = (
    staff("GET", "/approvals", show_approvals, P.MANAGE_USERS, At),
    staff("POST", "/approvals", decide, P.MANAGE_USERS, Chosen),
)
