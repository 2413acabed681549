"""What people ask for when they come or go."""

from typing import ClassVar

from townsquare.jobs import Event
from townsquare.jobs.events import Queue


class CopyAsked(Event, frozen=True):
    """A person wants a whole copy of what they have here."""

    queue: ClassVar[Queue] = "media"

    account_id: int
    copy_id: int


class ListBrought(Event, frozen=True):
    """A person has brought a list along: its next lines are to be taken in."""

    account_id: int
    brought_id: int


class ArchiveBrought(Event, frozen=True):
    """A person has brought a whole archive along."""

    queue: ClassVar[Queue] = "outside"

    account_id: int
    transfer_id: int
