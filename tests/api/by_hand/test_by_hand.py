"""What the staff decide about somebody by hand is a case: with a statement of reasons, an appeal, a second reviewer."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.api.by_hand.acting import STAFF, act, first_decision, letter, suspended, the_case, told, undo
from tests.support.cases import Desk
from tests.support.smtp import MailServer
from tests.support.square import Person, Square
from townsquare.kernel.ids import AccountId
from townsquare.moderation import audit
from townsquare.moderation.cases import apply, by_hand
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.reasons import appeals
from townsquare.moderation.reasons.record import Record, faults


async def test_what_is_light_is_decided_told_of_and_taken_back_whole(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    assert (await act(square, mod, ann, "silence", text="Too loud", policy="spam")).json() == {}
    assert (await the_case(square))[1:] == ("decided", "limit")
    assert await told(square, ann) == [("limit", False, True)]
    assert "Your account is limited" in letter(mail, "ann")
    assert "Too loud" in letter(mail, "ann")
    (warning,) = await ann.get("/api/v1/notifications", types=["moderation_warning"])
    assert (warning["moderation_warning"]["action"], warning["moderation_warning"]["text"]) == ("silence", "Too loud")
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 1
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_visibility) == ([], ["DECISION_VISIBILITY_CONTENT_DEMOTED"])

    await undo(square, mod, ann, "unsilence")
    assert await square.db.value("SELECT limited_at IS NULL FROM accounts WHERE id = $1", ann.id)
    assert await told(square, ann) == [("limit", False, False)]
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
    assert "was taken back" in letter(mail, "ann")
    lines = await audit.history(square.db, f"account:{ann.id}")
    assert [(one.actor, one.action, one.reason) for one in reversed(lines)] == [
        ("@mod", "account.silence", ""),
        ("@mod", "account.unsilence", ""),
    ]


async def test_everybody_is_told_in_the_words_of_the_staff_and_why(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.db.execute("INSERT INTO warning_presets (id, title, text) VALUES (7, 'Kind', 'Be kind.')")
    given = {"warning_preset_id": "7", "text": "That was not.", "send_email_notification": False}
    await act(square, mod, ann, "none", **given)
    for words in ("This is a warning", "Be kind.", "That was not.", "https://town.example/decisions/"):
        assert words in letter(mail, "ann"), "whoever is warned is told, whatever an app says"
    assert (await act(square, mod, ann, "none", warning_preset_id="8")).status_code == 404
    assert (await act(square, mod, ann, "none", policy="nothing-such")).status_code == 422
    (entry,) = await audit.history(square.db, f"account:{ann.id}")
    assert (entry.action, entry.reason) == ("account.warn", "")
    lines = await audit.history(square.db, f"case:{(await the_case(square))[0]}")
    assert {one.reason for one in lines} == {"Be kind.\n\nThat was not."}, "the words stand with the case"


@pytest.mark.parametrize(("word", "provision"), [("freeze", "PARTIAL"), ("disable", "TOTAL")])
async def test_who_cannot_post_or_sign_in_is_told_so_as_the_law_names_it(
    square: Square, mod: Person, ann: Person, word: str, provision: str
) -> None:
    await act(square, mod, ann, word)
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_provision) == ([], f"DECISION_PROVISION_{provision}_SUSPENSION")


async def test_whoever_is_alone_decides_alone_also_at_the_terminal(square: Square, ann: Person) -> None:
    async with square.db.transaction() as tx:
        decision = by_hand.Decision(action="suspend", text="Spam")
        now, settings = datetime.now(UTC), square.services.settings
        await by_hand.act(tx, OPERATOR, AccountId(ann.id), decision, settings=settings, now=now)
    await square.settle()
    assert (await the_case(square))[1:] == ("decided", "suspend")
    assert await told(square, ann) == [("suspend", False, True)]
    assert await square.db.value("SELECT reviewers FROM statements") == 1


async def test_what_was_reported_about_them_is_decided_with_it(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    ben = await square.person("ben")
    report = await ben.post("/api/v1/reports", account_id=str(ann.id), category="spam", comment="Spam")
    await square.settle()
    await act(square, mod, ann, "silence", report_id=report["id"])
    (row,) = await square.db.records("SELECT origin, state, policy, account_action FROM cases")
    assert tuple(row) == ("report", "decided", "spam", "limit")
    assert await square.db.value("SELECT upheld FROM outcomes WHERE account_id = $1", ben.id)
    assert "something was done about it" in letter(mail, "ben")
    assert await square.db.value("SELECT resolved_at IS NOT NULL FROM reports")


async def test_who_is_alike_is_not_decided_with_it_also_when_they_are_reported_later(
    square: Square, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    ben, cat, dan = await square.person("ben"), await square.person("cat"), await square.person("dan")
    for one in (ann, ben, dan):
        await one.patch("/api/v1/accounts/update_credentials", note="The very same words about cheap watches for all")
    await cat.post("/api/v1/reports", account_id=str(ann.id), category="spam")
    await square.settle()
    await act(square, mod, ann, "suspend")
    await cat.post("/api/v1/reports", account_id=str(ben.id), category="spam")
    await square.settle()
    assert (await suspended(square, ann), await suspended(square, ben)) == (True, False)
    await cat.post("/api/v1/reports", account_id=str(dan.id), category="spam")
    await square.settle()
    await act(square, mod, ben, "silence")
    rows = await square.db.records("SELECT username FROM accounts WHERE limited_at IS NOT NULL")
    assert [row[0] for row in rows] == ["ben"]
    assert await square.db.value("SELECT count(*) FROM cases WHERE origin = 'report' AND state = 'open'") == 1


async def test_nothing_that_waits_keeps_anybody_from_acting_nor_lets_them_decide_it(
    square: Square, mod: Person, ann: Person
) -> None:
    """What is contested, in a queue of others, reported by themselves, or before somebody else."""
    await square.person("adm", role="admin")
    await act(square, mod, ann, "silence")
    case_id = (await the_case(square))[0]
    async with square.db.transaction() as tx:
        await appeals.appeal(tx, ann.id, case_id, 1, "author", "Not loud", datetime.now(UTC))
    waiting = await square.db.value("SELECT id FROM cases WHERE origin = 'appeal'")
    changes = (
        "UPDATE cases SET queue = 'general' WHERE id = $1",
        "UPDATE cases SET origin = 'report', prior_id = NULL, queue = 'legal' WHERE id = $1",
        "UPDATE cases SET queue = 'general', locked_id = 1, locked_until = now() + '1 h' WHERE id = $1",
        "UPDATE cases SET locked_id = NULL, stage = 3, last_word = true WHERE id = $1",
    )
    for word, change in zip(("suspend", "freeze", "disable", "sensitive"), changes, strict=True):
        await square.db.execute(change, waiting)
        await act(square, mod, ann, word, text=word)
        rows = await square.db.records("SELECT state, meanwhile FROM cases WHERE id = $1", waiting)
        assert [tuple(row) for row in rows] == [("open", None)]
    rows = await square.db.records("SELECT meanwhile, state FROM cases WHERE origin = 'staff' ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (None, "decided"), ("suspend", "open"), ("freeze", "open"), ("disable", "open"), (None, "decided")
    ]  # fmt: skip
    assert await suspended(square, ann)


async def test_a_report_keeps_nobody_from_appealing(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    ben = await square.person("ben")
    await act(square, mod, ann, "silence")
    await ben.post("/api/v1/reports", account_id=str(ann.id), category="spam")
    await square.settle()
    case_id = (await the_case(square))[0]
    async with square.db.transaction() as tx:
        await appeals.appeal(tx, ann.id, case_id, 1, "author", "Not loud", datetime.now(UTC))
    rows = await square.db.records("SELECT origin, state FROM cases ORDER BY id")
    assert [tuple(row) for row in rows] == [("staff", "decided"), ("report", "open"), ("appeal", "open")]


async def test_what_they_reported_themselves_somebody_else_decides(square: Square, mod: Person, ann: Person) -> None:
    await mod.post("/api/v1/reports", account_id=str(ann.id), category="spam")
    await square.settle()
    await act(square, mod, ann, "silence")
    assert await square.db.value("SELECT upheld FROM case_reports") is None


async def test_what_is_reported_meanwhile_is_decided_for_itself(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    ben = await square.person("ben")
    await act(square, mod, ann, "freeze")
    await ben.post("/api/v1/reports", account_id=str(ann.id), category="spam")
    await square.settle()
    await undo(square, mod, ann, "unfreeze")
    rows = await square.db.records("SELECT origin, state FROM cases ORDER BY id")
    assert [tuple(row) for row in rows] == [("staff", "decided"), ("report", "open")]
    assert await square.db.value("SELECT count(*) FROM outcomes") == 0


async def test_who_agrees_by_hand_is_the_second_and_who_says_less_leaves_it(
    square: Square, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", STAFF, role="admin")
    await square.person("owe", role="owner")
    await act(square, mod, ann, "suspend")
    await act(square, adm, ann, "silence")
    assert await suspended(square, ann)
    assert await square.db.value("SELECT count(*) FROM cases WHERE state = 'open'") == 1
    await act(square, adm, ann, "suspend")
    assert await square.db.value("SELECT count(*) FROM cases WHERE state = 'open'") == 0
    assert await suspended(square, ann)
    assert (await told(square, ann))[-1] == ("suspend", False, True)


async def test_the_same_in_the_same_words_is_done_once(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    for _ in range(3):
        await act(square, mod, ann, "silence", text="Too loud")
    assert await square.db.value("SELECT count(*) FROM strikes") == 1
    assert len(mail.to("ann@town.example")) == 1
    await act(square, mod, ann, "none", text="And once more")
    assert await square.db.value("SELECT count(*) FROM strikes") == 2


async def test_it_can_be_for_a_while(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "freeze", expires_in=3600)
    await act(square, mod, ann, "silence", expires_in=7200)
    ends = await square.db.records("SELECT until - made_at FROM restrictions ORDER BY until")
    assert [round(one[0].total_seconds()) for one in ends] == [3600, 7200]
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE restrictions SET until = now()")
    await square.db.execute("UPDATE case_decisions SET until = now()")
    await apply.end_timed(square.db, square.services.settings)
    assert await square.db.value("SELECT count(*) FROM restrictions") == 0


async def test_what_ends_for_one_goes_on_for_others(square: Square, mail: MailServer, mod: Person, ann: Person) -> None:
    ben = await square.person("ben")
    desk = Desk(square)
    case_id = await desk.case(await ann.say("Buy cheap watches"), await ben.say("Buy cheap watches"))
    await desk.decide(case_id, "remove", "suspend")
    await undo(square, mod, ann, "unsuspend")
    assert (await suspended(square, ann), await suspended(square, ben)) == (False, True)
    rows = await square.db.records("SELECT kind, owner_id = $1 FROM restrictions ORDER BY kind, owner_id", ann.id)
    assert sorted(tuple(row) for row in rows) == [("account", False), ("status", False), ("status", True)]
    assert "does not hold any more" in letter(mail, "ann")
    assert "Your account was held to this until" in (await first_decision(square, "ann")).text
    cat = await square.person("cat")
    await square.db.execute(
        """
        INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at, open, action)
        VALUES ($1, 'status', $2, $3, $2, now() + interval '1 h', false, 'remove')
        """,
        case_id,
        cat.id,
        int((await cat.say("Buy cheap watches"))["id"]),
    )
    await desk.say_decided(case_id)
    assert not await suspended(square, cat), "nobody looked at what joined it since"
    assert await square.db.value("SELECT count(*) FROM strikes WHERE account_id = $1", cat.id) == 0


async def test_posts_that_were_restricted_with_an_account_stay_so(square: Square, mod: Person, ann: Person) -> None:
    desk, post = Desk(square), await ann.say("Against the rules")
    case_id = await desk.case(post)
    await desk.decide(case_id, "label", "suspend")
    assert await suspended(square, ann)
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    rows = await square.db.records("SELECT kind, action FROM restrictions")
    assert [tuple(row) for row in rows] == [("status", "label")]
    await desk.undo(case_id)
    await desk.decide(case_id, "label", "suspend")
    assert await suspended(square, ann), "what is decided anew holds anew"


async def test_what_was_reported_and_is_resolved_by_hand_before_it_is_gathered_becomes_a_case_all_the_same(
    square: Square, mod: Person, ann: Person
) -> None:
    """While the background work is behind: nothing that was reported stays unseen for it, and nobody unanswered."""
    ben = await square.person("ben")
    post = await ann.say("Sold by the dozen, and by me alone")
    filed = await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]], category="spam")
    done = await mod.request(
        "POST", f"/api/v1/admin/accounts/{ann.id}/action", json={"type": "silence", "policy": "spam"}
    )
    assert done.status_code == 200
    assert await square.db.value("SELECT resolved_at IS NOT NULL FROM reports")
    await square.settle()
    gathered = await square.db.records(
        "SELECT c.state, r.item_id FROM case_reports r JOIN cases c ON c.id = r.case_id WHERE r.report_id = $1",
        int(filed["id"]),
    )
    assert gathered == [("open", int(post["id"]))]
