"""What nobody of the staff may decide is for whoever has the machine, at the terminal: they decide it, or entrust one
of the staff with it.

An owner stands above everybody else, so what is said of one is for nobody at the desk; nor is what all who work its
queue have reported, made, or decided before where it is contested. Whoever has the machine could change the database as
well, and leaves a trace so. They count as one person: what they have decided is not theirs when it is contested.
"""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.moderation.cases import decide, parting, queue, store_decide, store_parting, store_queue
from townsquare.moderation.cases.model import Case, Review, decisions_of
from townsquare.moderation.cases.verdict import Verdict
from townsquare.moderation.model import OPERATOR


async def say(tx: Tx, case_id: int, review: Review, now: datetime) -> Verdict:
    """Decide it, at the terminal. Raises NotFound, Invalid, or Forbidden: it is decided, or for one of the staff."""
    case = await _left(tx, case_id)
    if case.state != "open":
        raise Forbidden("This case is decided")
    return await decide.say(tx, OPERATOR, case, review, now)


async def entrust(tx: Tx, case_id: int, account_id: int, reason: str, now: datetime) -> None:
    """Have one of the staff decide it, whatever their rank.

    Raises NotFound, Invalid or Forbidden: it is decided, or for others of the staff, or their rank is not all that bars
    them.
    """
    case = await _locked(tx, case_id)
    if not reason.strip():
        raise Invalid("Validation failed: Say why: it stands in the audit log")
    if case.state != "open":
        raise Forbidden("This case is decided")
    if set(await queue.free(tx, case)) - {case.entrusted_id}:
        raise Forbidden("Somebody of the staff may decide this case: it waits for them")
    await store_queue.entrust(tx, case_id, account_id)
    if account_id not in queue.able(case, await queue.free(tx, case)):
        raise Forbidden("They are none of the staff, do not work its queue, or have made, reported or decided it")
    await store_queue.assign(tx, case_id, account_id)
    await queue.say(tx, OPERATOR, case, "entrust", {}, {"account": str(account_id)}, reason)


async def reopen(tx: Tx, case_id: int, reason: str, now: datetime) -> None:
    """Take back what was decided at the terminal, with all that came of that: it is open again.

    Raises NotFound, Invalid, or Forbidden: one of the staff had a word in it, or it is not decided.
    """
    await decide.take_back(tx, OPERATOR, await _own(tx, case_id), reason, now, again=True)


async def give_back(tx: Tx, case_id: int, item_id: int, reason: str, now: datetime) -> int:
    """The same of one thing in it, by its number: it is a case of its own, which is open. Raises as `reopen` does."""
    case = await _own(tx, case_id)
    subject = await store_parting.named(tx, case_id, item_id)
    if subject is None:
        raise NotFound
    return await parting.give_back_of(tx, OPERATOR, case, subject, reason, now)


async def _own(tx: Tx, case_id: int) -> Case:
    case = await _locked(tx, case_id)
    said = decisions_of(await store_decide.decisions(tx, case_id), case.round)
    settled = case.state == "decided" and not said  # what the staff took back whole nobody has decided since
    if settled or any(one.reviewer_id != OPERATOR.id for one in said):
        raise Forbidden("This was decided by the staff: they take it back")
    return case


async def _locked(tx: Tx, case_id: int) -> Case:
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    return case


async def _left(tx: Tx, case_id: int) -> Case:
    case = await _locked(tx, case_id)
    if (await queue.left(tx, case)).anybody:
        raise Forbidden("Somebody of the staff may decide this case: it waits for them")
    return case
