"""Blocks of the place that are for a while: when their time is over they end as if somebody had taken them away, with
all that follows from it, and the audit log says so.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import NotFound
from townsquare.moderation import blocks, domains, store_blocks, store_domains, store_lists
from townsquare.moderation.model import PLACE, Actor
from townsquare.moderation.store_lists import PlaceList

EVERY: Final = timedelta(seconds=20)
"""How often it is looked for what has had its time."""
AT_ONCE: Final = 500


class _Timed(msgspec.Struct, frozen=True):
    of: PlaceList[Any]
    end: Callable[[Tx, Actor, int], Awaitable[object]]


_TIMED: Final[Sequence[_Timed]] = (
    _Timed(store_domains.BLOCKS, domains.unblock),
    _Timed(store_blocks.EMAIL_DOMAINS, blocks.unblock_email_domain),
    _Timed(store_blocks.CANONICALS, blocks.unblock_email),
    _Timed(store_blocks.IP_BLOCKS, blocks.unblock_network),
)


async def end_timed(db: Database) -> None:
    """From time to time."""
    now = datetime.now(UTC)
    for one in _TIMED:
        for number in await store_lists.over(db, one.of, now, AT_ONCE):
            try:
                async with db.transaction() as tx:
                    if await store_lists.is_over(tx, one.of, number, now):
                        await one.end(tx, PLACE, number)
            except NotFound:
                continue  # Somebody has taken it away meanwhile.
