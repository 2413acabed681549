"""Taking, passing on and deciding cases: who may, how many, and what is written of it."""

from datetime import timedelta

import asyncpg
import pytest

from tests.rooms.moderation.cases.desk import (
    MODERATORS,
    NOW,
    SENIOR,
    THREAT,
    actions,
    case,
    claim,
    only,
    pull,
    removed,
    review,
    reviewer,
    staffed,
    taken_in,
)
from townsquare.accounts.roles import MODERATOR
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden, Invalid, NotFound
from townsquare.moderation.audit import history
from townsquare.moderation.cases import queue
from townsquare.moderation.cases.decide import settle_stranded, undo
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.cases.store_decide import decisions
from townsquare.moderation.cases.verdict import MANY, Decided, Left, Wait


async def kinds(db: Database) -> list[str]:
    return [record[0] for record in await db.records("SELECT kind FROM jobs WHERE kind LIKE 'Case%' ORDER BY id")]


async def test_a_case_is_before_one_reviewer_until_the_lock_runs_out(db: Database) -> None:
    made = await only(db, claim())
    first = await pull(db, reviewer(1))
    assert first is not None
    assert (first.id, first.locked_id) == (made.id, reviewer(1).id)
    assert await pull(db, reviewer(2)) is None
    with pytest.raises(Forbidden, match="Somebody else has this case"):
        await review(db, reviewer(2), made.id, "none")
    later = NOW + queue.LOCK
    second = await pull(db, reviewer(2), later)
    assert second is not None
    async with db.transaction() as tx:
        await queue.give_back(tx, reviewer(2), made.id, later)
    assert await pull(db, reviewer(3), later) is not None


async def test_what_is_heavy_needs_two_people_and_the_database_says_so_too(db: Database) -> None:
    made = await only(db, claim(THREAT, post=1))
    assert await review(db, reviewer(1), made.id, "remove", note="Clear", seconds=12) == Wait(2, hold=True)
    held = await case(db, made.id)
    assert (held.state, held.stage, held.held_at) == ("open", 2, NOW)
    assert await pull(db, reviewer(1)) is None, "not for whoever has looked at it"
    with pytest.raises(Forbidden, match="somebody else"):
        await review(db, reviewer(1), made.id, "remove")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.transaction() as tx:
            await tx.execute(
                """
                INSERT INTO case_decisions (id, case_id, round, stage, reviewer_id, policy, action, made_at)
                SELECT 1, case_id, round, 2, reviewer_id, policy, action, made_at FROM case_decisions
                """
            )
    assert isinstance(await review(db, reviewer(2), made.id, "remove"), Decided)
    assert await kinds(db) == ["CaseHeld", "CaseDecided"]
    assert await actions(db, made.id) == [(1, "remove", False)]
    assert [one.note for one in await decisions(db, made.id)] == ["Clear", ""]
    assert [entry.action for entry in await history(db, f"case:{made.id}")] == [
        "case.decide",
        "case.review",
        "case.review",
    ]


async def test_where_two_differ_a_senior_decides(db: Database) -> None:
    made = await only(db, claim())
    await review(db, reviewer(1), made.id, "remove")
    await review(db, reviewer(2), made.id, "none")
    assert await pull(db, reviewer(3)) is None
    with pytest.raises(Forbidden, match="a senior decides"):
        await review(db, reviewer(3), made.id, "none")
    senior = reviewer(SENIOR, "senior")
    assert await pull(db, senior) is not None
    await review(db, senior, made.id, "none")
    assert (await case(db, made.id)).action == "none"


async def test_a_campaign_is_for_four_of_five_of_whom_the_last_is_a_senior(db: Database) -> None:
    made = await only(db, *[claim(f"@p{number} {THREAT}", post=number) for number in range(1, MANY + 1)])
    for number, action in enumerate(("remove", "none", "remove", "remove"), 1):
        await review(db, reviewer(number), made.id, action)
    waits = await case(db, made.id)
    assert (waits.state, waits.stage, waits.last_word, waits.held_at) == ("open", 5, True, NOW)
    assert await pull(db, reviewer(5)) is None
    with pytest.raises(Forbidden, match="a senior decides"):
        await review(db, reviewer(5), made.id, "remove")
    await review(db, reviewer(SENIOR, "senior"), made.id, "remove", said="It is a threat")
    assert {action for _, action, _ in await actions(db, made.id)} == {"remove"}
    assert (
        await db.value("SELECT d.said FROM cases c JOIN case_decisions d ON d.id = c.decision_id") == "It is a threat"
    )


