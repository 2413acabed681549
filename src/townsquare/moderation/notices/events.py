"""What happens to notices, for whatever follows from it."""

from datetime import datetime
from typing import Literal

from townsquare.jobs import Event

Misused = Literal["warning", "suspension", "undo"]
Letter = Literal["receipt", "answer", "pressing", "reminder"] | Misused


class NoticeFiled(Event, frozen=True):
    """Somebody gave notice."""

    notice_id: int


class NoticeMail(Event, frozen=True):
    """A message about a notice is to be sent: to whoever gave it, or (`pressing`, `reminder`) to those who run the
    place.

    `until`: of a suspension from giving notice, of which whoever gave it last is told.
    """

    queue = "mail"

    notice_id: int
    letter: Letter
    until: datetime | None = None
