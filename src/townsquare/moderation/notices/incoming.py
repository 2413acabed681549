"""What a message of mail says that gives notice: plain text, ARF (RFC 5965) or XARF, in whatever state it comes.

Nothing here fails: what cannot be understood is a notice without addresses, and a person reads it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Final, Literal

import msgspec
import structlog

from townsquare.auth.letters import host_of
from townsquare.kernel.settings import Settings
from townsquare.moderation.notices import addresses, formats
from townsquare.moderation.notices.authentic import is_authentic
from townsquare.moderation.notices.formats import Said
from townsquare.moderation.notices.letters import notice_of
from townsquare.moderation.notices.matter import policy_of
from townsquare.moderation.notices.model import (
    MOST_ADDRESSES,
    MOST_FILES,
    REASON_LENGTH,
    Draft,
    Enclosed,
    Sender,
    known_sender,
)

_SAID: Final = ("From", "Reply-To", "Subject", "Date", "In-Reply-To", "References", "Content-Type")
"""Headers that are its sender's own."""

log = structlog.get_logger("notices")


Machine = Literal["", "says so", "bounce"]
"""What a program sent: an answer, by its own word or by how it came; or a report that a message was not delivered, was
read, or is our own.
"""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """`answers`: the notice to whose letter it belongs."""

    draft: Draft
    machine: Machine
    answers: int | None


class _Part(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    data: bytes
    text: str


def read(raw: bytes, settings: Settings) -> Incoming:
    """The notice that a message gives; of one that nothing can be read of, that it came, and the message."""
    try:
        return _read(raw, settings)
    except Exception as error:  # noqa: BLE001 (Python's parser of mail raises whatever comes to it, of what is made up to break it)
        log.warning("a message cannot be read, and is laid before a person as it is", error=repr(error))
        return unread(raw)


def unread(raw: bytes) -> Incoming:
    """That a message came, and the message."""
    draft = Draft(
        way="mail",
        sender="person",
        policy="illegal",
        reason="",
        urls=[],
        exact=False,
        name="",
        email="",
        reference="",
        digest=hashlib.sha256(raw).digest(),
        files=_files(raw, []),
    )
    return Incoming(draft=draft, machine="", answers=None)


def _digest(message: Message, raw: bytes) -> bytes:
    """Of what a message says, and not of how it came here: those on its way write lines of their own above it."""
    head = "\n".join(f"{name}: {_header(message, name)}" for name in _SAID)
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return hashlib.sha256(head.encode("utf-8", "replace") + b"\n\n" + body.rstrip()).digest()


def _read(raw: bytes, settings: Settings) -> Incoming:
    message = message_from_bytes(raw, policy=policy.compat32)
    parts = list(_parts(message))
    said = formats.arf(message) or next((one for part in parts if (one := formats.xarf(part.data))), None) or Said()
    text = "\n".join(part.text for part in parts if part.text)
    subject = _header(message, "Subject")
    name, email = parseaddr(_header(message, "Reply-To") or _header(message, "From"))
    whole = _storable("\n".join((subject, text, *said.strings)))
    host = settings.public_url.partition("://")[2]
    sender = sender_of(email, settings, report=bool(said.strings))
    answers = notice_of(f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}", host_of(settings))
    urls = addresses.find(whole, host)
    draft = Draft(
        way="mail",
        sender=sender,
        proven=_is_proven(message, email, sender, settings),
        written_by=_written_by(message, settings),
        policy=policy_of(said.type, whole),
        reason=f"{subject}\n\n{text}".strip()[:REASON_LENGTH],
        urls=urls[:MOST_ADDRESSES],
        more=len(urls) > MOST_ADDRESSES,
        exact=False,
        name=name[:200],
        email=email if "@" in email and email.isprintable() else "",
        reference=_storable(said.reference or subject)[:200],
        message_id=_header(message, "Message-ID"),
        digest=_digest(message, raw),
        files=_files(raw, parts),
    )
    return Incoming(draft=draft, machine=_machine(message, email, text, settings), answers=answers)


def sender_of(email: str, settings: Settings, *, report: bool = False) -> Sender:
    """By the lists of the settings; an unknown one who writes as abuse teams do is taken for one."""
    if known := known_sender(email, settings):
        return known
    local = email.partition("@")[0].lower()
    if report or local in ("abuse", "trust-safety", "trustandsafety", "noc"):
        return "host"
    return "person"


def _is_proven(message: Message, email: str, sender: Sender, settings: Settings) -> bool:
    """Whether the place names the address that is answered and the one that wrote, and the latter is authentic."""
    author = parseaddr(_header(message, "From"))[1]
    named = sender != "person" and {known_sender(one, settings) for one in (author, email)} == {sender}
    return named and is_authentic(message, author.rpartition("@")[2].lower(), settings.notices.authenticated_by)


def _written_by(message: Message, settings: Settings) -> str:
    """The address that wrote, where it is authentic."""
    author = parseaddr(_header(message, "From"))[1].lower()
    return author if is_authentic(message, author.rpartition("@")[2], settings.notices.authenticated_by) else ""


def _parts(message: Message) -> Iterator[_Part]:
    """The leaves of a message, those of messages in it too."""
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        kind, name = _storable(part.get_content_type()), _decoded(part.get_filename() or "")
        text = ""
        if kind.startswith("text/"):
            text = _text(data, part.get_content_charset())
            if kind == "text/html":
                text = addresses.in_html(text)
        yield _Part(name, kind, data, text)


def _text(data: bytes, charset: str | None) -> str:
    try:
        text = data.decode(charset or "utf-8")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return _storable(text)


def _storable(text: str) -> str:
    """Without what UTF-8 or the database has no place for: halves of characters, and nothing at all."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(text: str) -> str:
    """A header as people read it, on one line, whatever it was written in."""
    try:
        decoded = str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        decoded = text
    return " ".join(_storable(decoded).split())


def _files(raw: bytes, parts: Sequence[_Part]) -> list[Enclosed]:
    """The message as it came; what is attached stands in it, and is taken out for whoever looks at it."""
    attached = [Enclosed(part.name, part.media_type, part.data) for part in parts if part.name and part.data]
    return [Enclosed("message.eml", "message/rfc822", raw), *attached[: MOST_FILES - 1]]


def _machine(message: Message, email: str, text: str, settings: Settings) -> Machine:
    """Which it is, by RFC 3464, RFC 8098 and RFC 3834. That a message has no sender on its envelope, as bounces have,
    says of itself nothing: it is one where it has a letter of ours in it, or answers one.
    """
    report = str(message.get_param("report-type", "")).lower()
    if report in ("delivery-status", "disposition-notification") or email.lower() == f"no-reply@{host_of(settings)}":
        return "bounce"
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    answers = (
        submitted.startswith("auto-replied")
        or _header(message, "Precedence").strip().lower() == "auto_reply"
        or bool(_header(message, "X-Autoreply"))
    )
    nobody = _header(message, "Return-Path").strip() == "<>" or email.partition("@")[0].lower() == "mailer-daemon"
    return "says so" if answers or (nobody and _is_of_ours(message, text, settings)) else ""


def _is_of_ours(message: Message, text: str, settings: Settings) -> bool:
    """Whether a message answers one that we sent, or has one in it: they are named with our host."""
    named = [_header(message, name) for name in ("In-Reply-To", "References")]
    named += [_header(part, "Message-ID") for part in message.walk() if part is not message]
    named += re.findall(r"^[> \t]*Message-ID:\s*(<[^>\s]*>)", text, re.IGNORECASE | re.MULTILINE)
    return any(f"@{host_of(settings)}>" in one for one in named)
