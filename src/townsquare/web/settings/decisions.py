"""What was decided about somebody, and about what they reported: the statement of reasons, and the way to appeal.

A statement is also opened by the link in its mail, without signing in: whoever is suspended cannot sign in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from townsquare.accounts.store import by_ids
from townsquare.auth.signed_links import Opened, make_link, open_link
from townsquare.kernel.errors import NotFound, Refused
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.moderation import vault
from townsquare.moderation.cases import store_policies
from townsquare.moderation.jury import store as store_jury
from townsquare.moderation.misuse_acts import suspended_until
from townsquare.moderation.notices.words import OUTCOMES
from townsquare.moderation.reasons import store_appeals, store_for_good, store_outcomes, store_statements
from townsquare.moderation.reasons.appeals import LENGTH, Side, answer, appeal, waits_for_nobody
from townsquare.moderation.reasons.store_outcomes import Filed
from townsquare.moderation.reasons.store_statements import Statement
from townsquare.moderation.reasons.term import is_open, last_day
from townsquare.moderation.reports import page_of
from townsquare.web.door.forms import Wrong, wrong_of
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor, page, redirect


class Said(msgspec.Struct, frozen=True):
    """Why somebody thinks that a decision is wrong."""

    text: str = ""
    jury: bool = False


class OfCase(Said, frozen=True):
    """The same of what came of a report, in one of the cases that it led to."""

    case: str = ""


async def show_decisions(visitor: Visitor, given: Any) -> Answer:
    found = await store_statements.statements(visitor.db, visitor.me)
    return await page(visitor, "settings/decisions.html", statements=found, grounds=await _names(visitor))


async def _names(visitor: Visitor) -> dict[str, str]:
    return await store_policies.names(visitor.db, visitor.language)


async def show_own(visitor: Visitor, given: Any) -> Answer:
    return await _statement(visitor, Opened(visitor.me, visitor.id()), f"/settings/decisions/{visitor.id()}")


async def show_by_link(visitor: Visitor, given: Any) -> Answer:
    return await _statement(visitor, _opened(visitor), visitor.path)


def _opened(visitor: Visitor) -> Opened:
    return open_link(visitor.db.keys, "decision", visitor.values["link"])


async def _statement(
    visitor: Visitor, opened: Opened, here: str, wrong: Wrong | None = None, typed: str = "", status: int = 200
) -> Answer:
    one = await store_statements.statement(visitor.db, opened.account_id, opened.number)
    ground = None if one is None else await store_statements.ground_of(visitor.db, one)
    if one is None or ground is None:
        raise NotFound
    contested = await store_appeals.of_decision(visitor.db, one.account_id, one.case_id, one.round)
    after = await store_for_good.end_after(visitor.db, one)
    return await page(
        visitor,
        "settings/decision.html",
        status=status,
        one=one,
        ground=ground,
        items=vault.opened(visitor.db.keys, await store_statements.items(visitor.db, one.account_id, one.id)),
        worded=ground.said(visitor.language),
        appeal=contested,
        for_nobody=await waits_for_nobody(visitor.db, contested),
        ended=await store_statements.account_ended(visitor.db, one),
        instead=None if one.replaced_by is None else await store_statements.instead(visitor.db, one),
        jury=None if contested is None else await store_jury.of_case(visitor.db, contested.case_id),
        follows=_link(visitor, one, one.follows_id),
        after=after,
        after_at=_link(visitor, one, None if after is None else after.id),
        may_appeal=one.undone_at is None and not one.interim and is_open(one.made_at, datetime.now(UTC)),
        until=last_day(one.made_at),
        here=here,
        most=LENGTH,
        wrong=wrong,
        typed=typed,
    )


def _link(visitor: Visitor, one: Statement, number: int | None) -> str | None:
    """To another statement of the same person, who may not be able to sign in any more."""
    return None if number is None else f"/decisions/{make_link(visitor.db.keys, 'decision', one.account_id, number)}"


async def appeal_own(visitor: Visitor, given: Said) -> Answer:
    number = visitor.id()
    return await _appeal(visitor, Opened(visitor.me, number), given, f"/settings/decisions/{number}")


async def appeal_by_link(visitor: Visitor, given: Said) -> Answer:
    return await _appeal(visitor, _opened(visitor), given, visitor.path.removesuffix("/appeal"))


async def _appeal(visitor: Visitor, opened: Opened, given: Said, here: str) -> Answer:
    one = await store_statements.statement(visitor.db, opened.account_id, opened.number)
    if one is None:
        raise NotFound
    try:
        await _send(visitor, one.account_id, one.case_id, one.round, "author", given)
    except Refused as refused:
        return await _statement(visitor, opened, here, wrong_of(refused), given.text, refused.status)
    return redirect(visitor, here, said="appealed")


async def answer_own(visitor: Visitor, given: Said) -> Answer:
    number = visitor.id()
    return await _answer(visitor, Opened(visitor.me, number), given, f"/settings/decisions/{number}")


async def answer_by_link(visitor: Visitor, given: Said) -> Answer:
    return await _answer(visitor, _opened(visitor), given, visitor.path.removesuffix("/answer"))


async def _answer(visitor: Visitor, opened: Opened, given: Said, here: str) -> Answer:
    """To what holds until it is decided."""
    try:
        async with visitor.db.transaction() as tx:
            await answer(tx, opened.account_id, opened.number, given.text)
    except Refused as refused:
        return await _statement(visitor, opened, here, wrong_of(refused), given.text, refused.status)
    return redirect(visitor, here, said="answered")


async def _send(visitor: Visitor, account_id: int, case_id: int, round_: int, side: Side, given: Said) -> None:
    async with visitor.db.transaction() as tx:
        await appeal(tx, account_id, case_id, round_, side, given.text, datetime.now(UTC), jury=given.jury)


async def show_reports(visitor: Visitor, given: Any) -> Answer:
    """What somebody has reported, and how each stands."""
    found = await store_outcomes.reports(visitor.db, visitor.me)
    return await page(
        visitor,
        "settings/reports.html",
        reports=found,
        targets=await _targets(visitor, found),
        outcomes=await store_outcomes.of_reports(visitor.db, visitor.me, [one.id for one in found]),
        grounds=await _names(visitor),
        misuse=await _misuse(visitor),
    )


async def _targets(visitor: Visitor, found: Sequence[Filed]) -> dict[int, str]:
    people = await by_ids(visitor.db, [AccountId(one.target_id) for one in found])
    return {number: one.acct for number, one in people.items()}


async def _misuse(visitor: Visitor) -> dict[str, datetime | None]:
    """Until when somebody may not report, or not appeal."""
    now = datetime.now(UTC)
    return {
        "reports": await suspended_until(visitor.db, visitor.me, "reports", now),
        "appeals": await suspended_until(visitor.db, visitor.me, "appeals", now),
    }


async def show_report(visitor: Visitor, given: Any) -> Answer:
    return await _report(visitor, OfCase())


async def _report(visitor: Visitor, sent: OfCase, wrong: Wrong | None = None, status: int = 200) -> Answer:
    """The receipt of a report of one's own, where what came of it stands, and from where one appeals."""
    found = await store_outcomes.report(visitor.db, visitor.me, visitor.id())
    if found is None:
        raise NotFound
    appealed = await store_appeals.of_account(visitor.db, visitor.me)
    policies = {one.code: one.said(visitor.language) for one in await store_policies.all_of_them(visitor.db)}
    return await page(
        visitor,
        "settings/report.html",
        status=status,
        one=found,
        targets=await _targets(visitor, [found]),
        outcomes=await store_outcomes.of_reports(visitor.db, visitor.me, [found.id]),
        appealed={(one.prior_id, one.round): one for one in appealed},
        for_nobody={one.case_id for one in appealed if await waits_for_nobody(visitor.db, one)},
        juries=await store_jury.of_cases(visitor.db, [one.case_id for one in appealed]),
        worded=policies,
        done=OUTCOMES,
        misuse=await _misuse(visitor),
        is_open=is_open,
        last_day=last_day,
        most=LENGTH,
        wrong=wrong,
        sent=sent,
    )


