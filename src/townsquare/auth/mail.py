"""Sends the messages: by SMTP, or into the log where no mail server is set (so that a link can be had all the same).

Where two servers are set, what the first cannot take goes to the other.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib
import structlog

from townsquare.auth.dkim import sign
from townsquare.auth.email_tokens import make_token
from townsquare.auth.events import SendMail
from townsquare.auth.letters import LINKS, PAGES, compose
from townsquare.auth.signed_links import make_link
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.logs import Shown
from townsquare.kernel.settings import Mail, MailServer, Settings

_TIMEOUT = 30.0
_AGAIN = timedelta(seconds=30)
_AT_ONCE = 4
_PERMANENT = range(500, 600)
_NAMED = re.compile(r"\S+@\S+")
_REST = 60.0
"""Seconds for which a server that has just failed is asked last: not each message waits for it."""
_failed_at: dict[tuple[str, int], float] = {}
"""By host and port, in this process."""

log = structlog.get_logger("mail")


async def send_mail(db: Database, settings: Settings, events: Sequence[SendMail]) -> None:
    """Effect of SendMail. What could not be sent is tried again; an address that is refused for good is given up."""
    bound = asyncio.Semaphore(_AT_ONCE)

    async def send_one(event: SendMail) -> BaseException | None:
        async with bound:
            try:
                await _send(db, settings, event)
            except (aiosmtplib.SMTPException, OSError) as error:
                return _unless_permanent(event, error)
            return None

    errors = await asyncio.gather(*(send_one(event) for event in events))
    failed = [event for event, error in zip(events, errors, strict=True) if error is not None]
    if failed and len(failed) == len(events):
        raise next(error for error in errors if error is not None)
    if failed:  # the others were sent, and must not be sent twice
        async with db.transaction() as tx:
            await emit(tx, *failed, at=datetime.now(UTC) + _AGAIN)


async def _send(db: Database, settings: Settings, event: SendMail) -> None:
    now = datetime.now(UTC)
    link = await _link(db, settings, event, now)
    await deliver(settings.mail, compose(event, link, settings, now))


async def _link(db: Database, settings: Settings, event: SendMail, now: datetime) -> str:
    """The address in the message. Its token exists from this moment on, and in the message only."""
    if event.letter in LINKS:
        purpose, page = LINKS[event.letter]
        return settings.public_url + page + await make_token(db, purpose, event.account_id, email=event.to, now=now)
    if event.letter == "statement":
        return f"{settings.public_url}/decisions/{make_link(db.keys, 'decision', event.account_id, event.about)}"
    if event.letter == "outcome":
        return f"{settings.public_url}/settings/reports/{event.about}"
    return settings.public_url + PAGES[event.letter] if event.letter in PAGES else ""


async def deliver(mail: Mail, message: EmailMessage) -> None:
    """Hand a message to a mail server. Raises aiosmtplib.SMTPException or OSError."""
    if not mail.host:
        body = message.get_body(("plain",))
        text = Shown(body.get_content() if body is not None else "")
        log.info(
            "message not sent: no mail server is set", to=str(message["To"]), subject=str(message["Subject"]), text=text
        )
        return
    data = sign(message, mail.dkim)
    errors: list[Exception] = []
    for server in _servers(mail):
        try:
            await _hand_over(server, message, data)
        except (aiosmtplib.SMTPException, OSError) as failed:
            error = _unnamed(failed)
            errors.append(error)
            if not is_for_good(error):
                _failed_at[server.host, server.port] = time.monotonic()
                log.warning("a mail server did not take a message", host=server.host, error=str(error))
        else:
            return
    raise next((error for error in errors if not is_for_good(error)), errors[0])


def _servers(mail: Mail) -> list[MailServer]:
    """Those that are set, in the order in which they are asked. What one refuses for good the other may take: it may be
    the supplier that refuses us, and not the address.
    """
    servers = [mail, mail.fallback] if mail.fallback.host else [mail]
    now = time.monotonic()
    return sorted(servers, key=lambda one: now - _failed_at.get((one.host, one.port), -_REST) < _REST)


async def _hand_over(server: MailServer, message: EmailMessage, data: bytes) -> None:
    """`data`: the message as it is sent."""
    await aiosmtplib.send(
        data,
        sender=parseaddr(message["From"])[1],
        recipients=[parseaddr(message["To"])[1]],
        hostname=server.host,
        port=server.port,
        username=server.username or None,
        password=server.password or None,
        use_tls=server.tls == "tls",
        start_tls=server.tls == "starttls",
        timeout=_TIMEOUT,
    )


def _unless_permanent(event: SendMail, error: Exception) -> Exception | None:
    """The error, but for one that comes of the address: that will not change."""
    if is_for_good(error):
        log.warning("the mail server refuses an address", letter=event.letter, account_id=event.account_id)
        return None
    return error


def _unnamed(error: Exception) -> Exception:
    """What a mail server says without whom it says it of: it goes into logs."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return aiosmtplib.SMTPRecipientsRefused(
            [aiosmtplib.SMTPRecipientRefused(one.code, _NAMED.sub("…", one.message), "") for one in error.recipients]
        )
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return aiosmtplib.SMTPResponseException(error.code, _NAMED.sub("…", error.message))
    return error


def is_for_good(error: Exception) -> bool:
    """Whether the mail server refuses the address, now and later."""
    refused: list[aiosmtplib.SMTPRecipientRefused] = (
        error.recipients if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else []
    )
    return bool(refused) and all(one.code in _PERMANENT for one in refused)
