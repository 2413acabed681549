"""Mail that tells people what they have missed: one message for all of it, some while after, and not too often.

Who comes in the meantime has seen it, and gets none, unless they want it always.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import aiosmtplib
import msgspec
import structlog

from townsquare.auth.letters import Text, ends_by, lay_out
from townsquare.auth.mail import deliver, is_for_good
from townsquare.db.pool import Database
from townsquare.jobs import emit
from townsquare.kernel.ids import first_id_of
from townsquare.kernel.settings import Settings
from townsquare.kernel.text import plain_text
from townsquare.kernel.words import Tongue, Words, best_tongue, tongue
from townsquare.timelines import mail_choices
from townsquare.timelines import store_mail as store
from townsquare.timelines.attached import Named
from townsquare.timelines.notify_events import MailDue, MailWaits, Notified
from townsquare.timelines.store_mail import Line
from townsquare.timelines.store_notifications import fetch_senders
from townsquare.timelines.store_push import words
from townsquare.timelines.wording import cut, title

WAIT: Final = timedelta(minutes=5)
"""So long one may come and see for oneself."""
PAUSE: Final = timedelta(hours=1)
"""Between two messages."""
MOST: Final = 20
"""Notifications of which a message says what they are."""
BODY: Final = 280

log = structlog.get_logger("mail")


async def remind(db: Database, settings: Settings, events: Sequence[Notified]) -> None:
    """Effect of Notified: look in a while who has not come. Where no mail server is set there is no such mail."""
    if not settings.mail.host:
        return
    now = datetime.now(UTC)
    async with db.transaction() as tx:
        waiting = await store.wait(tx, [one for event in events for one in event.told], mail_choices.USUAL, now)
        for account_id, told_at in waiting:
            at = now + WAIT if told_at is None else max(now + WAIT, told_at + PAUSE)
            await emit(tx, MailWaits(account_id), at=at)


async def gather(db: Database, events: Sequence[MailWaits]) -> None:
    """Effect of MailWaits: a message of all that was missed, if anything was."""
    for account_id in dict.fromkeys(event.account_id for event in events):
        async with db.transaction() as tx:
            one = await store.waiting(tx, account_id)
            if one is None:
                continue
            above = one.told_id
            if one.active_at is not None and not one.always:
                above = max(above, first_id_of(int(one.active_at.timestamp() * 1000)))
            missed = await store.missed(tx, account_id, mail_choices.types_of(one.types), above, MOST)
            if missed:
                await store.set_told(tx, account_id, missed[0].id, datetime.now(UTC))
                await emit(tx, MailDue(account_id, tuple(each.id for each in missed), missed[0].count))


async def send_told(db: Database, settings: Settings, events: Sequence[MailDue]) -> None:
    """Effect of MailDue. Raises what the mail server did, unless it will never take the address."""
    for event in events:
        try:
            await _send(db, settings, event)
        except aiosmtplib.SMTPException as error:
            if not is_for_good(error):
                raise
            log.warning("the mail server refuses an address", letter="notifications", account_id=event.account_id)


async def _send(db: Database, settings: Settings, event: MailDue) -> None:
    reader = await store.reader(db, event.account_id)
    if reader is None:
        return
    wanted = mail_choices.types_of(reader.types)
    lines = [line for line in await store.lines(db, event.account_id, event.ids) if line.type in wanted]
    spoken = tongue(best_tongue([reader.language]))
    told = await _told(db, event.account_id, lines, spoken)
    if not told:
        return
    end = f"{settings.public_url}/unsubscribe/{mail_choices.make_token(db, event.account_id)}"
    text = Text(_subject(told, event, settings), _paragraphs(told, event, end), Words("See your notifications"))
    link = f"{settings.public_url}/notifications"
    message = lay_out(text, reader.email, reader.username, link, settings, datetime.now(UTC), reader.language)
    ends_by(message, end)
    await deliver(settings.mail, message)


class Said(msgspec.Struct, frozen=True):
    """A notification in words, and what the post or the person says."""

    title: str
    body: str


async def _told(db: Database, me: int, lines: Sequence[Line], spoken: Tongue) -> list[Said]:
    """Without those by people who are suspended, and those about posts that may not be seen any more."""
    people: Mapping[int, bytes] = (await fetch_senders(db, [[line.from_id for line in lines]]))[0]
    posts = [(me, line.author, line.status_id) for line in lines if line.author and line.status_id]
    said = {one.id: one for one in await words(db, posts)} if posts else {}
    told: list[Said] = []
    for line in lines:
        if line.from_id not in people or (line.status_id is not None and line.status_id not in said):
            continue
        by = msgspec.json.decode(people[line.from_id], type=Named)
        post = None if line.status_id is None else said[line.status_id]
        body = plain_text(by.note) if post is None else post.beginning
        told.append(Said(cut(spoken.say(title(line.type, by.name)), BODY), cut(body, BODY)))
    return told


def _subject(told: Sequence[Said], event: MailDue, settings: Settings) -> str:
    if event.count == 1:
        return told[0].title
    return Words.plural(
        "%(num)s new notification at %(title)s",
        "%(num)s new notifications at %(title)s",
        event.count,
        title=settings.title,
    )


def _paragraphs(told: Sequence[Said], event: MailDue, end: str) -> tuple[str, ...]:
    first = Words("This happened while you were away.")
    if event.count > 1:
        first = Words("These happened while you were away.")
    lines = [
        Words("%(title)s: “%(body)s”", title=one.title, body=one.body) if one.body else f"{one.title}." for one in told
    ]
    more = event.count - len(event.ids)
    rest = [Words("And %(num)s more.", num=more)] if more > 0 else []
    return (first, *lines, *rest, Words("To get no more of these messages: %(link)s", link=end))
