"""What all pages of the desk share: who sits there, what things are called, how much of the worst they have seen."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.kernel.errors import Unauthorised
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.cases import store_desk
from townsquare.moderation.cases.members import reviewer_of
from townsquare.moderation.cases.model import Severity
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.cases.store_desk import Exposure
from townsquare.moderation.model import Actor
from townsquare.web.door.pages import Handler, Nothing, Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.door.words import N_

P = Permission
WORST: Final[Severity] = 1
"""The severity of what wears people out most: threats, terror, abuse of children."""
LIGHTER: Final[Severity] = 2
IN_A_ROW: Final = 12
"""So many of the worst within an hour: a break is suggested."""
ROTATION: Final = 4
"""After so many of the worst one after the other, something lighter comes, where there is any."""
QUEUES: Final[Mapping[str, str]] = {
    "general": N_("General"), "senior": N_("Senior"), "policy": N_("Policy"), "legal": N_("Legal"),
    "private": N_("Private messages"),
}  # fmt: skip
ROLES: Final[Mapping[str, str]] = {
    "moderator": N_("Moderator"), "senior": N_("Senior"), "policy": N_("Policy"), "legal": N_("Legal"),
    "admin": N_("Admin"),
}  # fmt: skip
SEVERITIES: Final[Mapping[int, str]] = {1: N_("Worst"), 2: N_("Serious"), 3: N_("Moderate"), 4: N_("Minor")}


class Strain(msgspec.Struct, frozen=True):
    """How much of the worst somebody has had before them today."""

    seen: Exposure
    budget: int

    @property
    def used(self) -> bool:
        return self.seen.today >= self.budget

    @property
    def tired(self) -> bool:
        """Whether a break would do them good."""
        return self.seen.lately >= IN_A_ROW or self.used


def actor(visitor: Visitor) -> Actor:
    """Who decides."""
    if visitor.caller is None or visitor.caller.role is None:
        raise Unauthorised("Sign in first")
    return Actor(visitor.me, f"@{visitor.caller.username}", visitor.caller.role, visitor.caller.permissions)


async def reviewer(visitor: Visitor) -> Reviewer:
    """The same, as they are at the desk. Raises Forbidden."""
    return await reviewer_of(visitor.db, actor(visitor))


async def strain(visitor: Visitor) -> Strain:
    now = datetime.now(visitor.zone or UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = await store_desk.exposure(visitor.db, visitor.me, WORST, today, now - timedelta(hours=1), ROTATION)
    return Strain(seen, visitor.settings.moderation.exposure_budget)


async def show(visitor: Visitor, template: str, *, status: int = 200, **values: object) -> Answer:
    return await page(
        visitor,
        f"desk/{template}.html",
        status=status,
        form_target="",
        queues=QUEUES,
        severities=SEVERITIES,
        desk_roles=ROLES,
        appoints=visitor.may(P.MANAGE_ROLES),
        **values,
    )


def desk(
    method: Literal["GET", "POST"],
    path: str,
    handler: Handler,
    given: type[msgspec.Struct] = Nothing,
    *,
    may: Permission = P.MANAGE_REPORTS,
) -> Page:
    """A page below /desk, for those whose role allows it."""
    return Page(method, f"/desk{path}", handler, "signed in", given, may=may)
