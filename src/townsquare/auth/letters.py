"""The messages that people get, in the language of whoever gets them, as plain text and as simple HTML."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime, formataddr, make_msgid

import msgspec
from markupsafe import escape

from townsquare.auth import letters_of_order
from townsquare.auth.events import Letter, SendMail
from townsquare.auth.store_email_tokens import Purpose
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import SOURCE, Tongue, Words, best_tongue, tongue
from townsquare.kernel.words.zones import zone_of


class Text(msgspec.Struct, frozen=True):
    """A message before it has a form: paragraphs, and a link with what stands on it after the first of them. What is
    ours in it is Words, which are said in the reader's language.
    """

    subject: str
    paragraphs: Sequence[str]
    action: str = ""


LINKS: Mapping[Letter, tuple[Purpose, str]] = {
    "confirm": ("confirm", "/confirm/"),
    "reset": ("reset", "/reset/"),
    "change_email": ("change_email", "/confirm-email/"),
}
"""Those with a link of one use, and the page that it opens: its token is the last part of the address."""

PAGES: Mapping[Letter, str] = {
    "approved": "/sign-in",
    "new_sign_in": "/settings/sessions",
    "passkey_added": "/settings/passkeys",
    "passkey_removed": "/settings/passkeys",
    "archive_alarm": "/manage/health",
    "archive_ready": "/settings/data",
    "misuse": "/settings/reports",
    "jury": "/settings/jury",
}
"""Those with a link for everybody."""


class _Address(UnstructuredHeader, BaseHeader):
    """Stands whole in one line: mail programs know no encoded words in it (RFC 2369), as long lines would become."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Address)
_POLICY = EmailPolicy(header_factory=_HEADERS)

_Write = Callable[[SendMail, Settings], Text]

_NOT_YOU = Words(
    "If it was not you, set a new password at once: ask for it on the sign-in page under “Forgot your password?”."
)


def write(letter: SendMail, settings: Settings) -> Text:
    """What a message says."""
    return _TEXTS[letter.letter](letter, settings)


def compose(letter: SendMail, link: str, settings: Settings, now: datetime) -> EmailMessage:
    """A message as it is sent. `link` is the whole address, or empty."""
    return lay_out(write(letter, settings), letter.to, letter.username, link, settings, now, letter.language)


def lay_out(
    text: Text, to: str, username: str, link: str, settings: Settings, now: datetime, language: str = SOURCE
) -> EmailMessage:
    """A message to somebody, as plain text and as HTML."""
    spoken = tongue(best_tongue([language]))
    said = Text(spoken.say(text.subject), [spoken.say(one) for one in text.paragraphs], spoken.say(text.action))
    hello = spoken.say(Words("Hello %(name)s,", name=username))
    plain, html = _plain(hello, said, link, settings), _html(hello, said, link, settings, spoken)
    message = message_of(said.subject, to, plain, html, settings, now)
    message["Content-Language"] = spoken.code
    return message


def message_of(
    subject: str, to: str, plain: str, html: str, settings: Settings, now: datetime, *, name: str = ""
) -> EmailMessage:
    """A message by a program. `name`: by which mail programs know it again, should it come twice."""
    message = EmailMessage(_POLICY)
    message["Subject"] = " ".join(subject.split())
    message["From"] = sender(settings)
    message["To"] = to
    message["Date"] = format_datetime(now)
    host = host_of(settings)
    message["Message-ID"] = f"<{name}@{host}>" if name else make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain)
    message.add_alternative(html, subtype="html")
    return message


def ends_by(message: EmailMessage, link: str) -> None:
    """One press in the mail program ends such messages (RFC 2369, RFC 8058)."""
    message["List-Unsubscribe"] = f"<{link}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def sender(settings: Settings) -> str:
    """Whom messages come from, as the setting says, or else an address of this place's domain."""
    name = " ".join(settings.title.split())
    return settings.mail.sender or formataddr((name, f"no-reply@{host_of(settings)}"))


def host_of(settings: Settings) -> str:
    """By which messages name this place."""
    return settings.domain.partition(":")[0] or "localhost"


def _plain(hello: str, text: Text, link: str, settings: Settings) -> str:
    first, *rest = text.paragraphs
    linked = [f"{text.action}:\n{link}"] if link else []
    end = f"-- \n{settings.title}, {settings.public_url}"
    return "\n\n".join((hello, first, *linked, *rest, end)) + "\n"


def _html(hello: str, text: Text, link: str, settings: Settings, spoken: Tongue) -> str:
    first, *rest = text.paragraphs
    linked = f'<p><a href="{escape(link)}"><strong>{escape(text.action)}</strong></a></p>' if link else ""
    after = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in rest)
    end = f'<p><a href="{escape(settings.public_url)}">{escape(settings.title)}</a></p>'
    return (
        f'<!doctype html><html lang="{spoken.code}" dir="{spoken.direction}"><body>'
        f"<p>{escape(hello)}</p><p>{escape(first)}</p>"
        f"{linked}{after}<hr>{end}</body></html>\n"
    )


def _confirm(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Confirm your address for %(title)s", title=settings.title),
        (
            Words("Somebody, hopefully you, made an account at %(title)s with this address.", title=settings.title),
            Words("The link is good for seven days. If it was not you, do nothing: the account will be deleted."),
        ),
        Words("Confirm my address"),
    )


def _reset(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Set a new password for %(title)s", title=settings.title),
        (
            Words("Somebody, hopefully you, asked for a new password for your account."),
            Words(
                "The link is good for six hours and for one use. If it was not you, do nothing: your password stays."
            ),
        ),
        Words("Set a new password"),
    )


