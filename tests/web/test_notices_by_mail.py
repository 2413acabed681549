"""Notices that come by mail: from a folder and by SMTP; once each, answered once, and none lost."""

import hashlib
import io
import json
import secrets
import socket
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import msgspec
import pytest

from tests.rooms.moderation.cases.desk import NOW, removed
from tests.support.square import Square
from tests.web.test_notices import case_of, give, sent, text_of, threat
from tests.web.visitor import Visitor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Notices
from townsquare.moderation import audit
from townsquare.moderation.notices import mail, pack, smtp, store
from townsquare.moderation.notices.model import MOST_ADDRESSES

__all__ = ["sent"]


def message(body: str, **headers: str) -> bytes:
    one = EmailMessage()
    named = {"From": "abuse@cloud.example", "To": "abuse@town.example", "Subject": "Ticket 42", "Message-ID": "<m1@x>"}
    for name, value in (named | headers).items():
        one[name] = value
    one.set_content(body)
    return one.as_bytes()


async def test_a_host_s_message_is_a_case_with_a_receipt(square: Square, sent: list[EmailMessage]) -> None:
    _, url = await threat(square)
    raw = message(f"Violent content:\n{url.replace('https', 'hxxps')}\n-- \nhttps://cloud.example/abuse")
    for _ in range(2):
        await mail.take_mail(square.db, square.services.settings, raw)
        await square.settle()
    case = await case_of(square)
    assert (case["origin"], case["items_count"], case["reports_count"]) == ("notice", 1, 1)
    (receipt,) = sent
    assert (receipt["To"], receipt["In-Reply-To"]) == ("abuse@cloud.example", "<m1@x>")
    assert "Ticket 42" not in receipt["Subject"]  # nothing shows that the host wrote it
    assert url in text_of(receipt)


async def test_a_mailbox_is_not_filled_in_the_name_of_whose_it_is(square: Square, sent: list[EmailMessage]) -> None:
    for number in range(25):
        raw = message(f"Buy these pills, {number} times", **{"Message-ID": f"<m{number}@x>", "Subject": "CHEAP PILLS"})
        await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    assert len(sent) == 20
    assert not any("PILLS" in one["Subject"] for one in sent)
    assert await square.db.value("SELECT count(*) FROM notices WHERE receipt_at IS NULL") == 5
    assert await square.db.value("SELECT count(*) FROM case_items WHERE kind = 'notice'") == 25


async def test_what_cannot_be_understood_is_put_before_a_person(square: Square, sent: list[EmailMessage]) -> None:
    raw = b"From: abuse@cloud.example\nSubject: see attached\n\n\xff\xfe\x00 ???"
    notice = await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    assert await square.db.value("SELECT kind FROM case_items") == "notice"
    assert await square.db.value("SELECT size FROM notice_files WHERE notice_id = $1", notice.id) == len(raw)
    assert len(sent) == 1


@pytest.mark.parametrize(
    "path",
    [
        "@ann%00", "@%00/1", "@ann/99999999999999999999", "tags/a%00", "media/%00/x", "%00", "@ann@%00",
        "users/ann/statuses/%00", "@ann@[::1", "?%00", "@" + "a" * 3000, "%F0%28%8C%28",
    ],
)  # fmt: skip
async def test_no_address_keeps_a_message_from_being_taken(square: Square, sent: list[EmailMessage], path: str) -> None:
    await square.person("ann")
    for place in ("town.example", "far.example"):
        await mail.take_mail(square.db, square.services.settings, message(f"See https://{place}/{path} now"), NOW)
        _, given = await give(square, f"https://{place}/{path}")
        assert given.status_code in (303, 422), path
    await square.settle()
    assert await square.db.value("SELECT count(*) FROM notices WHERE way = 'mail'") == 2
    assert await square.db.value("SELECT count(*) FROM cases") >= 1


async def test_what_cannot_be_filed_as_it_was_read_is_put_before_a_person(
    square: Square, sent: list[EmailMessage]
) -> None:
    """Its name is longer than an index of the database takes."""
    raw = f"From: a@b.example\nMessage-ID: <{secrets.token_hex(9000)}@x>\n\nSee https://town.example/@ann".encode()
    first, again = [await mail.take_mail(square.db, square.services.settings, raw) for _ in range(2)]
    assert first.id == again.id
    await square.settle()
    assert await square.db.value("SELECT kind FROM case_items") == "notice"
    assert await square.db.value("SELECT digest FROM notice_files") == hashlib.sha256(raw).digest()


