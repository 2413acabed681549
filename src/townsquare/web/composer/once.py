"""A form is sent once, however often it arrives: a browser that heard no answer sends it again, perhaps days later."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec

from townsquare.kernel.errors import Invalid, NotFound, Refused
from townsquare.kernel.ids import StatusId
from townsquare.kernel.text.normalise import normalise, repaired
from townsquare.kernel.words import N_
from townsquare.statuses import schedule, store
from townsquare.statuses.history import source
from townsquare.web.composer.box import Compose, Written, again, key_of
from townsquare.web.door.pages import sentence
from townsquare.web.door.visitor import Visitor

OTHERWISE: Final = N_(
    "This is out already, as it was before you changed it. What stands here now has not been sent: "
    "send it to have it as a post of its own"
)


class Otherwise(Invalid):
    """Under the key of the form something else was written before."""


async def once(visitor: Visitor, given: Written, write: Callable[[], Awaitable[int | Compose]]) -> int | Compose:
    """What the form makes, or has made already: the number of it, or the box with what was wrong.

    It may be on its way twice at once: then what stopped the one is that the other is out.
    """
    try:
        found = await _sent_before(visitor, given)
        if found is None:
            come = await write()
            found = await _sent_before(visitor, given) if isinstance(come, Compose) else come
            if found is None:
                return come
    except Otherwise as refused:
        return await anew(visitor, given, refused)
    return found


async def anew(visitor: Visitor, given: Written, refused: Refused) -> Compose:
    """A box for a post of its own, with all that was written: the files went with what is out already."""
    alone = msgspec.structs.replace(given, key="", later="")
    lost = [one.alt for one in (*given.kept, *given.pictures) if one.alt.strip()]
    return await again(visitor, alone, [], sentence(refused), lost=lost)


async def _sent_before(visitor: Visitor, given: Written) -> StatusId | None:
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
