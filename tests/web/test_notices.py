"""Notices of what is against the law, by anybody: the form, the receipt, the case, the answer."""

import io
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from tests.api.test_media import sent as sent_picture
from tests.rooms.moderation.cases.desk import removed, review, reviewer
from tests.support.square import Person, Square
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.moderation import retention, vault
from townsquare.moderation.cases.decide import undo
from townsquare.moderation.cases.store_decide import items
from townsquare.moderation.notices import letters

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


async def test_what_is_decided_anew_is_told_anew(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    await give(square, url)
    await square.settle()
    case = await case_of(square)
    await removed(square.db, case["id"])
    await square.settle()
    async with square.db.transaction() as tx:
        await undo(tx, reviewer(7, "senior"), case["id"], "It was a line of a play", datetime.now(UTC), again=False)
    await square.settle()
    assert ["It is removed." in text_of(one) for one in sent] == [False, True, False]
    assert "It stays" in text_of(sent[2])
