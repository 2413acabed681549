"""Who sits, when a jury has spoken, and what it has said. Pure rules."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

Answer = Literal["stands", "lifted", "declined"]
"""Of what is contested: it is right, it is not, or somebody else should say so."""
Verdict = Literal["stands", "lifted", "none"]

SEATS: Final = 9
QUORUM: Final = 5
"""Fewer votes than this say nothing; a jury for which fewer can be drawn is not drawn."""
LASTS: Final = timedelta(days=3)
HERE_FOR: Final = timedelta(days=30)
"""Jurors have been here for so long at least."""
POINTS_LAST: Final = timedelta(days=90)
"""A seat that somebody left empty, without declining it, is a point; it counts for so long."""
MOST_POINTS: Final = 3
"""Whoever has so many is not drawn."""


class Jury(msgspec.Struct, frozen=True):
    """`case_id`: of the appeal that it advises on."""

    case_id: int
    seats: int
    drawn_at: datetime
    due_at: datetime
    closed_at: datetime | None
    stands: int
    lifted: int
    verdict: Verdict | None


def drawn(pool: Sequence[int], seed: bytes, case_id: int) -> list[int]:
    """Who sits. Each has the same chance; the seed and the pool give the same people again."""
    head = seed + case_id.to_bytes(8, "big")
    return sorted(pool, key=lambda one: hashlib.sha256(head + one.to_bytes(8, "big")).digest())[:SEATS]


def result(answers: Sequence[Answer | None], *, over: bool) -> Verdict | None:
    """What they have said; None while somebody may still answer. The majority of at least five."""
    if not over and None in answers:
        return None
    stands, lifted = answers.count("stands"), answers.count("lifted")
    if stands + lifted < QUORUM or stands == lifted:
        return "none"
    return "stands" if stands > lifted else "lifted"


def departs(verdict: Verdict | None, *, granted: bool) -> bool:
    """Whether to grant an appeal, or to turn it down, is not what the jury said."""
    return verdict in ("stands", "lifted") and granted != (verdict == "lifted")
