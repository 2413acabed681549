"""How much something trends. No I/O.

After Mastodon's measure: the people who used something today against those of yesterday, as the square of what is more
over what was expected; from its highest value that falls by half in some hours, whatever is used meanwhile. Posts are
measured by those who like and echo them, and fall from the moment when they were written.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare.kernel.ids import DAY_MS, RANDOM_BITS

Kind = Literal["tag", "link"]

COOLDOWN: Final = timedelta(days=2)
"""For so long a peak counts."""
HALF_LIFE: Final[dict[Kind, timedelta]] = {"tag": timedelta(hours=4), "link": timedelta(hours=8)}
STATUS_HALF_LIFE: Final = timedelta(hours=2)
LEAST: Final = 1.0
"""The score under which something does not trend any more."""
STATUS_LEAST: Final = 0.3


class Candidate(msgspec.Struct, frozen=True):
    """Something that enough people used today, or that trended before."""

    key: str
    today: int
    yesterday: int
    peak: float | None
    peak_at: datetime | None


class Trend(msgspec.Struct, frozen=True):
    """A row of `trending`."""

    key: str
    score: float
    peak: float
    peak_at: datetime
    language: str | None = None
    allowed: bool = False


class StatusCandidate(msgspec.Struct, frozen=True):
    """A post that was liked or echoed. `eligible`: it, and its author, may trend at all."""

    account_id: int
    id: int
    created_at: datetime
    language: str | None
    reactions: int
    eligible: bool
    author_trendable: bool | None
    trendable: bool | None


class StatusTrend(msgspec.Struct, frozen=True):
    """A row of `trending_statuses`."""

    account_id: int
    status_id: int
    score: float
    language: str | None
    allowed: bool


def surprise(observed: int, expected: int, least: int) -> float:
    """How much more than expected there is; 0 for what fewer than `least` people did."""
    before = max(expected, 1)
    return 0.0 if observed < least or observed < before else (observed - before) ** 2 / before


def faded(score: float, age: timedelta, half_life: timedelta) -> float:
    return score * 0.5 ** (max(age, timedelta(0)) / half_life)


def trend(one: Candidate, kind: Kind, now: datetime, least: int) -> Trend | None:
    """What it is worth now; None where it does not trend (any more)."""
    peak, peak_at = one.peak or 0.0, one.peak_at or now
    if now - peak_at > COOLDOWN:
        peak = 0.0
    score = surprise(one.today, one.yesterday, least)
    if score > peak:
        peak, peak_at = score, now
    worth = faded(peak, now - peak_at, HALF_LIFE[kind])
    return Trend(one.key, worth, peak, peak_at) if worth >= LEAST else None


def status_trend(one: StatusCandidate, now: datetime, least: int, *, unreviewed: bool) -> StatusTrend | None:
    """The same of a post. `unreviewed`: whether what nobody has decided of may trend."""
    if not one.eligible or one.created_at > now:
        return None
    worth = faded(surprise(one.reactions, 1, least), now - one.created_at, STATUS_HALF_LIFE)
    if worth < STATUS_LEAST:
        return None
    allowed = decided(one.trendable, one.author_trendable, default=unreviewed)
    return StatusTrend(one.account_id, one.id, worth, one.language, allowed)


def decided(*decisions: bool | None, default: bool) -> bool:
    """What was decided, of the thing itself before that of whoever made it."""
    return next((one for one in decisions if one is not None), default)


def day_of(number: int) -> int:
    """The day of an id, since 1970 in UTC."""
    return (number >> RANDOM_BITS) // DAY_MS


def today(now: datetime) -> int:
    return int(now.timestamp() * 1000) // DAY_MS


def domains_above(domain: str) -> list[str]:
    """A domain and those that it is below, the nearest first; not the last part alone."""
    parts = domain.split(".")
    return [".".join(parts[at:]) for at in range(max(len(parts) - 1, 1))]
