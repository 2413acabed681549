"""Misuse of reports, of notices and of appeals (Digital Services Act, article 23): a warning first, then a suspension
for a time.

Clearly unfounded is a report, or a notice, of which nobody who looked at it found anything wrong, and an appeal that
was turned down. Pure rules; what is done stands in `misuse_acts`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from townsquare.kernel.settings import Misuse

Way = Literal["reports", "appeals", "notices"]
Kind = Literal["warning", "suspension"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was warned, or suspended until a time. `account_id`: for notices, the number of who gives them."""

    account_id: int
    id: int
    way: Way
    step: Kind
    unfounded: int
    decided: int
    made_at: datetime
    until: datetime | None
    undone_at: datetime | None


class Counts(msgspec.Struct, frozen=True):
    """Of what was decided of somebody since a time, how much was clearly unfounded."""

    unfounded: int
    decided: int


class Standing(msgspec.Struct, frozen=True):
    """Since when it is counted, whether they were warned for it, and until when they are suspended."""

    since: datetime
    warned: bool
    until: datetime | None


def standing(steps: Sequence[Step], bounds: Misuse, now: datetime) -> Standing:
    """By all that was done before in one way. What was taken back, and what a suspension was for, counts no more."""
    since, warned, until = now - timedelta(days=bounds.span_days), False, None
    for one in sorted(steps, key=lambda one: one.made_at):
        if one.undone_at is not None:
            since, warned = max(since, one.undone_at), False
        elif one.until is not None:
            since, warned = max(since, one.until), False
            until = one.until if one.until > now else until
        elif one.made_at > since:
            since, warned = one.made_at, True
    return Standing(since, warned, until)


def in_force(steps: Sequence[Step], bounds: Misuse, now: datetime) -> list[Step]:
    """Those that still count, in their order: a warning, and the suspension after it while it lasts."""
    held: list[Step] = []
    for one in sorted(steps, key=lambda one: one.made_at):
        if one.undone_at is not None or (one.until is not None and one.until <= now):
            held = []
        elif one.until is not None or one.made_at > now - timedelta(days=bounds.span_days):
            held.append(one)
    return held


def next_step(way: Way, now_standing: Standing, counts: Counts, bounds: Misuse) -> Kind | None:
    """What is due. Nobody is suspended who was not warned, or for what was before the warning."""
    if now_standing.until is not None or counts.unfounded * 100 < counts.decided * bounds.share:
        return None
    first, then = (bounds.appeals, bounds.appeals_then) if way == "appeals" else (bounds.reports, bounds.reports_then)
    if not first:
        return None
    if now_standing.warned:
        return "suspension" if counts.unfounded >= then else None
    return "warning" if counts.unfounded >= first else None
