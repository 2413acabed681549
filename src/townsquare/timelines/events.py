"""What happens in the place as a whole, and to what people read, for whoever has to act on it."""

from townsquare.jobs import Event


class FiltersChanged(Event, frozen=True):
    """Somebody has other filters now. `number` tells one change from another."""

    account_id: int
    number: int


class AnnouncementDue(Event, frozen=True):
    """The time has come at which something was to be published."""

    announcement_id: int


class AnnouncementPublished(Event, frozen=True):
    """Everybody is told something, or told it anew."""

    announcement_id: int


class AnnouncementReacted(Event, frozen=True):
    """Somebody reacted, or took a reaction back."""

    announcement_id: int
    name: str


class AnnouncementOver(Event, frozen=True):
    """The end has come of what was announced."""

    announcement_id: int


class AnnouncementDeleted(Event, frozen=True):
    """Something is not announced any more."""

    announcement_id: int


class ConversationChanged(Event, frozen=True):
    """Somebody's conversation is new, has another last post, or was read."""

    account_id: int
    conversation_id: int


class YearAsked(Event, frozen=True):
    """Somebody wants to know what a year was."""

    account_id: int
    year: int
