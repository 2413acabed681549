"""How much one account or address may ask for: so many requests in each span of five minutes, as Mastodon counts them.

Each process counts for itself; with several processes a client reaches its share of each, so the bound is divided by
their number.
"""

import time
from collections.abc import Callable

import msgspec

from townsquare.kernel.errors import TooMany

SPAN = 300
MOST_KEYS = 100_000


class Left(msgspec.Struct, frozen=True):
    """What a client is told: Mastodon's three headers."""

    limit: int
    remaining: int
    reset: int
    """Seconds since 1970."""


class Rates:
    """Counts of the present span. A new span begins empty, so memory is bounded by a span's clients."""

    def __init__(self, *, enabled: bool, processes: int = 1, clock: Callable[[], float] = time.time) -> None:
        self._enabled = enabled
        self._processes = processes
        self._clock = clock
        self._span = 0
        self._counts: dict[str, int] = {}

    def take(self, key: str, bound: int) -> Left | None:
        """Count one request. Raises TooMany when the bound is passed; None when nothing is limited."""
        if not self._enabled:
            return None
        now = self._clock()
        span = int(now // SPAN)
        if span != self._span or len(self._counts) > MOST_KEYS:
            self._span, self._counts = span, {}
        used = self._counts[key] = self._counts.get(key, 0) + 1
        share = max(1, bound // self._processes)
        left = Left(share, max(0, share - used), (span + 1) * SPAN)
        if used > share:
            wait = max(1, int(left.reset - now))
            raise TooMany(
                f"Too many requests: try again in {wait} seconds", headers={"retry-after": str(wait)} | headers(left)
            )
        return left


def headers(left: Left) -> dict[str, str]:
    """Mastodon's headers."""
    reset = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(left.reset))
    return {
        "x-ratelimit-limit": str(left.limit),
        "x-ratelimit-remaining": str(left.remaining),
        "x-ratelimit-reset": reset,
    }
