"""What the lists of posts have in common at this door."""

from collections.abc import Mapping, Sequence

from townsquare.api.door import Call
from townsquare.statuses.read import Key, pairs_of
from townsquare.statuses.show import NONE, Filtering
from townsquare.timelines.filters import filtered


def filtering(call: Call) -> Filtering:
    """The reader's filters. Apps judge by the context themselves, so they get the results of all."""

    async def results(keys: Sequence[Key]) -> Mapping[int, bytes]:
        if not call.viewer:
            return NONE
        return await filtered(call.services.db, call.services.filters, call.viewer, None, pairs_of(keys))

    return results
