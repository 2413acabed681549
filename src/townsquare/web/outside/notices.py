"""Giving notice of what is against the law, without an account (Digital Services Act, article 16), and its receipt."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from townsquare.auth.emails import wrong_email
from townsquare.kernel.errors import Invalid, Refused
from townsquare.kernel.http.answer import NOSNIFF, Answer
from townsquare.kernel.http.params import File
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Words
from townsquare.moderation.notices import filing, pack, store
from townsquare.moderation.notices.contest import contest, is_contestable
from townsquare.moderation.notices.model import (
    ANONYMOUS,
    MOST_ADDRESSES,
    REASON_LENGTH,
    Draft,
    Enclosed,
    Sender,
    known_sender,
    may_fetch_evidence,
)
from townsquare.moderation.notices.words import OUTCOMES, UNSEEN
from townsquare.moderation.reasons import store_appeals
from townsquare.moderation.reasons.appeals import LENGTH
from townsquare.moderation.reasons.term import last_day
from townsquare.policies.address import neighbourhood
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect
from townsquare.web.door.words import N_

KINDS: Final[dict[str, str]] = {
    "violent-threat": N_("Threats or calls for violence"),
    "terrorism": N_("Terrorism"),
    "child-safety": N_("Abuse of children"),
    "intimate-image": N_("Intimate pictures without consent"),
    "hate": N_("Hate against people for what they are"),
    "harassment": N_("Harassment"),
    "private-data": N_("Private data"),
    "fraud": N_("Fraud"),
    "impersonation": N_("Somebody passed off as somebody else"),
    "copyright": N_("Copyright and other rights"),
    "illegal": N_("Something else that the law forbids"),
}
"""Policies that one can choose from, as people who are no lawyers say it."""
WHO: Final[dict[Sender, str]] = {
    "person": N_("For myself"),
    "rights_holder": N_("As whoever has the rights, or for them"),
}
FILES: Final = 5
FILE_BYTES: Final = 10 * 1024 * 1024


class Given(msgspec.Struct, frozen=True):
    """The form. Files come again with each try: a browser does not keep them."""

    kind: str = ""
    urls: str = ""
    reason: str = ""
    sender: str = "person"
    name: str = ""
    email: str = ""
    sure: bool = False
    files: tuple[File, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """The address at which one begins, from the menu of a post."""

    url: str = ""


async def show_form(visitor: Visitor, given: Asked) -> Answer:
    return await _form(visitor, Given(urls=given.url))


async def _form(visitor: Visitor, form: Given, wrong: Wrong | None = None, status: int = 200) -> Answer:
    return await page(
        visitor,
        "notice.html",
        status=status,
        form=form,
        kinds=KINDS,
        who=WHO,
        longest=REASON_LENGTH,
        most=FILES,
        wrong=wrong,
    )


async def send(visitor: Visitor, given: Given) -> Answer:
    limits = visitor.settings.notices
    visitor.site.rates.take(f"notices {neighbourhood(visitor.address)}", limits.per_address)
    try:
        draft = _draft(given, visitor.language, visitor.settings)
        async with visitor.db.transaction() as tx:
            notice = await filing.give_notice(tx, visitor.settings, draft, datetime.now(UTC))
    except Refused as refused:
        return await _form(visitor, given, wrong_of(refused), 422)
    token = filing.contact_of(visitor.db.keys, notice).token
    return redirect(visitor, f"/notices/{token}", said="noticed")


def _draft(given: Given, language: str, settings: Settings) -> Draft:
    """A host that writes by the form is told by its address, as by mail. Raises Invalid, which names all that is
    missing.
    """
    urls = given.urls.split()
    wrong = {field: text for field, text in _missing(given, urls).items() if text}
    if wrong:
        details = {field: [{"error": "ERR_BLANK", "description": text}] for field, text in wrong.items()}
        raise Invalid("Validation failed", details=details)
    sender = msgspec.convert(given.sender, Sender)
    if sender == "person":
        sender = known_sender(given.email.strip(), settings) or sender
    return Draft(
        way="form",
        sender=sender,
        policy=given.kind,
        reason=given.reason.strip(),
        urls=urls,
        name=given.name.strip(),
        email=given.email.strip(),
        language=language,
        files=[Enclosed(one.name or "file", one.content_type, one.data) for one in given.files if one.size],
    )


def _missing(given: Given, urls: list[str]) -> dict[str, str]:
    """What is wrong with each field, in words that follow its name."""
    named = given.kind in ANONYMOUS
    files = [one for one in given.files if one.size]
    return {
        "kind": "" if given.kind in KINDS else N_("must be chosen"),
        "sender": "" if given.sender in WHO else N_("must be chosen"),
        "urls": _wrong_urls(urls),
        "reason": "" if given.reason.strip() else N_("must be filled in"),
        "name": "" if named or given.name.strip() else N_("must be filled in"),
        "email": _wrong_email(given.email.strip(), needed=not named),
        "sure": "" if given.sure else N_("must be ticked"),
        "files": ""
        if len(files) <= FILES and all(one.size <= FILE_BYTES for one in files)
        else Words("must be at most %(num)s, of 10 MB each", num=FILES),
    }


def _wrong_urls(urls: list[str]) -> str:
    if not urls:
        return N_("must be filled in")
    if len(urls) > MOST_ADDRESSES:
        return Words("are too many (maximum is %(num)s)", num=MOST_ADDRESSES)
    return "" if all(one.startswith(("https://", "http://")) for one in urls) else N_("must begin with https://")


def _wrong_email(email: str, *, needed: bool) -> str:
    if not email:
        return N_("must be filled in") if needed else ""
    wrong = wrong_email(email)
    return "" if wrong is None else wrong[1]


class Contested(msgspec.Struct, frozen=True):
    """Why somebody thinks that what was left as it is should not be."""

    text: str = ""


async def show_receipt(visitor: Visitor, _: object) -> Answer:
    return await _receipt(visitor)


async def appeal(visitor: Visitor, given: Contested) -> Answer:
    """Against what was decided, by whoever has the link."""
    limits, token, now = visitor.settings.notices, visitor.values["token"], datetime.now(UTC)
    visitor.site.rates.take(f"notices {neighbourhood(visitor.address)}", limits.per_address)
    notice = await filing.find(visitor.db, token)
    try:
        async with visitor.db.transaction() as tx:
            await contest(tx, notice, given.text, now)
    except Refused as refused:
        return await _receipt(visitor, wrong_of(refused), given.text, refused.status)
    return redirect(visitor, f"/notices/{token}", said="appealed")


async def _receipt(visitor: Visitor, wrong: Wrong | None = None, typed: str = "", status: int = 200) -> Answer:
    """For whoever has the link: that it has arrived, what became of it, and how it is contested."""
    notice = await filing.find(visitor.db, visitor.values["token"])
    outcomes, now = await store.outcomes(visitor.db, [notice.id]), datetime.now(UTC)
    return await page(
        visitor,
        "notice_receipt.html",
        status=status,
        notice=notice,
        kind=KINDS.get(notice.policy, KINDS["illegal"]),
        outcomes=outcomes,
        contestable=[one for one in outcomes if is_contestable(one, now)],
        appeals=await store_appeals.of_notice(visitor.db, notice.id),
        last_day=last_day,
        most=LENGTH,
        wrong=wrong,
        typed=typed,
        files=await store.files(visitor.db, [notice.id]),
        words=OUTCOMES,
        unseen=UNSEEN,
        token=visitor.values["token"],
        evidence=notice.decided_at is not None
        and may_fetch_evidence(visitor.settings, notice, filing.contact_of(visitor.db.keys, notice).email),
    )


async def show_evidence(visitor: Visitor, _: object) -> Answer:
    """The signed archive, for hosts and authorities."""
    notice = await filing.find(visitor.db, visitor.values["token"])
    made = await pack.for_sender(visitor.db, visitor.site.storage, visitor.settings, notice, datetime.now(UTC))
    answer = Answer(made, headers=[(b"content-type", b"application/zip"), NOSNIFF])
    answer.header("cache-control", "private, no-store")
    return answer.header("content-disposition", f'attachment; filename="evidence-{notice.id}.zip"')


PAGES: Final = (
    Page("GET", "/report-illegal", show_form, "anybody", Asked),
    Page("POST", "/report-illegal", send, "anybody", Given, uploads=FILES),
    Page("GET", "/notices/:token", show_receipt, "anybody"),
    Page("POST", "/notices/:token/appeal", appeal, "anybody", Contested),
    Page("GET", "/notices/:token/evidence", show_evidence, "anybody"),
)
