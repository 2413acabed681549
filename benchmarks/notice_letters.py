"""What hosts write: 98 notices in the formats and states in which such come, made anew for each seed."""

import base64
import quopri
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from random import Random
from typing import Final, Literal

import msgspec

Way = Literal["mail", "form", "api"]

HOST: Final = "cloud.example"
VIOLATING: Final = 58
FINE: Final = 22
NOTHING: Final = 10
"""Notices that name nothing that is here: addresses of other places, of what never was, or none at all."""
COPIES: Final = 4
"""The very same message once more."""
AGAIN: Final = 4
"""Another message about what was named before."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as its sender sends it, and what is true of it. `raw`: a message; else the fields of a form."""

    number: int
    way: Way
    look: str
    posts: Sequence[str]
    """Addresses of posts that it names."""
    raw: bytes = b""
    reason: str = ""
    urls: Sequence[str] = ()


WORDS: Final[Sequence[tuple[str, str]]] = (
    ("en", "A user of yours threatens people with violence. Please remove it and tell us what you did."),
    ("de", "Hier wird zu Gewalt gegen Menschen aufgerufen. Bitte entfernen Sie den Inhalt."),
    ("fr", "Ce contenu est une menace de mort. Merci de le retirer sans délai."),
    ("es", "Este contenido contiene amenazas de muerte. Les pedimos que lo retiren."),
    ("it", "Questo contenuto contiene minacce di morte. Vi chiediamo di rimuoverlo."),
    ("ja", "このコンテンツは殺害予告を含んでいます。削除してください。"),
    ("pl", "Ta treść zawiera groźby śmierci. Prosimy o jej usunięcie."),
)
VAGUE: Final = "We have received a complaint about this content, which breaks our acceptable use policy."


def made(chance: Random, violating: Sequence[str], fine: Sequence[str], base: str) -> list[Sent]:
    """All of them, in the order in which they are sent. `violating`, `fine`: addresses of posts."""
    looks = list(_LOOKS)
    named = [[url] for url in violating[: VIOLATING - 8]]
    rest = violating[VIOLATING - 8 :]
    named += [list(rest[at::8]) for at in range(8)]
    named += [[url] for url in fine[:FINE]]
    chance.shuffle(named)
    sent = [_one(number, looks[number % len(looks)], urls, chance) for number, urls in enumerate(named)]
    lost = [f"{base}/@nobody/{number}" for number in range(4)] + ["https://far.example/@x/1", "hxxp://far[.]example/2"]
    for number in range(NOTHING):
        urls = [lost[number]] if number < len(lost) else []
        one = _one(len(sent), _LOOKS[number % 6], urls, chance)
        sent.append(msgspec.structs.replace(one, posts=()))
    mails = [one for one in sent if one.way == "mail"]
    for one in chance.sample(mails, COPIES):
        sent.append(msgspec.structs.replace(one, number=len(sent), look=f"{one.look}, once more"))
    for one in chance.sample([one for one in sent if one.posts], AGAIN):
        sent.append(_one(len(sent), "plain", list(one.posts), chance))
    return sent


def _one(number: int, look: str, urls: Sequence[str], chance: Random) -> Sent:
    language, words = WORDS[0] if chance.random() < 0.5 else chance.choice(WORDS)
    words = VAGUE if chance.random() < 0.15 else words
    if look in ("form", "api"):
        way: Way = "form" if look == "form" else "api"
        # The form takes addresses only; where a host has none, its program still can write without.
        if urls or way == "api":
            return Sent(number=number, way=way, look=look, posts=urls, reason=words, urls=urls)
        look = "plain"
    raw = _WRITERS[look](number, language, words, list(urls))
    return Sent(number=number, way="mail", look=look, posts=urls, raw=raw)


