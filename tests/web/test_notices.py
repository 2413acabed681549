"""Notices of what is against the law, by anybody: the form, the receipt, the case, the answer."""

import io
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from tests.api.test_media import sent as sent_picture
from tests.rooms.moderation.cases.desk import SENIOR, removed, review, reviewer
from tests.support.square import Person, Square
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.kernel.errors import Forbidden
from townsquare.moderation import retention, vault
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.store_decide import items
from townsquare.moderation.notices import letters
from townsquare.moderation.reasons.appeals import appeal

FORM = {
    "kind": "violent-threat",
    "reason": "It says that they will come to my house with knives.",
    "sender": "person",
    "name": "Ada Example",
    "email": "ada@mail.example",
    "sure": "true",
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """The messages that went out."""
    out: list[EmailMessage] = []

    async def deliver(_: object, message: EmailMessage) -> None:
        out.append(message)

    monkeypatch.setattr(letters, "deliver", deliver)
    return out


async def give(square: Square, *urls: str, **fields: Any) -> tuple[Visitor, httpx.Response]:
    stranger = await visitor(square)
    form = FORM | {"urls": "\n".join(urls)} | fields
    return stranger, await stranger.send("/report-illegal", page="/report-illegal", **form)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content()


async def case_of(square: Square) -> Any:
    (record,) = await square.db.records("SELECT * FROM cases")
    return record


async def threat(square: Square) -> tuple[Person, str]:
    """A post, and its address."""
    ann = await square.person("ann")
    post = await ann.say("I will come to your house with knives tonight")
    return ann, f"https://town.example/@ann/{post['id']}"


async def test_who_gave_it_is_forgotten_when_the_time_of_its_evidence_is_over(square: Square) -> None:
    _, url = await threat(square)
    stranger, answer = await give(square, url)
    await square.settle()
    await removed(square.db, (await case_of(square))["id"], now=datetime.now(UTC))
    await square.settle()
    at = datetime.now(UTC) + timedelta(days=191)
    await retention.purge_evidence(square.db, square.services.storage, square.services.settings, at)
    assert await square.db.value("SELECT contact FROM notices") == b""
    page = await stranger.get(answer.headers["location"])
    assert page.status_code == 200, "whoever has the link sees what was decided"
    assert FORM["email"] not in page.text


async def test_a_stranger_gives_notice_and_sees_what_becomes_of_it(square: Square, sent: list[EmailMessage]) -> None:
    ann, url = await threat(square)
    stranger, answer = await give(square, url)
    assert answer.status_code == 303, answer.text
    receipt = answer.headers["location"]
    await square.settle()
    shown = (await stranger.get(receipt)).text
    assert url in shown
    assert "Not decided yet." in shown
    assert [(one["To"], one["Auto-Submitted"]) for one in sent] == [("ada@mail.example", "auto-replied")]
    assert f"https://town.example{receipt}" in text_of(sent[0])
    case = await case_of(square)
    assert (case["origin"], case["severity"]) == ("notice", 1)
    assert (case["fixed_due_at"] - case["opened_at"]).total_seconds() == 3600
    await ann.delete(f"/api/v1/statuses/{url.rpartition('/')[2]}")
    (kept,) = vault.opened(square.db.keys, await items(square.db, case["id"]))
    assert kept.text == "I will come to your house with knives tonight"
    await removed(square.db, case["id"])
    await square.settle()
    assert "It is removed." in (await stranger.get(receipt)).text
    assert len(sent) == 2
    assert "It is removed." in text_of(sent[1])


async def test_what_is_missing_is_said_beside_the_field(square: Square) -> None:
    _, answer = await give(square, "town.example/@ann/1", reason="", email="ada", sure="")
    assert answer.status_code == 422
    for said in ("must begin with https://", "must be filled in", "must be ticked"):
        assert said in answer.text
    assert "Ada Example" in answer.text
    assert await square.db.value("SELECT count(*) FROM notices") == 0


async def test_whoever_tells_of_the_abuse_of_children_need_not_say_who_they_are(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    _, answer = await give(square, url, name="", email="")
    assert answer.status_code == 422
    _, answer = await give(square, url, name="", email="", kind="child-safety")
    assert answer.status_code == 303
    await square.settle()
    assert sent == []


async def test_what_is_not_there_is_looked_at_by_a_person(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    stranger, answer = await give(square, "https://town.example/@nobody/123", url, "https://elsewhere.example/x")
    await square.settle()
    kinds = await square.db.records("SELECT kind, case_id FROM case_items ORDER BY kind")
    assert [record["kind"] for record in kinds] == ["notice", "status"]
    (letter,) = vault.opened(square.db.keys, await items(square.db, kinds[0]["case_id"]))
    assert letter.text == FORM["reason"]
    for record in await square.db.records("SELECT id FROM cases"):
        await review(square.db, reviewer(1), record["id"], "none", policy="other")
    await square.settle()
    shown = (await stranger.get(answer.headers["location"])).text
    assert shown.count("There was nothing at this address") == 2
    assert shown.count("It stays") == 1
    assert len(sent) == 2, "one receipt, and one answer when all is decided"


async def test_two_notices_of_one_post_are_one_case_and_both_are_answered(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    await give(square, url)
    await give(square, url.replace("https://", "http://") + "?x=1", email="bob@mail.example")
    await square.settle()
    case = await case_of(square)
    assert case["reports_count"] == 2
    await review(square.db, reviewer(1), case["id"], "none")
    await square.settle()
    assert {one["To"] for one in sent[2:]} == {"ada@mail.example", "bob@mail.example"}


async def test_pictures_profiles_and_hashtags_can_be_named(square: Square) -> None:
    await square.person("ann")
    ann, url = await square.person("eva"), "https://town.example/@eva"
    await ann.say("Look #knives")
    await give(square, url, "https://town.example/tags/knives")
    await square.settle()
    kinds = await square.db.records("SELECT kind FROM case_items ORDER BY kind")
    assert [record["kind"] for record in kinds] == ["account", "tag"]


async def test_whoever_decides_about_a_notice_sees_the_pictures_of_what_it_names(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("", media_ids=[(await sent_picture(ann))["id"]])
    await give(square, post["url"])
    await square.settle()
    await square.person("mod", role="moderator")
    mod = Visitor(square)
    await mod.sign_in("mod")
    page = (await mod.get(f"/desk/cases/{await square.db.value('SELECT id FROM cases')}")).text
    assert "data-unveil" in page
    assert "Nothing in words" not in page


async def test_files_and_who_it_was_are_kept_sealed(square: Square) -> None:
    _, url = await threat(square)
    stranger = await visitor(square)
    form = FORM | {"urls": url, "csrf": await stranger.token("/report-illegal")}
    files = {"files[]": ("shot.png", io.BytesIO(b"what I saw"), "image/png")}
    answer = await stranger.http.post("/report-illegal", data=form, files=files, headers=OURS)
    assert answer.status_code == 303, answer.text
    record = (await square.db.records("SELECT size, sealed FROM notice_files"))[0]
    assert record["size"] == 10
    assert b"what I saw" not in record["sealed"]
    assert b"Ada" not in await square.db.value("SELECT contact FROM notices")


async def test_a_receipt_is_for_whoever_has_its_link(square: Square) -> None:
    assert (await (await visitor(square)).get("/notices/guessed")).status_code == 404


async def left_as_it_is(square: Square) -> tuple[Visitor, str, int]:
    """Whoever gave notice of a post that stays, its receipt, and the case."""
    _, url = await threat(square)
    stranger, answer = await give(square, url)
    await square.settle()
    case_id = (await case_of(square))["id"]
    await review(square.db, reviewer(1), case_id, "none")
    await square.settle()
    return stranger, answer.headers["location"].partition("?")[0], case_id


async def contest(stranger: Visitor, receipt: str, text: str = "Read the last line") -> httpx.Response:
    return await stranger.send(f"{receipt}/appeal", page="/report-illegal", text=text)


async def appealed(square: Square) -> int:
    return await square.db.value("SELECT case_id FROM appeals WHERE side = 'notice' AND account_id = 0")


async def test_whoever_gave_notice_contests_that_it_stays_and_somebody_else_decides(
    square: Square, sent: list[EmailMessage]
) -> None:
    stranger, receipt, case_id = await left_as_it_is(square)
    assert "say why under the link" in " ".join(text_of(sent[1]).split())
    assert f'action="{receipt}/appeal"' in (await stranger.get(receipt)).text
    assert "Say in a few words" in (await contest(stranger, receipt, " ")).text
    assert (await contest(stranger, receipt)).status_code == 303
    await square.settle()
    number = await appealed(square)
    shown = (await stranger.get(receipt)).text
    for words in ("Not decided yet.", "You appealed. Somebody else looks at it.", "Read the last line"):
        assert words in shown
    assert f'action="{receipt}/appeal"' not in shown
    assert (await contest(stranger, receipt)).status_code == 409, "once"
    await square.person("mod", role="moderator")
    mod = Visitor(square)
    await mod.sign_in("mod")
    assert "Whoever gave notice of it appeals." in (await mod.get(f"/desk/cases/{number}")).text
    with pytest.raises(Forbidden, match="for somebody else"):
        await review(square.db, reviewer(1), number, "remove")
    await removed(square.db, number)
    await square.settle()
    shown = (await stranger.get(receipt)).text
    assert "It is removed." in shown
    assert "Your appeal was granted." in shown
    assert len(sent) == 3, "the answer goes out again"
    assert "It is removed." in text_of(sent[2])
    assert "say why under the link" not in " ".join(text_of(sent[2]).split())
    assert await square.db.value("SELECT count(*) FROM statements WHERE case_id = $1 AND NOT interim", number) == 1
    assert case_id != number


async def test_what_stays_after_an_appeal_is_answered_again_and_not_contested_twice(
    square: Square, sent: list[EmailMessage]
) -> None:
    stranger, receipt, _ = await left_as_it_is(square)
    await contest(stranger, receipt)
    await review(square.db, reviewer(2), await appealed(square), "none", said="It is a line of a play.")
    await square.settle()
    shown = (await stranger.get(receipt)).text
    for words in ("The decision stands.", "It is a line of a play.", "It stays"):
        assert words in shown
    assert "It stays" in text_of(sent[2])
    assert len(sent) == 3
    assert f'action="{receipt}/appeal"' not in shown
    assert (await contest(stranger, receipt)).status_code == 409
    assert await square.db.value("SELECT count(*) FROM misuse") == 0


async def test_who_gave_notice_can_contest_it_for_six_months(square: Square, sent: list[EmailMessage]) -> None:
    stranger, receipt, _ = await left_as_it_is(square)
    await square.db.execute("UPDATE cases SET decided_at = decided_at - interval '189 days'")
    assert f'action="{receipt}/appeal"' in (await stranger.get(receipt)).text, "the answer went out just now"
    await square.db.execute("UPDATE notices SET answered_at = answered_at - interval '189 days'")
    assert f'action="{receipt}/appeal"' not in (await stranger.get(receipt)).text
    refused = await contest(stranger, receipt)
    assert refused.status_code == 403
    assert "those are over" in refused.text


async def test_who_gave_notice_is_told_when_its_author_wins_an_appeal(square: Square, sent: list[EmailMessage]) -> None:
    ann, url = await threat(square)
    stranger, answer = await give(square, url)
    await square.settle()
    case_id = (await case_of(square))["id"]
    await removed(square.db, case_id)
    await square.settle()
    async with square.db.transaction() as tx:
        await appeal(tx, ann.id, case_id, 1, "author", "A line of a play", datetime.now(UTC))
    await square.settle()
    assert "It is removed." in (await stranger.get(answer.headers["location"])).text, "until it is decided"
    number = await square.db.value("SELECT case_id FROM appeals")
    await review(square.db, reviewer(3), number, "none")
    await square.settle()
    assert "It stays" in (await stranger.get(answer.headers["location"])).text
    assert "It stays" in text_of(sent[2])
    assert len(sent) == 3


async def test_what_is_decided_anew_is_told_anew(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    await give(square, url)
    await square.settle()
    case = await case_of(square)
    await removed(square.db, case["id"])
    await square.settle()
    async with square.db.transaction() as tx:
        await undo(
            tx, reviewer(SENIOR, "senior"), case["id"], "It was a line of a play", datetime.now(UTC), again=False
        )
    await square.settle()
    assert ["It is removed." in text_of(one) for one in sent] == [False, True, False]
    assert "It stays" in text_of(sent[2])


async def test_who_gives_notice_is_told_where_nobody_has_looked(square: Square, sent: list[EmailMessage]) -> None:
    """At what came after the decision and is decided the same way (Regulation 2022/2065, article 16 (6))."""
    _, url = await threat(square)
    await give(square, url)
    await square.settle()
    await removed(square.db, (await case_of(square))["id"], datetime.now(UTC))
    await square.settle()
    cat = await square.person("cat")
    copy = await cat.say("I will come to your house with knives tonight")
    stranger, answer = await give(square, url, f"https://town.example/@cat/{copy['id']}", reason="Both of them")
    await square.settle()
    shown = (await stranger.get(answer.headers["location"])).text
    assert shown.count("It is removed.") == 2
    assert shown.count("No person has looked at this one") == 1
    assert "or to a court." in shown
    lines = [line for line in text_of(sent[-1]).splitlines() if "No person has looked at this one" in line]
    assert [f"@cat/{copy['id']}: It is removed." in line for line in lines] == [True]
    assert "or to a court." in " ".join(text_of(sent[-1]).split())
