"""A backlog of reports on labelled posts: campaigns, brigades, reporters who are right more or less often."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final, Literal

import msgspec

from townsquare.cli.moderation.corpus import Post
from townsquare.cli.moderation.disguise import disguised
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases.gather import Claim
from townsquare.moderation.cases.model import Subject

Mix = Literal["high", "low"]
WHOLE: Final = 26_000
"""Reports for which the other numbers hold; with fewer there is less of everything."""
REPORTERS: Final = 6_000
BRIGADES, BRIGADE, RINGS = 12, 150, 4
"""Posts that are reported by so many accounts which act together; a ring of them does so to several posts."""
SHORTEST: Final = 30
"""Of a text that makes a campaign."""
PAST: Final = timedelta(days=7)
"""So far back the oldest post of the backlog lies."""


class Shape(msgspec.Struct, frozen=True):
    campaigns: int
    items: int
    violating: float
    """The share of items."""


SHAPES: Final[Mapping[Mix, Shape]] = {"high": Shape(60, 6_900, 0.68), "low": Shape(25, 7_600, 0.27)}
FINE_CAMPAIGNS: Final = 0.15
"""So many of the campaigns are of what violates nothing: a petition, a joke that goes round."""
SEVERE: Final = ("violent-threat", "child-safety")
SAID: Final = {"harassment": 28, "hate": 24, "spam": 16, "other": 14, "violent-threat": 8, "graphic": 5, "fraud": 5}
"""What reports say that are wrong, by how often."""


class Truth(msgspec.Struct, frozen=True):
    """A reported post, and what nobody in the simulation knows. `views`: people an hour."""

    subject: Subject
    policy: str | None
    views: float
    posted_at: datetime


class Reporter(msgspec.Struct, frozen=True):
    id: int
    accuracy: float
    activity: float
    decided: int
    upheld: int


class Backlog(msgspec.Struct, frozen=True):
    truths: dict[Subject, Truth]
    claims: list[Claim]
    reporters: list[Reporter]


class _Item(msgspec.Struct, frozen=True):
    truth: Truth
    text: str
    reach: float


def make(posts: Sequence[Post], *, reports: int, mix: Mix, seed: int, now: datetime) -> Backlog:
    """The same for the same numbers."""
    chance = Random(seed)
    shape, scale = SHAPES[mix], reports / WHOLE
    reporters = [_reporter(number, chance) for number in range(1, REPORTERS + 1)]
    items = list(_items(posts, shape, scale, chance, now))
    brigaded = _brigaded(items, max(1, round(BRIGADES * scale)), chance)
    rings = _rings(scale)
    claims = list(_brigades(brigaded, rings, chance, now))
    members = [Reporter(number, 0.3, 1.0, 0, 0) for ring in rings for number in ring]
    claims += _reports(items, reports - len(claims), reporters, chance, now)
    chance.shuffle(claims)
    numbered = [msgspec.structs.replace(one, report_id=at) for at, one in enumerate(claims, 1)]
    return Backlog({one.truth.subject: one.truth for one in items}, numbered, [*reporters, *members])


def _reporter(number: int, chance: Random) -> Reporter:
    """Somebody of whom some reports have been decided before."""
    accuracy = chance.betavariate(6, 2)
    decided = min(int(chance.expovariate(1 / 6)), 60)
    upheld = sum(chance.random() < accuracy for _ in range(decided))
    return Reporter(number, accuracy, chance.paretovariate(1.5), decided, upheld)


def _items(posts: Sequence[Post], shape: Shape, scale: float, chance: Random, now: datetime) -> Iterator[_Item]:
    wrong = [one for one in posts if one.policy is not None]
    fine = [one for one in posts if one.policy is None]
    chance.shuffle(wrong)
    chance.shuffle(fine)
    made: list[Post] = []
    for number in range(max(1, round(shape.campaigns * scale))):
        source = fine if number % round(1 / FINE_CAMPAIGNS) == 0 else wrong
        at = next(at for at, one in enumerate(source) if len(one.text) >= SHORTEST)
        first = source.pop(at)
        made += [Post(disguised(first.text, chance), first.policy) for _ in range(round(20 * chance.paretovariate(2)))]
    total = round(shape.items * scale)
    left = max(0, round(total * shape.violating) - sum(one.policy is not None for one in made))
    singles = wrong[:left] + fine[: max(0, total - len(made) - left)]
    for post in made + singles:
        yield _item(post, chance, now)


def _item(post: Post, chance: Random, now: datetime) -> _Item:
    views = math.exp(chance.gauss(3, 1.5))
    posted_at = now - PAST * chance.random()
    subject = Subject("status", new_id(posted_at), new_id(posted_at))
    guessed = views * 24 * math.exp(chance.gauss(0, 0.5))
    return _Item(Truth(subject, post.policy, views, posted_at), post.text, guessed)


def _brigaded(items: Sequence[_Item], many: int, chance: Random) -> list[_Item]:
    return chance.sample([one for one in items if one.truth.policy is None], many)


def _rings(scale: float) -> list[list[int]]:
    size = max(10, round(BRIGADE * min(1.0, scale * 4)))
    return [[REPORTERS + ring * size + number for number in range(1, size + 1)] for ring in range(RINGS)]


def _brigades(items: Sequence[_Item], rings: Sequence[Sequence[int]], chance: Random, now: datetime) -> Iterator[Claim]:
    """Within two hours, and all say the same."""
    for at, item in enumerate(items):
        begin = item.truth.posted_at + (now - item.truth.posted_at) * chance.random()
        said = chance.choice(("violent-threat", "hate", "harassment"))
        for reporter in rings[at % len(rings)]:
            yield _claim(item, reporter, said, min(now, begin + timedelta(hours=2) * chance.random()))


def _reports(
    items: Sequence[_Item], many: int, reporters: Sequence[Reporter], chance: Random, now: datetime
) -> Iterator[Claim]:
    """Each item at least one, the rest heavily on a few; by people who are right as often as they are."""
    weights = list(accumulate(chance.paretovariate(1.2) for _ in items))
    chosen = [*items, *chance.choices(items, cum_weights=weights, k=max(0, many - len(items)))][:many]
    right = list(accumulate(one.activity * one.accuracy for one in reporters))
    mistaken = list(accumulate(one.activity * (1 - one.accuracy) for one in reporters))
    for item in chosen:
        truth = item.truth
        by = chance.choices(reporters, cum_weights=mistaken if truth.policy is None else right)[0]
        knows = truth.policy is not None and chance.random() < by.accuracy
        said = truth.policy if knows and truth.policy else chance.choices(list(SAID), list(SAID.values()))[0]
        later, most = timedelta(hours=chance.expovariate(1 / 12)), now - truth.posted_at
        yield _claim(item, by.id, said, truth.posted_at + (later if later < most else most * chance.random()))


def _claim(item: _Item, reporter: int, said: str, at: datetime) -> Claim:
    truth = item.truth
    return Claim(
        report_id=0,
        reporter_id=reporter,
        subject=truth.subject,
        author_id=truth.subject.owner_id,
        text=item.text,
        policy=said,
        filed_at=at,
        reach=item.reach,
    )
