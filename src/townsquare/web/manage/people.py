"""Everybody as the staff see them: found by many things."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar, get_args
from urllib.parse import urlencode

import msgspec

from townsquare.accounts.roles import Held
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import parse_id
from townsquare.moderation import people
from townsquare.moderation.people import Known
from townsquare.moderation.roles import list_roles
from townsquare.moderation.store_people import Origin, Person, State, Wanted
from townsquare.policies.address import networks
from townsquare.web.door.entities import Person as Shown
from townsquare.web.door.entities import person_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.feeds.paging import At, Ends, cursor, ends
from townsquare.web.manage.shell import P, show, staff

LENGTH: Final = 40
STAFF: Final = "staff"
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
STATES: Final[tuple[State, ...]] = get_args(State)
C = TypeVar("C", bound=str)


class Asked(At, frozen=True):
    """What the form asks for; `q` is a name, an email address with its @ inside, a server with a @ before it, an IP
    address or network.
    """

    q: str = ""
    origin: str = "local"
    state: str = ""
    role: str = ""
    invited_by: str = ""


class Row(msgspec.Struct, frozen=True):
    """Somebody of the list."""

    known: Known
    shown: Shown

    @property
    def person(self) -> Person:
        return self.known.person

    @property
    def seen_at(self) -> datetime | None:
        """When they came last."""
        return max((at for _, at in self.known.seen), default=None)


async def show_people(visitor: Visitor, given: Asked) -> Answer:
    """Where what is asked for cannot be, the form comes again with nobody under it."""
    rows: list[Row] = []
    wrong: Wrong | None = None
    beside = Ends()
    roles = await list_roles(visitor.db)
    try:
        rows = [Row(one, person_of(one.entity)) for one in await people.find(visitor.db, wanted(given, roles))]
        beside = ends(given, [row.person.id for row in rows], LENGTH)
    except Invalid as refused:
        wrong = wrong_of(refused)
    kept = {name: getattr(given, name) for name in ("q", "origin", "state", "role", "invited_by")}
    return await show(
        visitor,
        "people",
        status=422 if wrong else 200,
        rows=rows,
        asked=given,
        wrong=wrong,
        beside=beside,
        query=urlencode(kept) + "&",
        roles=roles,
    )


def wanted(given: Asked, roles: Sequence[Held]) -> Wanted:
    """The form as a query. Raises Invalid for what is no choice."""
    text = given.q.strip()
    name = text.removeprefix("@").partition("@")
    found = Wanted(
        cursor=cursor(given, LENGTH),
        origin=_choice(given.origin, ORIGINS),
        state=_choice(given.state, STATES),
        roles=_roles(given.role, roles),
        invited_by=parse_id(given.invited_by) or 0 if given.invited_by else None,
    )
    if not text:
        return found
    network = _network(text)
    if network is not None:
        return msgspec.structs.replace(found, address=network)
    if text.startswith("@") and name[1] and name[2]:
        return msgspec.structs.replace(found, username=name[0] or None, domain=name[2].lower(), origin="remote")
    if not text.startswith("@") and name[1]:
        return msgspec.structs.replace(found, email=text)
    if " " in text:
        return msgspec.structs.replace(found, display_name=text)
    return msgspec.structs.replace(found, username=name[0])


def _choice(text: str, among: Sequence[C]) -> C | None:
    found = next((one for one in among if one == text), None)
    if text and found is None:
        raise Invalid("Validation failed: There is no such choice")
    return found


def _roles(asked: str, roles: Sequence[Held]) -> tuple[str, ...]:
    if asked == STAFF:
        return tuple(one.key for one in roles if one.rank != "user")
    return (asked,) if asked else ()


def _network(text: str) -> str | None:
    if not any(sign in text for sign in ".:") or "@" in text:
        return None
    try:
        return str(networks([text])[0])
    except ValueError:
        return None


PAGES: Final = (staff("GET", "/people", show_people, P.MANAGE_USERS, Asked),)
