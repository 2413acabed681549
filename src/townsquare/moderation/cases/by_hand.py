"""What the staff decide about somebody by hand, on the page of a person, by an app or at the terminal; and how they
take it back.

It is what somebody says of a case about the account, as at the desk, and so it has a policy, a strike, a statement of
reasons and an appeal. It takes effect at once: what is light is decided by it; what is heavy holds meanwhile, and is
for a second pair of eyes where there is one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.accounts.model import Account
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId, new_id
from townsquare.kernel.settings import Settings
from townsquare.moderation import actions, audit, kept, reports, store_accounts
from townsquare.moderation.actions import Lasting
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import (
    apply,
    decide,
    queue,
    rating,
    store_by_hand,
    store_decide,
    store_policies,
    store_queue,
)
from townsquare.moderation.cases.accounts import LASTING
from townsquare.moderation.cases.events import CaseHeld, CaseUndone
from townsquare.moderation.cases.model import AccountAction, Case, Review
from townsquare.moderation.cases.store_by_hand import Waiting
from townsquare.moderation.cases.store_decide import Split
from townsquare.moderation.cases.take_in import policy_of
from townsquare.moderation.cases.verdict import Wait
from townsquare.moderation.model import Action, Actor, check_text
from townsquare.moderation.store_reports import Report

WITHOUT: Final = "other"
"""The policy of what names none."""
AT_DESK: Final[Mapping[Action, AccountAction]] = {
    "none": "warn",
    "sensitive": "sensitive",
    "silence": "limit",
    "freeze": "freeze",
    "disable": "disable",
    "suspend": "suspend",
}
"""What the desk calls it."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done about somebody, and why. `until`: for how long; None: until it is taken back."""

    action: Action
    text: str = ""
    policy: str = ""
    """Its code; empty: that of the report, or of what waits about them."""
    report_id: int | None = None
    preset_id: int | None = None
    until: datetime | None = None


async def act(
    tx: Tx, actor: Actor, account_id: AccountId, decision: Decision, *, settings: Settings, now: datetime
) -> None:
    """Do it, and resolve the open reports about the account: with the action `none` only the one that is named.

    Raises NotFound (account, report or preset), Forbidden (not of a lower rank, or they have decided it otherwise
    before) or Invalid.
    """
    account = await actions.account_below(tx, actor, account_id)
    actions.check_action(decision.action, account)
    report = None if decision.report_id is None else await reports.of_account(tx, decision.report_id, account_id)
    said = await _text(tx, decision)
    waits = await store_by_hand.waiting(tx, account_id)
    policy = await _policy(tx, decision, report, waits)
    case = await _case(tx, account, policy, waits, now)
    word = AT_DESK[decision.action]
    if case.meanwhile != word or not await _has_said(tx, case, actor):
        review = Review(policy=policy, action="none", account_action=word, until=decision.until, said=said)
        elsewhere = waits is not None and waits.origin == "appeal"
        made = await decide.say(tx, actor, case, review, now, alone=elsewhere)
        if isinstance(made, Wait) and word in LASTING:
            await store_by_hand.hold(tx, case.id, word, now)
            await emit(tx, CaseHeld(case.id, case.round))
        await apply.apply(tx, case.id, settings=settings, now=now, by=actor)
    if decision.action == "none":
        await audit.record(tx, actor, actions.deed("warn", account, said))
    await audit.record(tx, actor, *await _resolve(tx, actor, account_id, decision, now))


