"""What happens to people as those who sign in, and the messages that this makes."""

from datetime import date, datetime
from typing import Literal

from townsquare.jobs.events import Event

Letter = Literal[
    "confirm",
    "reset",
    "change_email",
    "email_changed",
    "new_sign_in",
    "password_changed",
    "two_factor_enabled",
    "two_factor_disabled",
    "recovery_codes_renewed",
    "passkey_added",
    "passkey_removed",
    "archive_alarm",
    "archive_ready",
    "approved",
    "rejected",
    "statement",
    "outcome",
    "misuse",
    "jury",
    "account_deleted",
]


class Joined(Event, frozen=True):
    """A person may use the service from now on: address confirmed, and approved where that is asked."""

    account_id: int


class Seen(Event, frozen=True):
    """A person came, for the first time on this day (UTC) with this token or session."""

    account_id: int
    on: date
    before: date | None
    """The last day on which they came, by whatever way; None: never."""
    token_id: int = 0
    session_id: int = 0


class LinkAsked(Event, frozen=True):
    """Somebody who is not signed in asks for a link to be sent to an address, which may be nobody's."""

    closed = True

    letter: Literal["confirm", "reset"]
    email: str


class SendMail(Event, frozen=True):
    """A message is to be sent. A link in it is made when it is sent, so no secret waits in the queue."""

    queue = "mail"
    closed = True

    letter: Letter
    account_id: int
    username: str
    to: str
    language: str = ""
    """In which it is written, and for which time zone; empty: not known."""
    zone: str = ""
    address: str = ""
    """Of a new sign-in: from where, and with what."""
    user_agent: str = ""
    at: datetime | None = None
    action: str = ""
    """Of a warning: what was done, and what the staff say about it."""
    text: str = ""
    """That; of an alarm, what has to be looked after."""
    about: int = 0
    """Which statement of reasons, or report: the link opens it."""
