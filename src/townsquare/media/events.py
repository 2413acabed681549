"""What happens to files of posts."""

from typing import ClassVar

from townsquare.jobs import Event
from townsquare.jobs.events import Queue


class MediaUploaded(Event, frozen=True):
    """A file lies in the store as it was sent, to be made into what is shown."""

    queue: ClassVar[Queue] = "media"

    account_id: int
    id: int


class RestrictedAttached(Event, frozen=True):
    """A file of which something is decided was given to a post."""

    account_id: int
    id: int


class FilesReplaced(Event, frozen=True):
    """Files that nothing shows any more."""

    keys: tuple[str, ...]
