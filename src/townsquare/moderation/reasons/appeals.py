"""Appeals: by whoever a decision is about, and by whoever had reported what stays, or given notice of it (Regulation
2022/2065, article 20).

An appeal is a case of its own about the same things, which somebody else decides: the database refuses whoever decided
before. It is free, open for six months, and never decided by a machine.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import queue, store_queue
from townsquare.moderation.cases.events import AppealSettled, CaseDecided
from townsquare.moderation.cases.model import grants
from townsquare.moderation.jury import sit
from townsquare.moderation.misuse_acts import check_may_appeal
from townsquare.moderation.model import PLACE
from townsquare.moderation.reasons import store_appeals as store
from townsquare.moderation.reasons import store_interim, store_settled
from townsquare.moderation.reasons.store_appeals import Appeal, Side
from townsquare.moderation.reasons.store_settled import Again, Granted, Reopened, Said
from townsquare.moderation.reasons.term import is_open

LENGTH: Final = 5000


class Settled(msgspec.Struct, frozen=True):
    """How an appeal was decided, by which case. `tells`: authors are to be told of what was decided instead; `lifted`:
    in the place of which it goes.
    """

    account_id: int
    side: Side
    prior_id: int
    round: int
    granted: bool
    tells: bool
    by: int
    author_id: int | None
    lifted: Sequence[Said]


async def appeal(
    tx: Tx, account_id: int, case_id: int, round_: int, side: Side, text: str, now: datetime, *, jury: bool = False
) -> Appeal:
    """Against what a case had decided in a round. Raises NotFound, Invalid, Conflict or Forbidden.

    `jury`: people of the place are to say what they think of it first, where it has a jury.
    """
    said = check_words(text)
    made_at = await store.told_at(tx, account_id, case_id, round_, side)
    if made_at is None:
        raise NotFound
    if not is_open(made_at, now):
        raise Forbidden("Appeals are open for six months, and those are over")
    await check_may_appeal(tx, account_id, now)
    if await store.of_decision(tx, account_id, case_id, round_) is not None:
        raise Conflict("You have appealed against this decision already")
    number = new_id(now)
    about = account_id if side == "author" else None
    if not await store.open_case(tx, number, case_id, round_, about, now):
        raise Conflict("This decision was taken back, or is being looked at again already")
    made = Appeal(account_id, new_id(now), case_id, round_, side, said, number, now, None, None, "")
    await store.insert(tx, made)
    if jury:
        await sit.ask(tx, number, now)
    return made


async def appeal_of_notice(
    tx: Tx, notice_id: int, decisions: Sequence[tuple[int, int]], text: str, now: datetime
) -> None:
    """By whoever gave notice, against what these cases had decided in these rounds. Raises Invalid or Conflict."""
    said, made = check_words(text), False
    contested = {(one.prior_id, one.round) for one in await store.of_notice(tx, notice_id)}
    for case_id, round_ in decisions:
        number = new_id(now)
        if (case_id, round_) not in contested and await store.open_case(tx, number, case_id, round_, None, now):
            one = Appeal(0, new_id(now), case_id, round_, "notice", said, number, now, None, None, "", None, notice_id)
            await store.insert(tx, one)
            made = True
    if not made:
        raise Conflict("This decision was taken back, or is being looked at again already")


async def answer(tx: Tx, account_id: int, statement_id: int, text: str) -> None:
    """What somebody says to what holds until it is decided, for those who decide. Raises Invalid or Conflict."""
    if not await store_interim.answer(tx, account_id, statement_id, check_words(text)):
        raise Conflict("This is decided by now, and you were told")


async def settle(tx: Tx, case_id: int, said: str, now: datetime) -> Settled | None:
    """What a case that somebody appealed for has decided, about the decision that they contest; once. None where
    there is no such appeal, or it was settled before.

    Where it is granted, what it says goes in the place of what is contested, and of what others were granted against
    that: for what is an author's, or for all of it.
    Else the contested decision stands, and what the second one says besides does not: an author's appeal makes nothing
    worse. Until this is settled nothing of it takes effect (`cases/apply.py`).
    """
    await store_settled.lock_prior(tx, case_id)
    found = await store_settled.waiting(tx, case_id)
    if found is None:
        return None
    granted = grants(found.side, found.before, found.after)
    finds = (found.new_action, found.new_account_action) != ("none", "none")
    replaced = await store_settled.replaced(tx, found, case_id) if granted else []
    lifted = [Said(found.prior_id, found.round), *replaced] if granted else []
    for one in lifted or ([Said(case_id, found.new_round)] if finds else []):
        await store_settled.lift(tx, one.case_id, found.author_id)
    await store_settled.close(tx, found, granted, said, now)
    # What is new holds before what it replaces ends: nothing is shown in between.
    for one in (Said(case_id, found.new_round), *replaced):
        await emit(tx, AppealSettled(one.case_id, one.round))
    if granted:  # whoever else had given notice of it is answered anew
        await emit(tx, CaseDecided(found.prior_id, found.round))
    return Settled(
        account_id=found.account_id,
        side=found.side,
        prior_id=found.prior_id,
        round=found.round,
        granted=granted,
        tells=granted and finds,
        by=case_id,
        author_id=found.author_id,
        lifted=lifted,
    )


async def unsettle(tx: Tx, case_id: int, round_: int) -> tuple[Reopened, Sequence[Again]] | None:
    """What had been decided of an appeal in a round of its case is taken back: it waits again, and until it is decided
    what it had replaced stands as before. None where no appeal was settled then, or what it contests does not stand
    itself any more. The second is what stands again.
    """
    await store_settled.lock_prior(tx, case_id)
    found = await store_settled.reopen(tx, case_id, round_)
    if found is None:
        return None
    replaced = before_it(found, await store_settled.granted(tx, found, case_id)) if found.granted else []
    again = [one for one in replaced if await store_settled.restore(tx, one)]
    for one in again:
        await emit(tx, CaseDecided(one.said.case_id, one.said.round))
    return found, again


def before_it(one: Reopened, granted: Sequence[Granted]) -> list[Again]:
    """What an appeal that was granted had replaced, by all else that was, in its order: for each author what they were
    granted themselves, or somebody else for all, whichever was the last before it; else what they contest. Nothing
    where it was replaced itself since: for an author by what they were granted, for all by what others were.
    """
    for_all = [other for other in granted if other.side != "author"]
    if any(other.decided_at > one.decided_at for other in for_all):
        return []
    said = Said(for_all[-1].case_id, for_all[-1].round) if for_all else Said(one.prior_id, one.round)
    if one.side == "author":
        return [Again(said, one.author_id)]
    own = [o for o in granted if o.side == "author" and not (for_all and o.decided_at < for_all[-1].decided_at)]
    theirs = [Again(Said(o.case_id, o.round), o.account_id) for o in own if o.decided_at < one.decided_at]
    return [Again(said, None, [o.account_id for o in own]), *theirs]


async def note(tx: Tx, what: Literal["lift", "restore"], said: Sequence[Said], by: int, author_id: int | None) -> None:
    """What becomes of cases because of an appeal stands in the audit log of those cases, too. The last of all: see
    `audit.record`.
    """
    after = {"appeal": str(by), "of": "all" if author_id is None else str(author_id)}
    deeds = [Deed(action=f"case.{what}", target=f"case:{one.case_id}", after=after) for one in said]
    await audit.record(tx, PLACE, *deeds)


async def waits_for_nobody(db: Db, one: Appeal | None) -> bool:
    """Whether an appeal waits until somebody is entrusted with it: all of the staff have decided before, or may not."""
    case = None if one is None or one.decided_at is not None else await store_queue.by_id(db, one.case_id)
    return case is not None and case.state == "open" and not (await queue.left(db, case)).anybody


def check_words(text: str) -> str:
    """What somebody says why. Raises Invalid."""
    said = text.strip()
    if not said:
        raise Invalid("Say in a few words why you think that the decision is wrong")
    if len(said) > LENGTH:
        raise Invalid(Words("Your words are too long: %(num)s characters are the most", num=LENGTH))
    return said
