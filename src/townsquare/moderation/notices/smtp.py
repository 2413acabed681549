"""A listener that takes messages which give notice, and nothing else: it relays none."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog

from townsquare.auth.letters import host_of
from townsquare.db.pool import Database
from townsquare.kernel.settings import Settings
from townsquare.moderation.notices.mail import take_mail

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

log = structlog.get_logger("notices")

TAKEN: Final = "250 OK"
LATER: Final = "451 Try again later"
NOT_HERE: Final = "550 There is no such address here"


class _Handler:
    """What aiosmtpd asks, by its names."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings

    async def handle_RCPT(
        self, _server: "SMTP", _session: "Session", envelope: "Envelope", address: str, _options: list[str]
    ) -> str:
        """Only what is addressed to this place."""
        if address.rpartition("@")[2].lower() != host_of(self._settings).lower():
            return NOT_HERE
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: "SMTP", _session: "Session", envelope: "Envelope") -> str:
        """It is taken when it is in the database; else whoever sends it tries again."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        if envelope.mail_from == "":
            raw = b"Return-Path: <>\r\n" + raw
        try:
            notice = await take_mail(self._db, self._settings, raw)
        except Exception as error:  # noqa: BLE001 (whatever goes wrong here, whoever sends it is to try again)
            log.error("a notice could not be taken", error=repr(error))
            return LATER
        log.info("a notice came by mail", notice_id=notice.id)
        return TAKEN


@asynccontextmanager
async def listening(db: Database, settings: Settings) -> AsyncGenerator[None]:
    """Take messages for the time of the block, where the settings name a port."""
    chosen = settings.notices
    if not chosen.smtp_port:
        yield
        return
    # Loaded only where it is used: every process loads this module, and one of them listens.
    from aiosmtpd.smtp import SMTP  # noqa: PLC0415 (the same)

    class Listener(SMTP):
        """Takes lines as long as a message may be: programs write reports in one, which RFC 5321 (4.5.3.1.6) lets a
        server refuse, and nothing that gives notice is to be lost.
        """

        line_length_limit = chosen.message_bytes

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Listener(
            _Handler(db, settings),
            data_size_limit=chosen.message_bytes,
            hostname=host_of(settings),
            ident="Townsquare",
            loop=loop,
        ),
        chosen.smtp_host,
        chosen.smtp_port,
    )
    async with server:
        yield
