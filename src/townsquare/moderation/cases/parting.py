"""What a reviewer finds to be unlike the rest of a case becomes a case of its own: when the rest is decided, or at once
where that was before. Then what was done with it ends, and nothing else.
"""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases import (
    decide,
    queue,
    rating,
    store_decide,
    store_machines,
    store_parting,
    store_policies,
    store_queue,
)
from townsquare.moderation.cases.events import CaseHeld, ThingGivenBack
from townsquare.moderation.cases.model import Case, Subject, decisions_of
from townsquare.moderation.cases.roles import Reviewer, check_queue
from townsquare.moderation.cases.store_decide import Split
from townsquare.moderation.model import Actor


async def part(tx: Tx, reviewer: Reviewer, case_id: int, subject: Subject, now: datetime, *, out: bool) -> None:
    """`out`: it is not like the others; else it is after all, which can be said only of what somebody has taken out.

    Raises NotFound, or Forbidden: see `queue.open_case`; or nothing would be left.
    """
    case = await queue.open_case(tx, reviewer, case_id, now)
    if case.origin == "appeal":
        raise Forbidden("What is contested is decided as one")
    if out and not await store_parting.leaves_some(tx, case_id, subject):
        raise Forbidden("Something has to stay in the case: decide it as it is")
    if not await store_parting.part(tx, case_id, subject, out=out):
        raise NotFound
    await queue.say(tx, reviewer.actor, case, "part" if out else "unpart", {}, _named(subject))


async def give_back(tx: Tx, reviewer: Reviewer, case_id: int, subject: Subject, reason: str, now: datetime) -> int:
    """One thing of what was decided; in which case it waits from now on.

    Raises NotFound, Invalid or Forbidden (see `decide.check_may_undo`; or it is all that is left of the decision).
    """
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    check_queue(reviewer, case.queue)
    return await give_back_of(tx, reviewer.actor, case, subject, reason, now)


async def give_back_of(tx: Tx, actor: Actor, case: Case, subject: Subject, reason: str, now: datetime) -> int:
    """The same of a case that this transaction has locked."""
    if not reason.strip():
        raise Invalid("Validation failed: Say why it is taken back: it stands in the audit log")
    await _check_may_give_back(tx, actor, case, subject)
    apart_id = new_id(now)
    held = await _is_held_on(tx, actor, case, subject)
    await store_decide.split(tx, case.id, [Split(apart_id, subject.kind, subject.owner_id, subject.item_id)], now)
    await store_parting.open_again(tx, apart_id, case.round + 1, now if held else None)
    await store_decide.settle_reports(tx, apart_id, upheld=None, now=now)
    await store_machines.settle(tx, [apart_id], now)
    await rating.recount(tx, [case.id, apart_id])
    await rating.rate(tx, [apart_id], now)
    won = await store_parting.leave_appeals(tx, await store_parting.lock_appeals(tx, case), subject)
    await decide.grant(tx, actor, won, reason, now)
    if held:
        await emit(tx, CaseHeld(apart_id, case.round + 1))
    await emit(tx, ThingGivenBack(case.id, case.round, apart_id, subject.kind, subject.owner_id, subject.item_id))
    after = {**_named(subject), "case": str(apart_id)}
    await queue.say(
        tx, actor, case, "give_back", {"action": case.action, "account": case.account_action}, after, reason
    )
    return apart_id


async def _check_may_give_back(tx: Tx, actor: Actor, case: Case, subject: Subject) -> None:
    """Raises NotFound or Forbidden."""
    await decide.check_may_undo(tx, actor, case, again=True)
    if case.origin == "appeal":
        raise Forbidden("What is contested is decided as one")
    if (case.action, case.account_action) == ("none", "none"):
        raise Forbidden("Nothing was done about this: open the case again")
    there, others = await store_parting.decided(tx, case.id, subject)
    if not there:
        raise NotFound
    if not others:
        raise Forbidden("This is all that the decision still holds for: take it back as a whole")


async def _is_held_on(tx: Tx, actor: Actor, case: Case, subject: Subject) -> bool:
    """Whether it stays hidden until it is decided anew, as the policy says: what is heavy, and they do not say alone
    that nothing is wrong with, or somebody whom the place trusts has given notice of.
    """
    said = decisions_of(await store_decide.decisions(tx, case.id), case.round)
    alone = await decide.is_for_one(tx, actor, said) and not await store_decide.is_vouched(tx, case.id, subject)
    if not case.heavy or alone:
        return False
    return any(one.code == case.policy and one.hold_meanwhile for one in await store_policies.all_of_them(tx))


def _named(subject: Subject) -> dict[str, str]:
    return {"kind": subject.kind, "id": str(subject.item_id)}
