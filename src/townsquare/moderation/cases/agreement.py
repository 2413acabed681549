"""How much reviewers agree, beyond what chance alone would bring: Cohen's kappa, by policy and by reviewer.

Two things are compared: golden cases with what is expected of them, and cases that were put to two people of whom
neither knew (blind doubles) with each other. Second reviews are not: who makes them knows that somebody was for it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.cases import store_agreement
from townsquare.moderation.cases.store_agreement import Pair

K = TypeVar("K")


class Agreement(msgspec.Struct, frozen=True):
    """`kappa`: 1 where all is the same, 0 where it is what chance would bring; None where nothing could differ."""

    pairs: int
    same: int
    kappa: float | None


async def agreement(db: Db) -> tuple[Mapping[str, Agreement], Mapping[int, Agreement]]:
    """By policy, and by reviewer."""
    pairs = await store_agreement.pairs(db)
    by_policy = _grouped((one.policy, one) for one in pairs)
    by_reviewer = _grouped((one.reviewer_id, one) for one in pairs)
    return (
        {key: measured(found) for key, found in by_policy.items()},
        {key: measured(found) for key, found in by_reviewer.items()},
    )


def measured(pairs: Sequence[Pair]) -> Agreement:
    """Of what was done (which action), not of under which policy."""
    many = len(pairs)
    same = sum(one.action == one.other for one in pairs)
    return Agreement(many, same, kappa([(one.action, one.other) for one in pairs]))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen 1960: the agreement that is seen, less the agreement by chance, by what of it was open."""
    if not pairs:
        return None
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    seen = sum(one == other for one, other in pairs) / len(pairs)
    chance = sum(first[name] * second[name] for name in first) / len(pairs) ** 2
    return None if chance == 1 else (seen - chance) / (1 - chance)


def _grouped(pairs: Iterable[tuple[K, Pair]]) -> dict[K, list[Pair]]:
    found: dict[K, list[Pair]] = {}
    for key, pair in pairs:
        found.setdefault(key, []).append(pair)
    return found