async def leave(db: Database, *numbers: int) -> None:
    """They look after the place no more."""
    ids = [reviewer(number).id for number in numbers]
    await db.execute("UPDATE users SET role = 'user' WHERE account_id = ANY($1)", ids)


async def test_a_case_never_waits_for_somebody_who_is_not_there(db: Database) -> None:
    """Where nobody else may say more, those who have said something have decided; in doubt the lighter of it."""
    waiting, differed, agreed = [await only(db, claim()) for _ in range(3)]
    await review(db, reviewer(1), waiting.id, "remove")
    for made, second in ((differed, "none"), (agreed, "remove")):
        await review(db, reviewer(1), made.id, "remove")
        if second == "none":
            await review(db, reviewer(2), made.id, "none")
    assert (await case(db, differed.id)).last_word
    await settle_stranded(db)
    assert {(await case(db, made.id)).state for made in (waiting, differed, agreed)} == {"open"}
    await leave(db, SENIOR)
    await settle_stranded(db)
    assert (await case(db, differed.id)).action == "none"
    assert (await case(db, waiting.id)).state == "open", "there are other moderators"
    await leave(db, *(one for one in MODERATORS if one not in (1, 2)))
    assert isinstance(await review(db, reviewer(2), agreed.id, "remove"), Decided)
    await db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", reviewer(2).id)
    await settle_stranded(db)
    assert (await case(db, waiting.id)).action == "remove"
    (entry, *_) = await history(db, f"case:{waiting.id}")
    assert (entry.actor, entry.action, entry.after["few"]) == ("the place itself", "case.decide", True)


async def test_who_may_not_decide_it_is_not_counted(db: Database) -> None:
    """Whoever reported it, whose role lets them not, and who is not above whom it is about."""
    made = await only(db, claim(by=reviewer(2).id))
    await staffed(db)
    await leave(db, *(one for one in (*MODERATORS, SENIOR) if one not in (1, 2, 3)))
    assert await queue.left(db, made) == Left(2, 0)
    await db.execute("INSERT INTO roles VALUES ('7', 'moderator', 'Greeter', '', $1, false)", int(MODERATOR ^ 16))
    await db.execute("UPDATE users SET own_role = '7' WHERE account_id = $1", reviewer(3).id)
    assert await queue.left(db, made) == Left(1, 0)
    await db.execute("UPDATE users SET role = 'owner' WHERE account_id = $1", reviewer(4).id)
    assert await queue.left(db, made) == Left(2, 1)
    await db.execute("UPDATE case_items SET author_id = $1", reviewer(5).id)
    await db.execute("UPDATE users SET role = 'admin' WHERE account_id = $1", reviewer(5).id)
    assert await queue.left(db, made) == Left(1, 1)


async def test_nobody_decides_about_themselves_or_what_they_reported_or_their_equals(db: Database) -> None:
    await only(db, claim(by=reviewer(1).id))
    own = claim()
    await taken_in(db, own)
    await db.execute("UPDATE case_items SET author_id = $1 WHERE item_id = $2", reviewer(1).id, own.subject.item_id)
    assert await pull(db, reviewer(1)) is None
    assert await pull(db, reviewer(2)) is not None


async def test_queues_are_for_those_who_may_see_them(db: Database) -> None:
    private = await only(db, claim(queue="private"))
    assert await pull(db, reviewer(1)) is None
    with pytest.raises(Forbidden, match="queue of others"):
        await review(db, reviewer(1), private.id, "none")
    assert await pull(db, reviewer(2, "senior")) is not None
    rights = await only(db, claim(policy="copyright"))
    assert rights.queue == "legal"
    assert await pull(db, reviewer(3, "senior")) is None
    assert await pull(db, reviewer(4, "legal")) is not None


