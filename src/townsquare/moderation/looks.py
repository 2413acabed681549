"""Looks at what is private: nobody of the staff has one without saying why, and each is in the audit log."""

from datetime import datetime, timedelta
from typing import Final

from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_desk
from townsquare.moderation.cases.model import Case
from townsquare.moderation.model import Actor, check_text

LASTS: Final = timedelta(hours=1)
"""For so long a look is good; then it takes another reason."""


async def look(tx: Tx, actor: Actor, case: Case, why: str, now: datetime) -> None:
    """Look at what is private in a case. Raises Invalid without a reason."""
    reason = check_text(why)
    if not reason:
        raise Invalid(
            "Validation failed: Reason can't be blank",
            details={"why": [{"error": "ERR_BLANK", "description": "can't be blank: it stands in the audit log"}]},
        )
    await store_desk.look(tx, actor.id, case.id, case.severity, reason, now)
    await audit.record(tx, actor, Deed(action="case.look", target=f"case:{case.id}", reason=reason))


async def may_see(db: Db, account_id: int, case_id: int, now: datetime) -> bool:
    """Whether somebody has said why they look, not too long ago."""
    found = await store_desk.looked(db, account_id, case_id)
    return found is not None and found.looked_at is not None and now - found.looked_at <= LASTS
