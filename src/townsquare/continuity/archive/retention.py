"""What is not needed any more: dropped only when something newer was tested."""

from datetime import datetime

from townsquare.continuity.archive.model import (
    Base,
    Origin,
    base_folder,
    lineage,
    segment_in,
    segment_number,
    segment_of,
)
from townsquare.continuity.archive.shipping import Shipping
from townsquare.continuity.archive.targets import Found


def needed(bases: list[Base], verified: int | None, before: datetime) -> list[Base]:
    """The bases by which every moment since `before` can be had back, and the one that was tested. Pure."""
    by_number = {base.number: base for base in bases}
    if verified is None or verified not in by_number:
        return bases
    old = [base for base in bases if base.made_at <= before and base.number <= verified]
    if not old:
        return bases
    first = lineage(by_number, max(base.number for base in old))[0].number
    return [base for base in bases if base.number >= first]


async def tidy(to: Shipping, before: datetime, origin: Origin | None) -> None:
    """Drop bases and log of which nothing is needed, attempts that were cut off, and chains of former lives: these not
    before the list of uploads has all that came back of them.

    Counts what there is. Raises TargetError.
    """
    progress = to.progress
    kept = needed(progress.bases, progress.verified, before)
    dropped = {base.number for base in progress.bases} - {base.number for base in kept}
    # First it is not counted on any more, then the manifest goes, by which it is a base, then its parts.
    progress.bases = kept
    to.save()
    for number in sorted(dropped, reverse=True):
        found = await to.target.names(base_folder(to.chain, number))
        await to.delete(list(reversed(found)))
    await to.delete(await _log_before(to, kept))
    if progress.verified is not None and (origin is None or progress.whole is not None):
        await _drop_former(to, before)
    found = [one async for one in to.target.walk("")]
    progress.objects, progress.size = len(found), sum(one.size for one in found)
    to.save()


async def _log_before(to: Shipping, kept: list[Base]) -> list[Found]:
    """Segments that come before the first base that is kept."""
    if not kept:
        return []
    first = kept[0]
    number = segment_number(segment_of(first.timeline, first.start, first.segment_bytes), first.segment_bytes)
    old: list[Found] = []
    for folder in ("wal", "tail"):
        for one in await to.target.names(f"chains/{to.chain}/{folder}"):
            name = segment_in(one.name)
            if name and segment_number(name, first.segment_bytes) < number:
                old.append(one)
    return old


async def _drop_former(to: Shipping, before: datetime) -> None:
    """Chains of services that are no more, when nothing was added to them for long, and this one has been tested."""
    for chain in await to.target.folders("chains"):
        if chain == to.chain:
            continue
        found = await to.target.names(f"chains/{chain}")
        if all(one.modified < before for one in found):
            await to.delete(found)
