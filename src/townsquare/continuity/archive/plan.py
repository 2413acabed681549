"""What a restore needs of a target: looked for, and found to be there, before anything is fetched."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.continuity.archive.model import (
    ArchiveError,
    Base,
    base_folder,
    is_history,
    is_segment,
    lineage,
    manifest_name,
    part_name,
    segment_number,
    segment_of,
)
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.targets import Found, Target


class Tail(msgspec.Struct, frozen=True):
    """What there is of the last segment, in pieces from these offsets on."""

    segment: str
    offsets: list[int]


class Plan(msgspec.Struct, frozen=True):
    """All that is fetched. `bases`: the full one first."""

    chain: str
    bases: list[Base]
    segments: list[str]
    histories: list[str]
    tail: Tail | None
    place: str
    files: list[str]
    reaches: datetime
    """When the last of it was written."""
    hole: str = ""
    """The segment that is missing, before which it ends."""

    @property
    def raw(self) -> int:
        """Bytes on the disk while it is restored: bases, and what they make together; the log twice."""
        bases = sum(base.raw for base in self.bases)
        whole = self.bases[0].raw if len(self.bases) > 1 else 0
        return bases + whole + 2 * (len(self.segments) + 1) * self.bases[0].segment_bytes


async def make_plan(
    target: Target, opener: Opener, at: datetime | None, *, chain: str = "", to_hole: bool = False
) -> Plan:
    """`at`: the moment to come back to; None: the last. `to_hole`: where some of the log is missing, up to there.

    Raises ArchiveError, which says what is missing.
    """
    chain, bases = await _chain_for(target, opener, at, chain)
    chosen = max([base for base in bases.values() if at is None or base.made_at <= at], key=lambda base: base.number)
    line = lineage(bases, chosen.number)
    await _check_parts(target, chain, line)
    logs = await target.names(f"chains/{chain}/wal")
    tails = await target.names(f"chains/{chain}/tail")
    segments, tail, hole = _log_from(chosen, logs, tails)
    if hole and not to_hole:
        raise ArchiveError(
            f"chains/{chain}/wal/{hole} is missing in {target.url}, and with it what was written after it. Restore "
            "from another target, or with --accept-loss what was written before it"
        )
    places = await target.names(f"chains/{chain}/place")
    if not places:
        raise ArchiveError(f"The settings and keys of the place are missing in {target.url}: chains/{chain}/place")
    return Plan(
        chain=chain,
        bases=line,
        segments=segments,
        histories=[name for one in logs if is_history(name := _last(one))],
        tail=tail,
        place=places[-1].name,
        files=[one.name for one in await target.names(f"chains/{chain}/files")],
        reaches=max(one.modified for one in [*logs, *tails, *places]),
        hole=hole,
    )


async def _chain_for(
    target: Target, opener: Opener, at: datetime | None, wanted: str
) -> tuple[str, Mapping[int, Base]]:
    """The newest chain with a base backup that was made before the moment."""
    begins: list[datetime] = []
    for chain in sorted([wanted] if wanted else await target.folders("chains"), reverse=True):
        bases = await _bases_of(target, opener, chain)
        if any(at is None or base.made_at <= at for base in bases.values()):
            return chain, bases
        begins += [base.made_at for base in bases.values()]
    if not begins:
        raise ArchiveError(f"There is no whole base backup in {target.url} yet: nothing can be restored from it")
    raise ArchiveError(
        f"The archive in {target.url} begins at {min(begins):%Y-%m-%d %H:%M:%S} UTC. Name a later time with --at"
    )


async def _bases_of(target: Target, opener: Opener, chain: str) -> Mapping[int, Base]:
    found: dict[int, Base] = {}
    for one in await target.names(f"chains/{chain}/base"):
        if one.name.endswith("/manifest"):
            base = msgspec.json.decode(opener.open(one.name, await target.get(one.name)), type=Base)
            if one.name != manifest_name(chain, base.number):
                raise ArchiveError(f"{one.name} is the manifest of another base backup. Do not use this archive")
            found[base.number] = base
    return found


async def _check_parts(target: Target, chain: str, bases: Iterable[Base]) -> None:
    for base in bases:
        there = {one.name: one.size for one in await target.names(base_folder(chain, base.number))}
        for number, chunk in enumerate(base.chunks):
            name = part_name(chain, base.number, number)
            if name not in there:
                raise ArchiveError(f"{name} is missing in {target.url}. Restore from another target, if there is one")
            if there[name] != chunk.size:
                raise ArchiveError(
                    f"{name} in {target.url} is damaged: it has {there[name]} bytes of {chunk.size}. "
                    "Restore from another target, if there is one"
                )


def _log_from(base: Base, logs: Sequence[Found], tails: Sequence[Found]) -> tuple[list[str], Tail | None, str]:
    """Segments from a base on without a hole; what there is of the next; and the first one that is missing, if any."""
    size = base.segment_bytes
    number = segment_number(segment_of(base.timeline, base.start, size), size)
    last = segment_number(segment_of(base.timeline, max(base.stop - 1, base.start), size), size)
    whole: dict[int, list[str]] = {}
    for name in (_last(one) for one in logs):
        if is_segment(name):
            whole.setdefault(segment_number(name, size), []).append(name)
    pieces: dict[int, dict[str, list[int]]] = {}
    for one in tails:
        segment, offset = one.name.split("/")[-2:]
        pieces.setdefault(segment_number(segment, size), {}).setdefault(segment, []).append(int(offset, 16))
    found: list[str] = []
    while number in whole:
        found += whole[number]
        number += 1
    newest = max([*whole, *pieces], default=number)
    tail = None
    if number in pieces:
        segment = max(pieces[number])
        tail = Tail(segment, sorted(pieces[number][segment]))
        number += 1
    timeline = max([*(int(name[:8], 16) for name in found), base.timeline])
    missing = segment_of(timeline, number * size, size) if newest >= number else ""
    if number <= last:
        raise ArchiveError(
            f"The log that belongs to base backup {base.number} is not whole: "
            f"{segment_of(timeline, number * size, size)} is missing. Name another target, or an earlier time with --at"
        )
    return found, tail, missing


def _last(one: Found) -> str:
    return one.name.rpartition("/")[2]
