"""Which of the cases something new belongs to. A pure rule over prints, for one thing or for thousands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.moderation.cases.likeness import Print, similarity
from townsquare.moderation.cases.model import Policy
from townsquare.moderation.cases.store_gather import Known, Like

JOIN: Final = 0.5
"""From this likeness on, to anything in a case, something new joins it."""
SURE: Final = 0.65
"""Below this likeness to what the case began with it is an outlier: it is looked at apart."""
COVERED: Final = 0.9
"""What is so much like a print of the case needs none of its own."""
MOST_PRINTS: Final = 24
"""Of a case: a campaign of ten thousand costs no more to compare with than one of a hundred."""


class Group(msgspec.Struct):
    """A case as far as it is compared with."""

    case_id: int
    open: bool
    policy: str
    action: str | None
    lead: bytes
    signatures: list[bytes]


class Place(msgspec.Struct, frozen=True):
    """Where something new goes: into a case, or (`case_id` None) into one of its own.

    `action`: it is decided as the case was. `prior_id`: of a new case, the one that was decided before.
    """

    case_id: int | None = None
    similarity: float = 1.0
    outlier: bool = False
    action: str | None = None
    prior_id: int | None = None


class Groups:
    """The cases that could be like what is new, and those that are begun meanwhile."""

    def __init__(self, likes: Sequence[Like], policies: Mapping[str, Policy]) -> None:
        self._policies = policies
        self._groups: dict[int, Group] = {}
        self._banded: defaultdict[int, set[int]] = defaultdict(set)
        self._scheme: dict[int, int] = {}
        for like in likes:
            self._enter(like)

    def _enter(self, like: Like) -> None:
        group = self._groups.get(like.case_id)
        if group is None:
            group = Group(like.case_id, like.open, like.policy, like.action, like.signature, [])
            self._groups[like.case_id] = group
            self._scheme[like.case_id] = like.scheme
        group.signatures.append(like.signature)
        if like.lead:
            group.lead = like.signature
        for band in like.bands:
            self._banded[band].add(like.case_id)

    def find(self, made: Print) -> Place:
        """The open case that it is most like; else, the decided one, where its policy lets it be decided so."""
        near = [(self._nearest(group, made), group) for group in self._candidates(made)]
        best = max(((score, group.case_id) for score, group in near if group.open and score >= JOIN), default=None)
        if best is not None:
            to_lead = similarity(self._groups[best[1]].lead, made.signature)
            return Place(best[1], to_lead, outlier=to_lead < SURE)
        before = max(
            ((score, group.case_id) for score, group in near if not group.open and score >= JOIN), default=None
        )
        return Place() if before is None else self._as_before(before[0], self._groups[before[1]], made)

    def _as_before(self, score: float, group: Group, made: Print) -> Place:
        joins_from = self._policies[group.policy].joins_from
        to_lead = similarity(group.lead, made.signature)
        if group.action in (None, "none") or joins_from is None or min(score, to_lead) < joins_from:
            return Place(prior_id=group.case_id)
        return Place(group.case_id, to_lead, action=group.action)

    def begin(self, case_id: int, made: Print) -> None:
        """A case that begins with what has this print."""
        self._enter(
            Like(case_id, made.scheme, made.signature, list(made.bands), lead=True, open=True, policy="", action=None)
        )

    def extend(self, case_id: int, made: Print) -> bool:
        """Whether the case takes this print too: it covers what those before do not, and they are not too many."""
        group = self._groups[case_id]
        if len(group.signatures) >= MOST_PRINTS or self._nearest(group, made) >= COVERED:
            return False
        self._enter(
            Like(
                case_id,
                made.scheme,
                made.signature,
                list(made.bands),
                lead=False,
                open=group.open,
                policy="",
                action=None,
            )
        )
        return True

    def _candidates(self, made: Print) -> list[Group]:
        found = {case_id for band in made.bands for case_id in self._banded.get(band, ())}
        return [self._groups[one] for one in sorted(found) if self._scheme[one] == made.scheme]

    @staticmethod
    def _nearest(group: Group, made: Print) -> float:
        return max(similarity(one, made.signature) for one in group.signatures)


def stands_as_before(known: Known, digest: bytes | None, claimed: Policy, policies: Mapping[str, Policy]) -> bool:
    """Whether a further report changes nothing: it is decided, has not changed, and nothing worse is said of it now."""
    if known.open or known.digest != digest:
        return False
    decided = policies[known.policy]
    return known.action != "none" or claimed.severity >= decided.severity