async def test_a_letter_with_more_addresses_than_are_looked_up_is_read_by_a_person_too(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    others = "\n".join(f"https://far.example/{number}" for number in range(MOST_ADDRESSES))
    notice = await mail.take_mail(square.db, square.services.settings, message(f"{url}\n{others}"))
    assert [one.url for one in await store.items(square.db, [notice.id])] == [url, ""]


async def test_answers_of_programs_are_kept_and_not_answered(square: Square, sent: list[EmailMessage]) -> None:
    settings = square.services.settings
    first = await mail.take_mail(square.db, settings, message("Something"))
    await square.settle()
    away = {"Auto-Submitted": "auto-replied", "Message-ID": "<m2@x>", "In-Reply-To": sent[0]["Message-ID"]}
    assert (await mail.take_mail(square.db, settings, message("I am away", **away))).id == first.id
    bounce = {"Return-Path": "<>", "Message-ID": "<m3@x>"}
    enclosed = f"Undeliverable\nMessage-ID: {sent[0]['Message-ID']}"
    await mail.take_mail(square.db, settings, message(enclosed, **bounce))
    await square.settle()
    assert len(sent) == 1
    assert await square.db.value("SELECT count(*) FROM cases") == 1
    assert await square.db.value("SELECT count(*) FROM notice_files") == 3


async def test_an_answer_that_names_something_more_is_a_notice_of_that(
    square: Square, sent: list[EmailMessage]
) -> None:
    """Of what is quoted of our letter nothing more comes."""
    settings, (author, url) = square.services.settings, await threat(square)
    other = (await author.say("And another one"))["url"]
    first = await mail.take_mail(square.db, settings, message(f"Violent content: {url}"))
    await square.settle()
    quoted = "".join(f"> {line}\n" for line in text_of(sent[0]).splitlines())
    answer = {"In-Reply-To": sent[0]["Message-ID"], "Message-ID": "<m2@x>"}
    thanks = message(f"Thank you\n\n{quoted}\n> {url[:-6]}", **answer | {"Message-ID": "<m3@x>"})
    assert (await mail.take_mail(square.db, settings, thanks)).id == first.id
    more = message(f"This one too: {other}\n\n{quoted}", **answer)
    second = await mail.take_mail(square.db, settings, more)
    await square.settle()
    assert (await mail.take_mail(square.db, settings, more)).id == second.id
    assert second.id != first.id
    assert [one.url for one in await store.items(square.db, [second.id])] == [other]
    assert await square.db.value("SELECT count(*) FROM cases") == 2
    assert len(await store.files(square.db, [first.id])) == 3, "what was answered stands with what it answers"
    assert other in text_of(sent[1])
    by_a_program = {"Auto-Submitted": "auto-replied", "Message-ID": "<m4@x>", "In-Reply-To": sent[0]["Message-ID"]}
    third = (await author.say("And a third"))["url"]
    told = await mail.take_mail(square.db, settings, message(f"Ticket 2: {third}", **by_a_program))
    assert [one.url for one in await store.items(square.db, [told.id])] == [third]


async def test_a_second_message_under_the_same_name_is_another_notice(square: Square, sent: list[EmailMessage]) -> None:
    settings, (author, url) = square.services.settings, await threat(square)
    other = (await author.say("And another one"))["url"]
    raw, more = message(f"Violent content: {url}"), message(f"Violent content: {other}")
    taken = [(await mail.take_mail(square.db, settings, one)).id for one in (raw, more, b"Received: x\n" + raw, more)]
    assert taken[:2] == taken[2:]
    assert len(set(taken)) == 2
    await square.settle()
    assert len(sent) == 2


async def test_what_has_nobody_on_its_envelope_is_a_notice_like_any_other(
    square: Square, sent: list[EmailMessage]
) -> None:
    settings, (_, url) = square.services.settings, await threat(square)
    for number, words in enumerate((f"Violent content: {url}", "Nothing that one could understand")):
        raw = message(words, **{"Return-Path": "<>", "Message-ID": f"<n{number}@x>"})
        await mail.take_mail(square.db, settings, raw)
    await square.settle()
    kinds = await square.db.records("SELECT kind FROM case_items ORDER BY kind")
    assert [record[0] for record in kinds] == ["notice", "status"]
    assert len(sent) == 2


@pytest.mark.parametrize("maildir", [True, False])
async def test_a_folder_is_emptied(square: Square, sent: list[EmailMessage], tmp_path: Path, maildir: bool) -> None:
    folder = tmp_path / "incoming"
    place = folder / "new" if maildir else folder
    for one in (place, *([folder / "cur"] if maildir else [])):
        one.mkdir(parents=True)
    (place / "0.broken").write_bytes(b"Content-Type: message/rfc822\n\n" * 2000)
    (place / "1.host").write_bytes(message("Something"))
    (place / ".being-written").write_bytes(b"half")
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(folder=str(folder)))
    assert await mail.take_folder(square.db, settings) == 2
    assert await mail.take_folder(square.db, settings) == 0
    assert await square.db.value("SELECT count(*) FROM notices") == 2


