"""What happens to the search index."""

from townsquare.jobs.events import Event
from townsquare.kernel.ids import LARGEST


class SearchLacks(Event, frozen=True):
    """The search index is behind: posts below an id are not in it as they should be."""

    below: int = LARGEST
