"""What cases are rated: written when something comes to them, and again when more is known of who reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from townsquare.db.pool import Tx
from townsquare.moderation.cases import store_rating

BATCH: Final = 2000


async def rate(tx: Tx, case_ids: Sequence[int], now: datetime) -> None:
    """Rate those of the cases that are open."""
    if case_ids:
        await store_rating.rate(tx, case_ids, now)


async def recount(tx: Tx, case_ids: Sequence[int]) -> None:
    """After something came to these cases or went from them."""
    await store_rating.count(tx, case_ids)


async def rate_again(tx: Tx, since: datetime, now: datetime) -> int:
    """Rate the open cases of reporters whose reports were decided since then. How many there are."""
    stale = await store_rating.touched_by(tx, since, BATCH)
    await rate(tx, stale, now)
    return len(stale)
