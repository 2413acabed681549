"""What happens to notices, for whatever follows from it."""

from typing import Literal

from townsquare.jobs import Event

Letter = Literal["receipt", "answer", "reminder"]


class NoticeFiled(Event, frozen=True):
    """Somebody gave notice."""

    notice_id: int


class NoticeMail(Event, frozen=True):
    """A message about a notice is to be sent: to whoever gave it, or (`reminder`) to those who run the place."""

    queue = "mail"

    notice_id: int
    letter: Letter
