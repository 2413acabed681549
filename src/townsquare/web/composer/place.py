"""A post in the place of another, which is deleted or taken back when the new one is written: not before, so that
whoever thinks better of it, or loses the page, has lost nothing.
"""

from typing import Final

import msgspec

from townsquare.db.pool import Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import StatusId, parse_id
from townsquare.kernel.words import N_
from townsquare.media import upload
from townsquare.media.model import MediaId
from townsquare.moderation import deleted
from townsquare.statuses import schedule
from townsquare.statuses.delete import delete_status
from townsquare.statuses.show import show_one
from townsquare.web.composer.box import Written
from townsquare.web.door.entities import post_of
from townsquare.web.door.visitor import Visitor

OUT: Final = N_(
    "What waited for its time is out already, or was taken back. What stands here now has not been sent: "
    "send it to have it as a post of its own"
)


class Old(msgspec.Struct, frozen=True):
    """What makes room: a post, or one that waits for its time. `files`: the ids of those that are its own till then."""

    id: StatusId
    waits: bool
    files: frozenset[str]


class Passed(Invalid):
    """What was to be changed is not there any more, and has perhaps been posted as it was."""


async def old_of(visitor: Visitor, given: Written) -> Old | None:
    """What the form stands in for; a post that was deleted meanwhile makes room as it is. Raises Passed."""
    if (number := parse_id(given.later)) is not None:
        try:
            found = await schedule.get(visitor.db, visitor.settings, visitor.me, number)
        except NotFound as error:
            raise Passed(OUT) from error
        return Old(StatusId(number), waits=True, files=frozenset(one.id for one in found.media_attachments))
    if (number := parse_id(given.redraft)) is None:
        return None
    try:
        post = post_of(await show_one(visitor.db, visitor.viewer, StatusId(number)))
    except NotFound:
        return None
    if post.account.id != str(visitor.me):
        return None
    return Old(StatusId(number), waits=False, files=frozenset(one.id for one in post.media_attachments))


async def make_room(tx: Tx, visitor: Visitor, old: Old, given: Written) -> None:
    """Take the old one away, in the transaction that writes the new one. Raises NotFound, and Invalid for what is said
    of its files.
    """
    if old.waits:
        try:
            await schedule.cancel(tx, visitor.me, old.id)
        except NotFound as error:
            raise Passed(OUT) from error
    else:
        kept = [int(one.id) for one in given.kept if one.id in old.files and not one.drop]
        await delete_status(tx, visitor.me, old.id, before=deleted.keep, kept=kept)
    for one in given.kept:
        if one.id in old.files and not one.drop:
            await upload.update(tx, visitor.me, MediaId(int(one.id)), description=one.alt, focus=one.focus)