async def test_a_case_is_handed_over_moved_and_put_off(db: Database) -> None:
    await staffed(db)
    made, mod, other = await only(db, claim(policy="spam")), reviewer(1), reviewer(2)
    async with db.transaction() as tx:
        await queue.hand_over(tx, mod, made.id, other.id, NOW, "You know the language")
    assert await pull(db, reviewer(3)) is None
    assert await pull(db, other) is not None
    async with db.transaction() as tx:
        await queue.hand_over(tx, other, made.id, None, NOW)
        await queue.snooze(tx, mod, made.id, NOW + timedelta(hours=2), NOW)
    assert await pull(db, mod) is None
    assert await pull(db, mod, NOW + timedelta(hours=2)) is not None
    for until in (NOW - timedelta(hours=1), made.due_at + timedelta(hours=1)):
        with pytest.raises(Invalid, match="until it is due"):
            async with db.transaction() as tx:
                await queue.snooze(tx, mod, made.id, until, NOW)
    async with db.transaction() as tx:
        await queue.move(tx, mod, made.id, "legal", NOW, "An order of a court")
    assert await pull(db, reviewer(4, "legal")) is not None
    told = await db.records("SELECT text FROM case_notes ORDER BY id")
    assert {record[0] for record in told} == {"You know the language", "An order of a court"}


async def test_what_presses_is_put_off_for_an_hour_and_says_why(db: Database) -> None:
    late = await only(db, claim(ago=100, policy="spam"))
    worst = await only(db, claim(policy="violent-threat"))
    hour = timedelta(hours=1)
    for case_id, now in ((late.id, late.due_at), (worst.id, NOW)):
        with pytest.raises(Invalid, match="why what presses waits"):
            async with db.transaction() as tx:
                await queue.snooze(tx, reviewer(1), case_id, now + hour, now, " ")
        with pytest.raises(Invalid, match="an hour where it presses"):
            async with db.transaction() as tx:
                await queue.snooze(tx, reviewer(1), case_id, now + 2 * hour, now, "I ask legal")
        async with db.transaction() as tx:
            await queue.snooze(tx, reviewer(1), case_id, now + hour, now, "I ask legal")


async def test_a_case_is_handed_to_those_only_who_may_decide_it(db: Database) -> None:
    await staffed(db)
    reporter, said, fit = [reviewer(one) for one in MODERATORS[:3]]
    made = await only(db, claim(by=reporter.id, policy="spam"))
    await review(db, said, made.id, "remove", policy="spam")
    senior = reviewer(SENIOR, "senior")
    for to in (reporter.id, said.id, 1):
        with pytest.raises(Forbidden, match="not for them"):
            async with db.transaction() as tx:
                await queue.hand_over(tx, senior, made.id, to, NOW)
    async with db.transaction() as tx:
        await queue.hand_over(tx, senior, made.id, fit.id, NOW)
    assert (await case(db, made.id)).assigned_id == fit.id


async def test_what_was_handed_over_waits_no_longer_than_its_deadline_or_for_who_is_gone(db: Database) -> None:
    await staffed(db)
    due, gone, kept = [(await only(db, claim(policy="spam"))).id for _ in range(3)]
    one, leaver = reviewer(1), reviewer(2)
    await db.execute("UPDATE cases SET due_at = now() + interval '1 day'")
    async with db.transaction() as tx:
        for case_id, to in ((due, one), (gone, leaver), (kept, one)):
            await queue.hand_over(tx, reviewer(3), case_id, to.id, NOW)
    await queue.end_assignments(db)
    assert [(await case(db, each)).assigned_id for each in (due, gone, kept)] == [one.id, leaver.id, one.id]
    await db.execute("UPDATE cases SET due_at = now() WHERE id = $1", due)
    await db.execute("UPDATE users SET role = 'user' WHERE account_id = $1", leaver.id)
    await queue.end_assignments(db)
    assert [(await case(db, each)).assigned_id for each in (due, gone, kept)] == [None, None, one.id]
    assert [entry.actor for entry in await history(db, f"case:{due}")] == ["the place itself", "@mod3"]


