"""How much is new for somebody: the number beside the bell on every page."""

from typing import Final

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId
from townsquare.timelines import groups
from townsquare.timelines.store_notifications import Wanted

MOST: Final = 20


async def unread(db: Db, me: AccountId) -> int:
    """How many groups of notifications are newer than what was read last, counted up to MOST."""
    return await groups.unread_count(db, Wanted(me, Cursor(MOST)), groups.grouped_of(None))