async def test_what_cannot_be_read_holds_up_nothing_behind_it_however_much_it_is(
    square: Square, sent: list[EmailMessage], tmp_path: Path
) -> None:
    for number in range(mail.AT_ONCE):
        (tmp_path / f"0.{number}").symlink_to("/proc/self/mem")
    (tmp_path / "1.host").write_bytes(message("Something"))
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(folder=str(tmp_path)))
    assert await mail.take_folder(square.db, settings) == 1
    assert len([one for one in tmp_path.iterdir() if one.is_symlink()]) == mail.AT_ONCE, "and it stays where it is"


async def test_smtp_takes_what_is_for_this_place_and_nothing_else(square: Square, sent: list[EmailMessage]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(smtp_port=port))
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
    async with smtp.listening(square.db, settings), client:
        await client.sendmail("abuse@cloud.example", ["abuse@town.example"], message("Something"))
        long = b"From: abuse@cloud.example\r\n\r\n" + b"A report by a program, in one line. " * 1000 + b"\r\n"
        await client.sendmail("abuse@cloud.example", ["abuse@town.example"], long)
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await client.sendmail("abuse@cloud.example", ["x@far.example"], message("Else"))
    assert await square.db.value("SELECT count(*) FROM notices") == 2


async def test_the_evidence_is_for_a_host_that_is_known_when_it_is_decided(
    square: Square, sent: list[EmailMessage]
) -> None:
    _, url = await threat(square)
    settings = msgspec.structs.replace(square.services.settings, notices=Notices(hosts=("cloud.example",)))
    notice = await mail.take_mail(square.db, settings, message(f"Violent content: {url}"))
    await square.settle()
    with pytest.raises(NotFound):
        await pack.for_sender(square.db, square.services.storage, settings, notice, NOW)
    await removed(square.db, (await case_of(square))["id"])
    await square.settle()
    (decided,) = await store.by_ids(square.db, [notice.id])
    with pytest.raises(NotFound):
        await pack.for_sender(square.db, square.services.storage, square.services.settings, decided, NOW)
    made = await pack.for_sender(square.db, square.services.storage, settings, decided, NOW)
    manifest = manifest_of(made)
    assert [(one["url"], one["action"]) for one in manifest["items"]] == [(url, "remove")]
    assert [one["reviewer"] for one in manifest["decisions"]] == [1, 2]


async def test_the_answer_encloses_the_evidence_unless_it_is_too_large(
    square: Square, sent: list[EmailMessage]
) -> None:
    msgspec.structs.force_setattr(square.services.settings, "notices", Notices(hosts=("cloud.example",)))
    _, url = await threat(square)
    await mail.take_mail(square.db, square.services.settings, message(f"Violent content: {url}"))
    await mail.take_mail(
        square.db, square.services.settings, message(url, **{"From": "x@y.example", "Message-ID": "<2>"})
    )
    await square.settle()
    assert {one["To"]: "Ticket 42" in one["Subject"] for one in sent} == {
        "abuse@cloud.example": True,
        "x@y.example": False,
    }
    await removed(square.db, (await case_of(square))["id"])
    await square.settle()
    enclosed = {one["To"]: list(one.iter_attachments()) for one in sent[2:]}
    assert enclosed["x@y.example"] == [], "not for everybody"
    (archive,) = enclosed["abuse@cloud.example"]
    assert manifest_of(archive.get_content())["items"][0]["action"] == "remove"
    assert "is enclosed" in text_of(next(one for one in sent[2:] if one["To"] == "abuse@cloud.example"))


async def test_the_desk_shows_the_letter_and_logs_who_opens_its_files(square: Square, sent: list[EmailMessage]) -> None:
    raw = message("See what is attached, it is horrible")
    notice = await mail.take_mail(square.db, square.services.settings, raw)
    await square.settle()
    case = await case_of(square)
    await square.person("mod", role="moderator")
    mod, page = Visitor(square), f"/desk/cases/{case['id']}"
    await mod.sign_in("mod")
    shown = (await mod.get(page)).text
    assert "See what is attached" in shown
    assert "A notice that names nothing here" in shown
    assert "message.eml" in shown
    opened = await mod.send(f"{page}/notices/{notice.id}/files/0", page=page)
    assert opened.content == raw
    assert opened.headers["content-disposition"].startswith("attachment")
    log = (await audit.history(square.db, f"case:{case['id']}"))[0]
    assert (log.action, log.actor, log.after) == (
        "case.open",
        "@mod",
        {"notice": str(notice.id), "file": "message.eml"},
    )
    for other in (f"{notice.id}/files/1", f"{notice.id + 1}/files/0", f"{notice.id}/files/x"):
        assert (await mod.send(f"{page}/notices/{other}", page=page)).status_code == 404


def manifest_of(made: bytes) -> Any:
    """Of an archive. That it holds is tried in tests/rooms/moderation/notices/test_pack.py."""
    return json.loads(zipfile.ZipFile(io.BytesIO(made)).read("manifest.json"))