async def test_what_is_due_is_handed_over_at_once(db: Database) -> None:
    await staffed(db)
    made, to = await only(db, claim(policy="spam")), reviewer(2)
    async with db.transaction() as tx:
        await queue.hand_over(tx, reviewer(1), made.id, to.id, made.due_at)
    found = await case(db, made.id)
    assert (found.locked_id, found.locked_until) == (to.id, made.due_at + queue.LOCK)


@pytest.mark.parametrize("before", [None, reviewer(2)])
async def test_whoever_works_on_a_case_keeps_it_whoever_had_it_before(db: Database, before: Reviewer | None) -> None:
    made, mod = await only(db, claim()), reviewer(1)
    later = NOW + queue.LOCK
    if before is not None:
        await pull(db, before)
    async with db.transaction() as tx:
        await queue.keep(tx, mod, made.id, later)
    kept = await case(db, made.id)
    assert (kept.locked_id, kept.locked_until) == (mod.id, later + queue.LOCK)
    with pytest.raises(Forbidden, match="Somebody else has this case"):
        await review(db, reviewer(2), made.id, "none", now=later)
    assert await pull(db, mod, later) is not None


async def test_a_campaign_is_decided_at_once(db: Database) -> None:
    made = await only(db, *[claim(f"@p{number} {THREAT}", post=number) for number in range(1, 6)])
    await removed(db, made.id)
    assert await actions(db, made.id) == [(number, "remove", False) for number in range(1, 6)]
    assert await pull(db, reviewer(1)) is None


async def test_a_decision_is_taken_back_in_one_go(db: Database) -> None:
    made = await only(db, claim(post=1, by=7))
    await removed(db, made.id)
    async with db.transaction() as tx:
        await undo(tx, reviewer(SENIOR, "senior"), made.id, "It was satire", NOW, again=False)
    after = await case(db, made.id)
    assert (after.state, after.action) == ("decided", "none")
    assert (await kinds(db))[-1] == "CaseUndone"
    assert await db.value("SELECT upheld FROM case_reports") is False
    assert await db.value("SELECT reason FROM case_undos") == "It was satire"
    waiting = await only(db, claim())
    with pytest.raises(Forbidden, match="Only what is decided"):
        async with db.transaction() as tx:
            await undo(tx, reviewer(3), waiting.id, "Not yet", NOW, again=True)


async def test_what_more_than_two_have_decided_is_taken_back_by_a_senior(db: Database) -> None:
    made, senior = await only(db, claim()), reviewer(SENIOR, "senior")
    await review(db, reviewer(1), made.id, "remove")
    await review(db, reviewer(2), made.id, "none")
    await review(db, senior, made.id, "remove")
    for again in (True, False):
        with pytest.raises(Forbidden, match="a senior takes it back"):
            async with db.transaction() as tx:
                await undo(tx, reviewer(3), made.id, "It was satire", NOW, again=again)
    for empty in ("", "  "):
        with pytest.raises(Invalid, match="Say why it is taken back"):
            async with db.transaction() as tx:
                await undo(tx, senior, made.id, empty, NOW, again=False)
    with pytest.raises(Forbidden, match="none of them"):
        async with db.transaction() as tx:
            await undo(tx, senior, made.id, "It was satire", NOW, again=False)
    await db.execute("UPDATE desk_members SET role = 'senior' WHERE account_id = $1", reviewer(4).id)
    async with db.transaction() as tx:
        await undo(tx, reviewer(4), made.id, "It was satire", NOW, again=False)
    assert (await case(db, made.id)).action == "none"


async def test_what_several_have_removed_is_left_by_several(db: Database) -> None:
    made = await only(db, claim())
    await removed(db, made.id)
    async with db.transaction() as tx:
        await undo(tx, reviewer(3), made.id, "Look again", NOW, again=True)
    await review(db, reviewer(3), made.id, "none")
    assert (await case(db, made.id)).state == "open"
    await review(db, reviewer(4), made.id, "none")
    assert (await case(db, made.id)).action == "none"


