"""How much one account or address may ask for: so many requests in each span of five minutes, as Mastodon counts them.

The processes of a service count together (see counts), so a client has the same bound whichever of them it reaches,
also when one connection keeps it with one of them. Several machines each have a bound of their own.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from townsquare.kernel.errors import TooMany
from townsquare.kernel.settings import Limits
from townsquare.kernel.settings_sources import RUN
from townsquare.kernel.words import Words
from townsquare.policies.counts import Counts

SPAN = 300


class Left(msgspec.Struct, frozen=True):
    """What a client is told: Mastodon's three headers."""

    limit: int
    remaining: int
    reset: int
    """Seconds since 1970."""


class Rates:
    """Counts of the present span."""

    def __init__(self, *, enabled: bool, counts: Counts | None = None, clock: Callable[[], float] = time.time) -> None:
        self._enabled = enabled
        self._counts = counts or Counts()
        self._clock = clock

    def take(self, key: str, bound: int) -> Left | None:
        """Count one request. Raises TooMany when the bound is passed; None when nothing is limited."""
        if not self._enabled:
            return None
        now = self._clock()
        span = int(now // SPAN)
        used = self._counts.add(key, span)
        left = Left(bound, max(0, bound - used), (span + 1) * SPAN)
        if used > bound:
            wait = max(1, int(left.reset - now))
            raise TooMany(
                Words.plural(
                    "Too many requests: try again in %(num)s second",
                    "Too many requests: try again in %(num)s seconds",
                    wait,
                ),
                headers={"retry-after": str(wait)} | headers(left),
            )
        return left


def check_pictures(rates: Rates, limits: Limits, account_id: int) -> None:
    """Count a picture that somebody sends, before it is worked on. Raises TooMany."""
    rates.take(f"pictures {account_id}", limits.pictures_per_account)


def shared_file(environ: Mapping[str, str]) -> Path | None:
    """Where the processes of a service count together: beside the settings of its start."""
    return Path(environ[RUN]).with_name("rates") if environ.get(RUN) else None


def headers(left: Left) -> dict[str, str]:
    """Mastodon's headers."""
    reset = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(left.reset))
    return {
        "x-ratelimit-limit": str(left.limit),
        "x-ratelimit-remaining": str(left.remaining),
        "x-ratelimit-reset": reset,
    }
