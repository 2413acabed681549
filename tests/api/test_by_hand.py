"""What the staff decide about somebody by hand is a case: with a statement of reasons, an appeal, a second reviewer."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.support.cases import Desk
from tests.support.smtp import MailServer, mail_server, parts_of
from tests.support.square import SETTINGS, Person, Square, town
from tests.web.visitor import Visitor, visitor
from townsquare.db.pool import Database
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Mail
from townsquare.moderation import audit
from townsquare.moderation.cases import apply, by_hand, decide
from townsquare.moderation.cases.model import AccountAction, Review
from townsquare.moderation.cases.roles import Reviewer
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.reasons import appeals
from townsquare.moderation.reasons.record import Record, faults
from townsquare.moderation.removal import remove_suspended

STAFF = "read write follow push profile admin:read admin:write"


@pytest.fixture
async def mail() -> AsyncGenerator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def square(db: Database, tmp_path: Path, mail: MailServer) -> AsyncGenerator[Square]:
    settings = msgspec.structs.replace(SETTINGS, mail=Mail(host="127.0.0.1", port=mail.port, tls="none"))
    async with town(db, tmp_path, settings) as one:
        yield one


@pytest.fixture
async def mod(square: Square) -> Person:
    return await square.person("mod", STAFF, role="moderator")


@pytest.fixture
async def ann(square: Square) -> Person:
    return await square.person("ann")


async def act(square: Square, by: Person, about: Person, action: str, **given: object) -> httpx.Response:
    answer = await by.request("POST", f"/api/v1/admin/accounts/{about.id}/action", json={"type": action} | given)
    await square.settle()
    return answer


async def undo(square: Square, by: Person, about: Person, word: str) -> None:
    await by.post(f"/api/v1/admin/accounts/{about.id}/{word}")
    await square.settle()


async def say(square: Square, by: int, account: AccountAction, case_id: int) -> None:
    """At the desk."""
    given = Review(policy="other", action="none", account_action=account)
    async with square.db.transaction() as tx:
        await decide.decide(tx, Reviewer(by, "@adm", "admin", "admin"), case_id, given, datetime.now(UTC))
    await square.settle()


async def the_case(square: Square) -> tuple[int, str, str | None]:
    (row,) = await square.db.records("SELECT id, state, account_action FROM cases WHERE origin = 'staff'")
    return row[0], row[1], row[2]


async def told(square: Square, about: Person) -> list[tuple[str, bool, bool]]:
    """What each statement says, whether it holds until it is decided, and whether it stands."""
    records = await square.db.records(
        """
        SELECT account_action, interim, undone_at IS NULL FROM statements WHERE account_id = $1 ORDER BY id
        """,
        about.id,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def suspended(square: Square, about: Person) -> bool:
    return await square.db.value("SELECT suspended_at IS NOT NULL FROM accounts WHERE id = $1", about.id)


def letter(mail: MailServer, name: str) -> str:
    """The newest in somebody's mail."""
    return str(parts_of(mail.to(f"{name}@town.example")[-1])[0])


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
        ("@mod", "account.silence", "Too loud"),
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
    assert (entry.action, entry.reason) == ("account.warn", "Be kind.\n\nThat was not.")


@pytest.mark.parametrize(("word", "provision"), [("freeze", "PARTIAL"), ("disable", "TOTAL")])
async def test_who_cannot_post_or_sign_in_is_told_so_as_the_law_names_it(
    square: Square, mod: Person, ann: Person, word: str, provision: str
) -> None:
    await act(square, mod, ann, word)
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_provision) == ([], f"DECISION_PROVISION_{provision}_SUSPENSION")


async def test_what_is_heavy_holds_at_once_and_stays_when_somebody_else_agrees(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend", text="Threats", policy="violent-threat")
    assert await suspended(square, ann)
    case_id, state, _ = await the_case(square)
    assert state == "open"
    assert await told(square, ann) == [("suspend", True, True)]
    assert "This holds until it is decided" in letter(mail, "ann")
    assert await square.db.value("SELECT count(*) FROM strikes") == 0
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_account) == ([], "DECISION_ACCOUNT_SUSPENDED")
    assert "One person has looked at it." in record.decision_facts
    assert (await act(square, mod, ann, "suspend", text="Threats")).status_code == 200
    assert (await the_case(square))[0] == case_id, "it waits already"

    await say(square, adm.id, "suspend", case_id)
    assert await suspended(square, ann)
    assert await told(square, ann) == [("suspend", True, False), ("suspend", False, True)]
    assert "you can appeal against the decision for six months" in " ".join(letter(mail, "ann").split())
    assert await square.db.value("SELECT action FROM strikes") == "suspend"
    lines = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert lines == ["account.suspend"], "it was done once"


