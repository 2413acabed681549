"""What happens to posts. Visibility and ids are here so that the usual effects need not read the post again."""

from typing import ClassVar, Literal

from townsquare.jobs.events import Event, Queue


class StatusPosted(Event, frozen=True):
    """A new post or, with an original, an echo."""

    account_id: int
    status_id: int
    visibility: int
    original_id: int | None = None
    original_account_id: int | None = None
    reply_to_account_id: int | None = None
    mentioned_ids: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    """Others whom it names or answers; of an echo those of its post."""
    tags: tuple[str, ...] = ()
    language: str | None = None
    quoted_account_id: int | None = None
    """Whose post it quotes, where that is agreed to."""
    quiet: bool = False
    """Brought from elsewhere: nobody is notified."""
    link: str | None = None
    """The link that gets a card."""


class PollEnded(Event, frozen=True):
    """The time of a poll is over, unless an edit has given it another since."""

    account_id: int
    status_id: int


class StatusDue(Event, frozen=True):
    """The time of a post has come, unless it was moved or cancelled since."""

    account_id: int
    scheduled_id: int


class StatusChanged(Event, frozen=True):
    """A post looks different, though it was not edited: what it quotes, or who may quote it."""

    account_id: int
    status_id: int


class RestrictionChanged(Event, frozen=True):
    """The place shows a post to others or otherwise than before. How, its row says."""

    account_id: int
    status_id: int
    before: int
    """What was restricted of it."""
    tags: tuple[str, ...] = ()
    visibility: int = 2


class StatusEdited(Event, frozen=True):
    account_id: int
    status_id: int
    mentioned_ids: tuple[int, ...] = ()
    """Those whom the post names now and did not name before."""
    link: str | None = None
    """The link that gets a card."""
    number: int = 0
    """Tells one edit of a post from another."""


class StatusDeleted(Event, frozen=True):
    account_id: int
    status_id: int
    file_keys: tuple[str, ...] = ()
    original_id: int | None = None
    """Of an echo: what it echoed, and whose that is."""
    original_account_id: int | None = None
    tags: tuple[str, ...] = ()
    visibility: int = 2
    """Unless it is said, only those who follow are told."""
    mentioned_ids: tuple[int, ...] = ()


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


class LinkShared(Event, frozen=True):
    """A page is to be looked at for the card of a post. `tries`: how often that was in vain."""

    queue: ClassVar[Queue] = "outside"

    account_id: int
    status_id: int
    link: str
    tries: int = 0


class CardGiven(Event, frozen=True):
    """A post shows the card of a page."""

    account_id: int
    status_id: int
    url: str


class EmojisChanged(Event, frozen=True):
    """Emojis of the place are others now, and everything up to here that names them is rendered: see `emojis`."""

    shortcodes: tuple[str, ...]
    part: Literal["accounts", "posts"] = "accounts"
    account_id: int = 0
    status_id: int = 0
