"""What happens between people, for whoever has to act on it."""

from townsquare.jobs import Event


class AccountCreated(Event, frozen=True):
    """Somebody has a place here."""

    account_id: int


class AccountDeleted(Event, frozen=True):
    """Somebody who lived here is gone; their rows are erased from now on."""

    account_id: int


class Erasing(Event, frozen=True):
    """The rows of a deleted account are erased up to here: see `timelines.erase`."""

    account_id: int
    part: str
    cursor: int = 0


class ProfileChanged(Event, frozen=True):
    """A person's name, text, picture or settings are others now."""

    queue = "outside"

    account_id: int


class PicturesReplaced(Event, frozen=True):
    """Files that no profile shows any more."""

    keys: tuple[str, ...]


class PicturesAdded(Event, frozen=True):
    """A copy of a picture that the profile shows on some screens instead."""

    account_id: int


class Unlocked(Event, frozen=True):
    """Who had to be asked for a follow need not be asked any more."""

    account_id: int


class Followed(Event, frozen=True):
    """A follow stands: made just now, or asked for before and granted now."""

    follower_id: int
    target_id: int


class FollowRequested(Event, frozen=True):
    follower_id: int
    target_id: int


class FollowAccepted(Event, frozen=True):
    """Who was asked said yes; a `Followed` stands beside it."""

    follower_id: int
    target_id: int


class FollowRejected(Event, frozen=True):
    """Who was asked said no, or ended a follow that stood (an `Unfollowed` then stands beside it)."""

    follower_id: int
    target_id: int


class Unfollowed(Event, frozen=True):
    """A follow or a request has ended, whoever ended it."""

    follower_id: int
    target_id: int


class Blocked(Event, frozen=True):
    account_id: int
    target_id: int


class Unblocked(Event, frozen=True):
    account_id: int
    target_id: int


class Muted(Event, frozen=True):
    account_id: int
    target_id: int


class Unmuted(Event, frozen=True):
    account_id: int
    target_id: int


class DomainBlocked(Event, frozen=True):
    account_id: int
    domain: str


class Severed(Event, frozen=True):
    """Somebody lost follows at once; which, stands in `severances`."""

    account_id: int
    severance_id: int


class Collected(Event, frozen=True):
    """Somebody was put into a collection of another's."""

    account_id: int
    collection_id: int
    target_id: int


class Uncollected(Event, frozen=True):
    """These people are not in the collection any more, or there is none any more."""

    account_id: int
    collection_id: int
    target_ids: tuple[int, ...]


class CollectionChanged(Event, frozen=True):
    """A collection has another name or description."""

    account_id: int
    collection_id: int


class TagFollowed(Event, frozen=True):
    """`tag` is folded."""

    account_id: int
    tag: str


class TagUnfollowed(Event, frozen=True):
    account_id: int
    tag: str


class SuggestionsAged(Event, frozen=True):
    """Somebody asked whom to follow, and what is known of that is old."""

    account_id: int