async def test_what_waits_for_somebody_else_is_seen_and_answered_on_pages(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann of the trams", note="I sell tickets")
    await square.person("adm", role="admin")
    adm = Visitor(square)
    await adm.sign_in("adm")
    sent = await adm.send(
        f"/manage/people/{ann.id}/act", page=f"/manage/people/{ann.id}", type="disable", policy="fraud", text="False"
    )
    assert sent.status_code == 303
    await square.settle()
    (link,) = re.findall(r"https://town\.example(/decisions/[\w-]*)", letter(mail, "ann"))
    stranger = await visitor(square)
    shown = (await stranger.get(link)).text
    for words in ("You were kept from signing in", "for the time being", "One person looked", "What those who decide"):
        assert words in shown
    assert "/appeal" not in shown
    empty = await stranger.send(f"{link}/answer", page=link, text=" ")
    assert (empty.status_code, "Say in a few words" in empty.text) == (422, True)
    assert (await stranger.send(f"{link}/answer", page=link, text="They are real")).status_code == 303
    assert "They are real" in (await stranger.get(link)).text

    case_id = (await the_case(square))[0]
    reader = Visitor(square)
    await reader.sign_in("mod")
    page = (await reader.get(f"/desk/cases/{case_id}")).text
    for words in ("This was done by hand", "Keep them out", "They are real", "Ann of the trams", "I sell tickets"):
        assert words in page
    await say(square, mod.id, "none", case_id)
    assert await square.db.value("SELECT disabled_at IS NULL FROM users WHERE account_id = $1", ann.id)
    late = await stranger.send(f"{link}/answer", page="/sign-in", text="And more")
    assert (late.status_code, "This is decided by now" in late.text) == (409, True)
    assert "This held until" in (await stranger.get(link)).text
    assert "Decided since" in (await signed_in(square, "ann")).text


async def first_decision(square: Square, name: str) -> httpx.Response:
    """The page of what was decided about somebody."""
    browser = Visitor(square)
    await browser.sign_in(name)
    number = await square.db.value(
        "SELECT min(s.id) FROM statements s JOIN accounts a ON a.id = s.account_id WHERE a.username = $1", name
    )
    return await browser.get(f"/settings/decisions/{number}")


async def signed_in(square: Square, name: str) -> httpx.Response:
    """The list of what was decided about somebody."""
    browser = Visitor(square)
    await browser.sign_in(name)
    return await browser.get("/settings/decisions")


async def test_what_is_heavy_does_not_stand_where_somebody_else_sees_nothing(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await say(square, adm.id, "none", (await the_case(square))[0])
    assert not await suspended(square, ann)
    assert await told(square, ann) == [("suspend", True, False)]
    assert "does not hold any more" in letter(mail, "ann")
    assert await square.db.value("SELECT count(*) FROM strikes") == 0


async def test_whoever_is_alone_decides_alone_also_at_the_terminal(square: Square, ann: Person) -> None:
    async with square.db.transaction() as tx:
        decision = by_hand.Decision(action="suspend", text="Spam")
        now, settings = datetime.now(UTC), square.services.settings
        await by_hand.act(tx, OPERATOR, AccountId(ann.id), decision, settings=settings, now=now)
    await square.settle()
    assert (await the_case(square))[1:] == ("decided", "suspend")
    assert await told(square, ann) == [("suspend", False, True)]
    assert await square.db.value("SELECT reviewers FROM statements") == 1


async def test_what_waits_for_somebody_else_can_be_taken_back(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    assert (await the_case(square))[1:] == ("decided", "none")
    assert await told(square, ann) == [("suspend", True, False)]
    assert "was taken back" in letter(mail, "ann")


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
        VALUES ($1, 'status', $2, $3, $2, now() + interval '1 s', false, 'remove')
        """,
        case_id,
        cat.id,
        int((await cat.say("Buy cheap watches"))["id"]),
    )
    await desk.say_decided(case_id)
    assert not await suspended(square, cat), "nobody looked at what joined it since"
    assert await square.db.value("SELECT count(*) FROM strikes WHERE account_id = $1", cat.id) == 0


async def test_what_is_looked_at_again_holds_meanwhile_and_nobody_is_deleted_by_it(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm = await square.person("adm", STAFF, role="owner")
    await act(square, mod, ann, "suspend")
    refused = await adm.request("DELETE", f"/api/v1/admin/accounts/{ann.id}")
    assert (refused.status_code, "looked at by somebody else" in refused.text) == (403, True)
    case_id = (await the_case(square))[0]
    await say(square, adm.id, "suspend", case_id)
    async with square.db.transaction() as tx:
        reviewer = Reviewer(adm.id, "@adm", "admin", "owner")
        await decide.undo(tx, reviewer, case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()
    assert await suspended(square, ann), "it holds until it is decided anew"
    assert (await told(square, ann))[-1] == ("suspend", True, True)
    lines = [one.action for one in await audit.history(square.db, f"account:{ann.id}")]
    assert lines == ["account.suspend"], "it was not taken away and done again"

    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '200 days' WHERE id = $1", ann.id)
    await square.db.execute("UPDATE statements SET made_at = now() - interval '200 days'")
    await remove_suspended(square.db, square.services.settings)
    assert await square.db.value("SELECT deleted_at IS NULL FROM accounts WHERE id = $1", ann.id)


async def test_what_nobody_else_looks_at_is_decided_after_two_weeks(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend")
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE case_decisions SET made_at = now() - interval '13 days'")
    await decide.settle_stranded(square.db)
    assert (await the_case(square))[1] == "open"
    await square.db.execute("UPDATE case_decisions SET made_at = now() - interval '15 days'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert (await the_case(square))[1:] == ("decided", "suspend")
    assert (await told(square, ann))[-1] == ("suspend", False, True), "whoever it is about can appeal now"


async def test_what_ends_by_hand_while_it_is_looked_at_again_leaves_posts_held(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    adm, ben = await square.person("adm", role="admin"), await square.person("ben")
    desk, post, other = Desk(square), await ann.say("Against the rules"), await ben.say("Against the rules")
    case_id = await desk.case(post, other, policy="violent-threat")
    await desk.decide(case_id, "remove", "suspend")
    await undo(square, mod, ben, "unsuspend")
    async with square.db.transaction() as tx:
        reviewer = Reviewer(adm.id, "@adm", "admin", "admin")
        await decide.undo(tx, reviewer, case_id, "Once more", datetime.now(UTC), again=True)
    await square.settle()
    assert await suspended(square, ann)
    assert (await told(square, ben))[-1] == ("none", True, True), "of ben a post is held, and nothing else"
    await undo(square, mod, ann, "unsuspend")
    assert not await suspended(square, ann)
    rows = await square.db.records("SELECT kind, action FROM restrictions")
    assert [tuple(row) for row in rows] == [("status", "hold")] * 2
    assert "does not hold any more" in letter(mail, "ann")


async def test_what_ends_before_somebody_has_looked_can_be_done_again(square: Square, mod: Person, ann: Person) -> None:
    await square.person("adm", role="admin")
    await act(square, mod, ann, "suspend", expires_in=3600)
    await square.db.execute("UPDATE restrictions SET until = now()")
    await square.db.execute("ALTER TABLE case_decisions DISABLE TRIGGER case_decisions_stay")
    await square.db.execute("UPDATE case_decisions SET until = now(), made_at = now() - interval '1 h'")
    await apply.end_timed(square.db, square.services.settings)
    assert not await suspended(square, ann)
    await act(square, mod, ann, "suspend", expires_in=7200)
    assert await suspended(square, ann)


async def test_what_holds_by_two_cases_is_ended_for_each_of_them(square: Square, mod: Person, ann: Person) -> None:
    adm = await square.person("adm", STAFF, role="admin")
    await square.person("owe", role="owner")
    await act(square, mod, ann, "freeze", text="One")
    first = (await the_case(square))[0]
    await act(square, mod, ann, "suspend", text="Another")
    await say(square, adm.id, "none", first)
    await square.db.execute("UPDATE users SET role = 'user' WHERE role = 'owner'")
    await decide.settle_stranded(square.db)
    await square.settle()
    assert await told(square, ann) == [("freeze", True, False), ("suspend", True, True)]


async def test_of_an_account_there_is_a_letter_each_time(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    await square.person("adm", role="admin")
    desk = Desk(square)
    await desk.hold(await desk.case(await ann.say("And this?")))
    await act(square, mod, ann, "suspend")
    assert "Your account is suspended" in letter(mail, "ann")


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


async def test_whoever_made_what_is_held_is_told_and_heard(
    square: Square, mail: MailServer, mod: Person, ann: Person
) -> None:
    desk, post = Desk(square), await ann.say("Against the rules?")
    case_id = await desk.case(post)
    await desk.hold(case_id)
    await desk.hold(case_id)
    assert await told(square, ann) == [("none", True, True)]
    other = await desk.case(await ann.say("And this?"))
    await desk.hold(other)
    assert await told(square, ann) == [("none", True, True)] * 2
    assert "shown to nobody while it is looked at" in letter(mail, "ann")
    assert len(mail.to("ann@town.example")) == 1
    record = msgspec.convert(await square.db.value("SELECT record FROM statements"), Record)
    assert (faults(record), record.decision_visibility) == ([], ["DECISION_VISIBILITY_CONTENT_DISABLED"])
    await desk.decide(case_id, "none")
    assert await told(square, ann) == [("none", True, False), ("none", True, True)]
    await desk.decide(other, "none")
    assert await told(square, ann) == [("none", True, False)] * 2
    assert len(mail.to("ann@town.example")) == 2, "one letter each of what is held within an hour, and is not any more"
    assert "does not hold any more" in letter(mail, "ann")

    await desk.undo(case_id)
    await square.db.execute("UPDATE cases SET held_at = now() WHERE id = $1", case_id)
    await desk.decide(case_id, "remove")
    assert (await told(square, ann))[-1] == ("none", False, True)
    assert "was removed" in letter(mail, "ann")
