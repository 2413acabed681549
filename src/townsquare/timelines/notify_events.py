"""What happens around notifications, for whoever has to carry it further: pushes, mail, streams."""

import msgspec

from townsquare.jobs.events import Event


class Written(msgspec.Struct, frozen=True):
    """A notification that stands in its receiver's list now; `author` owns the post that it is about."""

    account_id: int
    id: int
    type: str
    from_id: int
    status_id: int | None = None
    author: int | None = None


class Notified(Event, frozen=True):
    """Notifications were written, and not kept apart; those of one moment in one event."""

    told: tuple[Written, ...]


class RequestsAccepted(Event, frozen=True):
    """Somebody lets all be told of what these people do; what was kept apart is to be brought in."""

    account_id: int
    from_ids: tuple[int, ...]


class PushDue(Event, frozen=True):
    """An app is to be told of a notification."""

    queue = "push"

    account_id: int
    token_id: int
    notification_id: int
    tries: int = 0
    """How often it has failed."""


class MailWaits(Event, frozen=True):
    """Somebody may have to be told by mail of what they have missed by now."""

    account_id: int


class MailDue(Event, frozen=True):
    """A message is to be sent that tells of these notifications, the latest first; `count`: of how many there are."""

    queue = "mail"

    account_id: int
    ids: tuple[int, ...]
    count: int
