"""A form is sent once, however often it arrives: a browser that heard no answer sends it again, perhaps days later."""

from contextlib import suppress
from typing import Final

from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import StatusId
from townsquare.kernel.text.normalise import normalise, repaired
from townsquare.kernel.words import N_
from townsquare.statuses import schedule, store
from townsquare.statuses.history import source
from townsquare.web.composer.box import Written, key_of
from townsquare.web.door.visitor import Visitor

OTHERWISE: Final = N_(
    "This is out already, as it was before you changed it. What stands here now has not been sent: "
    "send it to have it as a post of its own"
)


class Otherwise(Invalid):
    """Under the key of the form something else was written before."""


async def sent_before(visitor: Visitor, given: Written) -> StatusId | None:
    """What the form has made already: a post, or what waits for its time.

    Asked before anything else is done with the form: its files are in that post. Raises Otherwise.
    """
    key = key_of(given)
    if not key:
        return None
    later = bool(given.at)
    found = await store.posted_with(visitor.db, visitor.me, key + schedule.FOR_LATER if later else key)
    if found is not None:
        with suppress(NotFound):  # it was deleted since: what matters is that it was sent
            # A warning with nothing under it was kept as the text: see check_draft.
            said = normalise(repaired(given.warning)) + normalise(repaired(given.text))
            if await _words(visitor, found, later=later) != said:
                raise Otherwise(OTHERWISE)
    return found


async def _words(visitor: Visitor, number: StatusId, *, later: bool) -> str:
    if later:
        params = (await schedule.get(visitor.db, visitor.settings, visitor.me, number)).params
        return params.spoiler_text + params.text
    post = await source(visitor.db, visitor.me, number)
    return post.spoiler_text + post.text
