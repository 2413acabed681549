"""What all of them share: the list of ways through them, who acts, and how what was done is told."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.kernel.errors import NotFound, Unauthorised
from townsquare.kernel.http.answer import Answer
from townsquare.moderation.model import Actor
from townsquare.web.door.pages import Handler, Nothing, Page
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.door.words import N_

P = Permission


class Way(msgspec.Struct, frozen=True):
    """A page that stands in the list, for whom it is there."""

    to: str
    words: str
    sign: str
    may: Permission


class Group(msgspec.Struct, frozen=True):
    heading: str
    ways: Sequence[Way]


GROUPS: Final = (
    Group(
        N_("How it goes"),
        (
            Way("/manage", N_("Overview"), "chart", P.VIEW_DASHBOARD),
            Way("/manage/health", N_("Health"), "heart", P.VIEW_DEVOPS),
            Way("/manage/jobs", N_("Failed jobs"), "warning", P.VIEW_DEVOPS),
            Way("/manage/audit", N_("Audit log"), "history", P.VIEW_AUDIT_LOG),
            Way("/manage/looks", N_("Looks"), "eye", P.MANAGE_ROLES),
        ),
    ),
    Group(
        N_("People"),
        (
            Way("/manage/approvals", N_("Waiting at the door"), "clock", P.MANAGE_USERS),
            Way("/manage/people", N_("Everybody"), "people", P.MANAGE_USERS),
            Way("/manage/invites", N_("Invitations"), "mail", P.MANAGE_INVITES),
            Way("/manage/roles", N_("Roles"), "key", P.MANAGE_ROLES),
            Way("/manage/blocks", N_("Blocks"), "block", P.MANAGE_BLOCKS),
        ),
    ),
    Group(
        N_("What is shown"),
        (
            Way("/manage/front", N_("Front page"), "globe", P.MANAGE_SETTINGS),
            Way("/manage/announcements", N_("Announcements"), "megaphone", P.MANAGE_ANNOUNCEMENTS),
            Way("/manage/emojis", N_("Emojis"), "smile", P.MANAGE_CUSTOM_EMOJIS),
            Way("/manage/trends", N_("Trends"), "trend", P.MANAGE_TAXONOMIES),
        ),
    ),
    Group(
        N_("The place"),
        (
            Way("/manage/place", N_("Name and look"), "home", P.MANAGE_SETTINGS),
            Way("/manage/sign-up", N_("Who gets in"), "follow", P.MANAGE_SETTINGS),
            Way("/manage/digests", N_("Digests by mail"), "mail", P.MANAGE_SETTINGS),
            Way("/manage/rules", N_("Rules"), "list", P.MANAGE_RULES),
            Way("/manage/policies", N_("Policies"), "shield", P.MANAGE_REPORTS),
            Way("/manage/notice-keys", N_("Keys for notices"), "key", P.MANAGE_SETTINGS),
            Way("/manage/documents", N_("Terms and privacy"), "shield", P.MANAGE_SETTINGS),
        ),
    ),
)


async def show(visitor: Visitor, template: str, *, status: int = 200, **values: object) -> Answer:
    """One of these pages, with the ways that are open to whoever asks."""
    groups = [Group(one.heading, [way for way in one.ways if visitor.may(way.may)]) for one in GROUPS]
    values["groups"] = [one for one in groups if one.ways]
    return await page(visitor, f"manage/{template}.html", status=status, form_target="", **values)


def actor(visitor: Visitor) -> Actor:
    """Who decides."""
    if visitor.caller is None or visitor.caller.role is None:
        raise Unauthorised("Sign in first")
    return Actor(visitor.me, f"@{visitor.caller.username}", visitor.caller.role, visitor.caller.permissions)


def staff(
    method: Literal["GET", "POST"],
    path: str,
    handler: Handler,
    may: Permission,
    given: type[msgspec.Struct] = Nothing,
    *,
    uploads: int = 0,
) -> Page:
    """A page below /manage, for those whose role allows it."""
    return Page(method, f"/manage{path}", handler, "signed in", given, uploads=uploads, may=may)


def chosen(text: str, among: Mapping[str, object] | Sequence[str]) -> str:
    """A word of an address or form that can only be one of these. Raises NotFound."""
    if text not in among:
        raise NotFound
    return text
