"""Who of the staff did what: the audit log, the latest first, as a page and as a file."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from townsquare.accounts.model import invalid
from townsquare.accounts.render import moment_text
from townsquare.auth.users import find_user
from townsquare.kernel.errors import Invalid
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.answer import json as as_json
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.moderation.audit import Entry, verify
from townsquare.moderation.cases import store_log
from townsquare.moderation.cases.members import reader_of
from townsquare.moderation.cases.store_log import Read, Wanted
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.door.words import N_
from townsquare.web.manage.deeds import Covered, Line, line_of
from townsquare.web.manage.lists_as_csv import cell, file_of
from townsquare.web.manage.shell import P, actor, show, staff

LENGTH: Final = 50
MOST: Final = 10_000
"""Entries of a file: a longer log is taken piece by piece, by its days."""
NOBODY: Final = -1
TOLD: Final = ("at", "actor", "role", "action", "target", "name", "reason")
"""What a line of the table says of an entry."""
KINDS: Final[Mapping[str, str]] = {
    "": N_("Everything"),
    "account.": N_("About people"),
    "role.": N_("Roles"),
    "notice_key.": N_("Keys for notices"),
    "report.": N_("Reports"),
    "case.": N_("Cases"),
    "desk.": N_("The desk"),
    "jury.": N_("Jury"),
    "policy.": N_("Policies"),
    "macro.": N_("Saved decisions"),
    "domain_": N_("Other servers"),
    "email_domain_block.": N_("Mail providers"),
    "canonical_email_block.": N_("Email addresses"),
    "ip_block.": N_("Networks"),
    "trend.": N_("Trends"),
    "front.": N_("Front page"),
    "rule.": N_("Rules"),
    "announcement.": N_("Announcements"),
    "custom_emoji.": N_("Emojis"),
    "settings.": N_("Settings"),
    "invite.": N_("Invitations"),
    "job.": N_("Jobs"),
}


class Asked(msgspec.Struct, frozen=True):
    """The form. `since` and `until` are days, both of them included."""

    max_id: str = ""
    who: str = ""
    kind: str = ""
    about: str = ""
    since: str = ""
    until: str = ""


async def show_audit(visitor: Visitor, given: Asked) -> Answer:
    """Where what is asked for cannot be, the form comes again with nothing under it."""
    found: list[Read] = []
    wrong: Wrong | None = None
    try:
        found = await entries(visitor, await _wanted(visitor, given), LENGTH + 1)
    except Invalid as refused:
        wrong = wrong_of(refused)
    query = {name: getattr(given, name) for name in ("who", "kind", "about", "since", "until")}
    return await _audit(visitor, given, found, wrong, urlencode({name: one for name, one in query.items() if one}))


async def _audit(visitor: Visitor, given: Asked, found: Sequence[Read], wrong: Wrong | None, query: str) -> Answer:
    lines = lines_of(visitor, found[:LENGTH])
    return await show(
        visitor,
        "audit",
        status=422 if wrong else 200,
        lines=lines,
        kinds=KINDS,
        asked=given,
        wrong=wrong,
        query=query,
        older=lines[-1].number if len(found) > LENGTH else 0,
        verdict=None,
    )


async def entries(visitor: Visitor, wanted: Wanted, limit: int) -> list[Read]:
    """What whoever asks reads of the log."""
    return await store_log.page(visitor.db, await reader_of(visitor.db, actor(visitor)), wanted, limit)


def lines_of(visitor: Visitor, found: Sequence[Read]) -> list[Line | Covered]:
    """Entries as the reader reads them."""
    tongue, zone = visitor.templates.tongue, visitor.zone
    return [
        Covered(one.number, one.digest.hex())
        if one.entry is None
        else line_of(one.number, _entry(one.entry), tongue, zone)
        for one in found
    ]


def _entry(entry: str) -> Entry:
    return msgspec.json.decode(entry, type=Entry)


async def _wanted(visitor: Visitor, given: Asked) -> Wanted:
    """Raises Invalid."""
    actor = None
    if given.who.strip():
        user = await find_user(visitor.db, given.who)
        actor = NOBODY if user is None else user.account_id
    about = given.about.strip()
    if about.startswith("@"):
        user = await find_user(visitor.db, about)
        about = f"account:{NOBODY if user is None else user.account_id}"
    return Wanted(
        before=parse_id(given.max_id) or LARGEST,
        actor=actor,
        action=given.kind if given.kind in KINDS else "",
        target=about,
        since=_day(visitor, "since", given.since, 0),
        until=_day(visitor, "until", given.until, 1) or store_log.NEVER,
    )


def _day(visitor: Visitor, name: str, text: str, after: int) -> str:
    """The moment at which a day of the reader's begins, or so many days after it. Raises Invalid."""
    if not text.strip():
        return ""
    try:
        day = date.fromisoformat(text.strip()) + timedelta(days=after)
    except (ValueError, OverflowError) as error:
        raise invalid(name, ("ERR_INVALID", "is not a day")) from error
    return moment_text(datetime.combine(day, time(), visitor.zone or UTC))


async def check(visitor: Visitor, given: Any) -> Answer:
    """Whether the chain is whole: nothing was changed, put in or taken out since."""
    return await show(
        visitor,
        "audit",
        lines=[],
        kinds=KINDS,
        asked=Asked(),
        wrong=None,
        query="",
        older=0,
        verdict=await verify(visitor.db),
    )


async def as_csv(visitor: Visitor, given: Asked) -> Answer:
    """The same entries for a program that calculates."""
    found = await entries(visitor, await _wanted(visitor, given), MOST)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["number", *TOLD, "before", "after", "digest"])
    for one in found:
        writer.writerow([one.number, *_cells(one.entry), one.digest.hex()])
    return file_of(out.getvalue(), "audit.csv", "text/csv; charset=utf-8")


def _cells(entry: str | None) -> list[str]:
    """Empty ones where it is not for the reader."""
    if entry is None:
        return [""] * (len(TOLD) + 2)
    said = _entry(entry)
    changed = [msgspec.json.encode(one).decode() for one in (said.before, said.after)]
    return [*(cell(getattr(said, name)) for name in TOLD), *changed]


async def to_json(visitor: Visitor, given: Asked) -> Answer:
    """And as they stand there, with what makes the chain of them."""
    found = await entries(visitor, await _wanted(visitor, given), MOST)
    told = [
        {"number": one.number, "entry": one.entry, "previous": one.previous.hex(), "digest": one.digest.hex()}
        for one in found
    ]
    return file_of(as_json(told).body.decode(), "audit.json", "application/json")


PAGES: Final = (
    staff("GET", "/audit", show_audit, P.VIEW_AUDIT_LOG, Asked),
    staff("GET", "/audit/check", check, P.VIEW_AUDIT_LOG),
    staff("GET", "/audit.csv", as_csv, P.VIEW_AUDIT_LOG, Asked),
    staff("GET", "/audit.json", to_json, P.VIEW_AUDIT_LOG, Asked),
)
