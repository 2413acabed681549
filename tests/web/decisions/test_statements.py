"""What people are told of decisions: the statement of reasons, and what came of a report."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.rooms.moderation.cases.desk import review, reviewer
from tests.support.smtp import MailServer, parts_of
from tests.support.square import Square
from tests.web.decisions.conftest import THREAT
from tests.web.decisions.deciding import contest, decided, link_in, receipt_of, reported_by, taken_back
from tests.web.visitor import Visitor, visitor
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action


@pytest.mark.parametrize(("action", "account"), [("sensitive", "none"), ("none", "limit"), ("none", "warn")])
async def test_nobody_is_told_twice_and_nobody_else_reads_it(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int, action: Action, account: str
) -> None:
    await decided(square, case_id, action, 1, account_action=account)
    await square.db.execute(
        "INSERT INTO jobs (kind, payload, queue) SELECT 'CaseDecided', $1::jsonb, 'default'",
        msgspec.json.encode({"case_id": case_id, "round": 1}).decode(),
    )
    await square.settle()
    assert len(mail.to("ann@town.example")) == 1
    assert len(mail.to("ben@town.example")) == 1
    number = await square.db.value("SELECT id FROM statements")
    assert (await ann.get(f"/settings/decisions/{number}")).status_code == 200
    assert (await ben.get(f"/settings/decisions/{number}")).status_code == 404
    page = link_in(mail, "ann", "/decisions/")
    for wrong in (page[:-1], page[:-2] + ("AA" if page[-2:] != "AA" else "BB"), "/decisions/nonsense"):
        assert (await ben.get(wrong)).status_code == 404
    assert "I will find every one of them" in (await ann.get(page)).text, "also where only the account is restricted"
    record = await square.db.value("SELECT record FROM statements")
    assert (record is None) == (account == "warn"), "a warning restricts nothing"
    assert record is None or record["content_type"] == ["CONTENT_TYPE_TEXT"]


async def test_a_reporter_is_told_what_came_of_it(square: Square, mail: MailServer, ben: Visitor, case_id: int) -> None:
    receipt = await receipt_of(square)
    for page in ("/settings/reports", receipt):
        assert "It waits to be looked at" in (await ben.get(page)).text
    assert f'href="{receipt}"' in (await ben.get("/settings/reports")).text
    await decided(square, case_id, "none", 1)
    assert link_in(mail, "ben", "/settings/reports/") == receipt
    assert mail.to("ann@town.example") == []
    for page in ("/settings/reports", receipt):
        assert "so it stays as it is" in (await ben.get(page)).text
    assert "You appealed" in await contest(ben, receipt, case_id)


async def test_a_reporter_reads_what_was_done_and_why_and_that_it_was_taken_back(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    receipt = await receipt_of(square)
    shown = (await ben.get(receipt)).text
    for words in ("something was done about it", "It is removed.", "/rules/"):
        assert words in shown
    assert "something was done about it" in (await ben.get("/settings/reports")).text
    assert (await ann.get(receipt)).status_code == 404, "a report is for whoever filed it"
    assert (await ben.get("/settings/reports/1")).status_code == 404
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(3, role="senior"), case_id, "Too much", datetime.now(UTC), again=True)
    await square.settle()
    text, _ = parts_of(mail.to("ben@town.example")[-1])
    assert "was taken back" in text
    assert link_in(mail, "ben", "/settings/reports/") == receipt
    assert "What was decided was taken back later" in (await ben.get(receipt)).text
    assert "It waits to be looked at" in (await ben.get(receipt)).text


async def test_a_statement_speaks_the_language_of_whom_it_is_for(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await square.db.execute(
        "UPDATE users SET locale = 'de' FROM accounts a WHERE a.id = account_id AND username = 'ann'"
    )
    await decided(square, case_id, "sensitive", 1)
    assert "Hass: Du darfst Menschen nicht" in " ".join(parts_of(mail.to("ann@town.example")[-1])[0].split())


async def test_who_comes_later_with_what_was_removed_is_told_as_well(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    cat = await visitor(square, "cat")
    post = await cat.post(THREAT)
    target = await square.db.value("SELECT id FROM accounts WHERE username = 'cat'")
    page = f"/report?post={post}"
    await ben.send("/report", page=page, account=str(target), posts=[post], category="other", comment="This too")
    await square.settle()
    assert (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 404
    shown = (await cat.get(link_in(mail, "cat", "/decisions/"))).text
    assert "What you posted was removed" in shown
    assert "2 people looked" not in shown, "nobody has looked at hers"
    (record,) = await square.db.records("SELECT reviewers, record FROM statements ORDER BY id DESC LIMIT 1")
    assert (record["reviewers"], record["record"]["automated_decision"]) == (0, "AUTOMATED_DECISION_FULLY")
    assert "No person looked at it" in record["record"]["decision_facts"]
    assert len(mail.to("ann@town.example")) == 1, "and nobody is told twice"
    assert len(mail.to("ben@town.example")) == 2, "of each of the reports"
    told = [" ".join(parts_of(one)[0].split()) for one in mail.to("ben@town.example")]
    assert ["No person has looked at all of it" in one for one in told] == [False, True]
    assert all("or to a court." in one for one in told)
    shown = (await ben.get(link_in(mail, "ben", "/settings/reports/"))).text
    assert "No person has looked at all of it" in shown
    assert "or to a court." in shown


@pytest.mark.parametrize(
    ("action", "says"), [("none", "so it stays as it is"), ("label", "something was done about it")]
)
async def test_who_reports_what_was_decided_before_is_told_so(
    square: Square, mail: MailServer, ben: Visitor, case_id: int, action: Action, says: str
) -> None:
    await decided(square, case_id, action, 1)
    cat, receipt = await reported_by(square, "cat", case_id)
    shown = (await cat.get(receipt)).text
    assert says in shown
    assert "It waits to be looked at" not in shown
    assert link_in(mail, "cat", "/settings/reports/") == receipt
    assert len(mail.to("ben@town.example")) == 1, "who was told before is not told again"
    assert await square.db.value("SELECT count(*) FROM reports WHERE resolved_at IS NULL") == 0
    upheld = int(action != "none")
    assert await square.db.records("SELECT decided, upheld FROM reporters") == [(1, upheld)] * 2
    if action == "none":
        assert "You appealed" in await contest(cat, receipt, case_id)


async def test_what_was_taken_back_is_decided_for_who_reported_it_and_for_who_does_later(
    square: Square, mail: MailServer, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "label", 1)
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(3, "senior"), case_id, "It was about birds", datetime.now(UTC), again=False)
    await square.settle()
    assert len(mail.to("ben@town.example")) == 2
    cat, theirs = await reported_by(square, "cat", case_id)
    assert "so it stays as it is" in (await cat.get(theirs)).text
    assert len(mail.to("cat@town.example")) == 1
    assert len(mail.to("ben@town.example")) == 2, "that it was taken back was said"
    receipt = f"/settings/reports/{await square.db.value('SELECT min(id) FROM reports')}"
    shown = (await ben.get(receipt)).text
    assert "What was decided was taken back later" in shown
    assert "so it stays as it is" in shown
    assert "You appealed" in await contest(ben, receipt, case_id)


async def test_what_is_taken_back_says_so(square: Square, mail: MailServer, ann: Visitor, case_id: int) -> None:
    await decided(square, case_id, "sensitive", 1)
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(3, "senior"), case_id, "It was about birds", datetime.now(UTC), again=False)
    await square.settle()
    letters = mail.to("ann@town.example")
    assert len(letters) == 2
    assert "looked at again" in str(letters[-1]["Subject"])
    shown = (await ann.get(link_in(mail, "ann", "/decisions/"))).text
    assert "This decision was taken back" in shown
    assert '/appeal"' not in shown


@pytest.mark.parametrize(
    ("account", "says", "told"),
    [
        ("limit", "Your account was limited", "Your account is limited"),
        ("warn", "You were warned", "You are warned as well"),
        ("suspend", "Your account was suspended", "Your account is suspended"),
    ],
)
async def test_a_statement_says_what_was_done_with_the_post_and_with_the_account(
    square: Square, mail: MailServer, ann: Visitor, case_id: int, account: str, says: str, told: str
) -> None:
    await decided(square, case_id, "remove", 1, 2, account_action=account)
    letter = " ".join(str(parts_of(mail.to("ann@town.example")[-1])[0]).split())
    assert "What you posted was removed. Only you can still see it." in letter
    assert told in letter
    assert "Nothing else follows" not in letter
    stranger = await visitor(square)
    shown = (await stranger.get(link_in(mail, "ann", "/decisions/"))).text
    assert f"What you posted was removed. {says}." in shown
    assert "People here reported it." in shown, "who brought it up"
    action = {"limit": "silence", "warn": "delete_statuses", "suspend": "suspend"}[account]
    assert await square.db.value("SELECT action FROM strikes") == action


async def test_a_statement_says_who_looked_knowing_what_others_had_said(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    """Who has the last word of a panel is shown what the others said."""
    await decided(square, case_id, "remove", 1)
    await decided(square, case_id, "none", 2)
    await review(square.db, reviewer(3, "senior"), case_id, "remove", now=datetime.now(UTC))
    await square.settle()
    shown = (await ann.get(link_in(mail, "ann", "/decisions/"))).text
    assert "2 people looked at it, each without knowing what the others said. One more, who knew" in shown
    facts = await square.db.value("SELECT record ->> 'decision_facts' FROM statements WHERE NOT interim")
    assert "Two people looked at it, each without knowing what the other said. One more, who knew" in facts


async def test_who_said_something_before_it_came_has_not_looked_at_it(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    """Of two who decide about two posts that are the same, the first has seen one of them."""
    await decided(square, case_id, "remove", 1)
    cat = await visitor(square, "cat")
    post, target = await cat.post(THREAT), await square.db.value("SELECT id FROM accounts WHERE username = 'cat'")
    given = {"account": str(target), "posts": [post], "category": "other", "comment": "This too"}
    await ben.send("/report", page=f"/report?post={post}", **given)
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM case_items WHERE case_id = $1", case_id) == 2
    await decided(square, case_id, "remove", 2)
    shown = [(await who.get(link_in(mail, name, "/decisions/"))).text for name, who in (("ann", ann), ("cat", cat))]
    assert ["2 people looked at it" in one for one in shown] == [True, False]
    assert ["One person looked at it." in one for one in shown] == [False, True]
    records = await square.db.records("SELECT record ->> 'decision_facts' FROM statements WHERE NOT interim")
    assert sorted("Two people looked at it" in one[0] for one in records) == [False, True]


async def test_what_is_held_back_is_for_two_and_says_what_it_is(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "hold", 1)
    assert "shown to nobody while it is looked at" in str(parts_of(mail.to("ann@town.example")[-1])[0])
    assert await square.db.value("SELECT state FROM cases") == "open"
    await decided(square, case_id, "hold", 2)
    assert "is held back: only you can still see it" in str(parts_of(mail.to("ann@town.example")[-1])[0])


async def test_what_is_heard_late_says_nothing_of_a_later_round(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "label", 1, said="The first words")
    await taken_back(square, case_id, again=True)
    await decided(square, case_id, "sensitive", 2, said="The second words")
    told = len(mail.to("ann@town.example")), len(mail.to("ben@town.example"))
    await square.db.execute(
        "INSERT INTO jobs (kind, payload, queue) SELECT 'CaseDecided', $1::jsonb, 'default'",
        msgspec.json.encode({"case_id": case_id, "round": 1}).decode(),
    )
    await square.settle()
    assert (len(mail.to("ann@town.example")), len(mail.to("ben@town.example"))) == told
    assert await square.db.value("SELECT count(*) FROM statements") == 2
