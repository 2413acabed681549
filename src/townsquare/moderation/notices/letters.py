"""The messages about notices: the receipt and the answer to whoever gave it, reminders to those who run the place."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

import aiosmtplib
import msgspec
import structlog

from townsquare.auth.letters import Text, host_of, lay_out
from townsquare.auth.letters_of_order import BY_MACHINE, ELSEWHERE
from townsquare.auth.mail import deliver, is_for_good
from townsquare.db.pool import Database
from townsquare.kernel.ids import parse_id
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import Tongue, Words, best_tongue, tongue
from townsquare.media.storage import Store
from townsquare.moderation.notices import pack, senders, store
from townsquare.moderation.notices.events import Letter, NoticeMail
from townsquare.moderation.notices.filing import contact_of
from townsquare.moderation.notices.model import Contact, Notice, Outcome, may_fetch_evidence, may_have_evidence
from townsquare.moderation.notices.words import OUTCOMES, UNSEEN

SHOWN: Final = 200
"""Addresses that a message has; the rest stands under its link."""
_HOW: Final[Mapping[tuple[bool, bool], Words]] = {
    (True, True): Words("The evidence, signed by this place, is enclosed, and can be fetched under the link."),
    (True, False): Words("The evidence, signed by this place, is enclosed."),
    (False, True): Words("The evidence, signed by this place, can be fetched under the link."),
    (False, False): Words("There is evidence, which is too large for a message: answer this one if you want it."),
}
"""How the evidence is had, by whether it is enclosed, and whether it can be fetched."""
_CONTEST: Final = Words(
    "If you think that this is wrong, say why under the link, for six months and free of charge: somebody else decides "
    "then."
)
"""Where something stays as it is."""
_MISUSE: Final[Mapping[Letter, Sequence[Words]]] = {
    "warning": (
        Words("People looked at many of your notices and found nothing that breaks a rule or the law."),
        Words("This is a warning. If it goes on, your notices are not looked at for a while."),
    ),
    "suspension": (
        Words("Many of your notices were clearly unfounded, also after a warning."),
        Words("They are not looked at for now. Threats, terrorism and the abuse of children can always be told of."),
    ),
    "undo": (Words("What was said about your notices was taken back. They are looked at as before."),),
}
_OURS: Final[frozenset[Letter]] = frozenset({"pressing", "reminder"})
"""Those to whoever runs the place."""
_NAME: Final = re.compile(r"<notice-(\d{1,19})-[a-z]+@([^>\s]+)>")

log = structlog.get_logger("notices")


async def send_letters(db: Database, storage: Store, settings: Settings, events: Sequence[NoticeMail]) -> None:
    """Effect of NoticeMail. Raises what the mail server did, unless it will never take the address."""
    notices = {one.id: one for one in await store.by_ids(db, [event.notice_id for event in events])}
    outcomes = await store.outcomes(db, list(notices))
    for event in events:
        notice = notices[event.notice_id]
        about = [one for one in outcomes if one.notice_id == notice.id]
        try:
            proof = await _proof(db, storage, settings, notice, event)
            sent = await _send(db, settings, notice, about, event, proof)
        except aiosmtplib.SMTPException as error:
            if not is_for_good(error):
                raise
            log.warning("the mail server refuses an address", letter=event.letter, notice_id=notice.id)
            continue
        if sent:
            await _note(db, notice, event.letter)


async def _note(db: Database, notice: Notice, letter: Letter) -> None:
    """When it went out, or, to whoever left no address, could be read under the link."""
    async with db.transaction() as tx:
        if letter == "receipt":
            await store.set_receipt(tx, notice.id, datetime.now(UTC))
        if letter == "answer":
            await store.set_answered(tx, notice.id, datetime.now(UTC))


async def _proof(db: Database, storage: Store, settings: Settings, notice: Notice, event: NoticeMail) -> bytes | None:
    """The evidence that goes out with an answer: for those who may have it, and not larger than mail servers take."""
    most = settings.notices.attach_bytes
    known = may_have_evidence(settings, notice, contact_of(db.keys, notice).email)
    if event.letter != "answer" or not most or not known or notice.decided_at is None:
        return None
    made = await pack.make(db, storage, settings, notice, datetime.now(UTC))
    return made if len(made) <= most else None


async def _send(
    db: Database,
    settings: Settings,
    notice: Notice,
    outcomes: Sequence[Outcome],
    event: NoticeMail,
    proof: bytes | None,
) -> bool:
    """False: so much has gone to this address that nothing does for now; what it would say stands under the link."""
    letter, contact = event.letter, contact_of(db.keys, notice)
    to = settings.contact_email if letter in _OURS else contact.email
    if letter == "reminder":
        log.warning("a notice is about to be late", notice_id=notice.id, due_at=str(notice.due_at))
    if not to:
        return True
    theirs = letter in _OURS or await senders.is_theirs(db, settings, notice, to)
    if not theirs and not await senders.may_write(db, to, datetime.now(UTC)):
        log.warning("too many messages to an address that may be anybody's", notice_id=notice.id)
        return False
    if not theirs:  # what it is called could be written for whoever's address it is
        notice = msgspec.structs.replace(notice, reference="")
    await deliver(settings.mail, compose(notice, contact, outcomes, letter, settings, to, proof, event.until))
    return True


def compose(
    notice: Notice,
    contact: Contact,
    outcomes: Sequence[Outcome],
    letter: Letter,
    settings: Settings,
    to: str,
    proof: bytes | None = None,
    until: datetime | None = None,
) -> EmailMessage:
    """As it is sent. It says that a program answers, so that programs do not answer it (RFC 3834)."""
    language = "" if letter in _OURS else notice.language or next(iter(settings.languages), "")
    spoken = tongue(best_tongue([language]))
    if letter in _MISUSE:
        text = _misuse(letter, settings, "" if until is None else spoken.moment(until, None))
    else:
        text = _TEXTS[letter](notice, outcomes, settings, spoken)
    if letter == "answer" and may_have_evidence(settings, notice, contact.email):
        fetched = may_fetch_evidence(settings, notice, contact.email)
        said = _HOW[proof is not None, fetched]
        text = Text(text.subject, (*text.paragraphs, said), text.action)
    link = settings.public_url + ("/desk" if letter in _OURS else f"/notices/{contact.token}")
    name = settings.title if letter in _OURS else contact.name or to
    message = lay_out(text, to, name, link, settings, datetime.now(UTC), spoken.code)
    del message["Message-ID"], message["Auto-Submitted"]
    message["Message-ID"] = f"<notice-{notice.id}-{letter}@{host_of(settings)}>"
    message["Auto-Submitted"] = "auto-generated" if letter in _OURS else "auto-replied"
    if notice.message_id and letter not in _OURS:
        message["In-Reply-To"] = message["References"] = notice.message_id
    if proof is not None:
        message.add_attachment(proof, maintype="application", subtype="zip", filename=f"evidence-{notice.id}.zip")
    return message


def notice_of(header: str, host: str) -> int | None:
    """The notice that a message answers, by the name of ours in its In-Reply-To or References."""
    return next((parse_id(found[1]) for found in _NAME.finditer(header) if found[2] == host), None)


def _receipt(notice: Notice, outcomes: Sequence[Outcome], settings: Settings, spoken: Tongue) -> Text:
    by = (
        [] if notice.due_at is None else [Words("It will be decided by %(at)s.", at=spoken.moment(notice.due_at, None))]
    )
    return Text(
        _subject(Words("We have your notice %(number)s", number=str(notice.id)), notice, spoken),
        (
            Words(
                "Your notice has arrived at %(title)s. What it is about was kept as it was at that moment, and "
                "somebody who looks after this place decides about it.",
                title=settings.title,
            ),
            *by,
            Words("What becomes of it will stand under the link, and we write to you."),
            *_lines(outcomes, spoken, decided=False),
        ),
        Words("See how it stands"),
    )


def _answer(notice: Notice, outcomes: Sequence[Outcome], settings: Settings, spoken: Tongue) -> Text:
    return Text(
        _subject(Words("What was decided about your notice %(number)s", number=str(notice.id)), notice, spoken),
        (
            Words("What you told %(title)s about was decided.", title=settings.title),
            *_lines(outcomes, spoken, decided=True),
            *([_CONTEST] if any(one.left for one in outcomes) else []),
            ELSEWHERE,
        ),
        Words("See the decision"),
    )


def _reminder(notice: Notice, _: Sequence[Outcome], settings: Settings, spoken: Tongue) -> Text:
    at = spoken.moment(notice.due_at, None) if notice.due_at is not None else ""
    return Text(
        Words("Notice %(number)s at %(title)s is about to be late", number=notice.id, title=settings.title),
        (Words("It is to be decided by %(at)s, and is not decided yet.", at=at),),
        Words("Open the desk"),
    )


def _pressing(notice: Notice, _: Sequence[Outcome], settings: Settings, spoken: Tongue) -> Text:
    at = spoken.moment(notice.due_at, None) if notice.due_at is not None else ""
    return Text(
        Words("Notice %(number)s at %(title)s presses", number=notice.id, title=settings.title),
        (Words("It has just come, and is to be decided by %(at)s.", at=at),),
        Words("Open the desk"),
    )


def _misuse(letter: Letter, settings: Settings, until: str) -> Text:
    """To whoever gives notice without reason again and again."""
    ends = (Words("That ends on %(at)s.", at=until),) if until and letter == "suspension" else ()
    wrong = (Words("If you think that this is wrong, answer this message."),) if letter != "undo" else ()
    subject = Words("About your notices to %(title)s", title=settings.title)
    return Text(subject, (*_MISUSE[letter], *ends, *wrong), Words("See your last notice"))


def _subject(words: Words, notice: Notice, spoken: Tongue) -> str:
    """With what its sender calls it, so that their program finds to what it belongs."""
    return f"{spoken.say(words)} [{notice.reference}]" if notice.reference else words


def _lines(outcomes: Sequence[Outcome], spoken: Tongue, *, decided: bool) -> list[str]:
    named = [one for one in outcomes if one.url or decided]
    lines = [_line(one, spoken) if decided else one.url for one in named[:SHOWN]]
    return [*lines, Words("And %(num)s more.", num=len(named) - SHOWN)] if len(named) > SHOWN else lines


def _line(one: Outcome, spoken: Tongue) -> str:
    said = spoken.say(OUTCOMES[one.word])
    at = spoken.moment(one.decided_at, None) if one.decided_at is not None else ""
    how = [*([UNSEEN] if one.unseen else []), *([BY_MACHINE] if one.by_machine else [])]
    return " ".join([f"{one.url or '–'}: {said} ({at})", *map(spoken.say, how)])


_TEXTS: Final = {"receipt": _receipt, "answer": _answer, "pressing": _pressing, "reminder": _reminder}
