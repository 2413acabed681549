"""Who at the desk may see and decide what. Pure rules."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import Forbidden
from townsquare.moderation.cases.model import Case, Queue
from townsquare.moderation.model import Actor

DeskRole = Literal["moderator", "senior", "policy", "legal", "admin"]
SiteRole = Literal["moderator", "admin", "owner"]

QUEUES: Final[Mapping[DeskRole, Sequence[Queue]]] = {
    "moderator": ("general",),
    "senior": ("general", "senior", "private"),
    "policy": ("general", "senior", "policy"),
    "legal": ("general", "senior", "legal", "private"),
    "admin": ("general", "senior", "policy", "legal", "private"),
}
SENIORS: Final[frozenset[DeskRole]] = frozenset({"senior", "policy", "legal", "admin"})
"""Who has the last word where reviewers differ."""
MAY_CHANGE_POLICIES: Final[frozenset[DeskRole]] = frozenset({"policy", "admin"})
LEGAL: Final[frozenset[DeskRole]] = frozenset({"legal", "admin"})
"""Who sets and lifts legal holds, and makes archives of the evidence of a case."""
OF_THE_SITE: Final[Mapping[str, DeskRole]] = {"moderator": "moderator", "admin": "admin", "owner": "admin"}
"""What somebody is at the desk whom nobody gave another role there."""
NOT_BELOW: Final[Mapping[str, Sequence[str]]] = {
    "moderator": ("moderator", "admin", "owner"),
    "admin": ("admin", "owner"),
    "owner": ("owner",),
}
"""Nobody decides about those of the same or a higher rank."""


class Reviewer(msgspec.Struct, frozen=True):
    """Somebody at the desk. `site_role`: what they are in the place."""

    id: int
    name: str
    role: DeskRole
    site_role: SiteRole = "moderator"

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        return Actor(self.id, self.name, self.site_role)


def role_at_desk(site_role: str, given: DeskRole | None) -> DeskRole:
    """Raises Forbidden for those who are not of the staff."""
    if site_role not in OF_THE_SITE:
        raise Forbidden
    own = OF_THE_SITE[site_role]
    return own if given is None or own == "admin" else given


WORKED: Final[Mapping[str, Mapping[str, Sequence[Queue]]]] = {
    site_role: {given or "": QUEUES[role_at_desk(site_role, given)] for given in (None, *QUEUES)}
    for site_role in OF_THE_SITE
}
"""The queues of somebody, by what they are in the place and what they were made at the desk (`""`: nothing)."""


def check_queue(reviewer: Reviewer, queue: Queue) -> None:
    """Raise Forbidden unless the cases of a queue are for this reviewer."""
    if queue not in QUEUES[reviewer.role]:
        raise Forbidden("This case is in a queue of others")


def check_last_word(reviewer: Reviewer, case: Case) -> None:
    """Raise Forbidden for the last word on a case, where reviewers differ, unless this reviewer may have it."""
    if case.last_word and reviewer.role not in SENIORS:
        raise Forbidden("Reviewers differ here: a senior decides")


def check_legal(reviewer: Reviewer) -> None:
    """Raise Forbidden unless this reviewer has to do with courts and authorities."""
    if reviewer.role not in LEGAL:
        raise Forbidden("Legal holds and archives of evidence are for those who have the role for it")


def check_policies(reviewer: Reviewer) -> None:
    """Raise Forbidden unless this reviewer may change what decisions are grounded in."""
    if reviewer.role not in MAY_CHANGE_POLICIES:
        raise Forbidden("Policies are changed by those who have the role for it")
