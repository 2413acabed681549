"""What happens to posts. Visibility and ids are here so that the usual effects need not read the post again."""

from townsquare.jobs.events import Event


class StatusPosted(Event, frozen=True):
    """A new post or, with an original, an echo."""

    account_id: int
    status_id: int
    visibility: int
    original_id: int | None = None
    original_account_id: int | None = None
    reply_to_account_id: int | None = None
    mentioned_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    quiet: bool = False
    """Brought from elsewhere: nobody is notified."""


class StatusEdited(Event, frozen=True):
    account_id: int
    status_id: int
    mentioned_ids: tuple[int, ...] = ()
    """Those whom the post names now and did not name before."""


class StatusDeleted(Event, frozen=True):
    account_id: int
    status_id: int
    file_keys: tuple[str, ...] = ()
    original_id: int | None = None
    """Of an echo: what it echoed, and whose that is."""
    original_account_id: int | None = None
    tags: tuple[str, ...] = ()


class AddressChanged(Event, frozen=True):
    """The place is reached at another address, and that much is rendered for it: see `address`."""

    url: str
    part: str
    account_id: int = 0
    status_id: int = 0


class Favourited(Event, frozen=True):
    account_id: int
    """The author of the post."""
    status_id: int
    by_id: int


class Unfavourited(Event, frozen=True):
    account_id: int
    status_id: int
    by_id: int
