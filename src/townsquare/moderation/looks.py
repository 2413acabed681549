"""Looks: nobody of the staff sees what is kept sealed, or what is private, without its being written down.

What was written for everybody, and reported, is opened by whoever works on it: the case is the reason. What was not
(messages, posts for followers) is shown to whoever has said why; that stands in the audit log, too, and holds an hour.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid
from townsquare.kernel.ids import new_id
from townsquare.moderation import audit, store_looks
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_text
from townsquare.moderation.store_looks import Look, Way

LASTS: Final = timedelta(hours=1)
"""For so long a look is good; then it takes another reason, and is written down again."""


class Looking(msgspec.Struct, frozen=True):
    """Who looks at what, and how they came there. `target` as the audit log says it: `case:1`, `report:2`."""

    actor_id: int
    way: Way
    target: str


async def note(db: Db, all_of_them: Sequence[Looking], now: datetime) -> None:
    """Write down looks at what was written for everybody; once in an hour."""
    rows = [Look(new_id(now), one.actor_id, one.way, one.target, False, "", now) for one in all_of_them]
    if rows:
        await store_looks.note(db, rows, now - LASTS)


async def look(tx: Tx, actor: Actor, way: Way, target: str, why: str, now: datetime) -> None:
    """Look at what is private in something. Raises Invalid without a reason."""
    reason = check_text(why)
    if not reason:
        raise Invalid(
            "Validation failed: Reason can't be blank",
            details={"why": [{"error": "ERR_BLANK", "description": "can't be blank: it stands in the audit log"}]},
        )
    await store_looks.note(tx, [Look(new_id(now), actor.id, way, target, True, reason, now)], now)
    await audit.record(tx, actor, Deed(action=f"{target.partition(':')[0]}.look", target=target, reason=reason))


async def open_to(db: Db, actor_id: int, targets: Sequence[str], now: datetime) -> set[str]:
    """In which of these somebody may see what is private: they have said why, not too long ago."""
    return await store_looks.reasoned(db, actor_id, targets, now - LASTS) if targets else set()


async def open_file(tx: Tx, actor: Actor, case_id: int, notice_id: int, name: str, now: datetime) -> None:
    """Open something that came with a notice: who did stands in the audit log, each time."""
    await note(tx, [Looking(actor.id, "desk", f"notice:{notice_id}")], now)
    after = {"notice": str(notice_id), "file": name}
    await audit.record(tx, actor, Deed(action="case.open", target=f"case:{case_id}", after=after))
