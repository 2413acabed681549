"""What nobody of the staff may decide: it is about all who could, or was reported by them. The operator decides it.

An owner stands above everybody else, so what is said of one is for nobody at the desk; nor is what the only one of the
staff has reported. Whoever has the machine is asked, who could change the database as well, and leaves a trace so.
"""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden, NotFound
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
    if any(one.reviewer_id != OPERATOR.id for one in said):
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
