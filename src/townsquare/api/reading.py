"""What the lists of posts have in common at this door."""

from townsquare.api.door import Call
from townsquare.kernel.errors import Unauthorised
from townsquare.statuses.read import Filtering
from townsquare.timelines.filters import filtering_of


def filtering(call: Call) -> Filtering:
    """The reader's filters. Apps judge by the context themselves, so they get the results of all."""
    return filtering_of(call.services.db, call.services.filters, call.viewer)


def is_open(call: Call) -> bool:
    """Whether this reader may read what everybody here writes, as a list: strangers only where the place lets them."""
    return bool(call.viewer) or call.services.settings.front.timelines


def check_open(call: Call) -> None:
    """Raises Unauthorised where the place shows its timelines to those only who are signed in."""
    if not is_open(call):
        raise Unauthorised("This method requires an authenticated user")
