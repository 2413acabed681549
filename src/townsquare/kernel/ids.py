"""Time-ordered ids of 63 bits: 42 bits of milliseconds since 1970, then 21 random bits.

They sort by time of creation, fit PostgreSQL's bigint, last until the year 2109, and show neither how many posts there
are nor which id comes next: a guess at a known millisecond finds one post in two million tries.
"""

import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import NewType

AccountId = NewType("AccountId", int)
StatusId = NewType("StatusId", int)

RANDOM_BITS = 21
LARGEST = (1 << 63) - 1
DAY_MS = 86_400_000


def new_id(at: datetime | None = None) -> int:
    """An id for something that happens now, or that happened `at` a time (an imported post keeps its place)."""
    ms = time.time_ns() // 1_000_000 if at is None else int(at.timestamp() * 1000)
    return first_id_of(ms) | secrets.randbits(RANDOM_BITS)


def new_ids(count: int) -> list[int]:
    """Ids for things that are written at once: no two the same, in ascending order."""
    ids: set[int] = set()
    while len(ids) < count:
        ids.add(new_id())
    return sorted(ids)


def first_id_of(ms: int) -> int:
    """The smallest id of a millisecond since 1970: a cursor by time."""
    return max(0, ms) << RANDOM_BITS


def time_of(number: int) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp((number >> RANDOM_BITS) / 1000, UTC)


def stamp(number: int) -> str:
    """The same in the form of the API."""
    day, ms = divmod(number >> RANDOM_BITS, DAY_MS)
    seconds, ms = divmod(ms, 1000)
    return f"{_date(day)}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}Z"


@lru_cache(maxsize=64)
def _date(day: int) -> str:
    return time.strftime("%Y-%m-%dT", time.gmtime(day * 86_400))


def parse_id(text: str) -> int | None:
    """The id that a client sent, or None for what cannot be one of ours (so it is simply not found)."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST)):
        return None
    number = int(text)
    return number if number <= LARGEST else None
