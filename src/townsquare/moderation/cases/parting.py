"""What a reviewer finds to be unlike the rest of a case becomes a case of its own when the rest is decided."""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.moderation.cases import queue, store_parting
from townsquare.moderation.cases.model import Subject
from townsquare.moderation.cases.roles import Reviewer


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
    thing = {"kind": subject.kind, "id": str(subject.item_id)}
    await queue.say(tx, reviewer.actor, case, "part" if out else "unpart", {}, thing)
