"""What messages of mail say, in all the states in which they come."""

import base64
import json
from email.message import EmailMessage

import pytest

from townsquare.kernel.settings import Notices, Settings
from townsquare.moderation.notices.addresses import find
from townsquare.moderation.notices.incoming import read
from townsquare.moderation.notices.model import Draft

PLACE = Settings(
    public_url="https://town.example",
    notices=Notices(
        hosts=("cloud.example",),
        stores=("review@store.example",),
        authorities=("police@bka.example",),
        flaggers=("hotline.example",),
        rights_holders=("label.example",),
        authenticated_by="mx.town.example",
    ),
)
POST = "https://town.example/@ann/117123456789012345"


def mail(
    body: str, subject: str = "Violent content", sender: str = "abuse@cloud.example", **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "abuse@town.example", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


@pytest.mark.parametrize(
    "text",
    [
        f"Look at {POST}.",
        f"Look at <{POST}>,",
        "hxxps://town[.]example/@ann/117123456789012345",
        "hXXps[:]//town(.)example/@ann/117123456789012345",
        "<https://town.example/@ann/\n  117123456789012345>",
        "(see town.example/@ann/117123456789012345)",
        f'"{POST}"; and others',
        f"**{POST}**",
    ],
)
def test_addresses_are_found_however_they_are_written(text: str) -> None:
    assert find(text, "town.example") == [POST]


def test_quoted_printable_html_and_other_letters() -> None:
    message = mail("x")
    message.clear_content()
    message.set_content(f"Grüße: {POST}\n" + "lang " * 40, charset="iso-8859-1", cte="quoted-printable")
    message.add_alternative(f'<p>Hier: <a href="{POST}?a=1&amp;b=2">hier</a></p>', subtype="html")
    draft = read(message.as_bytes(), PLACE).draft
    assert draft.urls[0] == POST
    assert draft.reason.startswith("Violent content\n\nGrüße")


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("Abuse <abuse@cloud.example>", "host"),
        ("x@mail.cloud.example", "host"),
        ("abuse@other.example", "host"),
        ("Police@BKA.example", "authority"),
        ("Review <review@store.example>", "store"),
        ("other@store.example", "person"),
        ("team@hotline.example", "flagger"),
        ("legal@eu.label.example", "rights_holder"),
        ("ada@mail.example", "person"),
    ],
)
def test_who_writes_is_known_by_the_address(sender: str, kind: str) -> None:
    assert read(mail(POST, sender=sender).as_bytes(), PLACE).draft.sender == kind


PASSED = "mx.town.example; dmarc=pass header.from="


@pytest.mark.parametrize(
    ("sender", "headers", "proven"),
    [
        ("abuse@cloud.example", {"Authentication_Results": f"{PASSED}cloud.example"}, True),
        ("abuse@cloud.example", {}, False),
        ("abuse@cloud.example", {"Authentication_Results": f"{PASSED}evil.example"}, False),
        ("abuse@other.example", {"Authentication_Results": f"{PASSED}other.example"}, False),
        ("ada@mail.example", {"Authentication_Results": f"{PASSED}mail.example"}, False),
        (
            "abuse@evil.example",
            {"Authentication_Results": f"{PASSED}evil.example", "Reply_To": "abuse@cloud.example"},
            False,
        ),
        (
            "abuse@cloud.example",
            {"Authentication_Results": f"{PASSED}cloud.example", "Reply_To": "x@evil.example"},
            False,
        ),
    ],
)
def test_who_writes_is_proven_where_the_place_names_them_and_they_are_authentic(
    sender: str, headers: dict[str, str], proven: bool
) -> None:
    assert read(mail(POST, sender=sender, **headers).as_bytes(), PLACE).draft.proven is proven


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("This is an incitement to violence", "violent-threat"),
        ("Removal order under Regulation (EU) 2021/784", "terrorism"),
        ("CSAM on your service", "child-safety"),
        ("DMCA takedown", "copyright"),
        ("Phishing page", "fraud"),
        ("This content breaks our terms", "illegal"),
        ("Morddrohung gegen eine Abgeordnete", "violent-threat"),
        ("Une menace de mort visant une personne", "violent-threat"),
        ("Amenazas de muerte contra una familia", "violent-threat"),
        ("Minacce di morte a una giornalista", "violent-threat"),
        ("Ameaças de morte, incitação à violência", "violent-threat"),
        ("Bedreiging met geweld", "violent-threat"),
        ("Groźba śmierci wobec sąsiada", "violent-threat"),
        ("殺害予告の投稿について", "violent-threat"),
        ("Угроза убийством", "violent-threat"),
        ("Contenu pédopornographique", "child-safety"),
        ("Pornografía infantil en su servicio", "child-safety"),
        ("Contenuti terroristici", "terrorism"),
        ("Rozpowszechnianie treści o charakterze terrorystycznym", "terrorism"),
        ("Images intimes publiées sans accord", "intimate-image"),
        ("Intime Aufnahmen, ohne Einwilligung verbreitet", "intimate-image"),
    ],
)
def test_what_it_is_about_is_guessed_by_its_words(text: str, policy: str) -> None:
    assert read(mail(POST, subject=text).as_bytes(), PLACE).draft.policy == policy


