"""Who of the staff did what: the audit log, the latest first."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from townsquare.auth.users import find_user
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.moderation import store_audit as store
from townsquare.moderation.audit import Entry, verify
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.shell import P, show, staff

LENGTH: Final = 50
KINDS: Final[Mapping[str, str]] = {
    "": N_("Everything"),
    "account.": N_("About people"),
    "report.": N_("Reports"),
    "domain_": N_("Other servers"),
    "email_domain_block.": N_("Mail providers"),
    "canonical_email_block.": N_("Email addresses"),
    "ip_block.": N_("Networks"),
    "trend.": N_("Trends"),
    "rule.": N_("Rules"),
    "announcement.": N_("Announcements"),
    "custom_emoji.": N_("Emojis"),
    "settings.": N_("Settings"),
    "invite.": N_("Invitations"),
    "job.": N_("Jobs"),
}


class Asked(msgspec.Struct, frozen=True):
    max_id: str = ""
    who: str = ""
    kind: str = ""
    about: str = ""


class Line(msgspec.Struct, frozen=True):
    number: int
    entry: Entry

    @property
    def about(self) -> str:
        """The page of what it is about, if there is one."""
        kind, _, number = self.entry.target.partition(":")
        return f"/manage/people/{number}" if kind == "account" and parse_id(number) is not None else ""


async def show_audit(visitor: Visitor, given: Asked) -> Answer:
    user = await find_user(visitor.db, given.who) if given.who.strip() else None
    actor = None if not given.who.strip() else user.account_id if user is not None else -1
    found = await store.page(
        visitor.db,
        parse_id(given.max_id) or LARGEST,
        LENGTH + 1,
        actor=actor,
        action=given.kind if given.kind in KINDS else "",
        target=given.about.strip(),
    )
    lines = [Line(one.number, msgspec.json.decode(one.entry, type=Entry)) for one in found[:LENGTH]]
    return await show(
        visitor,
        "audit",
        lines=lines,
        kinds=KINDS,
        asked=given,
        query=urlencode({name: getattr(given, name) for name in ("who", "kind", "about")}) + "&",
        older=lines[-1].number if len(found) > LENGTH else 0,
        verdict=None,
    )


async def check(visitor: Visitor, given: Any) -> Answer:
    """Whether the chain is whole: nothing was changed, put in or taken out since."""
    return await show(
        visitor,
        "audit",
        lines=[],
        kinds=KINDS,
        asked=Asked(),
        query="",
        older=0,
        verdict=await verify(visitor.db),
    )


PAGES: Final = (
    staff("GET", "/audit", show_audit, P.VIEW_AUDIT_LOG, Asked),
    staff("GET", "/audit/check", check, P.VIEW_AUDIT_LOG),
)
