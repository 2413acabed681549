"""Cases that measure how people decide: golden ones, whose answer is known, and doubles of what somebody else decides.

They come from the same queue and look the same. Nothing follows from them but a figure (see `agreement`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zlib import crc32

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation.cases import store_agreement, store_queue
from townsquare.moderation.cases.events import CaseDecided
from townsquare.moderation.cases.model import Action
from townsquare.moderation.cases.queue import say
from townsquare.moderation.cases.roles import NOT_BELOW, QUEUES, Reviewer, check_policies

LEFT_OVER: Final = timedelta(days=14)
"""For so long after it was due a case that measures may still be decided."""


class Expected(msgspec.Struct, frozen=True):
    """The answer to a golden case."""

    policy: str
    action: Action


async def set_golden(tx: Tx, reviewer: Reviewer, case_id: int, expected: Expected, now: datetime) -> int:
    """Have reviewers be given cases whose answer is known, made of this one. The id of the answer itself, which nobody
    is given. Raises NotFound, Forbidden.
    """
    check_policies(reviewer)
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    made = new_id(now)
    await store_agreement.insert_like(tx, made, case_id, "golden", msgspec.json.encode(expected).decode(), now)
    await store_agreement.end(tx, made, now)
    after = {"case_id": made, "policy": expected.policy, "action": expected.action}
    await say(tx, reviewer.actor, case, "golden", {}, after)
    return made


async def put_golden(tx: Tx, reviewer: Reviewer, now: datetime) -> int | None:
    """Give somebody a case whose answer is known, of those that they have not seen; None where there is none left."""
    found = await store_agreement.golden_for(tx, reviewer.id, QUEUES[reviewer.role], NOT_BELOW[reviewer.site_role])
    if found is None:
        return None
    made = new_id(now)
    await store_agreement.insert_like(tx, made, found.id, "golden", msgspec.json.encode(found.expected).decode(), now)
    await store_queue.assign(tx, made, reviewer.id)
    return made


async def double_some(db: Database, settings: Settings, events: Sequence[CaseDecided]) -> None:
    """Effect of CaseDecided: some of the cases, chosen by chance (their number), are put to somebody else too.

    Not what was decided by hand, which was no review at the desk.
    """
    now = datetime.now(UTC)
    for case_id in {event.case_id for event in events if is_drawn(event.case_id, settings.moderation.doubles)}:
        async with db.transaction() as tx:
            case = await store_queue.lock(tx, case_id)
            if case is None or case.queue == "private" or case.origin == "staff":
                continue
            if not await store_agreement.is_doubled(tx, case_id):
                await store_agreement.insert_like(tx, new_id(now), case_id, "double", None, now)


async def end_left_over(db: Database) -> None:
    """From time to time: what measures and was decided by nobody is over some time after it was due."""
    now = datetime.now(UTC)
    for case_id in await store_agreement.left_over(db, now - LEFT_OVER):
        async with db.transaction() as tx:
            if await store_queue.lock(tx, case_id) is not None:
                await store_agreement.end(tx, case_id, now)


def is_drawn(case_id: int, share: int) -> bool:
    """Whether a case is of those, so many out of a hundred: always the same for the same case."""
    return crc32(str(case_id).encode()) % 100 < share