def test_arf() -> None:
    raw = f"""From: fbl@feedback.example
Subject: Abuse report
Message-ID: <arf-1@cloud.example>
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: fraud
User-Agent: SomeGenerator/1.0
Version: 1
Reported-URI: {POST}
--b
Content-Type: message/rfc822

From: x@y.example
Subject: hello

original
--b--
"""
    draft = read(raw.encode(), PLACE).draft
    assert (draft.sender, draft.policy, list(draft.urls)) == ("host", "fraud", [POST])


XARF_4 = {
    "xarf_version": "4.2.0",
    "report_id": "1a5ec293-0849-40a4-9eba-d5926262ff05",
    "timestamp": "2025-01-11T15:15:24Z",
    "reporter": {"org": "Brands", "contact": "takedown@brands.example", "domain": "brands.example"},
    "sender": {"org": "Brands", "contact": "takedown@brands.example", "domain": "brands.example"},
    "source_identifier": "town.example",
    "category": "content",
    "type": "phishing",
    "url": POST,
    "evidence": [
        {"content_type": "text/uri-list", "payload": base64.b64encode(f"{POST}1\r\n{POST}2".encode()).decode()},
        {"content_type": "text/html", "payload": base64.b64encode(f'<a href="{POST}3">'.encode()).decode()},
        {"content_type": "text/plain", "payload": f"{POST}4"},
    ],
}
XARF_3 = {
    "Version": "3",
    "ReporterInfo": {"ReporterOrg": "Brands", "ReporterContactEmail": "takedown@brands.example"},
    "Report": {
        "ReportID": "b-7",
        "ReportClass": "Content",
        "ReportType": "Malware",
        "Date": "2024-01-15T16:45:30Z",
        "Source": {"URL": POST, "Type": "uri"},
        "Attachment": [
            {"ContentType": "text/plain; charset=utf-8", "Data": base64.b64encode(f"See {POST}1".encode()).decode()}
        ],
    },
}


def xarf(report: object) -> Draft:
    message = mail("See the attachment.", subject="XARF report", sender="x@reports.example")
    message.add_attachment(json.dumps(report).encode(), maintype="application", subtype="json", filename="xarf.json")
    return read(message.as_bytes(), PLACE).draft


def test_xarf_in_two_versions() -> None:
    new, old = xarf(XARF_4), xarf(XARF_3)
    assert (new.sender, new.policy, new.reference) == ("host", "fraud", XARF_4["report_id"])
    assert (old.sender, old.policy, old.reference) == ("host", "fraud", "b-7")
    assert [one.name for one in new.files] == ["message.eml", "xarf.json"]


def test_lists_of_addresses_in_the_evidence_of_a_report_are_read() -> None:
    """Where they are in base64, as the format asks, and where not; a page's source leads to what is not reported."""
    assert list(xarf(XARF_4).urls) == [POST, f"{POST}4", f"{POST}1", f"{POST}2"]
    assert list(xarf(XARF_3).urls) == [POST, f"{POST}1"]


