"""How much is new for somebody: the numbers beside the bell and the messages on every page."""

from typing import Final

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId
from townsquare.timelines import groups
from townsquare.timelines.store_notifications import Unread, Wanted

MOST: Final = 20


async def unread(db: Db, me: AccountId) -> Unread:
    """Groups of notifications that are newer than what was read last, and unread conversations; each up to MOST."""
    return await groups.unread(db, Wanted(me, Cursor(MOST)), groups.grouped_of(None))
