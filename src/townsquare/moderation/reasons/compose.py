"""What a statement of reasons says of a decision. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.kernel.ids import time_of
from townsquare.moderation.cases.model import AccountAction, Action, Kind, Wording, said_in
from townsquare.moderation.reasons.record import EXPLAINED, FACTS, SHORT, Record

Medium = Literal["text", "image", "video", "audio"]
Noticed = Literal["", "anybody", "flagger"]
ILLEGAL: Final = "DECISION_GROUND_ILLEGAL_CONTENT"
_VISIBILITY: Final[Mapping[str, str]] = {
    "label": "DECISION_VISIBILITY_CONTENT_LABELLED",
    "warning": "DECISION_VISIBILITY_CONTENT_LABELLED",
    "sensitive": "DECISION_VISIBILITY_CONTENT_LABELLED",
    "limit": "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "hold": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "remove": "DECISION_VISIBILITY_CONTENT_REMOVED",
}
_PROVISION: Final[Mapping[AccountAction, str]] = {
    "freeze": "DECISION_PROVISION_PARTIAL_SUSPENSION",
    "disable": "DECISION_PROVISION_TOTAL_SUSPENSION",
}
_NOTICED: Final[Mapping[Noticed, tuple[str, str]]] = {
    "flagger": ("SOURCE_TRUSTED_FLAGGER", "It was named in a notice of a trusted flagger."),
    "anybody": ("SOURCE_ARTICLE_16", "It was named in a notice under article 16."),
}
_OTHER_THINGS: Final[Mapping[str, str]] = {
    "account": "A profile",
    "tag": "A hashtag",
    "collection": "A collection of accounts",
}
_LETTERS: Final = 2


class Ground(msgspec.Struct, frozen=True):
    """What of a policy a statement names."""

    code: str
    name: str
    text: str
    decision_ground: str
    legal_ground: str
    dsa_category: str
    dsa_keyword: str | None
    version: int = 1
    translations: Mapping[str, Wording] = {}

    def said(self, language: str) -> Wording:
        return said_in(language, self.translations, Wording(self.name, self.text))


class Thing(msgspec.Struct, frozen=True):
    """Something that a decision restricts."""

    kind: Kind
    owner_id: int
    item_id: int
    action: Action
    media: Sequence[Medium] = ("text",)
    language: str | None = None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, as far as one author is concerned."""

    id: int
    """Of the statement."""
    domain: str
    ground: Ground
    things: Sequence[Thing]
    account_action: AccountAction
    until: datetime | None
    reporters: int
    """People who have reported something of it, each once."""
    noticed: Noticed = ""
    """Who of those outside has given notice of something of it."""
    by_machine: bool
    """A machine has said that something is wrong with it."""
    again: bool = False
    """Because somebody appealed."""
    reviewers: int
    """People who looked at it; 0 where none was asked."""
    informed: int = 0
    """Of them, who knew what others had said."""
    heard: bool = False
    """A jury of people of the place has advised."""
    interim: bool = False
    """It holds until it is decided."""
    at: datetime


def record_of(made: Made) -> Record | None:
    """For the transparency database. None where nothing is restricted: a warning is none of its concern."""
    visibility = sorted({_VISIBILITY[one.action] for one in made.things if one.action in _VISIBILITY})
    if made.account_action in ("limit", "sensitive"):
        visibility.append(_VISIBILITY[made.account_action])
    provision = _PROVISION.get(made.account_action)
    account = "DECISION_ACCOUNT_SUSPENDED" if made.account_action == "suspend" else None
    if not (visibility or provision or account):
        return None
    ground, end = made.ground, None if made.until is None else _day(made.until)
    illegal = ground.decision_ground == ILLEGAL
    kinds = _content_types(made.things)
    keyword = ground.dsa_keyword
    return Record(
        puid=f"{''.join(one if one.isalnum() and one.isascii() else '-' for one in made.domain)}-{made.id}",
        decision_visibility=list(dict.fromkeys(visibility)),
        decision_provision=provision,
        decision_account=account,
        decision_ground=ground.decision_ground,
        illegal_content_legal_ground=_cut(ground.legal_ground or ground.name, SHORT) if illegal else None,
        illegal_content_explanation=_cut(_explained(ground), EXPLAINED) if illegal else None,
        incompatible_content_ground=None if illegal else _cut(ground.name, SHORT),
        incompatible_content_explanation=None if illegal else _cut(_explained(ground), EXPLAINED),
        content_type=kinds,
        content_type_other=_cut(_others(made.things), SHORT) if "CONTENT_TYPE_OTHER" in kinds else None,
        category=ground.dsa_category,
        category_specification=(keyword,) if keyword else (),
        category_specification_other=_cut(ground.name, SHORT) if keyword == "KEYWORD_OTHER" else None,
        content_language=_language(made.things),
        content_date=_day(min([made.at, *(time_of(one.item_id) for one in made.things if one.kind != "tag")])),
        application_date=_day(made.at),
        end_date_visibility_restriction=end if visibility else None,
        end_date_account_restriction=end if account else None,
        end_date_service_restriction=end if provision else None,
        decision_facts=_cut(facts_of(made), FACTS),
        source_type=_source(made),
        automated_detection="Yes" if made.by_machine else "No",
        automated_decision=_automated(made),
    )


