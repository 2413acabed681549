"""Who gives notice, as far as they are known again; whoever does so without reason again and again is not heard for a
time (Digital Services Act, article 23 (2); `misuse` has the rule).

Known is a program by its key, and an address of which a mail server of the place has found that the message comes from
it: what anybody can claim, as in the form, counts against nobody. Hosts, stores, authorities and trusted flaggers that
the place names are not counted: who has their standing is decided by the place, or by whoever gave it to them.
"""

from datetime import datetime, timedelta
from typing import Final

from townsquare.auth.throttle import Limit, count_try
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import Forbidden, TooMany
from townsquare.kernel.ids import new_id
from townsquare.kernel.keyring import Keyring
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.moderation import misuse_acts
from townsquare.moderation.cases.model import VOUCHED
from townsquare.moderation.notices import store_senders as store
from townsquare.moderation.notices.model import Draft, Notice, may_have_evidence

LETTERS: Final = Limit(20, timedelta(hours=1), Words("Too many messages went to this address"))
"""To an address of which nothing shows that it is the sender's."""


async def known(tx: Tx, draft: Draft, now: datetime) -> int | None:
    """Who gives this notice; None for whoever is not known again, or is not counted."""
    if draft.proven and draft.sender in VOUCHED:
        return None
    if draft.key_id is not None:
        return await store.of_key(tx, draft.key_id, new_id(now))
    if draft.written_by:
        return await store.of_address(tx, _print(tx.keys, draft.written_by), new_id(now))
    return None


def _print(keys: Keyring, email: str) -> bytes:
    return keys.print(email.lower().encode(), "notice sender")


async def is_theirs(db: Database, settings: Settings, notice: Notice, email: str) -> bool:
    """Whether an address is that of whoever gave a notice: a program with a key did, the place names the address, or a
    mail server of the place found that it wrote. Any other may be somebody else's.
    """
    if may_have_evidence(settings, notice, email):
        return True
    return notice.sender_id is not None and await store.is_of(db, notice.sender_id, _print(db.keys, email))


async def may_write(db: Database, email: str, now: datetime) -> bool:
    """Whether another letter may go to an address that may be somebody else's: whoever gives it for theirs, over and
    over, is not to have this place fill their mailbox (RFC 3834, 2).
    """
    try:
        await count_try(db, LETTERS, f"notices:{_print(db.keys, email).hex()}", now)
    except TooMany:
        return False
    return True


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
