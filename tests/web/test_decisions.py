"""What people are told of decisions: the statement of reasons, what came of a report, and appeals against both."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.rooms.moderation.cases.desk import review, reviewer
from tests.support.smtp import MailServer, mail_server, parts_of
from tests.support.square import SETTINGS, Square, town
from tests.web.visitor import Visitor, visitor
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.settings import Mail
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.model import Action
from townsquare.moderation.reasons.appeals import appeal as make_appeal

THREAT = "I will find every one of them <script>"


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
async def ann(square: Square) -> Visitor:
    """Whose post is reported."""
    return await visitor(square, "ann")


@pytest.fixture
async def ben(square: Square) -> Visitor:
    """Who reports it."""
    return await visitor(square, "ben")


@pytest.fixture
async def case_id(square: Square, ann: Visitor, ben: Visitor) -> int:
    """The case of ann's post, which ben has reported."""
    post = await ann.post(THREAT)
    await square.settle()
    target = await square.db.value("SELECT id FROM accounts WHERE username = 'ann'")
    sent = await ben.send(
        "/report", page=f"/report?post={post}", account=str(target), posts=[post], category="other", comment="A threat"
    )
    assert sent.status_code in (200, 303), sent.text
    await square.settle()
    return await square.db.value("SELECT id FROM cases")


async def decided(square: Square, case_id: int, action: Action, *people: int, **given: str) -> None:
    for number in people:
        await review(square.db, reviewer(number), case_id, action, now=datetime.now(UTC), **given)
    await square.settle()


def link_in(mail: MailServer, name: str, page: str) -> str:
    """The newest link to a page in somebody's mail."""
    text, _ = parts_of(mail.to(f"{name}@town.example")[-1])
    found = re.findall(rf"https://town\.example({page}[\w-]*)", text)
    assert found, text
    return found[-1]


async def receipt_of(square: Square) -> str:
    """The page of the report."""
    return f"/settings/reports/{await square.db.value('SELECT id FROM reports')}"


async def contest(by: Visitor, receipt: str, case_id: int) -> str:
    """The page of a report after an appeal against what came of it."""
    sent = await by.send(f"{receipt}/appeal", page=receipt, case=str(case_id), text="Read it aloud")
    assert sent.headers["location"].startswith(receipt)
    return (await by.get(receipt)).text


async def appeal(by: Visitor, page: str, text: str = "It was a joke about birds") -> httpx.Response:
    return await by.send(f"{page}/appeal", page=page, text=text)