def _message(number: int, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Trust and Safety <abuse{number % 3}@{HOST}>"
    message["To"] = "abuse@town.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@{HOST}>"
    return message


def _plain(number: int, _: str, words: str, urls: list[str]) -> bytes:
    message = _message(number, f"Ticket {number}")
    message.set_content("\n".join((words, "", *urls, "", "-- ", f"https://{HOST}/abuse-policy")))
    return message.as_bytes()


def _defanged(number: int, language: str, words: str, urls: list[str]) -> bytes:
    return _plain(number, language, words, [one.replace("https", "hxxps").replace(".", "[.]", 1) for one in urls])


def _quoted(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """An older message quoted, addresses in brackets over two lines, quoted-printable."""
    halves = [f"> <{one[: len(one) // 2]}\n{one[len(one) // 2 :]}>" for one in urls]
    text = "\n".join((f"> {words}", *halves))
    body = quopri.encodestring(text.encode())
    head = (
        f"From: abuse@{HOST}\nSubject: Fwd: complaint {number}\nMessage-ID: <{number}@{HOST}>\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    )
    return head.encode() + body


def _page(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """HTML alone, in a character set of former times."""
    links = "".join(f'<li><a href="{one}">the post</a></li>' for one in urls)
    html = f"<html><body><p>{words}</p><ul>{links}</ul></body></html>"
    coded = base64.encodebytes(html.encode("utf-16"))
    head = (
        f"From: abuse@{HOST}\nSubject: =?utf-8?q?Complaint_{number}?=\nMessage-ID: <{number}@{HOST}>\n"
        "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + coded


def _arf(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """RFC 5965."""
    uris = "\n".join(f"Reported-URI: {one}" for one in urls)
    text = f"""From: fbl@{HOST}
Subject: Abuse report {number}
Message-ID: <{number}@{HOST}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

{words}
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Reporter/2.1
Version: 1
{uris}
--b
Content-Type: text/plain; charset=utf-8

the original
--b--
"""
    return text.encode()


def _xarf(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """Version 4, as an attachment."""
    message = _message(number, f"XARF report {number}")
    message.set_content(words)
    report = {
        "xarf_version": "4.0.0", "report_id": f"r-{number}", "category": "content", "type": "other",
        "reporter": {"org": "Cloud", "contact": f"abuse@{HOST}"}, "description": words, "url": urls[0] if urls else "",
        "evidence": [{"content_type": "text/uri-list", "payload": "\n".join(urls)}],
    }  # fmt: skip
    message.add_attachment(msgspec.json.encode(report), maintype="application", subtype="json", filename="xarf.json")
    return message.as_bytes()


def _xarf_before(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """As it was before version 4."""
    message = _message(number, f"[abuse] {number}")
    message.set_content(words)
    report = {
        "Version": "2", "ReporterInfo": {"ReporterOrg": "Cloud", "ReporterContactEmail": f"abuse@{HOST}"},
        "Report": {"ReportClass": "Content", "ReportType": "Violence", "ReportID": f"v2-{number}", "SourceUrl": urls},
    }  # fmt: skip
    message.add_attachment(msgspec.json.encode(report), maintype="application", subtype="xarf+json", filename="x.json")
    return message.as_bytes()


def _broken(number: int, _: str, words: str, urls: list[str]) -> bytes:
    """Parts without an end, JSON that breaks off, bytes that are no text, no Message-ID."""
    lines = "\n".join(urls)
    text = f"""From: abuse@{HOST}
Subject: =?iso-9999-1?q?urgent_{number}?=
Content-Type: multipart/mixed; boundary="never"

--never
Content-Type: text/plain; charset=x-unknown

{words}
{lines}
--never
Content-Type: application/json; name="xarf.json"

{{"xarf_version": "4.0.0", "type": "oth"""
    return text.encode() + b"\xff\xfe\x00"


_WRITERS: Final[dict[str, Callable[[int, str, str, list[str]], bytes]]] = {
    "plain": _plain,
    "defanged": _defanged,
    "quoted": _quoted,
    "page": _page,
    "arf": _arf,
    "xarf": _xarf,
    "xarf 2": _xarf_before,
    "broken": _broken,
}
_LOOKS: Final = (*_WRITERS, "form", "api")


def times(chance: Random, many: int) -> Iterator[float]:
    """When each is sent, in minutes: a third of them in ten minutes, as when a journalist has written; else all day."""
    burst = many // 3
    at = [chance.uniform(120, 130) for _ in range(burst)] + [chance.uniform(0, 720) for _ in range(many - burst)]
    return iter(sorted(at))