async def appeal_outcome(visitor: Visitor, given: OfCase) -> Answer:
    """Against what came of a report of one's own, in one case."""
    case_id = parse_id(given.case) or 0
    found = await store_outcomes.of_case(visitor.db, visitor.me, case_id)
    if visitor.id() not in {one.report_id for one in found}:
        raise NotFound
    try:
        await _send(visitor, visitor.me, case_id, found[0].round, "reporter", given)
    except Refused as refused:
        return await _report(visitor, given, wrong_of(refused), refused.status)
    return redirect(visitor, page_of(visitor.id()), said="appealed")


PAGES: Final = (
    Page("GET", "/settings/decisions", show_decisions, "signed in"),
    Page("GET", "/settings/decisions/:id", show_own, "signed in"),
    Page("POST", "/settings/decisions/:id/appeal", appeal_own, "signed in", Said),
    Page("POST", "/settings/decisions/:id/answer", answer_own, "signed in", Said),
    Page("GET", "/decisions/:link", show_by_link, "anybody"),
    Page("POST", "/decisions/:link/answer", answer_by_link, "anybody", Said),
    Page("POST", "/decisions/:link/appeal", appeal_by_link, "anybody", Said),
    Page("GET", "/settings/reports", show_reports, "signed in"),
    Page("GET", "/settings/reports/:id", show_report, "signed in"),
    Page("POST", "/settings/reports/:id/appeal", appeal_outcome, "signed in", OfCase),
)
