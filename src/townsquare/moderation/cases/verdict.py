"""What takes effect, by what each reviewer has said. A pure rule.

One pair of eyes is enough for what is light and can be taken back without harm. What is heavy wants a second, which
does not know what the first said; where the two differ, a third, of a senior, decides between them. Nobody but the
first is asked where the policy says so.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.moderation.cases.model import Purpose, Review

SURE: Final = 0.9
"""An estimate from which on a machine contradicts a reviewer who sees nothing wrong."""
SECOND: Final = 2
THIRD: Final = 3


class Rules(msgspec.Struct, frozen=True):
    """What of the policy and of the case the rule asks for."""

    second_review: bool
    hold_meanwhile: bool
    purpose: Purpose = "work"
    estimate: float = 0.0
    """How sure the surest machine is that something of severity 1 or 2 is wrong."""
    vouched: bool = False
    """A host, a store, an authority or a trusted flagger has said that something is wrong."""


class Wait(msgspec.Struct, frozen=True):
    """It is not decided: for a further pair of eyes, and whether it is held meanwhile."""

    stage: int
    hold: bool


class Decided(msgspec.Struct, frozen=True):
    """It is decided, as this review says."""

    review: Review


Verdict = Wait | Decided


def verdict(reviews: Sequence[Review], rules: Rules) -> Verdict:
    """`reviews` in the order in which they were made, at least one and at most three."""
    first = reviews[0]
    if rules.purpose != "work":
        return Decided(first)
    if len(reviews) == 1:
        return _after_first(first, rules)
    if len(reviews) == SECOND:
        return _after_second(first, reviews[1], rules)
    return _after_third(reviews)


def _after_first(first: Review, rules: Rules) -> Verdict:
    contradicted = not first.violates and (rules.vouched or rules.estimate >= SURE)
    if contradicted or (first.heavy and rules.second_review):
        return Wait(SECOND, first.heavy and rules.hold_meanwhile)
    return Decided(first)


def _after_second(first: Review, second: Review, rules: Rules) -> Verdict:
    if first.heavy == second.heavy and first.violates == second.violates:
        return Decided(lighter(first, second))
    return Wait(THIRD, (first.heavy or second.heavy) and rules.hold_meanwhile)


def _after_third(reviews: Sequence[Review]) -> Verdict:
    """The side on which two of three stand. Where each says something else, the one between."""
    third = reviews[2]
    agreeing = [one for one in reviews[:2] if (one.heavy, one.violates) == (third.heavy, third.violates)]
    return Decided(third if agreeing else sorted(reviews, key=weight)[1])


def lighter(first: Review, second: Review) -> Review:
    """Where both agree that something is to be done, the lesser of the two; the first's where they are the same."""
    return min(first, second, key=weight)


def weight(review: Review) -> tuple[bool, bool]:
    """By what reviews are compared: heavy above light, light above nothing."""
    return review.heavy, review.violates
