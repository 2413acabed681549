"""Appeals: by whoever a decision is about, and by whoever had reported what stays, or given notice of it (Regulation
2022/2065, article 20).

An appeal is a case of its own about the same things, which somebody else decides: the database refuses whoever decided
before. It is free, open for six months, and never decided by a machine.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.db.pool import Tx
from townsquare.jobs import emit
from townsquare.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases.events import AppealSettled, CaseDecided
from townsquare.moderation.cases.model import grants
from townsquare.moderation.jury.events import JuryAsked
from townsquare.moderation.misuse_acts import check_may_appeal
from townsquare.moderation.model import PLACE
from townsquare.moderation.reasons import store_appeals as store
from townsquare.moderation.reasons import store_interim
from townsquare.moderation.reasons.store_appeals import Appeal, Reopened, Side

OPEN_FOR: Final = timedelta(days=183)
LENGTH: Final = 5000


class Settled(msgspec.Struct, frozen=True):
    """How an appeal was decided. `tells`: authors are to be told of what was decided instead."""

    account_id: int
    side: Side
    prior_id: int
    round: int
    granted: bool
    tells: bool


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
        await emit(tx, JuryAsked(number))
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

    Where it is granted, what it says goes in the place of what is contested: for what is an author's, or for all of it.
    Else the contested decision stands, and what the second one says besides does not: an author's appeal makes nothing
    worse. Until this is settled nothing of it takes effect (`cases/apply.py`).
    """
    await store.lock_prior(tx, case_id)
    found = await store.waiting(tx, case_id)
    if found is None:
        return None
    granted = grants(found.side, found.before, found.after)
    finds = (found.new_action, found.new_account_action) != ("none", "none")
    if granted:  # whoever else had given notice of it is answered anew
        await store.lift(tx, found.prior_id, found.author_id)
        await emit(tx, CaseDecided(found.prior_id, found.round))
        await _note(tx, "lift", found.prior_id, case_id, found.author_id)
    elif finds:
        await store.lift(tx, case_id, found.author_id)
    await store.close(tx, found, granted, said, now)
    await emit(tx, AppealSettled(case_id, found.new_round))
    return Settled(found.account_id, found.side, found.prior_id, found.round, granted, tells=granted and finds)


async def unsettle(tx: Tx, case_id: int, round_: int) -> Reopened | None:
    """What had been decided of an appeal in a round of its case is taken back: it waits again, and until it is decided
    what it contests stands as before. None where no appeal was settled then, or that does not stand itself any more.
    """
    await store.lock_prior(tx, case_id)
    found = await store.reopen(tx, case_id, round_)
    if found is None or not found.granted:
        return found
    author_id = found.account_id if found.side == "author" else None
    if await store.restore(tx, found.prior_id, found.round, author_id):
        await emit(tx, CaseDecided(found.prior_id, found.round))
        await _note(tx, "restore", found.prior_id, case_id, author_id)
    return found


async def _note(tx: Tx, what: str, prior_id: int, case_id: int, author_id: int | None) -> None:
    """What becomes of a case because of an appeal stands in the audit log of that case, too."""
    after = {"appeal": str(case_id), "of": "all" if author_id is None else str(author_id)}
    await audit.record(tx, PLACE, Deed(action=f"case.{what}", target=f"case:{prior_id}", after=after))


def is_open(made_at: datetime, now: datetime) -> bool:
    """Whether a decision of that time can still be appealed against."""
    return now - made_at <= OPEN_FOR


def check_words(text: str) -> str:
    """What somebody says why. Raises Invalid."""
    said = text.strip()
    if not said:
        raise Invalid("Say in a few words why you think that the decision is wrong")
    if len(said) > LENGTH:
        raise Invalid(Words("Your words are too long: %(num)s characters are the most", num=LENGTH))
    return said
