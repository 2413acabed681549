"""What waits at the desk, and the one button: the next case. Taking back the last decision."""

from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import randbelow
from typing import Any, Final

import msgspec

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Conflict, Forbidden, Invalid
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import parse_id
from townsquare.moderation import vault
from townsquare.moderation.cases import decide, measure, queue, store_desk, store_policies, store_queue
from townsquare.moderation.cases.model import Case, Severity
from townsquare.moderation.cases.roles import NOT_BELOW, Reviewer
from townsquare.moderation.cases.roles import QUEUES as OPEN_TO
from townsquare.moderation.cases.store_desk import Waiting
from townsquare.moderation.looks import Looking
from townsquare.web.desk.shell import LIGHTER, WORST, Strain, desk, reviewer, show, strain
from townsquare.web.door.visitor import Visitor, redirect

LISTED: Final = 12


class Taking(msgspec.Struct, frozen=True):
    """`anyway`: also of the worst kind, although they have seen enough of it for today."""

    anyway: bool = False


class Row(msgspec.Struct, frozen=True):
    """A case in a list, with what it began with."""

    case: Case
    text: str
    late: bool


async def show_desk(visitor: Visitor, given: Any) -> Answer:
    one, now = await reviewer(visitor), datetime.now(UTC)
    queues = OPEN_TO[one.role]
    mine = await store_desk.mine(visitor.db, one.id, now, LISTED)
    above = NOT_BELOW[one.site_role]
    late = await store_desk.overdue(visitor.db, queues, one.id, above, now, LISTED)
    later = await store_desk.snoozed(visitor.db, queues, one.id, above, now, LISTED)
    leads = await store_desk.leads(visitor.db, [case.id for case in (*mine, *late, *later)])
    seen = await vault.look(visitor.db, [Looking(one.id, "desk", f"case:{lead.case_id}") for lead in leads], leads, now)
    texts = {lead.case_id: lead.text for lead in seen}

    def rows(cases: Sequence[Case]) -> list[Row]:
        return [Row(case, texts.get(case.id, ""), case.due_at < now) for case in cases]

    waiting = await store_desk.waiting(visitor.db, queues, now)
    return await show(
        visitor,
        "desk",
        one=one,
        open_queues=[name for name in queues if any(row.queue == name for row in waiting)],
        waiting={(row.queue, row.severity): row for row in waiting},
        total=_total(waiting),
        mine=rows(mine),
        late=rows([case for case in late if case.id not in {other.id for other in mine}]),
        later=rows(later),
        policies=await store_policies.names(visitor.db, visitor.language),
        strain=await strain(visitor),
    )


def _total(waiting: Sequence[Waiting]) -> dict[str, int]:
    return {
        "waiting": sum(row.waiting for row in waiting),
        "overdue": sum(row.overdue for row in waiting),
        "snoozed": sum(row.snoozed for row in waiting),
        "worst": sum(row.waiting for row in waiting if row.severity == WORST),
    }


async def take_next(visitor: Visitor, given: Taking) -> Answer:
    return await go_on(visitor, await reviewer(visitor), "", anyway=given.anyway)


async def go_on(visitor: Visitor, one: Reviewer, said: str, *, anyway: bool = False) -> Answer:
    """To the next case, which is theirs from now on; to the desk where there is none for them."""
    worn = await strain(visitor)
    spared = worn.used and not anyway
    async with visitor.db.transaction() as tx:
        case = await _next(visitor, tx, one, datetime.now(UTC), worn, spared=spared)
    if case is None:
        return redirect(visitor, "/desk", said="desk-spared" if spared else "desk-empty")
    return redirect(visitor, f"/desk/cases/{case.id}", said=said)


async def _next(
    visitor: Visitor, tx: Tx, one: Reviewer, now: datetime, worn: Strain, *, spared: bool, after: int = 0
) -> Case | None:
    """`after`: it is kept for them while they decide that one. After some of the worst kind comes something else."""
    if randbelow(100) < visitor.settings.moderation.golden:
        await measure.put_golden(tx, one, now)
    rotated: Sequence[Severity] = (LIGHTER, WORST) if worn.seen.in_a_row else (WORST,)
    for worst in (LIGHTER,) if spared else rotated:
        found = (
            await queue.keep_ahead(tx, one, after, now, worst=worst)
            if after
            else await queue.take_next(tx, one, now, worst=worst)
        )
        if found is not None:
            return found
    return None


class Ahead(msgspec.Struct, frozen=True):
    """What somebody has before them. `let_go`: that comes next no more, for they leave."""

    case: str = ""
    let_go: str = ""


async def prepare(visitor: Visitor, given: Ahead) -> Answer:
    """Keep the case that comes next for who decides one, so that its page can be loaded; its address.

    They have not seen it then: it counts as seen when it is shown (`shown`).
    """
    one, number = await reviewer(visitor), parse_id(given.case)
    if number is None:
        raise Invalid("Validation failed: Case is missing")
    worn = await strain(visitor)
    async with visitor.db.transaction() as tx:
        case = await _next(visitor, tx, one, datetime.now(UTC), worn, spared=worn.used, after=number)
    return json({"case": None if case is None else str(case.id)})


async def let_go(visitor: Visitor, given: Ahead) -> Answer:
    """What was kept for them and never shown is anybody's again."""
    one, number = await reviewer(visitor), parse_id(given.let_go)
    if number is not None:
        async with visitor.db.transaction() as tx:
            await store_queue.let_go(tx, one.id, number)
    return Answer(b"", status=204)


async def shown(visitor: Visitor, given: Ahead) -> Answer:
    """What was kept for them is before them now. Refused where it is somebody else's meanwhile, or put off."""
    one, number, now = await reviewer(visitor), parse_id(given.case), datetime.now(UTC)
    if number is None:
        raise Invalid("Validation failed: Case is missing")
    async with visitor.db.transaction() as tx:
        case = await queue.open_case(tx, one, number, now)
        if case.snoozed_until is not None and case.snoozed_until > now:
            raise Forbidden("This case was put off meanwhile")
        await store_queue.keep(tx, case.id, one.id, now + queue.LOCK)
        await store_desk.see(tx, one.id, case.id, case.severity, now)
    return Answer(b"", status=204)


async def undo_last(visitor: Visitor, given: Any) -> Answer:
    """What this reviewer decided last, where it has taken effect: it is open again, and before them."""
    one, now = await reviewer(visitor), datetime.now(UTC)
    last = await store_desk.last_of(visitor.db, one.id)
    if last is None or not last.stands:
        raise Conflict("There is nothing of yours to take back: your last decision has not taken effect, or was undone")
    async with visitor.db.transaction() as tx:
        await decide.undo(tx, one, last.case_id, None, now, again=True)
        case = await queue.open_case(tx, one, last.case_id, now)
        await store_queue.keep(tx, case.id, one.id, now + queue.LOCK)
    return redirect(visitor, f"/desk/cases/{last.case_id}", said="case-undone")


async def check_here(visitor: Visitor, one: Reviewer, case: Case) -> None:
    """Raise Forbidden unless somebody may look at a case at all."""
    if case.queue not in OPEN_TO[one.role]:
        raise Forbidden("This case is in a queue of others")
    await queue.check_apart(visitor.db, one, case.id)


PAGES: Final = (
    desk("GET", "", show_desk),
    desk("POST", "/next", take_next, Taking),
    desk("POST", "/undo", undo_last),
    desk("POST", "/ahead", prepare, Ahead),
    desk("POST", "/ahead/end", let_go, Ahead),
    desk("POST", "/ahead/shown", shown, Ahead),
)