async def test_an_author_is_told_why_and_how_to_appeal(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2, said="The words “every one of them” are aimed at people.")
    page = link_in(mail, "ann", "/decisions/")
    stranger = await visitor(square)
    for reader in (stranger, ann):
        shown = await reader.get(page)
        assert shown.status_code == 200
        for words in ("What you posted was removed", "I will find every one of them &lt;script&gt;", "2 people looked"):
            assert words in shown.text
        assert "aimed at people" in shown.text
        assert "No machine had a part in it" in shown.text
    assert "What you posted was removed" in (await ann.get("/settings/decisions")).text
    assert "Nothing was decided about you" in (await ben.get("/settings/decisions")).text
    record = await square.db.value("SELECT record FROM statements")
    assert record["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert "find every" not in str(record)


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


async def test_an_appeal_is_decided_by_somebody_else(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    empty = await appeal(ann, page, "  ")
    assert empty.status_code == 422
    assert "Say in a few words" in empty.text
    assert (await appeal(ann, page)).status_code == 303
    assert "Somebody who has not decided before looks at it" in (await ann.get(page)).text
    assert (await appeal(ann, page)).status_code in (403, 409)
    row = await square.db.records("SELECT id, prior_id, items_count FROM cases WHERE origin = 'appeal'")
    assert [tuple(one)[1:] for one in row] == [(case_id, 1)]
    with pytest.raises(Forbidden, match="for somebody else"):
        await decided(square, row[0][0], "none", 1)


async def test_an_appeal_whose_decision_is_taken_back_waits_again_and_is_settled_anew(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await square.db.value("SELECT id FROM cases WHERE origin = 'appeal'")

    async def stands() -> tuple[str | None, int, str]:
        action = await square.db.value("SELECT action FROM case_items WHERE case_id = $1", case_id)
        strikes = await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL")
        return action, strikes, str(parts_of(mail.to("ann@town.example")[-1])[0])

    await decided(square, number, "none", 3)
    action, strikes, letter = await stands()
    assert (action, strikes, "appeal was granted" in letter) == (None, 0, True)
    with pytest.raises(Forbidden, match="open it again"):
        async with square.db.transaction() as tx:
            await undo(tx, reviewer(4), number, "Not this way", datetime.now(UTC), again=False)
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(4), number, "A slip of the finger", datetime.now(UTC), again=True)
    await square.settle()
    action, strikes, letter = await stands()
    assert (action, strikes, "looks at it again" in letter) == ("remove", 1, True)
    assert "Somebody who has not decided before looks at it" in (await ann.get(page)).text
    await decided(square, number, "remove", 3, 4)
    action, strikes, letter = await stands()
    assert (action, strikes, "The decision stands" in letter) == ("remove", 1, True)
    assert await square.db.value("SELECT granted FROM appeals") is False
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(5), number, "Read again", datetime.now(UTC), again=True)
    await square.settle()
    await decided(square, number, "none", 5)
    action, strikes, letter = await stands()
    assert (action, strikes, "appeal was granted" in letter) == (None, 0, True)


async def test_a_statement_speaks_the_language_of_whom_it_is_for(
    square: Square, mail: MailServer, ann: Visitor, case_id: int
) -> None:
    await square.db.execute(
        "UPDATE users SET locale = 'de' FROM accounts a WHERE a.id = account_id AND username = 'ann'"
    )
    await decided(square, case_id, "sensitive", 1)
    assert "Hass: Du darfst Menschen nicht" in " ".join(parts_of(mail.to("ann@town.example")[-1])[0].split())


async def test_appeals_are_open_for_six_months(square: Square, mail: MailServer, ann: Visitor, case_id: int) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await square.db.execute("UPDATE statements SET made_at = $1", datetime.now(UTC) - timedelta(days=184))
    assert '/appeal"' not in (await ann.get(page)).text
    refused = await ann.send(f"{page}/appeal", page="/settings/decisions", text="Please")
    assert refused.status_code == 403
    assert "those are over" in refused.text


async def test_reporters_too_can_appeal_for_six_months_and_no_longer(
    square: Square, mail: MailServer, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "none", 1)
    receipt, page = await receipt_of(square), "/settings/reports"

    async def told(ago: int) -> str:
        await square.db.execute("UPDATE outcomes SET made_at = $1", datetime.now(UTC) - timedelta(days=ago))
        return (await ben.get(receipt)).text

    assert '/appeal"' not in await told(184)
    refused = await ben.send(f"{receipt}/appeal", page=page, case=str(case_id), text="Please")
    assert refused.status_code == 403
    assert "those are over" in refused.text
    assert await square.db.value("SELECT count(*) FROM appeals") == 0
    assert '/appeal"' in await told(182)
    assert "You appealed" in await contest(ben, receipt, case_id)


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


async def reported_by(square: Square, name: str, case_id: int) -> tuple[Visitor, str]:
    """Somebody who reports the post of a case too, and the page of their report."""
    one = await visitor(square, name)
    post, target = (await square.db.records("SELECT item_id, author_id FROM case_items WHERE case_id = $1", case_id))[0]
    page = f"/report?post={post}"
    await one.send("/report", page=page, account=str(target), posts=[str(post)], category="other", comment="This")
    await square.settle()
    return one, f"/settings/reports/{await square.db.value('SELECT max(id) FROM reports')}"


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


async def taken_back(square: Square, case_id: int, *, again: bool) -> None:
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(9, "senior"), case_id, "It was about birds", datetime.now(UTC), again=again)
    await square.settle()


@pytest.mark.parametrize("again", [False, True])
async def test_who_appeals_against_what_is_taken_back_has_won(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int, again: bool
) -> None:
    await decided(square, case_id, "remove", 1, 2)
    path = await square.db.value("SELECT '/@ann/' || item_id FROM case_items WHERE case_id = $1", case_id)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    number = await contested(square)
    await decided(square, number, "remove", 3)
    told = len(mail.to("ann@town.example"))
    await taken_back(square, case_id, again=again)
    letters = [str(parts_of(one)[0]) for one in mail.to("ann@town.example")[told:]]
    assert sum("appeal was granted" in one for one in letters) == 1
    assert [one for one in letters if "taken back" in one or "stands" in one] == []
    shown = (await ann.get(page)).text
    assert "Your appeal was granted" in shown
    assert '/appeal"' not in shown
    assert await square.db.records("SELECT granted, settled_round FROM appeals") == [(True, None)]
    with pytest.raises(Forbidden):
        await decided(square, number, "remove", 4)
    with pytest.raises(Forbidden, match="was taken back itself"):
        await taken_back(square, number, again=True)
    if again:
        assert (await ben.get(path)).status_code in (404, 410), "it is hidden until it is decided anew"
        with pytest.raises(Forbidden, match="for somebody else"):
            await decided(square, case_id, "remove", 1)
        await decided(square, case_id, "none", 4)
    assert (await ben.get(path)).status_code == 200
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0
    assert await square.db.value("SELECT count(*) FROM case_items WHERE open") == 0


