"""Deciding a case, and taking that back. What takes effect is worked out by `verdict`; it follows by events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.db.pool import Database, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.moderation import audit, reports
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import (
    queue,
    rating,
    store_apply,
    store_decide,
    store_machines,
    store_policies,
    store_queue,
)
from townsquare.moderation.cases.events import AccountEnded, CaseDecided, CaseHeld, CaseUndone, HoldLapsed
from townsquare.moderation.cases.members import reviewer_of
from townsquare.moderation.cases.model import Case, Decision, Policy, Review, decisions_of, ends, extent, grants
from townsquare.moderation.cases.roles import SENIORS, Reviewer, check_queue
from townsquare.moderation.cases.store_decide import Split
from townsquare.moderation.cases.verdict import Decided, Left, Rules, Verdict, Wait, verdict
from townsquare.moderation.jury import sit
from townsquare.moderation.jury import store as jury_store
from townsquare.moderation.jury.model import departs
from townsquare.moderation.model import PLACE, Actor, check_text
from townsquare.moderation.reasons import store_appeals

LAPSES: Final = timedelta(days=14)
"""For so long what holds until it is decided waits for somebody."""
SEVERE: Final = 2
"""What may be as severe stays hidden until somebody has looked, however long that takes."""
NOBODY: Final = Left(0, 0)
BY_ANYBODY: Final = 2
"""What so many have decided is taken back by anybody who works its queue. More of them were a panel of many, or a
senior among them had the last word: then it is for a senior."""


async def decide(tx: Tx, reviewer: Reviewer, case_id: int, review: Review, now: datetime) -> Verdict:
    """Say what is to be done about a case; what comes of that.

    Raises NotFound, Forbidden (see `queue.open_case`, or this reviewer decided it before) or Invalid.
    """
    case = await queue.open_case(tx, reviewer, case_id, now)
    return await say(tx, reviewer.actor, case, review, now)


async def say(tx: Tx, actor: Actor, case: Case, review: Review, now: datetime, *, by_hand: bool = False) -> Verdict:
    """The same of an open case that this transaction has locked, whoever may take it. `by_hand`: not at the desk.

    Raises Forbidden (they decided it before, or a jury looks at it) or Invalid.
    """
    policies = await _policies(tx)
    check_policy(policies, review.policy)
    queue.check_note(review.note)
    before = await store_decide.decisions(tx, case.id)
    await check_other_eyes(tx, actor, case, before)
    await _check_no_worse(tx, case, review)
    heard = await _check_jury(tx, actor, case, review, now)
    decision = _decision(case, actor, review, now)
    await store_decide.insert(tx, decision, by_hand=by_hand)
    said = decisions_of([*before, decision], case.round)
    made = await _verdict(tx, case, said, policies)
    deed = Deed(
        action="case.review",
        target=f"case:{case.id}",
        reason=check_text(review.said),
        after={"stage": case.stage, "policy": review.policy, "action": review.action, "account": review.account_action}
        | ({} if heard is None else {"jury": heard}),
    )
    match made:
        case Wait():
            await _wait(tx, case, made, now)
            await audit.record(tx, actor, deed)
        case Decided():
            await audit.record(tx, actor, deed, *await _close(tx, actor, case, _in_words(said, made), made.few, now))
    return made


async def settle_stranded(db: Database) -> None:
    """From time to time: what waits for a further pair of eyes that is not there any more is decided without it.

    So is what holds since long: then whoever it is about can appeal. Where nobody has said anything there is nothing to
    decide it by: it ends, and the case waits on.
    """
    now = datetime.now(UTC)
    for case_id in await store_queue.further(db, now - LAPSES):
        async with db.transaction() as tx:
            case = await store_queue.lock(tx, case_id)
            if case is None or case.state != "open":
                continue
            if case.stage == 1:
                await _lapse(tx, case, now)
                continue
            said = decisions_of(await store_decide.decisions(tx, case_id), case.round)
            lapsed = case.held_at is not None and all(now - one.made_at > LAPSES for one in said)
            made = await _verdict(tx, case, said, await _policies(tx), NOBODY if lapsed else None)
            if isinstance(made, Decided):
                await audit.record(tx, PLACE, *await _close(tx, PLACE, case, _in_words(said, made), made.few, now))


async def _lapse(tx: Tx, case: Case, now: datetime) -> None:
    if case.held_at is None or now - case.held_at <= LAPSES:
        return
    before: dict[str, object] = {"meanwhile": case.meanwhile}
    if await store_decide.worst(tx, case.id) > SEVERE:
        before["held_at"] = case.held_at
        await store_decide.let_go(tx, case.id)
        await emit(tx, HoldLapsed(case.id, case.round))
    elif case.meanwhile_of is not None:
        await end_of_account(tx, case, case.meanwhile_of, now)
    else:
        return
    await queue.say(tx, PLACE, case, "lapse", before, dict.fromkeys(before))


async def end_of_account(tx: Tx, case: Case, account_id: int, now: datetime) -> None:
    """What a case says of the account holds no longer; what it says of posts, and of others, does."""
    await store_apply.end_meanwhile(tx, case.id)
    await store_decide.end_of_account(tx, case, account_id, now)
    await emit(tx, AccountEnded(case.id, case.round, account_id))


async def _verdict(
    tx: Tx, case: Case, said: Sequence[Decision], policies: Mapping[str, Policy], left: Left | None = None
) -> Verdict:
    """What comes of all that was said in a round, by how many there are who may say more."""
    reviews, named = [one.review for one in said], [policies[one.policy] for one in said]
    contested = await store_appeals.contested(tx, case.id)
    rules = Rules(
        second_review=any(policy.second_review for policy in named),
        hold_meanwhile=contested is None and any(policy.hold_meanwhile for policy in named),
        purpose=case.purpose,
        estimate=case.estimate,
        vouched=not reviews[0].violates and await store_decide.is_vouched(tx, case.id),
        overturns=not reviews[0].violates and await store_decide.were_several(tx, case.id),
        things=await store_decide.things(tx, case.id),
    )
    made = verdict(reviews, rules)
    if isinstance(made, Decided):
        return made
    made = verdict(reviews, rules, await queue.left(tx, case) if left is None else left)
    return msgspec.structs.replace(made, few=True) if isinstance(made, Decided) else made


def _in_words(said: Sequence[Decision], made: Decided) -> Decision:
    """The one of them in whose words it is decided."""
    return next(one for one in said if one.review == made.review)


async def undo(tx: Tx, reviewer: Reviewer, case_id: int, reason: str | None, now: datetime, *, again: bool) -> None:
    """Take a decision back with all that came of it. `again`: it is open again, for a new round of reviews.

    Else it stays decided, as if nothing had been wrong. `reason`: None where it is what they themselves said last.
    Raises NotFound, Forbidden or Invalid.
    """
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    check_queue(reviewer, case.queue)
    if reason is not None and not reason.strip():
        raise Invalid("Validation failed: Say why it is taken back: it stands in the audit log")
    if not again and case.origin == "appeal" and not await store_appeals.is_over(tx, case.id):
        raise Forbidden("An appeal is decided anew: open it again")
    await take_back(tx, reviewer.actor, case, reason or "", now, again=again)


async def take_back(tx: Tx, actor: Actor, case: Case, reason: str, now: datetime, *, again: bool) -> None:
    """The same of a case that this transaction has locked. Raises Forbidden or Invalid."""
    await check_may_undo(tx, actor, case, again=again)
    await store_decide.insert_undo(tx, case.id, case.round, actor.id, check_text(reason), now)
    await store_decide.settle_reports(tx, case.id, upheld=None if again else False, now=now)
    await _grant_appeals(tx, actor, case, reason, now, again=again)
    if again:
        await _reopen(tx, case, now)
    else:
        await store_decide.overturn(tx, case.id, now)
    await store_machines.settle(tx, [case.id], now)
    await emit(tx, CaseUndone(case.id, case.round))
    after = {"state": "open" if again else "decided", "action": None if again else "none"}
    await queue.say(tx, actor, case, "undo", {"state": case.state, "action": case.action}, after, reason)


async def check_may_undo(tx: Tx, actor: Actor, case: Case, *, again: bool) -> None:
    """Raises Forbidden."""
    if case.state != "decided" or case.purpose != "work":
        raise Forbidden("Only what is decided can be taken back")
    if again and case.origin == "appeal" and await store_appeals.is_over(tx, case.id):
        raise Forbidden("What this appeal is about was taken back itself")
    await check_other_eyes(tx, actor, case, [])
    said = decisions_of(await store_decide.decisions(tx, case.id), case.round)
    if actor.id and len(said) > BY_ANYBODY and (await reviewer_of(tx, actor)).role not in SENIORS:
        raise Forbidden("More than two have decided this: a senior takes it back")
    if not again and case.heavy and not await is_for_one(tx, actor, said):
        raise Forbidden("Several have decided this: open it again, or have a senior take it back who is none of them")
    if not again and case.heavy and await store_decide.is_vouched(tx, case.id):
        raise Forbidden("A host, a store, an authority or a trusted flagger has given notice of it: open it again")


async def is_for_one(tx: Tx, actor: Actor, said: Sequence[Decision]) -> bool:
    """Whether they say alone that nothing is wrong with what these have decided: whoever could not win a panel does not
    win by taking back what it says.
    """
    if not actor.id or len(said) == 1:
        return True
    return (await reviewer_of(tx, actor)).role in SENIORS and all(one.reviewer_id != actor.id for one in said)


async def _grant_appeals(tx: Tx, actor: Actor, case: Case, why: str, now: datetime, *, again: bool) -> None:
    """Whoever contests what is taken back has won, but for those who had told of it, where nothing is to be done at all
    (not `again`): from now on they are against that.
    """
    await grant(tx, actor, await store_appeals.won(tx, case.id, case.round, again=again), why, now)


async def grant(tx: Tx, actor: Actor, case_ids: Sequence[int], why: str, now: datetime) -> None:
    """What these appeals contest does not stand any more: they are decided by that, and nobody else looks at them."""
    for case_id, round_ in await store_appeals.grant(tx, case_ids, now):
        await sit.end(tx, case_id, now)
        await emit(tx, CaseDecided(case_id, round_))
        deed = Deed(
            action="case.decide", target=f"case:{case_id}", reason=why, after={"state": "decided", "action": None}
        )
        await audit.record(tx, actor, deed)


async def _reopen(tx: Tx, case: Case, now: datetime) -> None:
    """For a new round of reviews. What was hidden by what is taken back stays so meanwhile, as the policy says; so does
    what was heavy about an account, where it is about one. What an author contests goes on as it is: an appeal makes
    nothing worse, also not for a while.
    """
    contested = await store_appeals.contested(tx, case.id)
    hold = contested is None and case.heavy and (await _policies(tx))[case.policy].hold_meanwhile
    await store_decide.reopen(tx, case.id, now if hold else None, now)
    await rating.rate(tx, [case.id], now)
    if hold:
        await store_decide.keep_of_account(tx, case.id)
        await emit(tx, CaseHeld(case.id, case.round + 1))


async def _policies(tx: Tx) -> Mapping[str, Policy]:
    return {one.code: one for one in await store_policies.all_of_them(tx)}


def check_policy(policies: Mapping[str, Policy], code: str) -> None:
    """Raises Invalid."""
    policy = policies.get(code)
    if policy is None or policy.ended_at is not None:
        raise Invalid("Validation failed: Policy is not one of this place")


async def check_other_eyes(tx: Tx, actor: Actor, case: Case, before: Sequence[Decision]) -> None:
    """Nobody decides twice of a round, of what they put to others, or once an appeal has gone against them.

    Whoever is at the terminal counts as one person, who may still do what a jury has said. The database refuses it too,
    with words that nobody should read. Raises Forbidden.
    """
    told = [one for one in before if one.round == case.round]
    if actor.id or not await jury_store.has_spoken(tx, case.id):
        told += await _before_them(tx, case)
    if any(one.reviewer_id == actor.id for one in told):
        if not actor.id:
            raise Forbidden("This was decided at the terminal before: entrust one of the staff with it")
        raise Forbidden("You have decided this already: it is for somebody else")


async def _before_them(tx: Tx, case: Case) -> list[Decision]:
    """What was said that whoever decides now has not said."""
    told: list[Decision] = []
    if case.origin == "appeal" and case.prior_id is not None:
        told += await store_decide.decisions(tx, case.prior_id)
    if await store_decide.is_overruled(tx, case.id):
        told += await store_decide.decisions(tx, case.id)
    if case.prior_id is not None and await store_queue.is_overruled_before(tx, case.id):
        told += await store_decide.decisions(tx, case.prior_id)
    if case.doubles_id is not None:
        told += await store_decide.decisions(tx, case.doubles_id)
    return told


async def _check_no_worse(tx: Tx, case: Case, review: Review) -> None:
    """What is less on the whole, for an author who appeals, is more in no part of it. Raises Invalid."""
    before, after = await store_appeals.contested(tx, case.id), review.extent
    if before is None or after >= before:
        return
    if after.thing > before.thing or (review.lasts and after.until > before.until):
        raise Invalid(
            "Validation failed: An author's appeal makes nothing worse: do no more with any of it, and for no longer"
        )


async def _check_jury(tx: Tx, actor: Actor, case: Case, review: Review, now: datetime) -> str | None:
    """What a jury has said of it, if one has. Whoever decides otherwise says why, and nobody does who has decided what
    is contested. Raises Forbidden, Invalid.
    """
    jury = await jury_store.of_case(tx, case.id)
    if jury is None:
        return None
    if jury.closed_at is None:
        raise Forbidden("A jury looks at this still: it is decided when they have spoken")
    matter = await jury_store.matter(tx, case.id)
    bound = not actor.id and any(one.reviewer_id == actor.id for one in await _before_them(tx, case))
    if matter is not None and (bound or not review.said.strip()):
        before = extent(matter.action, matter.account_action, matter.until)
        until = ends(matter.side, review.until, matter.until, now - matter.made_at)
        after = extent(review.action, review.account_action, until)
        if departs(jury.verdict, granted=grants(matter.side, before, after)):
            if bound:
                raise Forbidden("This was decided at the terminal before: decide as the jury says")
            raise Invalid("Validation failed: It is not what the jury said, so say why")
    return jury.verdict


def _decision(case: Case, actor: Actor, review: Review, now: datetime) -> Decision:
    return Decision(
        id=new_id(now),
        case_id=case.id,
        round=case.round,
        stage=case.stage,
        reviewer_id=actor.id,
        policy=review.policy,
        action=review.action,
        account_action=review.account_action,
        until=review.until,
        note=review.note,
        said=review.said,
        seconds=review.seconds,
        made_at=now,
    )


async def _wait(tx: Tx, case: Case, made: Wait, now: datetime) -> None:
    await store_decide.wait(tx, case.id, made.stage, now if made.hold else None, last_word=made.last)
    if made.hold and case.held_at is None:
        await emit(tx, CaseHeld(case.id, case.round))


async def _close(tx: Tx, actor: Actor, case: Case, decision: Decision, few: bool, now: datetime) -> list[Deed]:
    """It is decided: outliers become cases of their own, the rest is settled, and what follows is set going."""
    review = decision.review
    if case.purpose == "work":
        await _split(tx, case, now)
    await store_decide.settle_items(tx, case.id, review.action)
    await store_decide.close(tx, decision, now)
    if case.purpose != "work":
        return []
    done = await store_decide.settle_reports(tx, case.id, upheld=review.violates, now=now)
    await store_machines.settle(tx, [case.id], now)
    await emit(tx, CaseDecided(case.id, case.round))
    decided = Deed(
        action="case.decide",
        target=f"case:{case.id}",
        reason=review.said,
        before={"state": "open"},
        after={"state": "decided", "policy": review.policy, "action": review.action, "account": review.account_action}
        | ({"few": True} if few else {}),
    )
    return [decided, *await reports.close(tx, actor, done, now)]


async def _split(tx: Tx, case: Case, now: datetime) -> None:
    """What is like the case and not enough like it is looked at apart, and stays held if the case was."""
    found = await store_decide.outliers(tx, case.id)
    splits = [Split(new_id(case.opened_at), one.kind, one.owner_id, one.item_id) for one in found]
    if splits:
        await store_decide.split(tx, case.id, splits, now)
        cases = [one.case_id for one in splits]
        await rating.recount(tx, [case.id, *cases])
        await rating.rate(tx, cases, now)