def facts_of(made: Made) -> str:
    """What was found, by whom it was brought up, and who looked at it, without a word of anybody's."""
    number = len(made.things)
    what = "One item" if number == 1 else f"{number} items"
    found = _found(made)
    if made.interim:
        return f"{what} may go against the policy “{made.ground.name}”. {found} {_looked_so_far(made.reviewers)}"
    looked = _looked(made.reviewers - made.informed, made.informed)
    heard = " A jury of users, drawn by lot, advised; the staff decided." if made.heard else ""
    return f"{what} went against the policy “{made.ground.name}”. {found} {looked}{heard}"


def _source(made: Made) -> str:
    """Where somebody has given notice, it is that, whoever said something of it besides; then what people here say."""
    if made.noticed:
        return _NOTICED[made.noticed][0]
    return "SOURCE_TYPE_OTHER_NOTIFICATION" if made.reporters else "SOURCE_VOLUNTARY"


def _found(made: Made) -> str:
    """By all who said something of it; where nobody did, the staff came upon it themselves."""
    users = "one user" if made.reporters == 1 else f"{made.reporters} users"
    found = [
        *([_NOTICED[made.noticed][1]] if made.noticed else []),
        *([f"It was reported by {users} of the service."] if made.reporters else []),
        *(["It was found by automated means."] if made.by_machine else []),
    ] or ["It was found by those who look after the service."]
    return " ".join([*found, *(["It was looked at again after a complaint."] if made.again else [])])


def _looked(blind: int, informed: int) -> str:
    """Those who knew what others had said are counted apart."""
    looked = {
        0: "No person looked at it: the policy lets what is so much alike be decided as before.",
        1: "One person looked at it.",
        2: "Two people looked at it, each without knowing what the other said.",
    }.get(blind, f"{blind} people looked at it, each without knowing what the others said.")
    if not informed:
        return looked
    more = "One more" if informed == 1 else f"{informed} more"
    return f"{looked} {more}, who knew what had been said, looked at it after that."


def _looked_so_far(reviewers: int) -> str:
    until = "The restriction holds until somebody has decided."
    match reviewers:
        case 0:
            return f"No person has looked at it yet. {until}"
        case 1:
            return f"One person has looked at it. {until}"
        case _:
            return f"{reviewers} people have looked at it. {until}"


def _explained(ground: Ground) -> str:
    return f"The policy says: {ground.text}"


def _automated(made: Made) -> str:
    if made.reviewers == 0:
        return "AUTOMATED_DECISION_FULLY"
    return "AUTOMATED_DECISION_PARTIALLY" if made.by_machine else "AUTOMATED_DECISION_NOT_AUTOMATED"


def _content_types(things: Sequence[Thing]) -> list[str]:
    kinds: set[str] = set()
    for one in things:
        if one.kind in _OTHER_THINGS:
            kinds.add("CONTENT_TYPE_OTHER")
        else:
            kinds |= {f"CONTENT_TYPE_{medium.upper()}" for medium in one.media}
    return sorted(kinds)


def _others(things: Sequence[Thing]) -> str:
    return ", ".join(dict.fromkeys(_OTHER_THINGS[one.kind] for one in things if one.kind in _OTHER_THINGS))


def _language(things: Sequence[Thing]) -> str | None:
    """Of all of them, where it is one that has two letters."""
    found = {one.language for one in things if one.language}
    code = found.pop() if len(found) == 1 else ""
    return code.upper() if len(code) == _LETTERS else None


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
