"""How a suspended account ends: when nobody can appeal any more, or before that by two people and a reason."""

from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest

from tests.api.by_hand.acting import STAFF, act, say, the_case, told
from tests.support.cases import Desk
from tests.support.for_good import be_over
from tests.support.smtp import MailServer, parts_of
from tests.support.square import Person, Square
from tests.web.decisions.deciding import appeal, link_in
from tests.web.visitor import Visitor
from townsquare.moderation import audit
from townsquare.moderation.reasons.record import Record, faults
from townsquare.moderation.removal import remove_suspended
from townsquare.moderation.store_removal import Because, Wish, ask, confirm


@pytest.fixture
async def adm(square: Square) -> Person:
    return await square.person("adm", STAFF, role="admin")


@pytest.fixture
async def own(square: Square) -> Person:
    return await square.person("own", STAFF, role="owner")


@pytest.fixture
async def case_id(square: Square, ann: Person) -> int:
    """By which ann is suspended."""
    desk = Desk(square)
    number = await desk.case(await ann.say("Against the rules"))
    await desk.decide(number, "remove", "suspend")
    await square.settle()
    return number


async def delete(by: Person, whom: Person, because: Because | None = None, reason: str = "") -> int:
    given = {} if because is None else {"because": because, "reason": reason}
    return (await by.request("DELETE", f"/api/v1/admin/accounts/{whom.id}", json=given)).status_code


async def is_there(square: Square, person: Person) -> bool:
    return await square.db.value("SELECT deleted_at IS NULL FROM accounts WHERE id = $1", person.id)


async def test_the_end_has_a_statement_that_leads_to_the_suspension(
    square: Square, mail: MailServer, ann: Person, case_id: int
) -> None:
    await be_over(square, ann)
    await remove_suspended(square.db, square.services.settings)
    await square.settle()
    assert not await is_there(square, ann)
    said = str(parts_of(mail.to("ann@town.example")[-1])[0])
    assert "deleted for good: it was suspended, and the time to appeal is over" in said
    assert "or to a court" in said
    stranger = Visitor(square)
    page = (await stranger.get(link_in(mail, "ann", "/decisions/"))).text
    for words in ("Your account was deleted", "nobody can appeal against that any more", "It is for good"):
        assert words in page
    assert '/appeal"' not in page, "there is nothing to be given back"
    suspension = page.split('">Read the decision that it follows from')[0].rsplit('href="', 1)[1]
    page = (await stranger.get(suspension)).text
    assert "Your account was suspended" in page
    assert "Your account was deleted on" in page
    rows = await square.db.records("SELECT account_action, because, record FROM statements ORDER BY id")
    assert [(row["account_action"], row["because"]) for row in rows] == [("suspend", ""), ("terminate", "time")]
    first, last = (msgspec.convert(row["record"], Record) for row in rows)
    assert (first.decision_account, last.decision_account) == (
        "DECISION_ACCOUNT_SUSPENDED",
        "DECISION_ACCOUNT_TERMINATED",
    )
    assert (faults(last), list(last.decision_visibility), last.category) == ([], [], first.category)
    assert last.automated_decision == "AUTOMATED_DECISION_PARTIALLY", "a rule of time ended it"
    assert last.puid != first.puid
    assert last.decision_facts.startswith(first.decision_facts)


async def test_nobody_alone_ends_what_an_appeal_could_give_back(
    square: Square, ann: Person, adm: Person, case_id: int
) -> None:
    assert await delete(adm, ann) == 403, "it can still be appealed against"
    assert await delete(adm, ann, "law", " ") == 422
    assert await delete(adm, ann, "law", "Order 12/26") == 202
    assert await delete(adm, ann, "law", "Order 12/26") == 403, "the same person again"
    assert await is_there(square, ann)
    await be_over(square, ann)
    assert await delete(adm, ann) == 200


async def test_who_is_suspended_for_a_while_is_not_deleted_by_hand_either(
    square: Square, ann: Person, adm: Person, case_id: int
) -> None:
    await be_over(square, ann)
    await square.db.execute("UPDATE restrictions SET until = now() + interval '1 day' WHERE kind = 'account'")
    assert await delete(adm, ann) == 403
    await square.db.execute("UPDATE restrictions SET until = NULL")
    assert await delete(adm, ann) == 200