@pytest.mark.parametrize(
    ("report", "policy"),
    [
        (
            {"xarf_version": "4.0.0", "report_id": "r-1", "category": "content", "type": "phishing", "url": POST},
            "fraud",
        ),
        ({**XARF_4, "report_id": "r-1", "type": "threat", "description": "They threaten to kill."}, "violent-threat"),
        ({**XARF_4, "report_id": "r-1", "category": [], "type": {}, "evidence": 7}, "illegal"),
        (
            {"Version": "3", "Report": {"ReportID": "r-1", "ReportType": "ChildAbuse", "SourceUrl": POST}},
            "child-safety",
        ),
        ({"Version": "3", "ReporterInfo": [], "Report": {"ReportID": "r-1", "ReportType": [POST]}}, "illegal"),
        ({"Version": "2", "Report": {"ReportID": "r-1", "ReportType": "Harassment", "Urls": [POST]}}, "harassment"),
    ],
)
def test_what_is_not_as_xarf_has_it_is_read_as_it_stands(report: object, policy: str) -> None:
    draft = xarf(report)
    assert (draft.sender, draft.policy, draft.reference, draft.urls[0]) == ("host", policy, "r-1", POST)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00garbage",
        b"Content-Type: multipart/mixed; boundary=x\n\nno parts",
        b"Subject: =?utf-9?b?!!?=\nContent-Type: text/plain; charset=nothing\n\n\xff\xff",
        b"Content-Type: application/json\n\n{broken",
        b"From: <\x00@>\nContent-Transfer-Encoding: base64\n\n????",
        b"Subject: a\nContent-Type: message/feedback-report\n\n\xff",
        b"Subject: a\nContent-Type: text/plain; charset=punycode\n\nabc-99999999999",
        b'Subject: a\nContent-Type: text/plain; charset="utf\x00"\n\nabc',
        b"Subject: =?utf-7?q?+2AA-?=\nMessage-ID: =?utf-7?q?+2AA-?=\n\nabc",
        b"Subject: a\nContent-Type: text/plain; charset=unicode_escape\n\n\\ud800",
        b"Content-Type: text/plain; name*=utf-7''+2AA-\nContent-Disposition: attachment; filename*=utf-7''%2B2AA-\n\nx",
        b'Content-Type: application/json\n\n{"xarf_version": "4", "type": "\\u0000", "report_id": "a\\u0000"}',
        b"Content-Type: application/json\n\n" + b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"Subject: a\n" + b"Content-Type: message/rfc822\n\n" * 2000,
    ],
)
def test_what_is_broken_is_read_as_far_as_it_goes(raw: bytes) -> None:
    incoming = read(raw, PLACE)
    draft = incoming.draft
    assert list(draft.urls) == []
    assert draft.files[0].data == raw
    assert not incoming.machine
    said = [draft.reason, draft.name, draft.email, draft.reference, draft.message_id, draft.policy]
    said += [text for file in draft.files for text in (file.name, file.media_type)]
    assert [text for text in said if "\0" in text or text != text.encode("utf-8", "replace").decode()] == []


OF_OURS = "<notice-117-receipt@town.example>"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>", "In_Reply_To": "<1.2@town.example>"},
        {"Return_Path": "<>", "References": OF_OURS},
    ],
)
def test_answers_of_programs_are_known(headers: dict[str, str]) -> None:
    assert read(mail(POST, **headers).as_bytes(), PLACE).machine == "says so"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        {"Return_Path": "<>", "In_Reply_To": "<ticket-1@cloud.example>"},
        {"In_Reply_To": OF_OURS},
    ],
)
def test_nothing_else_is_taken_for_one(headers: dict[str, str]) -> None:
    """A host's program often sends with nobody on the envelope, so that bounces do not come back to it."""
    assert read(mail(POST, **headers).as_bytes(), PLACE).machine == ""


@pytest.mark.parametrize(
    "raw",
    [
        f"""From: MAILER-DAEMON@far.example
Content-Type: text/plain

Hi. This is the program at far.example. I was not able to deliver your message. Below is a copy.

> Message-ID: {OF_OURS}
""",
        f"""Return-Path: <>
From: postmaster@far.example
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

Message-ID: {OF_OURS}

{POST}
--b--
""",
    ],
    ids=["as text", "enclosed"],
)
def test_a_bounce_that_is_no_report_is_known_by_the_letter_of_ours_that_it_has(raw: str) -> None:
    assert read(raw.encode(), PLACE).machine == "says so"
    assert read(raw.replace("town.example>", "other.example>").encode(), PLACE).machine == ""


@pytest.mark.parametrize("kind", ["delivery-status", "disposition-notification"])
def test_a_report_of_what_became_of_a_letter_is_never_a_notice(kind: str) -> None:
    raw = (
        f'From: x@far.example\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n--b\n\n{POST}\n--b--'
    )
    assert read(raw.encode(), PLACE).machine == "bounce"
    assert read(mail(POST, sender="no-reply@town.example").as_bytes(), PLACE).machine == "bounce"


def test_an_answer_to_ours_names_the_notice() -> None:
    message = mail(f"But this is still up: {POST}", In_Reply_To="<notice-117-answer@town.example>")
    incoming = read(message.as_bytes(), PLACE)
    assert (incoming.answers, list(incoming.draft.urls)) == (117, [POST])
    assert read(mail("x", In_Reply_To="<notice-117-answer@evil.example>").as_bytes(), PLACE).answers is None


def test_the_same_content_is_known_however_it_came() -> None:
    raw = mail(POST, Message_ID="<1@x>").as_bytes()
    known = read(raw, PLACE).draft.digest
    other_way = b"Received: from a by b\r\nReturn-Path: <x@y>\r\n" + raw.replace(b"\n", b"\r\n")
    assert read(other_way, PLACE).draft.digest == known
    for other in (mail(f"{POST}1", Message_ID="<1@x>"), mail(POST, "Another subject", Message_ID="<1@x>")):
        assert read(other.as_bytes(), PLACE).draft.digest != known
