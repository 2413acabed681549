"""How much is new for somebody: the numbers beside the bell and the messages on every page."""

import asyncio
from typing import Final

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId
from townsquare.timelines import conversations, groups
from townsquare.timelines.store_notifications import Wanted

MOST: Final = 20


class Unread(msgspec.Struct, frozen=True):
    """Groups of notifications that are newer than what was read last, and unread conversations; each up to MOST."""

    unread: int = 0
    letters: int = 0


async def unread(db: Db, me: AccountId) -> Unread:
    told = groups.unread_count(db, Wanted(me, Cursor(MOST)), groups.grouped_of(None))
    return Unread(*await asyncio.gather(told, conversations.unread_count(db, me, MOST)))
