"""A mail server (RFC 5321, as little of it as a client needs) that keeps the messages."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage


class MailServer:
    """What came in, and what is refused: an address for good (550) or for now (450)."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.unknown: set[str] = set()
        self.busy: set[str] = set()

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == address]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            verb = line.decode().strip()
            if verb.upper() == "DATA":
                writer.write(b"354 go on\r\n")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.messages.append(email.message_from_bytes(data[:-3], policy=email.policy.default))
            writer.write(self._answer(verb))
            if verb.upper() == "QUIT":
                break
        writer.close()

    def _answer(self, verb: str) -> bytes:
        address = verb.partition("<")[2].partition(">")[0]
        if verb.upper().startswith("RCPT") and address in self.unknown:
            return b"550 nobody here by that name\r\n"
        if verb.upper().startswith("RCPT") and address in self.busy:
            return b"450 try again later\r\n"
        return b"221 bye\r\n" if verb.upper() == "QUIT" else b"250 fine\r\n"


@asynccontextmanager
async def mail_server() -> AsyncGenerator[MailServer]:
    server = MailServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
