"""Messages: they arrive, once, readable by people and mail servers; or stand in the log where there is no server."""

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import get_args

import aiosmtplib
import msgspec
import pytest

from tests.rooms.auth.place import NOW, SETTINGS, Place, text_of
from tests.support.seaweed import free_ports
from tests.support.smtp import mail_server
from townsquare.auth.events import Letter, SendMail
from townsquare.auth.letters import LINKS, PAGES, compose, sender
from townsquare.auth.mail import deliver, is_for_good, send_mail
from townsquare.auth.model import Appearance
from townsquare.auth.preferences import set_appearance
from townsquare.auth.users import get_user, send
from townsquare.kernel.logs import configure
from townsquare.kernel.settings import Log, Mail, MailServer, Settings


def letter(kind: Letter, to: str = "ada@example.org", **more: object) -> SendMail:
    return msgspec.structs.replace(SendMail(kind, 1, "ada", to), **more)


@pytest.mark.parametrize("kind", get_args(Letter))
def test_every_message_can_be_read_as_text_and_as_html(kind: Letter) -> None:
    link = "https://square.example/x/token" if kind in LINKS or kind in PAGES else ""
    message = compose(letter(kind), link, SETTINGS, NOW)
    assert message["From"] == "The Square <no-reply@square.example>"
    assert message["To"] == "ada@example.org"
    assert "The Square" in message["Subject"]
    assert parsedate_to_datetime(message["Date"]).astimezone(UTC) == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    html = message.get_body(("html",))
    assert html is not None
    for text in (text_of(message), html.get_content()):
        assert "Hello ada," in text
        assert link in text


@pytest.mark.parametrize("kind", get_args(Letter))
def test_every_message_is_in_the_language_of_whoever_gets_it(kind: Letter) -> None:
    link = "https://square.example/x/token" if kind in LINKS or kind in PAGES else ""
    message = compose(letter(kind, language="en-XA"), link, SETTINGS, NOW)
    html = message.get_body(("html",))
    assert html is not None
    assert message["Content-Language"] == "en-XA"
    assert message["Subject"].startswith("⟦")
    written = text_of(message).partition("-- ")[0].split("\n\n")
    assert [one for one in written if one and not one.startswith("⟦")] == []
    assert '<html lang="en-XA" dir="ltr">' in html.get_content()


def test_a_sign_in_is_told_in_the_time_of_where_somebody_is() -> None:
    told = letter("new_sign_in", language="de", zone="Europe/Berlin", at=datetime(2026, 3, 5, 13, 7, tzinfo=UTC))
    assert "05.03.2026, 14:07, von einer unbekannten Adresse" in text_of(compose(told, "", SETTINGS, NOW))


async def test_people_are_written_to_in_the_language_of_their_pages(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    async with place.db.transaction() as tx:
        await set_appearance(tx, user.account_id, Appearance(locale="de", zone="Europe/Berlin"))
    await place.events(SendMail)
    async with place.db.transaction() as tx:
        await send(tx, "confirm", await get_user(tx, user.account_id))
    (message,) = await place.post()
    assert message["Subject"] == "Bestätige deine Adresse für The Square"
    assert "Hallo ada," in text_of(message)


def test_what_strangers_say_cannot_become_html_or_headers() -> None:
    evil = letter("new_sign_in", user_agent="<script>alert(1)</script>\nBcc: x@example.org", address="<b>")
    message = compose(evil, "", msgspec.structs.replace(SETTINGS, title="A <i>title</i>"), NOW)
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "<i>" not in html.get_content()
    assert message["Bcc"] is None


def test_messages_come_from_where_the_setting_says() -> None:
    assert sender(SETTINGS) == "The Square <no-reply@square.example>"
    local = msgspec.structs.replace(SETTINGS, public_url="http://127.0.0.1:8000")
    assert sender(local) == "The Square <no-reply@127.0.0.1>"
    chosen = msgspec.structs.replace(SETTINGS, mail=Mail(sender="Square <post@square.example>"))
    assert sender(chosen) == "Square <post@square.example>"


async def test_the_token_in_the_link_is_made_when_it_is_sent(place: Place) -> None:
    user = await place.person("ada", confirmed=False)
    assert await place.db.value("SELECT count(*) FROM email_tokens WHERE account_id = $1", user.account_id) == 0
    (waiting,) = await place.events(SendMail)
    assert waiting == SendMail("confirm", user.account_id, "ada", "ada@example.org", "en")
    await send_mail(place.db, place.settings, [waiting])
    assert await place.db.value("SELECT count(*) FROM email_tokens WHERE account_id = $1", user.account_id) == 1


async def test_one_address_that_does_not_exist_holds_up_nobody(place: Place) -> None:
    place.mail.unknown.add("gone@example.org")
    await send_mail(place.db, place.settings, [letter("approved", "gone@example.org"), letter("approved")])
    assert [message["To"] for message in place.mail.messages] == ["ada@example.org"]
    assert await place.events(SendMail) == []


async def test_what_a_busy_server_turns_away_comes_again_and_the_rest_does_not(place: Place) -> None:
    place.mail.busy.add("later@example.org")
    later = letter("approved", "later@example.org")
    await send_mail(place.db, place.settings, [later, letter("approved")])
    assert [message["To"] for message in place.mail.messages] == ["ada@example.org"]
    assert await place.events(SendMail) == [later]
    with pytest.raises(aiosmtplib.SMTPException):  # alone it fails, and is tried again later and later
        await send_mail(place.db, place.settings, [later])


async def test_a_server_that_is_away_is_an_error(place: Place) -> None:
    async with mail_server() as gone:
        port = gone.port
    away = msgspec.structs.replace(place.settings, mail=Mail(host="127.0.0.1", port=port, tls="none"))
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await send_mail(place.db, away, [letter("approved"), letter("approved")])
    assert await place.events(SendMail) == []


async def test_without_a_server_the_message_stands_in_the_log(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    user = await place.person("ada", confirmed=False)
    settings: Settings = msgspec.structs.replace(place.settings, mail=Mail())
    before = logging.getLogger().handlers[:]
    configure(Log(format="text"))
    try:
        await send_mail(place.db, settings, [letter("confirm", account_id=user.account_id)])
    finally:
        logging.getLogger().handlers[:] = before
    logged = capsys.readouterr().err
    assert "no mail server is set" in logged
    assert "https://square.example/confirm/" in logged


async def test_what_one_server_cannot_take_goes_to_the_other() -> None:
    message = compose(letter("confirm"), "https://square.example/x/token", SETTINGS, NOW)
    nobody = free_ports(1)[0]
    async with mail_server() as second:
        fallback = MailServer("127.0.0.1", second.port, tls="none")
        await deliver(Mail("127.0.0.1", nobody, tls="none", fallback=fallback), message)
        assert [one["To"] for one in second.messages] == ["ada@example.org"]
        async with mail_server() as first:
            first.unknown.add("ada@example.org")
            mail = Mail("127.0.0.1", first.port, tls="none", fallback=fallback)
            await deliver(mail, message)
            assert (len(first.messages), len(second.messages)) == (0, 2)
            second.busy.add("ada@example.org")
            with pytest.raises(aiosmtplib.SMTPException) as refused:
                await deliver(mail, message)
            assert not is_for_good(refused.value)
            first.unknown.clear()
            await deliver(mail, message)
            assert (len(first.messages), len(second.messages)) == (1, 2)
