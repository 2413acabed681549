"""Taking cases, and passing them on: by whom, until when, and in which order."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from townsquare.db.pool import Database, Db, Tx
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.cases import store_queue
from townsquare.moderation.cases.model import NOTE_LENGTH, Case, Queue, Severity
from townsquare.moderation.cases.roles import (
    NOT_BELOW,
    QUEUES,
    SENIORS,
    DeskRole,
    Reviewer,
    check_last_word,
    check_queue,
    role_at_desk,
)
from townsquare.moderation.cases.store_queue import Wanted
from townsquare.moderation.cases.verdict import Left
from townsquare.moderation.model import PLACE, Actor

LOCK: Final = timedelta(minutes=15)
"""For so long somebody has a case before them; then it is anybody's again."""
FIRST: Final = 100
"""Of the cases by their order, how many are looked at before all are."""
AHEAD: Final = timedelta(minutes=3)
"""For so long the next case is kept for somebody while they decide the one before it."""
BY_DEADLINE: Final = 4
"""Every fourth case that somebody takes is the one whose deadline is the first: nothing starves."""
LONGEST_SNOOZE: Final = timedelta(days=14)
PRESSING: Final = timedelta(hours=1)
"""For so long what is overdue, or of the worst kind, is put off at the most."""
WORST: Final[Severity] = 1


async def next_case(
    tx: Tx, reviewer: Reviewer, now: datetime, *, worst: Severity = 1, besides: int = 0, lock: timedelta = LOCK
) -> Case | None:
    """The case that this reviewer is to look at, locked for them; None where there is nothing for them to do.

    Those that are assigned to them come first. `worst`: nothing of a worse severity.
    """
    turn = await store_queue.pulled(tx, reviewer.id)
    wanted = Wanted(
        reviewer_id=reviewer.id,
        queues=QUEUES[reviewer.role],
        senior=reviewer.role in SENIORS,
        above=NOT_BELOW[reviewer.site_role],
        worst=worst,
        besides=besides,
    )
    by_deadline = turn % BY_DEADLINE == 0
    for most in (FIRST, None):
        found = await store_queue.next_case(tx, wanted, now, now + lock, by_deadline=by_deadline, most=most)
        if found is not None:
            return found
    return None


async def take_next(tx: Tx, reviewer: Reviewer, now: datetime, *, worst: Severity = 1) -> Case | None:
    """The same, and first of all what they have before them already: it was kept for them, or they left it."""
    had = await store_queue.had(tx, reviewer.id, now, now + LOCK, worst)
    return had if had is not None else await next_case(tx, reviewer, now, worst=worst)


async def keep_ahead(tx: Tx, reviewer: Reviewer, case_id: int, now: datetime, *, worst: Severity = 1) -> Case | None:
    """Keep the case that comes after one for its reviewer, for a short time only: they have not seen it."""
    kept = await store_queue.kept_ahead(tx, reviewer.id, case_id, now, now + AHEAD, worst)
    if kept is not None:
        return kept
    return await next_case(tx, reviewer, now, worst=worst, besides=case_id, lock=AHEAD)


async def open_case(tx: Tx, reviewer: Reviewer, case_id: int, now: datetime) -> Case:
    """A case that this reviewer works on, for this transaction alone to change.

    Raises NotFound, or Forbidden: it is decided, in a queue of others, before somebody else, or for a senior.
    """
    case = await store_queue.lock(tx, case_id)
    if case is None:
        raise NotFound
    check_queue(reviewer, case.queue)
    check_last_word(reviewer, case)
    await check_apart(tx, reviewer, case_id)
    if case.state != "open":
        raise Forbidden("This case is decided")
    others = case.locked_id not in (None, reviewer.id) and case.locked_until is not None and case.locked_until > now
    if others:
        raise Forbidden("Somebody else has this case before them")
    return case


async def free(db: Db, case: Case) -> dict[int, DeskRole]:
    """Those of the staff who may still review a case in this round, and what they are at the desk."""
    found = await store_queue.free(db, case.id)
    return {one.account_id: role_at_desk(one.site_role, one.role) for one in found}


async def left(db: Db, case: Case) -> Left:
    """How many they are."""
    roles = (await free(db, case)).values()
    return Left(len(roles), sum(role in SENIORS for role in roles))


def able(case: Case, free: Mapping[int, DeskRole]) -> dict[int, DeskRole]:
    """Those of them who may say the next word."""
    return {who: role for who, role in free.items() if not case.last_word or role in SENIORS}


