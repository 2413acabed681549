"""What the lists of posts have in common at this door."""

from townsquare.api.door import Call
from townsquare.statuses.read import Filtering
from townsquare.timelines.filters import filtering_of


def filtering(call: Call) -> Filtering:
    """The reader's filters. Apps judge by the context themselves, so they get the results of all."""
    return filtering_of(call.services.db, call.services.filters, call.viewer)
