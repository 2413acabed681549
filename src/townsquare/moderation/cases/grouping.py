"""Which of the cases something new belongs to. A pure rule over prints, for one thing or for thousands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.moderation.cases.likeness import similarity
from townsquare.moderation.cases.model import Policy
from townsquare.moderation.cases.pictures import AS_SAME
from townsquare.moderation.cases.pictures import likeness as of_pictures
from townsquare.moderation.cases.prints import Medium, Print
from townsquare.moderation.cases.store_gather import Known, Like

JOIN: Final = 0.5
"""From this likeness on, to anything in a case, something new joins it."""
CAMPAIGN: Final = 5
"""So many things that are alike are a campaign: what is like its beginning is one of it, and what is like something
that is (no further: at the end of a longer chain may stand something else)."""
SURE: Final[Mapping[Medium, float]] = {"text": 0.9, "image": AS_SAME}
"""Where fewer are alike, what is less like what the case began with than this is an outlier: it is looked at apart. Of
two texts that differ in a word or an emoji this can be what matters (measured on labelled posts: of such pairs nearly
half are not both fine or both wrong; in campaigns one of a hundred)."""
COVERED: Final = 0.9
"""What is so much like a print of the case needs none of its own."""
MOST_PRINTS: Final = 24
"""Of a case, texts and pictures each: a campaign of ten thousand costs no more than one of a hundred."""


class Group(msgspec.Struct):
    """A case as far as it is compared with: by medium, the prints that it has and those of what it began with."""

    case_id: int
    open: bool
    items: int
    policy: str
    action: str | None
    held_for: int | None
    lead: dict[Medium, list[bytes]]
    signatures: dict[Medium, list[bytes]]


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
        self._scheme: dict[tuple[int, Medium], int] = {}
        for like in likes:
            self._enter(like)

    def _enter(self, like: Like) -> None:
        group = self._groups.get(like.case_id)
        if group is None:
            group = Group(like.case_id, like.open, like.items, like.policy, like.action, like.held_for, {}, {})
            self._groups[like.case_id] = group
        if self._scheme.setdefault((like.case_id, like.medium), like.scheme) != like.scheme:
            return
        group.signatures.setdefault(like.medium, []).append(like.signature)
        if like.lead:
            group.lead.setdefault(like.medium, []).append(like.signature)
        for band in like.bands:
            self._banded[band].add(like.case_id)

    def find(self, made: Sequence[Print], author_id: int) -> Place:
        """The open case that it is most like, first of what is held for its author; else, the decided one, where its
        policy lets it be decided so.
        """
        may = [one for one in self._candidates(made) if one.held_for in (None, author_id)]
        near = [(score, one) for one in may if (score := self._nearest(one, made)) >= JOIN]
        best = max(((one.held_for is not None, score, one.case_id) for score, one in near if one.open), default=None)
        if best is not None:
            group = self._groups[best[2]]
            to_lead = _to_lead(group, made)
            likeness = min(to_lead.values(), default=0.0)
            group.items += 1
            sure = _is_of_campaign(group, made) if group.items >= CAMPAIGN else _is_sure(to_lead)
            return Place(group.case_id, likeness, outlier=not sure)
        before = max(((score, one.case_id) for score, one in near if not one.open), default=None)
        return Place() if before is None else self._as_before(before[0], self._groups[before[1]], made)

    def _as_before(self, score: float, group: Group, made: Sequence[Print]) -> Place:
        """Decided so is only what has text and pictures as that had, and nothing in it that is not like it."""
        joins_from = self._policies[group.policy].joins_from
        if group.action in (None, "none") or joins_from is None or {one.medium for one in made} != set(group.lead):
            return Place(prior_id=group.case_id)
        to_lead = min(_likeness(one, group.lead[one.medium]) for one in made)
        sure = group.items >= CAMPAIGN or _is_sure(_to_lead(group, made))
        if min(score, to_lead) < joins_from or not sure:
            return Place(prior_id=group.case_id)
        return Place(group.case_id, to_lead, action=group.action)

    def begin(self, case_id: int, made: Sequence[Print]) -> None:
        """A case that begins with what has these prints."""
        for one in made:
            self._enter(_like(case_id, one, lead=True, open_=True))

    def extend(self, place: Place, made: Sequence[Print]) -> list[Print]:
        """Which of these the case takes too: they cover what those before do not, and they are not too many.

        Only what is like the case, for what else stands beside it says nothing of it; or, unless it is an outlier, its
        text or its pictures where there were none.
        """
        if place.case_id is None:
            return []
        group = self._groups[place.case_id]
        had = set(group.signatures)
        taken: list[Print] = []
        for one in made:
            known = group.signatures.get(one.medium, [])
            nearest = _likeness(one, known)
            first = one.medium not in had and not place.outlier
            if len(known) < MOST_PRINTS and nearest < COVERED and (first or nearest >= JOIN):
                self._enter(_like(place.case_id, one, lead=False, open_=group.open))
                taken.append(one)
        return taken

    def _candidates(self, made: Sequence[Print]) -> list[Group]:
        found = {
            case_id
            for one in made
            for band in one.asked
            for case_id in self._banded.get(band, ())
            if self._scheme.get((case_id, one.medium)) == one.scheme
        }
        return [self._groups[one] for one in sorted(found)]

    @staticmethod
    def _nearest(group: Group, made: Sequence[Print]) -> float:
        """By what they have most in common: a picture, or the text."""
        return max(_likeness(one, group.signatures.get(one.medium, ())) for one in made)


def _to_lead(group: Group, made: Sequence[Print]) -> Mapping[Medium, float]:
    """How like they are to what the case began with, of text and pictures where both have them."""
    return {
        medium: max(_likeness(one, group.lead[medium]) for one in made if one.medium == medium)
        for medium in dict.fromkeys(one.medium for one in made)
        if medium in group.lead
    }


def _is_of_campaign(group: Group, made: Sequence[Print]) -> bool:
    """Whether all that both have is like the beginning, or like what is."""
    core = {
        medium: [one for one in group.signatures[medium] if _of(medium, one, group.lead[medium]) >= JOIN]
        for medium in dict.fromkeys(one.medium for one in made)
        if medium in group.lead
    }
    return bool(core) and all(
        max(_likeness(one, core[medium]) for one in made if one.medium == medium) >= JOIN for medium in core
    )


def _is_sure(to_lead: Mapping[Medium, float]) -> bool:
    return bool(to_lead) and all(likeness >= SURE[medium] for medium, likeness in to_lead.items())


def _likeness(made: Print, others: Sequence[bytes]) -> float:
    return _of(made.medium, made.signature, others)


def _of(medium: Medium, signature: bytes, others: Sequence[bytes]) -> float:
    compare = similarity if medium == "text" else of_pictures
    return max((compare(one, signature) for one in others), default=0.0)


def _like(case_id: int, made: Print, *, lead: bool, open_: bool) -> Like:
    return Like(
        case_id,
        made.medium,
        made.scheme,
        made.signature,
        made.bands,
        lead,
        open_,
        1,
        policy="",
        action=None,
        held_for=None,
    )


def stands_as_before(
    known: Known, digest: bytes | None, claimed: Policy, policies: Mapping[str, Policy], *, vouched: bool
) -> bool:
    """Whether a further report changes nothing: it is decided and has not changed; and where it was left as it is,
    nothing worse is said of it now, nor does somebody say it whom the place trusts (`vouched`).
    """
    if known.open or known.action is None or known.digest != digest:
        return False
    return known.action != "none" or (not vouched and claimed.severity >= policies[known.policy].severity)