async def check_apart(db: Db, reviewer: Reviewer, case_id: int) -> None:
    """Raise Forbidden for a case about the reviewer, or one that they reported, or about those of their rank."""
    if await store_queue.is_barred(db, case_id, reviewer.id, NOT_BELOW[reviewer.site_role]):
        raise Forbidden("This case is for somebody else: it is about you or your rank, or you reported it")


async def keep(tx: Tx, reviewer: Reviewer, case_id: int, now: datetime) -> None:
    """It is still being looked at, and nobody else's for another while. Raises NotFound, Forbidden."""
    await open_case(tx, reviewer, case_id, now)
    await store_queue.keep(tx, case_id, reviewer.id, now + LOCK)


async def give_back(tx: Tx, reviewer: Reviewer, case_id: int, now: datetime) -> None:
    """Somebody else may have it. Raises NotFound, Forbidden."""
    await open_case(tx, reviewer, case_id, now)
    await store_queue.release(tx, case_id)


async def hand_over(tx: Tx, reviewer: Reviewer, case_id: int, to: int | None, now: datetime, note: str = "") -> None:
    """To somebody, until it is due, or (None) to whoever comes next. What is due already they have before them at once.

    Raises NotFound, Forbidden (also where they may not decide it) or Invalid.
    """
    case = await open_case(tx, reviewer, case_id, now)
    if to is not None and to not in able(case, await free(tx, case)):
        raise Forbidden("This case is not for them: they may not decide it, or have decided it before")
    await store_queue.assign(tx, case_id, to)
    if to is not None and case.due_at <= now:
        await store_queue.keep(tx, case_id, to, now + LOCK)
    await _note(tx, reviewer, case_id, note, now)
    await say(tx, reviewer.actor, case, "assign", {"assigned_id": case.assigned_id}, {"assigned_id": to}, note)


async def end_assignments(db: Database) -> None:
    """From time to time: what somebody was to have is anybody's when it is due, or they may not decide it any more."""
    now = datetime.now(UTC)
    for case_id in await store_queue.assigned(db):
        async with db.transaction() as tx:
            case = await store_queue.lock(tx, case_id)
            if case is None or case.state != "open" or case.assigned_id is None:
                continue
            if case.due_at <= now or case.assigned_id not in able(case, await free(tx, case)):
                await store_queue.unassign(tx, case_id)
                await say(tx, PLACE, case, "assign", {"assigned_id": case.assigned_id}, {"assigned_id": None})


async def move(tx: Tx, reviewer: Reviewer, case_id: int, queue: Queue, now: datetime, note: str = "") -> None:
    """To those of another queue; also one that the reviewer does not see. Raises NotFound, Forbidden, Invalid."""
    case = await open_case(tx, reviewer, case_id, now)
    await store_queue.move(tx, case_id, queue)
    await _note(tx, reviewer, case_id, note, now)
    await say(tx, reviewer.actor, case, "move", {"queue": case.queue}, {"queue": queue}, note)


async def snooze(tx: Tx, reviewer: Reviewer, case_id: int, until: datetime, now: datetime, note: str = "") -> None:
    """Nobody is given it until then. Raises NotFound, Forbidden, or Invalid: past its deadline, too long, or without a
    word where it presses.
    """
    case = await open_case(tx, reviewer, case_id, now)
    if presses(case, now) and not note.strip():
        raise Invalid("Validation failed: Say in a note why what presses waits")
    latest = now + PRESSING if presses(case, now) else min(case.due_at, now + LONGEST_SNOOZE)
    if not now < until <= latest:
        raise Invalid("Validation failed: A case waits at most until it is due, and an hour where it presses")
    await store_queue.snooze(tx, case_id, until)
    await _note(tx, reviewer, case_id, note, now)
    await say(tx, reviewer.actor, case, "snooze", {"snoozed_until": case.snoozed_until}, {"snoozed_until": until}, note)


def presses(case: Case, now: datetime) -> bool:
    """Whether it is overdue, or of the worst kind."""
    return case.severity == WORST or case.due_at <= now


async def _note(tx: Tx, reviewer: Reviewer, case_id: int, note: str, now: datetime) -> None:
    if check_note(note):
        await store_queue.insert_note(tx, case_id, new_id(now), reviewer.id, check_note(note))


def check_note(note: str) -> str:
    """Raises Invalid."""
    if len(note) > NOTE_LENGTH:
        raise Invalid(Words("Validation failed: Note is too long (maximum is %(num)s characters)", num=NOTE_LENGTH))
    return note.strip()


async def say(
    tx: Tx,
    actor: Actor,
    case: Case,
    what: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
    reason: str = "",
) -> None:
    """Write into the audit log what somebody did with a case."""
    deed = Deed(action=f"case.{what}", target=f"case:{case.id}", reason=reason, before=before, after=after)
    await audit.record(tx, actor, deed)
