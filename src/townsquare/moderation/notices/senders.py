"""Who gives notice, as far as they are known again; whoever does so without reason again and again is not heard for a
time (Digital Services Act, article 23 (2); `misuse` has the rule).

Known is a program by its key, and an address of which a mail server of the place has found that the message comes from
it: what anybody can claim, as in the form, counts against nobody. Hosts, stores, authorities and trusted flaggers that
the place names are not counted: who has their standing is decided by the place, or by whoever gave it to them.
"""

from datetime import datetime

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import misuse_acts
from townsquare.moderation.cases.model import VOUCHED
from townsquare.moderation.notices import store_senders as store
from townsquare.moderation.notices.model import Draft


async def known(tx: Tx, draft: Draft, now: datetime) -> int | None:
    """Who gives this notice; None for whoever is not known again, or is not counted."""
    if draft.proven and draft.sender in VOUCHED:
        return None
    if draft.key_id is not None:
        return await store.of_key(tx, draft.key_id, new_id(now))
    if draft.written_by:
        return await store.of_address(tx, tx.keys.print(draft.written_by.encode(), "notice sender"), new_id(now))
    return None


async def is_heard(tx: Tx, sender_id: int | None, draft: Draft, now: datetime) -> bool:
    """Whether it is looked at: what a suspended sender says of the worst kind is. Their mail is kept and makes no case.

    Raises Forbidden for a program.
    """
    until = None if sender_id is None else await misuse_acts.suspended_until(tx, sender_id, "notices", now)
    if until is None or await store.severity(tx, draft.policy) == misuse_acts.WORST:
        return True
    if draft.way != "mail":
        raise Forbidden(
            Words(
                "You cannot give notice until %(at)s, because many of your notices were clearly unfounded. Threats, "
                "terrorism and the abuse of children can always be told of.",
                at=until.strftime("%Y-%m-%d %H:%M UTC"),
            )
        )
    return False