@pytest.mark.parametrize(
    ("because", "words"),
    [("asked", "because you asked for that while it was suspended"), ("law", "because a law demands it")],
)
async def test_two_people_end_it_before_its_time(
    square: Square, mail: MailServer, ann: Person, adm: Person, own: Person, case_id: int, because: Because, words: str
) -> None:
    assert await delete(adm, ann, because, "Letter of 2 May") == 202
    assert await delete(own, ann) == 403, "not unless they say why, too"
    other: Because = "law" if because == "asked" else "asked"
    assert await delete(own, ann, other, "Read it") == 409
    assert await delete(own, ann, because, "Seen it as well") == 200
    await square.settle()
    assert not await is_there(square, ann)
    assert words in str(parts_of(mail.to("ann@town.example")[-1])[0])
    assert await square.db.value("SELECT because FROM statements WHERE account_action = 'terminate'") == because
    entries = [
        (one.action, one.actor_id, one.reason)
        for one in await audit.history(square.db, f"account:{ann.id}")
        if "delete" in one.action
    ]
    assert entries == [
        ("account.delete", int(own.id), "Seen it as well"),
        ("account.ask_delete", int(adm.id), "Letter of 2 May"),
    ]


async def test_whoever_chose_the_wrong_reason_says_it_anew(
    square: Square, ann: Person, adm: Person, own: Person, case_id: int
) -> None:
    assert await delete(adm, ann, "asked", "Order 12/26") == 202
    assert await delete(adm, ann, "law", "Order 12/26") == 202
    assert await delete(own, ann, "asked", "Seen it") == 409, "that does not wait any more"
    assert await is_there(square, ann)
    entries = [
        (one.before, one.after, one.reason)
        for one in await audit.history(square.db, f"account:{ann.id}")
        if one.action == "account.ask_delete"
    ]
    assert entries == [
        ({"because": "asked"}, {"because": "law"}, "Order 12/26"),
        ({}, {"because": "asked"}, "Order 12/26"),
    ]
    assert await delete(own, ann, "law", "Seen it") == 200


async def test_who_is_found_to_have_done_nothing_after_the_end_reads_that_it_does_not_hold(
    square: Square, mail: MailServer, ann: Person, adm: Person, own: Person
) -> None:
    """It ended while the suspension waited for a second pair of eyes."""
    await act(square, adm, ann, "suspend", text="Threats")
    assert [await delete(one, ann, "law", "Order 12/26") for one in (adm, own)] == [202, 200]
    await square.settle()
    end = link_in(mail, "ann", "/decisions/")
    stranger = Visitor(square)
    assert "It is for good" in (await stranger.get(end)).text
    await say(square, int(own.id), "none", (await the_case(square))[0])
    assert [(what, stands) for what, _, stands in await told(square, ann)] == [
        ("suspend", False),
        ("terminate", False),
    ]
    page = (await stranger.get(end)).text
    assert "you can sign up again with the same address" in page
    assert "It is for good" not in page
    assert await square.db.value("SELECT count(*) FROM canonical_email_blocks") == 0


async def test_the_end_holds_where_what_it_followed_from_is_confirmed(
    square: Square, ann: Person, adm: Person, own: Person
) -> None:
    await act(square, adm, ann, "suspend", text="Threats")
    assert [await delete(one, ann, "law", "Order 12/26") for one in (adm, own)] == [202, 200]
    await say(square, int(own.id), "suspend", (await the_case(square))[0])
    assert sorted(await told(square, ann)) == [
        ("suspend", False, True),
        ("suspend", True, False),
        ("terminate", False, True),
    ]


async def test_the_end_follows_from_what_is_decided_rather_than_from_what_waits(
    square: Square, ann: Person, adm: Person, own: Person, case_id: int
) -> None:
    await act(square, adm, ann, "suspend", text="Threats as well")
    assert [await delete(one, ann, "law", "Order 12/26") for one in (adm, own)] == [202, 200]
    assert await square.db.value("SELECT case_id FROM statements WHERE account_action = 'terminate'") == case_id