async def test_what_waits_elsewhere_is_not_decided_by_what_is_opened_again(db: Database) -> None:
    """It was edited since, and reported again: neither what was said of it then nor what is said now is about that."""
    made = await only(db, claim(THREAT, post=1))
    await removed(db, made.id)
    edited = await only(db, claim("I will find you, and you will be sorry that you ever came here", post=1))
    assert edited.id != made.id
    async with db.transaction() as tx:
        await undo(tx, reviewer(3), made.id, "Once more", NOW, again=True)
    assert await actions(db, made.id) == [(1, None, False)]
    await review(db, reviewer(4), made.id, "label")
    assert await actions(db, made.id) == [(1, None, False)]
    assert await actions(db, edited.id) == [(1, None, True)]


async def test_what_was_decided_is_only_added_to(db: Database) -> None:
    made = await only(db, claim())
    await review(db, reviewer(1), made.id, "none")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.transaction() as tx:
            await tx.execute("UPDATE case_decisions SET action = 'remove'")


async def refused_by_the_database(db: Database, case_id: int, by: Reviewer, round_: int = 1) -> None:
    """A decision is, however it gets there."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.transaction() as tx:
            await tx.execute(
                """
                INSERT INTO case_decisions (id, case_id, round, stage, reviewer_id, policy, action, made_at)
                VALUES (1, $1, $3, 1, $2, 'hate', 'none', now())
                """,
                case_id,
                by.id,
                round_,
            )


async def test_nobody_decides_the_appeal_against_themselves(db: Database) -> None:
    made = await only(db, claim())
    await removed(db, made.id)
    appeal = await only(db, claim())
    await db.execute("UPDATE cases SET origin = 'appeal', prior_id = $1 WHERE id = $2", made.id, appeal.id)
    assert await pull(db, reviewer(91)) is None
    with pytest.raises(Forbidden, match="somebody else"):
        await review(db, reviewer(92), appeal.id, "none")
    await refused_by_the_database(db, appeal.id, reviewer(91))
    assert await pull(db, reviewer(1)) is not None
    await review(db, reviewer(1), appeal.id, "none")
    with pytest.raises(Forbidden, match="somebody else"):
        async with db.transaction() as tx:
            await undo(tx, reviewer(91), appeal.id, "I was right", NOW, again=True)
    async with db.transaction() as tx:
        await undo(tx, reviewer(1), appeal.id, "A slip of the finger", NOW, again=True)


async def test_who_was_overruled_on_appeal_decides_no_more_of_it(db: Database) -> None:
    made = await only(db, claim())
    await removed(db, made.id)
    await db.execute(
        """
        INSERT INTO appeals (account_id, id, prior_id, round, side, text, case_id, made_at, decided_at, granted)
        VALUES (7, 1, $1, 1, 'author', 'It was satire', $1, now(), now(), true)
        """,
        made.id,
    )
    for one in (91, 92):
        with pytest.raises(Forbidden, match="somebody else"):
            async with db.transaction() as tx:
                await undo(tx, reviewer(one), made.id, "I was right", NOW, again=True)
    async with db.transaction() as tx:
        await undo(tx, reviewer(3), made.id, "There is something new", NOW, again=True)
    assert await pull(db, reviewer(91)) is None
    with pytest.raises(Forbidden, match="somebody else"):
        await review(db, reviewer(92), made.id, "remove")
    await refused_by_the_database(db, made.id, reviewer(91), 2)
    await review(db, reviewer(3), made.id, "none")


async def test_what_cannot_be_decided_is_refused(db: Database) -> None:
    made = await only(db, claim())
    with pytest.raises(Invalid, match="Policy"):
        await review(db, reviewer(1), made.id, "none", policy="boredom")
    await db.execute("UPDATE policies SET ended_at = now() WHERE code = 'fraud'")
    with pytest.raises(Invalid, match="Policy"):
        await review(db, reviewer(1), made.id, "none", policy="fraud")
    with pytest.raises(NotFound):
        await review(db, reviewer(1), 1, "none")
    await review(db, reviewer(1), made.id, "none")
    with pytest.raises(Forbidden, match="is decided"):
        await review(db, reviewer(2), made.id, "none")
