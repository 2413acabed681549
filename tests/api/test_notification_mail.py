"""Mail of what was missed: who gets it, when, what it says, and how it is ended."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.smtp import MailServer
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid
from townsquare.timelines.mail_choices import choose, get_choice


@pytest.fixture
def square(mailing: Square) -> Square:
    return mailing


def body_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content()


async def test_it_is_written_in_the_language_of_whoever_gets_it(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await square.db.execute("UPDATE users SET locale = 'de' WHERE account_id = $1", int(ann.id))
    await ben.post("/api/v1/statuses", status="@ann kommst du?")
    await square.settle()
    (message,) = mail.to("ann@town.example")
    assert message["Subject"] == "ben hat dich erwähnt"
    assert "ben hat dich erwähnt: „@ann kommst du?“" in body_of(message)


async def test_who_is_away_gets_one_message_of_all(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    post = await ben.post("/api/v1/statuses", status="@ann are you coming to the choir?")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.step()
    await square.step()
    ((due,),) = await square.db.records("SELECT due_at FROM jobs WHERE kind = 'MailWaits'")
    assert timedelta(minutes=4) < due - datetime.now(UTC) < timedelta(minutes=6)
    await square.settle()
    (message,) = mail.to("ann@town.example")
    assert message["Subject"] == "2 new notifications at Townsquare"
    text = body_of(message)
    assert "ben mentioned you: “@ann are you coming to the choir?”" in text
    assert "ben follows you." in text
    assert "https://town.example/notifications" in text
    assert post["id"]


async def test_one_thing_stands_in_the_subject_and_nothing_is_told_twice(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await ben.say("@ann hello <b>you</b>\nand\nBcc: x@example.org")
    await square.settle()
    await ben.say("@ann hello again")
    await square.settle()
    first, second = mail.to("ann@town.example")
    assert first["Subject"] == second["Subject"] == "ben mentioned you"
    assert first["Bcc"] is None
    assert "hello again" not in body_of(first)
    assert "hello again" in body_of(second)
    assert "hello <b>" not in body_of(second)
    html = first.get_body(("html",))
    assert html is not None
    assert "<b>you" not in html.get_content()


async def test_messages_come_at_most_once_an_hour(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    await ben.say("@ann one")
    await ben.post("/api/v1/statuses", status="@ann two")
    await square.step()
    await square.step()
    ((due,),) = await square.db.records("SELECT due_at FROM jobs WHERE kind = 'MailWaits'")
    assert timedelta(minutes=55) < due - datetime.now(UTC) < timedelta(minutes=65)


async def test_who_came_or_has_read_gets_none(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    await ben.post("/api/v1/statuses", status="@ann one")
    await square.step()
    await square.step()
    await square.db.execute("UPDATE users SET active_at = now() + interval '1 minute' WHERE account_id = $1", ann.id)
    await square.settle()
    assert mail.messages == []

    await square.db.execute("UPDATE users SET active_at = NULL")
    await ben.post("/api/v1/statuses", status="@ann two")
    await square.step()
    await square.step()
    newest = await square.db.value("SELECT max(id) FROM notifications WHERE account_id = $1", ann.id)
    await square.db.execute(
        "INSERT INTO markers (account_id, timeline, last_read_id) VALUES ($1, 'notifications', $2)", ann.id, newest
    )
    await square.settle()
    assert mail.messages == []


async def test_being_here_is_remembered_to_five_minutes(square: Square, ann: Person) -> None:
    await ann.get("/api/v1/accounts/verify_credentials")
    at = await square.db.value("SELECT active_at FROM users WHERE account_id = $1", ann.id)
    assert datetime.now(UTC) - at < timedelta(minutes=1)
    await ann.get("/api/v1/accounts/verify_credentials")
    assert await square.db.value("SELECT active_at FROM users WHERE account_id = $1", ann.id) == at
    await square.db.execute("UPDATE users SET active_at = now() - interval '6 minutes'")
    await ann.get("/api/v1/accounts/verify_credentials")
    assert await square.db.value("SELECT active_at FROM users WHERE account_id = $1", ann.id) > at


async def test_people_choose_of_what(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    assert (await get_choice(square.db, ann.id)).types == [
        "mention",
        "quote",
        "follow",
        "follow_request",
        "admin.report",
        "admin.notice",
    ]
    post = await ann.say("Good morning")
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    await square.settle()
    assert mail.messages == []
    await choose(square.db, ann.id, ["reblog"], always=True)
    await square.db.execute("UPDATE users SET active_at = now() + interval '1 minute' WHERE account_id = $1", ann.id)
    await ben.say("@ann hello")
    await ben.post(f"/api/v1/statuses/{post['id']}/reblog")
    await square.settle()
    assert [message["Subject"] for message in mail.messages] == ["ben echoed your post"]
    with pytest.raises(Invalid):
        await choose(square.db, ann.id, ["gossip"])


async def test_nothing_is_told_of_what_was_taken_back_kept_apart_or_muted(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    await ann.patch("/api/v2/notifications/policy", for_not_following="filter")
    await ben.say("@ann one")
    await ann.patch("/api/v2/notifications/policy", for_not_following="accept")
    post = await ben.post("/api/v1/statuses", status="@ann two")
    await square.step()
    await square.step()
    await ben.delete(f"/api/v1/statuses/{post['id']}")
    await square.settle()
    assert mail.messages == []
    await ben.post("/api/v1/statuses", status="@ann three")
    await square.step()
    await square.step()
    await square.db.execute("UPDATE users SET active_at = NULL")
    await square.db.execute("INSERT INTO mutes (account_id, target_id, id) VALUES ($1, $2, 1)", ann.id, ben.id)
    await square.settle()
    assert mail.messages == []


async def unsubscribe_link(square: Square, ben: Person, mail: MailServer) -> str:
    await square.db.execute("UPDATE users SET active_at = NULL")
    await ben.say("@ann hello")
    await square.settle()
    (message,) = mail.to("ann@town.example")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<(https://town\.example/unsubscribe/\S+)>", message["List-Unsubscribe"])
    assert found is not None
    assert found[1] in body_of(message)
    return found[1]


async def test_one_click_ends_it_without_signing_in(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    link = await unsubscribe_link(square, ben, mail)
    page = await square.http.get(link)
    assert page.status_code == 200
    assert (await get_choice(square.db, ann.id)).types, "opening the link alone ends nothing"
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"}
    done = await square.http.post(link, data={"List-Unsubscribe": "One-Click"}, headers=headers)
    assert done.status_code == 200
    assert (await get_choice(square.db, ann.id)).types == []
    await ben.say("@ann hello again")
    await square.settle()
    assert len(mail.messages) == 1
    assert (await square.http.post(link)).status_code == 200


async def test_a_link_that_was_made_up_ends_nothing(square: Square, ann: Person, ben: Person, mail: MailServer) -> None:
    link = await unsubscribe_link(square, ben, mail)
    base, _, token = link.rpartition("/")
    for wrong in ("x", token[:-4], token[:12] + "AAAA" + token[16:], "%C3%A4"):
        assert (await square.http.post(f"{base}/{wrong}")).status_code == 404
    assert (await get_choice(square.db, ann.id)).types != []


async def test_an_address_that_is_refused_is_given_up_and_a_busy_server_is_not(
    square: Square, ann: Person, ben: Person, mail: MailServer
) -> None:
    mail.unknown.add("ann@town.example")
    await ben.say("@ann hello")
    await square.settle()
    mail.unknown.clear()
    mail.busy.add("ann@town.example")
    await ben.post("/api/v1/statuses", status="@ann hello again")
    with pytest.raises(Exception, match="try again later"):
        await square.settle()


async def test_a_place_without_a_mail_server_writes_no_such_mail(db: Database, tmp_path: Path) -> None:
    async with town(db, tmp_path, SETTINGS) as square:
        await square.person("ann")
        ben = await square.person("ben")
        await ben.post("/api/v1/statuses", status="@ann hello")
        await square.step()
        await square.step()
        assert await db.value("SELECT count(*) FROM jobs WHERE kind = 'MailWaits'") == 0