async def test_what_somebody_said_too_long_ago_or_of_an_earlier_suspension_is_not_confirmed(
    square: Square, ann: Person, adm: Person, own: Person, case_id: int
) -> None:
    assert await delete(adm, ann, "asked", "Letter of 2 May") == 202
    await square.db.execute("UPDATE terminations SET asked_at = now() - interval '15 days'")
    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '20 days' WHERE id = $1", ann.id)
    assert await delete(own, ann, "asked", "Letter of 2 May") == 202
    await square.db.execute("UPDATE accounts SET suspended_at = clock_timestamp() WHERE id = $1", ann.id)
    assert await delete(adm, ann, "asked", "Letter of 2 May") == 202
    assert await is_there(square, ann)


async def test_the_database_refuses_that_one_person_says_it_twice(square: Square, ann: Person, adm: Person) -> None:
    async def both() -> None:
        async with square.db.transaction() as tx:
            await ask(tx, int(ann.id), Wish("law", "Order 12/26", int(adm.id), datetime.now(UTC)))
            await confirm(tx, int(ann.id), int(adm.id), datetime.now(UTC))

    with pytest.raises(asyncpg.CheckViolationError):
        await both()


async def test_an_appeal_that_is_granted_after_the_end_lets_them_come_anew(
    square: Square, mail: MailServer, ann: Person, adm: Person, own: Person, case_id: int
) -> None:
    browser = Visitor(square)
    suspended = link_in(mail, "ann", "/decisions/")
    assert [await delete(one, ann, "law", "Order 12/26") for one in (adm, own)] == [202, 200]
    await square.settle()
    blocked = "SELECT count(*) FROM canonical_email_blocks"
    assert await square.db.value(blocked) == 1
    shown = (await browser.get(suspended)).text
    assert "What was erased does not come back; where an appeal is granted, you can sign up again" in shown
    assert (await appeal(browser, suspended)).status_code == 303
    await Desk(square, int(own.id)).decide(await square.db.value("SELECT max(id) FROM cases"), "none")
    await square.settle()
    assert await square.db.value(blocked) == 0
    assert "was taken back on" in (await browser.get(link_in(mail, "ann", "/decisions/"))).text


async def test_the_end_opens_no_second_time_to_appeal(
    square: Square, mail: MailServer, ann: Person, case_id: int
) -> None:
    browser, suspended = Visitor(square), link_in(mail, "ann", "/decisions/")
    await be_over(square, ann)
    await remove_suspended(square.db, square.services.settings)
    await square.settle()
    for page in (suspended, link_in(mail, "ann", "/decisions/")):
        sent = await browser.send(f"{page}/appeal", page="/sign-in", text="It was a joke")
        assert "Appeals are open for six months, and those are over" in sent.text
    assert await square.db.value("SELECT count(*) FROM appeals") == 0


async def test_the_staff_see_who_wants_it_and_say_so_on_the_page(
    square: Square, ann: Person, adm: Person, own: Person, case_id: int
) -> None:
    first, second = Visitor(square), Visitor(square)
    await first.sign_in("adm")
    await second.sign_in("own")
    page = f"/manage/people/{ann.id}"
    assert "deleted by itself when the suspension can be neither" in (await first.get(page)).text
    empty = await first.send(f"{page}/delete", page=page, name="ann", because="law", reason="")
    assert (empty.status_code, "blank" in empty.text) == (422, True)
    sent = await first.send(f"{page}/delete", page=page, name="ann", because="law", reason="Order 12/26")
    assert sent.headers["location"].startswith(page)
    shown = (await first.get(page)).text.split("Delete for good")[1]
    assert 'value="law" required checked' in shown
    assert 'value="asked"' in shown, "they can still say it otherwise"
    assert "Put it before somebody else" in shown
    shown = (await second.get(page)).text
    assert "@adm said on" in shown
    assert "Order 12/26" in shown
    assert 'value="asked"' not in shown.split("Delete for good")[1]
    sent = await second.send(f"{page}/delete", page=page, name="ann", because="law", reason="I have read it")
    assert sent.headers["location"] == "/manage/people"
    assert not await is_there(square, ann)
