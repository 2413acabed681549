"""What the staff decide about somebody by hand, on the page of a person, by an app or at the terminal; and how they
take it back.

It is what somebody says of a case about that account alone, as at the desk, and so it has a policy, a strike, a
statement of reasons and an appeal. It takes effect at once: what is light is decided by it; what is heavy holds
meanwhile, and is for a second pair of eyes where there is one.

Of a case that waits it is said where they could say it at the desk; else it is a case of its own, which nothing joins.
So nobody has a word by hand that they do not have there, and nothing that waits keeps anybody from acting.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.accounts.model import Account
from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, NotFound
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
from townsquare.moderation.cases.events import CaseHeld, CaseUndone
from townsquare.moderation.cases.members import reviewer_of
from townsquare.moderation.cases.model import AccountAction, Case, Review
from townsquare.moderation.cases.roles import Reviewer, check_queue
from townsquare.moderation.cases.take_in import policy_of
from townsquare.moderation.cases.verdict import Wait
from townsquare.moderation.model import Action, Actor, check_text
from townsquare.moderation.store_reports import Report

REPEATED: Final = timedelta(minutes=10)
"""Within so long the same in the same words is the same once more: an app asks again where no answer came."""
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

    What they have done already is not done twice. Raises NotFound (account, report or preset), Forbidden (not of a
    lower rank) or Invalid.
    """
    word = AT_DESK[decision.action]
    # Cases before accounts, in which order what is decided takes effect, too.
    waiting = await store_by_hand.waiting(tx, account_id, word)
    account = await actions.account_below(tx, actor, account_id)
    actions.check_action(decision.action, account)
    report = None if decision.report_id is None else await reports.of_account(tx, decision.report_id, account_id)
    said = await _text(tx, decision)
    if not await store_by_hand.has_said(tx, account_id, actor.id, word, said, now - REPEATED):
        case = await _case(tx, actor, waiting, now)
        policy = await _policy(tx, decision, report, case)
        case = case or await _open(tx, account, policy, now)
        review = Review(policy=policy, action="none", account_action=word, until=decision.until, said=said)
        await _say(tx, actor, case, account_id, review, now)
        await apply.apply(tx, case.id, settings=settings, now=now, by=actor)
        if decision.action == "none":
            await audit.record(tx, actor, actions.deed("warn", account, ""))
    await audit.record(tx, actor, *await _resolve(tx, actor, account_id, decision, now))


async def undo(
    tx: Tx, actor: Actor, account_id: AccountId, action: Lasting, *, settings: Settings, now: datetime, reason: str = ""
) -> None:
    """Take back what holds of it, whichever case said so; nothing where nothing does.

    A decision about the account alone is taken back whole; where it was about others too, or posts were restricted with
    it, those stay so. Raises NotFound, Forbidden (see `decide.check_may_undo`, or a queue of others) or Invalid.
    """
    why = check_text(reason)
    standing = await store_by_hand.standing(tx, account_id, AT_DESK[action])
    await actions.account_below(tx, actor, account_id)
    for case in standing:
        if actor.id:
            check_queue(await reviewer_of(tx, actor), case.queue)
        if case.state == "open" and await store_by_hand.is_alone(tx, case.id, account_id):
            await _withdraw(tx, actor, case, why, now)
        elif case.state == "open":
            await _end(tx, actor, case, account_id, action, why, now)
        elif case.origin != "appeal" and await store_by_hand.is_alone(tx, case.id, account_id):
            await decide.take_back(tx, actor, case, why, now, again=False)
        else:
            await decide.check_may_undo(tx, actor, case, again=False)
            await _end(tx, actor, case, account_id, action, why, now)
        await apply.apply(tx, case.id, settings=settings, now=now, by=actor)
    await actions.undo(tx, actor, account_id, action, settings=settings, now=now, reason=why)


async def _text(tx: Tx, decision: Decision) -> str:
    preset = None if decision.preset_id is None else await store_accounts.preset(tx, decision.preset_id)
    if decision.preset_id is not None and preset is None:
        raise NotFound("There is no such text for warnings")
    return check_text("\n\n".join(part for part in (preset.text if preset else "", decision.text.strip()) if part))


async def _policy(tx: Tx, decision: Decision, report: Report | None, case: Case | None) -> str:
    """Raises Invalid."""
    policies = {one.code: one for one in await store_policies.all_of_them(tx)}
    if decision.policy:
        decide.check_policy(policies, decision.policy)
        return decision.policy
    if report is not None:
        return policy_of(report, await store_policies.of_rules(tx, report.rule_ids), policies)
    return WITHOUT if case is None else case.policy


async def _case(tx: Tx, actor: Actor, waiting: Sequence[Case], now: datetime) -> Case | None:
    """That of those which wait of which they could say the same at the desk."""
    reviewer = await reviewer_of(tx, actor) if actor.id else None
    for case in waiting:
        if await _is_theirs(tx, actor, reviewer, case, now):
            return case
    return None


async def _is_theirs(tx: Tx, actor: Actor, reviewer: Reviewer | None, case: Case, now: datetime) -> bool:
    try:
        if reviewer is not None:
            await queue.open_case(tx, reviewer, case.id, now)
        await decide.check_other_eyes(tx, actor, case, await store_decide.decisions(tx, case.id))
    except Forbidden:
        return False
    return True


async def _open(tx: Tx, account: Account, policy: str, now: datetime) -> Case:
    item, number = await kept.account(tx, account.id), new_id(now)
    await store_by_hand.open_case(tx, number, account.id, policy, None if item is None else item.sealed, now)
    case = await store_queue.lock(tx, number)
    if case is None:
        raise NotFound
    return case


async def _say(tx: Tx, actor: Actor, case: Case, account_id: int, review: Review, now: datetime) -> None:
    made = await decide.say(tx, actor, case, review, now, by_hand=True)
    if isinstance(made, Wait) and case.meanwhile is None:
        await store_by_hand.hold(tx, case.id, account_id, review.account_action, now)
        await emit(tx, CaseHeld(case.id, case.round))


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


async def _end(
    tx: Tx, actor: Actor, case: Case, account_id: AccountId, action: Lasting, why: str, now: datetime
) -> None:
    """The words of whoever ends what holds of one account stand with the case, as those do that decided it."""
    await decide.end_of_account(tx, case, account_id, now)
    await queue.say(tx, actor, case, "undo", {"account": AT_DESK[action]}, {"account": None}, why)
