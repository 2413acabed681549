"""What takes effect, by what each reviewer has said. A pure rule.

One pair of eyes is enough for what is light and can be taken back without harm. What is heavy is for a panel: so many
of at most so many must go as far, and how many says what hangs on it. It is two of three, and four of five where one
decision is about many things. The heaviest takes effect that enough of them would go at least as far as, so that it
does not matter in which order they looked; it is decided as soon as nobody who could still be asked can change it.

They do not know what others said, but for the last of a panel: that one decides between those who differ, and is a
senior. Where fewer people are left than a panel wants, those must agree on what is heavy; in doubt it is the lighter.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from townsquare.moderation.cases.model import Extent, Purpose, Review

SURE: Final = 0.9
"""An estimate from which on a machine contradicts a reviewer who sees nothing wrong."""
MANY: Final = 10
"""Things from which on a larger panel decides. Of reviewers who are wrong one time in twenty, two of three take down
one case in two hundred of which nothing is wrong: a thing here and there, or a hundred at once. Four of five take down
one in forty thousand.
"""


class Panel(msgspec.Struct, frozen=True):
    """`agreeing` of at most `most` reviewers."""

    agreeing: int
    most: int


ONE: Final = Panel(1, 1)
FEW: Final = Panel(2, 3)
LARGE: Final = Panel(4, 5)


class Rules(msgspec.Struct, frozen=True):
    """What of the policy and of the case the rule asks for."""

    second_review: bool
    hold_meanwhile: bool
    purpose: Purpose = "work"
    estimate: float = 0.0
    """How sure the surest machine is that something of severity 1 or 2 is wrong."""
    vouched: bool = False
    """A host, a store, an authority or a trusted flagger has said that something is wrong."""
    overturns: bool = False
    """Several had found something heavy in it before: to leave it is for several, too."""
    things: int = 1
    """About how many it is."""


class Left(msgspec.Struct, frozen=True):
    """How many may still review it who have not, and how many of these are seniors."""

    anybody: int
    seniors: int


ENOUGH: Final = Left(LARGE.most, LARGE.most)


class Wait(msgspec.Struct, frozen=True):
    """It is not decided: for a further pair of eyes, and whether it is held meanwhile."""

    stage: int
    hold: bool
    last: bool = False
    """These eyes are the last of the panel: a senior's, who is told what was said."""


class Decided(msgspec.Struct, frozen=True):
    """It is decided, as this review says. `few`: a panel would have gone on, and nobody is left for it."""

    review: Review
    few: bool = False


Verdict = Wait | Decided


def verdict(reviews: Sequence[Review], rules: Rules, left: Left = ENOUGH) -> Verdict:
    """`reviews` in the order in which they were made, at least one."""
    panel, made = _panel(reviews, rules), len(reviews)
    most = max(made, _asked(panel, made, left))
    agreeing = max(min(panel.agreeing, most), most // 2 + 1)
    heaviest = sorted(reviews, key=_order, reverse=True)
    # What it is at least, were all who come as light as can be, and at most, were they as heavy.
    certain = _weight(heaviest[agreeing - 1]) if agreeing <= made else LIGHTEST
    possible = _weight(heaviest[agreeing - 1 - (most - made)]) if agreeing > most - made else HEAVIEST
    # Two look at the least where there are two: what a host or a machine says is not left by one.
    if certain == possible and made >= min(most, 2):
        return Decided(_in_words(reviews, heaviest[min(agreeing, made) - 1], panel))
    hold = rules.hold_meanwhile and any(one.heavy for one in reviews)
    return Wait(made + 1, hold, made + 1 == panel.most)


def _panel(reviews: Sequence[Review], rules: Rules) -> Panel:
    """For whom it is. Once a second has been asked, it stays with a panel."""
    first = reviews[0]
    contradicted = not first.violates and (rules.vouched or rules.overturns or rules.estimate >= SURE)
    if rules.purpose != "work" or not (len(reviews) > 1 or contradicted or (first.heavy and rules.second_review)):
        return ONE
    return LARGE if rules.things >= MANY else FEW


def _asked(panel: Panel, made: int, left: Left) -> int:
    """How many of a panel there are: its last place is a senior's."""
    there = min(panel.most, made + left.anybody)
    return there if there < panel.most or left.seniors else there - 1


def _in_words(reviews: Sequence[Review], what: Review, panel: Panel) -> Review:
    """What is decided, in the words of whoever was the first to say so; where all have spoken, of the last."""
    saying = [one for one in reviews if _order(one) == _order(what)]
    return saying[-1] if len(reviews) == panel.most else saying[0]


def _weight(review: Review) -> tuple[bool, bool]:
    """By what reviews agree or differ: heavy above light, light above nothing."""
    return review.heavy, review.violates


LIGHTEST: Final = (False, False)
HEAVIEST: Final = (True, True)


def _order(review: Review) -> tuple[tuple[bool, bool], Extent]:
    """Which goes further of two that agree."""
    return _weight(review), review.extent
