"""A mail server that keeps the messages: aiosmtpd, so what clients say is held against RFC 5321."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """What came in, and what is refused: an address for good (550) or for now (450)."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.sent: list[bytes] = []
        """The same, byte for byte."""
        self.unknown: set[str] = set()
        self.busy: set[str] = set()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == address]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 nobody here by that name"
        if address in self.busy:
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        data = envelope.content
        assert isinstance(data, bytes)
        self.sent.append(data)
        self.messages.append(email.message_from_bytes(data, policy=email.policy.default))
        return "250 fine"


@asynccontextmanager
async def mail_server() -> AsyncGenerator[MailServer]:
    server = MailServer()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(server, hostname="mail.example", loop=loop), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def parts_of(message: EmailMessage) -> tuple[str, str]:
    """What a message says as plain text and as HTML."""
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()
