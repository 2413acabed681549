"""The log into a target: whole segments, and each second what was written since of the one that is growing.

A segment that came in many pieces is put there once more as a whole, and they go: so a quiet place is a few objects. On
a busy one, which fills a segment in seconds, that would be all of its log closed and sent twice; there only the end is
put, whose name says which pieces are in front of it.
"""

from typing import Final

from townsquare.continuity.archive.model import Cursor, end_name, segment_number, tail_folder, tail_name, wal_name
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.spool import Spool

FEW: Final = 8
"""Pieces in which a segment may stay: as many as a restore fetches at a time, twice over."""


async def ship(to: Shipping, spool: Spool, segment_bytes: int) -> None:
    """Everything that has come and the target lacks. May be cut off anywhere and begun again. Raises TargetError."""
    for name in spool.histories():
        known = (name, to.recipients)
        if known not in to.histories:
            await to.put(wal_name(to.chain, name), spool.read(name))
            to.histories.add(known)
    while _stand(to, spool, segment_bytes):
        segment = to.progress.cursor.segment
        if segment not in spool.segments():
            await _ship_tail(to, spool, segment_bytes)
            return
        await _ship_rest(to, segment, spool.read(segment))
        to.progress.cursor = Cursor(segment, segment_bytes)
        to.save()


def _stand(to: Shipping, spool: Spool, segment_bytes: int) -> bool:
    """Set the cursor where there is something to ship; where the log has a hole before that, say so.

    False when nothing has come after what was shipped.
    """
    progress, cursor = to.progress, to.progress.cursor
    there = [*spool.segments(), *filter(None, [spool.growing()])]
    if cursor.segment in there and cursor.offset < segment_bytes:
        return True
    later = [name for name in there if name > cursor.segment]
    if not later:
        return False
    following = min(later)
    # The last of one timeline and the first of the next have the same number.
    steps = segment_number(following, segment_bytes) - segment_number(cursor.segment or following, segment_bytes)
    whole = not cursor.segment or (cursor.offset >= segment_bytes and steps in (0, 1)) or steps == 0
    progress.gaps += not whole
    progress.cursor = Cursor(following)
    to.save()
    return True


async def _ship_rest(to: Shipping, segment: str, data: bytes) -> None:
    """What is whole. The pieces that are there stay where they are few, and open for all who are to open the rest."""
    offset, pieces = to.progress.cursor.offset, to.pieces
    if offset and len(pieces.offsets) < FEW and (pieces.segment, pieces.recipients) == (segment, to.recipients):
        await to.put(end_name(to.chain, segment, [*pieces.offsets, offset]), data[offset:])
        return
    await to.put(wal_name(to.chain, segment), data)
    if (pieces.segment, pieces.recipients) != (segment, to.recipients):
        # A process of before may have put an end of it, and died before it noted that.
        there = await to.target.names(f"chains/{to.chain}/wal")
        await to.delete([one for one in there if one.name.startswith(f"{wal_name(to.chain, segment)}.")])
    await to.delete(await to.target.names(tail_folder(to.chain, segment)))


async def _ship_tail(to: Shipping, spool: Spool, segment_bytes: int) -> None:
    """What has come, but for the last byte: only what is put when the segment is whole says that it is."""
    cursor = to.progress.cursor
    data = spool.written(cursor.segment, cursor.offset)[: segment_bytes - 1 - cursor.offset]
    if data:
        recipients = to.recipients
        await to.put(tail_name(to.chain, cursor.segment, cursor.offset), data)
        to.pieces = to.pieces.and_one(cursor.segment, recipients, cursor.offset)
        to.progress.cursor = Cursor(cursor.segment, cursor.offset + len(data))
        to.save()
