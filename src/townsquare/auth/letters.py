"""The messages that people get: what they say, as plain text and as simple HTML."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid

import msgspec
from markupsafe import escape

from townsquare.auth.events import Letter, SendMail
from townsquare.auth.store_email_tokens import Purpose
from townsquare.kernel.settings import Settings


class Text(msgspec.Struct, frozen=True):
    """A message before it has a form: paragraphs, and a link with what stands on it after the first of them."""

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
    "archive_ready": "/settings/data",
}
"""Those with a link for everybody."""

_Write = Callable[[SendMail, Settings], Text]

_NOT_YOU = (
    "If it was not you, set a new password at once: ask for it on the sign-in page under “Forgot your password?”."
)


def write(letter: SendMail, settings: Settings) -> Text:
    """What a message says."""
    return _TEXTS[letter.letter](letter, settings)


def compose(letter: SendMail, link: str, settings: Settings, now: datetime) -> EmailMessage:
    """A message as it is sent. `link` is the whole address, or empty."""
    return lay_out(write(letter, settings), letter.to, letter.username, link, settings, now)


def lay_out(text: Text, to: str, username: str, link: str, settings: Settings, now: datetime) -> EmailMessage:
    """A message to somebody, as plain text and as HTML."""
    plain, html = _plain(username, text, link, settings), _html(username, text, link, settings)
    return message_of(text.subject, to, plain, html, settings, now)


def message_of(
    subject: str, to: str, plain: str, html: str, settings: Settings, now: datetime, *, name: str = ""
) -> EmailMessage:
    """A message by a program. `name`: by which mail programs know it again, should it come twice."""
    message = EmailMessage()
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


def _plain(username: str, text: Text, link: str, settings: Settings) -> str:
    first, *rest = text.paragraphs
    linked = [f"{text.action}:\n{link}"] if link else []
    end = f"-- \n{settings.title}, {settings.public_url}"
    return "\n\n".join((f"Hello {username},", first, *linked, *rest, end)) + "\n"


def _html(username: str, text: Text, link: str, settings: Settings) -> str:
    first, *rest = text.paragraphs
    linked = f'<p><a href="{escape(link)}"><strong>{escape(text.action)}</strong></a></p>' if link else ""
    after = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in rest)
    end = f'<p><a href="{escape(settings.public_url)}">{escape(settings.title)}</a></p>'
    return (
        f"<!doctype html><html><body><p>Hello {escape(username)},</p><p>{escape(first)}</p>"
        f"{linked}{after}<hr>{end}</body></html>\n"
    )


def _confirm(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Confirm your address for {settings.title}",
        (
            f"Somebody, hopefully you, made an account at {settings.title} with this address.",
            "The link is good for seven days. If it was not you, do nothing: the account will be deleted.",
        ),
        "Confirm my address",
    )


def _reset(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Set a new password for {settings.title}",
        (
            "Somebody, hopefully you, asked for a new password for your account.",
            "The link is good for six hours and for one use. If it was not you, do nothing: your password stays.",
        ),
        "Set a new password",
    )


def _change_email(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Confirm your new address for {settings.title}",
        (
            "You want this to be the address of your account.",
            "The link is good for one day. If it was not you, do nothing: the address stays as it is.",
        ),
        "Use this address",
    )


def _email_changed(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Your address at {settings.title} was changed",
        ("Your account has another e-mail address from now on; messages to you go there.", _help(settings)),
    )


def _new_sign_in(letter: SendMail, settings: Settings) -> Text:
    at = f"{letter.at:%d %B %Y, %H:%M} UTC" if letter.at else "just now"
    where, what = letter.address or "an unknown address", letter.user_agent or "an unknown program"
    return Text(
        f"New sign-in to {settings.title}",
        (
            f"Your account was used on a device that we did not know: {at}, from {where}, with {what}.",
            f"If it was you, there is nothing to do. {_NOT_YOU}",
        ),
        "See where I am signed in",
    )


def _password_changed(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Your password for {settings.title} was changed",
        ("The password of your account was changed, and all other browsers were signed out.", _NOT_YOU),
    )


def _two_factor_enabled(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Two-factor sign-in at {settings.title} is on",
        ("Whoever signs in to your account needs a code of your authenticator app from now on.", _NOT_YOU),
    )


def _two_factor_disabled(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Two-factor sign-in at {settings.title} is off",
        ("Your password alone is enough again to sign in to your account.", _NOT_YOU),
    )


def _recovery_codes_renewed(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"New recovery codes for {settings.title}",
        ("New recovery codes were made for your account; the old ones no longer work.", _NOT_YOU),
    )


def _passkey_added(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"A passkey was added at {settings.title}",
        ("Whoever has the device with it can sign in to your account from now on.", _NOT_YOU),
        "See your passkeys",
    )


def _passkey_removed(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"A passkey was taken away at {settings.title}",
        ("It no longer opens your account.", _NOT_YOU),
        "See your passkeys",
    )


def _archive_ready(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Your copy of what you have at {settings.title} is ready",
        ("You can fetch it for the next seven days; you have to be signed in for that.", _NOT_YOU),
        "Fetch the copy",
    )


def _approved(_: SendMail, settings: Settings) -> Text:
    return Text(f"Welcome to {settings.title}", ("Your account was approved: you can sign in now.",), "Sign in")


def _rejected(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Your request for an account at {settings.title}",
        ("Your request for an account was declined, and what you told us has been deleted.", _help(settings)),
    )


def _warning(letter: SendMail, settings: Settings) -> Text:
    subject, done = _DONE[letter.action or "none"]
    said = [paragraph.strip() for paragraph in letter.text.split("\n\n") if paragraph.strip()]
    return Text(f"{subject} at {settings.title}", (done, *said, _help(settings)))


_DONE: Mapping[str, tuple[str, str]] = {
    "none": ("A warning about your account", "Those who look after this place have a word to say about your account."),
    "sensitive": (
        "Your posts are marked as sensitive",
        "From now on the pictures and films in all of your posts are covered until somebody wants to see them.",
    ),
    "disable": (
        "Your account is disabled",
        "You can no longer sign in. What you posted stays where it is.",
    ),
    "silence": (
        "Your account is limited",
        "You can go on posting, but only people who follow you see it without looking for you.",
    ),
    "suspend": (
        "Your account is suspended",
        "Nobody can see your profile and your posts any more, and you cannot sign in. "
        "After 30 days all of it will be deleted.",
    ),
}
"""Of each thing that can be done about an account: the subject, and what it means for the person."""


def _account_deleted(_: SendMail, settings: Settings) -> Text:
    return Text(
        f"Your account at {settings.title} is deleted",
        (
            "Your account is gone, and nobody can sign in to it any more. All that belonged to it is being erased.",
            f"Its name stays taken, so that nobody else can be thought to be you. {_help(settings)}",
        ),
    )


def _help(settings: Settings) -> str:
    where = f"write to {settings.contact_email}" if settings.contact_email else "tell those who run this place"
    return f"If you think that this is wrong, {where}."


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
    "archive_ready": _archive_ready,
    "approved": _approved,
    "rejected": _rejected,
    "warning": _warning,
    "account_deleted": _account_deleted,
}
