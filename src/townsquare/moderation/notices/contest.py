"""Whoever gave notice contests that something stays as it is: somebody else decides, and the answer goes out again."""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden
from townsquare.moderation.notices import store
from townsquare.moderation.notices.follow import settle
from townsquare.moderation.notices.model import Notice, Outcome
from townsquare.moderation.reasons import appeals
from townsquare.moderation.reasons.term import is_open


def is_contestable(one: Outcome, now: datetime) -> bool:
    """Whether it was left as it is, by a decision that nobody has contested for this notice, and not too long ago."""
    return one.left and one.told_at is not None and is_open(one.told_at, now)


async def contest(tx: Tx, notice: Notice, text: str, now: datetime) -> None:
    """All of it at once, for one reason. Raises Invalid, Forbidden or Conflict."""
    left = [one for one in await store.outcomes(tx, [notice.id]) if one.left]
    found = [one for one in left if is_contestable(one, now)]
    if left and not found:
        raise Forbidden("Appeals are open for six months, and those are over")
    decisions = {(one.case_id, one.round) for one in found if one.case_id is not None and one.round is not None}
    await appeals.appeal_of_notice(tx, notice.id, sorted(decisions), text, now)
    await settle(tx, [notice.id], now)
