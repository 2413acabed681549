"""What all lists of posts share: where to read on, and the reader's filters."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.statuses.read import Filtering, Key, pairs_of
from townsquare.timelines.filters import Context, filtered
from townsquare.web.door.visitor import Visitor

LENGTH: Final = 20


class At(msgspec.Struct, frozen=True):
    """The parameters of every list."""

    max_id: str = ""
    min_id: str = ""


class Ends(msgspec.Struct, frozen=True):
    """Cursors of the pages beside this one; 0 where there is none."""

    older: int = 0
    newer: int = 0
    moved: bool = False
    """Whether one has read on: this is not where the list begins."""


def cursor(at: At, limit: int = LENGTH) -> Cursor:
    """Raises NotFound for what is no cursor."""
    above = _number(at.min_id) if at.min_id else None
    return Cursor(limit, max_id=_number(at.max_id) or LARGEST, min_id=above)


def _number(text: str) -> int:
    if not text:
        return 0
    number = parse_id(text)
    if number is None:
        raise NotFound
    return number


def ends(at: At, ids: Sequence[int], limit: int = LENGTH) -> Ends:
    """`ids` are those of all that was looked at, latest first."""
    moved = bool(at.max_id or at.min_id)
    if not ids:
        last = _number(at.min_id)
        return Ends(older=last + 1 if last else 0, newer=max(_number(at.max_id) - 1, 0), moved=moved)
    full = len(ids) >= limit
    newer = ids[0] if at.max_id or (at.min_id and full) else 0
    return Ends(older=ids[-1] if full or at.min_id else 0, newer=newer, moved=moved)


def filtering(visitor: Visitor, context: Context) -> Filtering:
    """The reader's filters, as feeds ask for them."""

    async def results(keys: Sequence[Key]) -> Mapping[int, bytes]:
        if not visitor.viewer:
            return {}
        return await filtered(visitor.db, visitor.site.filters, visitor.viewer, context, pairs_of(keys))

    return results