@pytest.mark.parametrize("again", [False, True])
async def test_a_reporter_who_appeals_goes_on_where_nothing_is_done_at_all(
    square: Square, mail: MailServer, ben: Visitor, case_id: int, again: bool
) -> None:
    """Opened again, it is decided anew by others, as they ask; taken back whole, they ask for more than before."""
    await decided(square, case_id, "label", 1)
    reporter = await square.db.value("SELECT id FROM accounts WHERE username = 'ben'")
    async with square.db.transaction() as tx:
        await make_appeal(tx, reporter, case_id, 1, "reporter", "A note is not enough", datetime.now(UTC))
    number = await contested(square)
    await taken_back(square, case_id, again=again)
    assert "was taken back" in str(parts_of(mail.to("ben@town.example")[-1])[0])
    assert len(mail.to("ben@town.example")) == 2
    (stands,) = await square.db.records("SELECT granted, round FROM appeals")
    assert tuple(stands) == ((True, 1) if again else (None, 2))
    await decided(square, case_id if again else number, "remove", 3, 4)
    word = "something was done about it" if again else "appeal was granted"
    assert word in " ".join(str(parts_of(mail.to("ben@town.example")[-1])[0]).split())
    assert await square.db.value("SELECT count(*) FROM restrictions WHERE action = 'remove'") == 1


async def actions_of(square: Square, case_id: int) -> list[str | None]:
    records = await square.db.records("SELECT action FROM case_items WHERE case_id = $1", case_id)
    return [record[0] for record in records]


async def contested(square: Square) -> int:
    return await square.db.value("SELECT id FROM cases WHERE origin = 'appeal'")


async def test_what_was_removed_is_there_again_when_an_appeal_is_granted(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    """With the account that was limited for it, and without the strike."""
    await decided(square, case_id, "remove", 1, 2, account_action="limit")
    path = await square.db.value("SELECT '/@ann/' || item_id FROM case_items WHERE case_id = $1", case_id)
    assert (await ben.get(path)).status_code in (404, 410)
    assert await square.db.value("SELECT limited_at IS NOT NULL FROM accounts WHERE username = 'ann'")
    await appeal(ann, link_in(mail, "ann", "/decisions/"))
    await decided(square, await contested(square), "none", 3)
    assert (await ben.get(path)).status_code == 200
    assert not await square.db.value("SELECT limited_at IS NOT NULL FROM accounts WHERE username = 'ann'")
    assert await square.db.value("SELECT count(*) FROM strikes WHERE undone_at IS NULL") == 0


@pytest.mark.parametrize("answer", ["none", "label"])
async def test_an_appeal_that_is_granted_takes_the_decision_back(
    square: Square, mail: MailServer, ann: Visitor, case_id: int, answer: Action
) -> None:
    """Whatever is lighter goes in its place, and is told anew."""
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    await decided(square, await contested(square), answer, 2, said="It is about birds.")
    assert await actions_of(square, case_id) == [None]
    assert await actions_of(square, await contested(square)) == [answer]
    shown = (await ann.get(page)).text
    assert "Your appeal was granted" in shown
    assert "It is about birds." in shown
    assert "looked at again" in str(mail.to("ann@town.example")[1]["Subject"])
    assert len(mail.to("ann@town.example")) == (2 if answer == "none" else 3)
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == (answer != "none")


@pytest.mark.parametrize("answer", ["sensitive", "limit"])
async def test_an_appeal_makes_nothing_worse(
    square: Square, mail: MailServer, ann: Visitor, case_id: int, answer: Action
) -> None:
    await decided(square, case_id, "sensitive", 1)
    page = link_in(mail, "ann", "/decisions/")
    await appeal(ann, page)
    await decided(square, await contested(square), answer, 2)
    assert await actions_of(square, case_id) == ["sensitive"]
    assert await actions_of(square, await contested(square)) == [None]
    assert "The decision stands" in (await ann.get(page)).text
    assert len(mail.to("ann@town.example")) == 2
    assert await square.db.value("SELECT count(*) FROM statements WHERE undone_at IS NULL") == 1


async def test_what_a_reporter_appeals_for_is_done_and_its_author_is_told(
    square: Square, mail: MailServer, ann: Visitor, ben: Visitor, case_id: int
) -> None:
    await decided(square, case_id, "none", 1)
    receipt = await receipt_of(square)
    await contest(ben, receipt, case_id)
    await decided(square, await contested(square), "sensitive", 2)
    assert "Your appeal was granted" in (await ben.get(receipt)).text
    assert link_in(mail, "ben", "/settings/reports/") == receipt
    assert "What you posted was marked as sensitive" in (await ann.get(link_in(mail, "ann", "/decisions/"))).text
    assert [one["Subject"] for one in mail.to("ben@town.example")] == ["Your report at Townsquare was decided"] * 2