async def undo(
    tx: Tx, actor: Actor, account_id: AccountId, action: Lasting, *, settings: Settings, now: datetime, reason: str = ""
) -> None:
    """Take back what holds of it, whichever case said so; nothing where nothing does.

    A decision about the account alone is taken back whole; where posts were restricted with it, they stay so. Raises
    NotFound, Forbidden or Invalid.
    """
    why = check_text(reason)
    await actions.account_below(tx, actor, account_id)
    for one in await store_by_hand.standing(tx, account_id, AT_DESK[action]):
        case = await _locked(tx, one.case_id)
        if case.state == "open":
            await _withdraw(tx, actor, case, why, now)
        elif one.alone:
            await decide.take_back(tx, actor, case, why, now, again=False)
        else:
            await decide.check_may_undo(tx, actor, case, again=False)
            await store_by_hand.end(tx, case.id, now)
        await apply.apply(tx, case.id, settings=settings, now=now, by=actor, why=why)
    await actions.undo(tx, actor, account_id, action, settings=settings, now=now, reason=why)


async def _text(tx: Tx, decision: Decision) -> str:
    preset = None if decision.preset_id is None else await store_accounts.preset(tx, decision.preset_id)
    if decision.preset_id is not None and preset is None:
        raise NotFound("There is no such text for warnings")
    return check_text("\n\n".join(part for part in (preset.text if preset else "", decision.text.strip()) if part))


async def _policy(tx: Tx, decision: Decision, report: Report | None, waits: Waiting | None) -> str:
    """Raises Invalid."""
    policies = {one.code: one for one in await store_policies.all_of_them(tx)}
    if decision.policy:
        decide.check_policy(policies, decision.policy)
        return decision.policy
    if report is not None:
        return policy_of(report, await store_policies.of_rules(tx, report.rule_ids), policies)
    return WITHOUT if waits is None else (await _locked(tx, waits.case_id)).policy


async def _case(tx: Tx, account: Account, policy: str, waits: Waiting | None, now: datetime) -> Case:
    """The open case about the account, which what is alike leaves it alone in; or a new one.

    Where somebody appeals, that is another matter: what is decided now is a case of its own.
    """
    if waits is not None and waits.origin != "appeal":
        return await _locked(tx, await _apart(tx, account.id, waits, now))
    item, number = await kept.account(tx, account.id), new_id(now)
    if item is None:
        raise NotFound
    await store_by_hand.open_case(tx, number, account.id, policy, item.sealed, now, waits=waits is None)
    return await _locked(tx, number)


async def _apart(tx: Tx, account_id: int, waits: Waiting, now: datetime) -> int:
    """Others who are alike are not decided with it."""
    if not waits.others:
        return waits.case_id
    case = await _locked(tx, waits.case_id)
    number = new_id(case.opened_at)
    await store_decide.split(tx, case.id, [Split(number, "account", account_id, account_id)], now)
    await rating.recount(tx, [case.id, number])
    await rating.rate(tx, [case.id, number], now)
    return number


async def _locked(tx: Tx, case_id: int) -> Case:
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    return case


async def _has_said(tx: Tx, case: Case, actor: Actor) -> bool:
    """Whether they have said something of it in this round."""
    said = await store_decide.decisions(tx, case.id)
    return any(one.reviewer_id == actor.id and one.round == case.round for one in said)


async def _resolve(tx: Tx, actor: Actor, account_id: AccountId, decision: Decision, now: datetime) -> Sequence[Deed]:
    if decision.action == "none":
        return [] if decision.report_id is None else await reports.close(tx, actor, [decision.report_id], now)
    return await reports.close(tx, actor, await reports.open_about(tx, account_id), now)


async def _withdraw(tx: Tx, actor: Actor, case: Case, why: str, now: datetime) -> None:
    """What waits for a second pair of eyes does not hold meanwhile. What somebody reported is looked at anew."""
    await store_decide.insert_undo(tx, case.id, case.round, actor.id, why, now)
    if case.origin == "staff":
        await store_by_hand.withdraw(tx, case.id, now)
    else:
        await store_decide.reopen(tx, case.id, None, now)
        await rating.rate(tx, [case.id], now)
    await emit(tx, CaseUndone(case.id, case.round))
    before = {"state": case.state, "meanwhile": case.meanwhile}
    await queue.say(tx, actor, case, "undo", before, {"meanwhile": None}, why)
