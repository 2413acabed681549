"""Who of the staff has looked at what is kept or private, and why: the latest first."""

from typing import Final

import msgspec

from townsquare.accounts.model import invalid
from townsquare.auth.users import find_user
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.moderation import store_looks
from townsquare.moderation.store_looks import Look
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.names import names_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.shell import P, show, staff

LENGTH: Final = 50
WAYS: Final = {
    "desk": N_("at the desk"), "api": N_("with an app"), "manage": N_("on these pages"),
    "terminal": N_("at the terminal"),
}  # fmt: skip
THINGS: Final = {
    "case": N_("A case"), "report": N_("A report"), "notice": N_("A notice"), "hold": N_("What a legal hold has kept"),
}  # fmt: skip
PAGES_OF: Final = {"case": "/desk/cases/"}


class Asked(msgspec.Struct, frozen=True):
    """`all`: also what was written for everybody and reported."""

    max_id: str = ""
    who: str = ""
    all: bool = False


class Line(msgspec.Struct, frozen=True):
    """A look, as it is told. `path`: where what was looked at stands, if that has a page."""

    look: Look
    kind: str
    path: str


async def show_looks(visitor: Visitor, given: Asked) -> Answer:
    found: list[Look] = []
    wrong: Wrong | None = None
    try:
        cursor = Cursor(LENGTH + 1, max_id=parse_id(given.max_id) or LARGEST)
        found = await store_looks.page(
            visitor.db, cursor, await _actor(visitor, given.who), None if given.all else True
        )
    except Invalid as refused:
        wrong = wrong_of(refused)
    return await show(
        visitor,
        "looks",
        status=422 if wrong else 200,
        lines=[_line(one) for one in found[:LENGTH]],
        names=await names_of(visitor.db, [one.actor_id for one in found]),
        ways=WAYS,
        things=THINGS,
        asked=given,
        wrong=wrong,
        older=found[LENGTH - 1].id if len(found) > LENGTH else 0,
    )


async def _actor(visitor: Visitor, who: str) -> int | None:
    """Raises Invalid."""
    if not who.strip():
        return None
    user = await find_user(visitor.db, who)
    if user is None:
        raise invalid("who", ("ERR_INVALID", "is nobody here"))
    return user.account_id


def _line(look: Look) -> Line:
    kind, _, number = look.target.partition(":")
    return Line(look, kind, f"{PAGES_OF[kind]}{number}" if kind in PAGES_OF else "")


PAGES: Final = (staff("GET", "/looks", show_looks, P.MANAGE_ROLES, Asked),)