def _change_email(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Confirm your new address for %(title)s", title=settings.title),
        (
            Words("You want this to be the address of your account."),
            Words("The link is good for one day. If it was not you, do nothing: the address stays as it is."),
        ),
        Words("Use this address"),
    )


def _email_changed(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Your address at %(title)s was changed", title=settings.title),
        (Words("Your account has another e-mail address from now on; messages to you go there."), _help(settings)),
    )


def _new_sign_in(letter: SendMail, settings: Settings) -> Text:
    spoken = tongue(best_tongue([letter.language]))
    at = spoken.moment(letter.at, zone_of(letter.zone)) if letter.at else Words("just now")
    where, what = letter.address or Words("an unknown address"), letter.user_agent or Words("an unknown program")
    return Text(
        Words("New sign-in to %(title)s", title=settings.title),
        (
            Words(
                "Your account was used on a device that we did not know: %(at)s, from %(where)s, with %(what)s.",
                at=at,
                where=where,
                what=what,
            ),
            Words("If it was you, there is nothing to do."),
            _NOT_YOU,
        ),
        Words("See where I am signed in"),
    )


def _password_changed(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Your password for %(title)s was changed", title=settings.title),
        (Words("The password of your account was changed, and all other browsers were signed out."), _NOT_YOU),
    )


def _two_factor_enabled(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Two-factor sign-in at %(title)s is on", title=settings.title),
        (Words("Whoever signs in to your account needs a code of your authenticator app from now on."), _NOT_YOU),
    )


def _two_factor_disabled(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Two-factor sign-in at %(title)s is off", title=settings.title),
        (Words("Your password alone is enough again to sign in to your account."), _NOT_YOU),
    )


def _recovery_codes_renewed(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("New recovery codes for %(title)s", title=settings.title),
        (Words("New recovery codes were made for your account; the old ones no longer work."), _NOT_YOU),
    )


def _passkey_added(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("A passkey was added at %(title)s", title=settings.title),
        (Words("Whoever has the device with it can sign in to your account from now on."), _NOT_YOU),
        Words("See your passkeys"),
    )


def _passkey_removed(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("A passkey was taken away at %(title)s", title=settings.title),
        (Words("It no longer opens your account."), _NOT_YOU),
        Words("See your passkeys"),
    )


def _archive_alarm(letter: SendMail, settings: Settings) -> Text:
    """What has to be looked after is said in English, as at the command line."""
    return Text(
        Words("The archive of %(title)s wants looking after", title=settings.title),
        (
            Words("If the host were lost now, something could be lost with it."),
            *letter.text.splitlines(),
            Words("This comes again each day for as long as it is so."),
        ),
        Words("Look at the archive"),
    )


def _archive_ready(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Your copy of what you have at %(title)s is ready", title=settings.title),
        (Words("You can fetch it for the next seven days; you have to be signed in for that."), _NOT_YOU),
        Words("Fetch the copy"),
    )


def _approved(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Welcome to %(title)s", title=settings.title),
        (Words("Your account was approved: you can sign in now."),),
        Words("Sign in"),
    )


def _rejected(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Your request for an account at %(title)s", title=settings.title),
        (Words("Your request for an account was declined, and what you told us has been deleted."), _help(settings)),
    )


def _statement(letter: SendMail, settings: Settings) -> Text:
    return Text(*letters_of_order.statement(letter, settings.title))


def _outcome(letter: SendMail, settings: Settings) -> Text:
    return Text(*letters_of_order.outcome(letter, settings.title))


def _jury(letter: SendMail, settings: Settings) -> Text:
    until = "" if letter.at is None else tongue(best_tongue([letter.language])).moment(letter.at, zone_of(letter.zone))
    return Text(*letters_of_order.jury(settings.title, until))


def _misuse(letter: SendMail, settings: Settings) -> Text:
    spoken = tongue(best_tongue([letter.language]))
    until = "" if letter.at is None else spoken.moment(letter.at, zone_of(letter.zone))
    return Text(*letters_of_order.misuse(letter, settings.title, until, settings.contact_email))


def _account_deleted(_: SendMail, settings: Settings) -> Text:
    return Text(
        Words("Your account at %(title)s is deleted", title=settings.title),
        (
            Words(
                "Your account is gone, and nobody can sign in to it any more. All that belonged to it is being erased."
            ),
            Words("Its name stays taken, so that nobody else can be thought to be you."),
            _help(settings),
        ),
    )


def _help(settings: Settings) -> Words:
    if settings.contact_email:
        return Words("If you think that this is wrong, write to %(address)s.", address=settings.contact_email)
    return Words("If you think that this is wrong, tell those who run this place.")


_TEXTS: Mapping[Letter, _Write] = {
    "confirm": _confirm,
    "reset": _reset,
    "change_email": _change_email,
    "email_changed": _email_changed,
    "new_sign_in": _new_sign_in,
    "password_changed": _password_changed,
    "two_factor_enabled": _two_factor_enabled,
    "two_factor_disabled": _two_factor_disabled,
    "recovery_codes_renewed": _recovery_codes_renewed,
    "passkey_added": _passkey_added,
    "passkey_removed": _passkey_removed,
    "archive_alarm": _archive_alarm,
    "archive_ready": _archive_ready,
    "approved": _approved,
    "rejected": _rejected,
    "statement": _statement,
    "outcome": _outcome,
    "misuse": _misuse,
    "jury": _jury,
    "account_deleted": _account_deleted,
}
