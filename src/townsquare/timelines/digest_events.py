"""What happens on the way of a digest."""

from datetime import datetime

from townsquare.jobs.events import Event
from townsquare.timelines.digest_model import Every


class DigestDue(Event, frozen=True):
    """It is time to look what somebody is to be told, as they chose."""

    queue = "mail"

    account_id: int
    due_at: datetime
    every: Every


class DigestReady(Event, frozen=True):
    """What stands in a digest was written down; it is to be sent."""

    queue = "mail"

    account_id: int
    due_at: datetime


class PreviewAsked(Event, frozen=True):
    """One of the staff wants to see what a digest says now."""

    queue = "mail"

    account_id: int
    every: Every
