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
    tail_name,
    wal_name,
)
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.targets import Found, Target


class Segment(msgspec.Struct, frozen=True):
    """Where a segment of the log is found: in pieces from these offsets on, the last of them in the object `end`.

    A whole one is all end, and the last of all, which was still growing, has none.
    """

    name: str
    offsets: list[int]
    end: str = ""

    @property
    def pieces(self) -> list[int]:
        """Those that stand by themselves."""
        return self.offsets[:-1] if self.end else self.offsets

    def objects(self, chain: str) -> list[str]:
        """In the order of the offsets."""
        names = [tail_name(chain, self.name, offset) for offset in self.pieces]
        return [*names, wal_name(chain, self.end)] if self.end else names


class Plan(msgspec.Struct, frozen=True):
    """All that is fetched. `bases`: the full one first."""

    chain: str
    bases: list[Base]
    segments: list[Segment]
    histories: list[str]
    place: str
    files: list[str]
    reaches: datetime
    """When the last of it was written."""
    hole: str = ""
    """The object of the log that is missing, before which it ends."""
    to_hole: bool = False
    """Whether what is before a missing or damaged object is wanted by itself."""

    @property
    def raw(self) -> int:
        """Bytes on the disk while it is restored: bases, and what they make together; the log twice."""
        bases = sum(base.raw for base in self.bases)
        whole = self.bases[0].raw if len(self.bases) > 1 else 0
        return bases + whole + 2 * len(self.segments) * self.bases[0].segment_bytes


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
    segments, hole = _log_from(chosen, logs, tails)
    hole = f"chains/{chain}/{hole}" if hole else ""
    if hole and not to_hole:
        raise ArchiveError(
            f"{hole} is missing in {target.url}, and with it what was written after it. Restore "
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
        place=places[-1].name,
        files=[one.name for one in await target.names(f"chains/{chain}/files")],
        reaches=max(one.modified for one in [*logs, *tails, *places]),
        hole=hole,
        to_hole=to_hole,
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


def _log_from(base: Base, logs: Sequence[Found], tails: Sequence[Found]) -> tuple[list[Segment], str]:
    """Segments from a base on without a hole, what there is of the next, and the first object that is missing."""
    size = base.segment_bytes
    number = segment_number(segment_of(base.timeline, base.start, size), size)
    last = segment_number(segment_of(base.timeline, max(base.stop - 1, base.start), size), size)
    pieces: dict[str, list[int]] = {}
    for one in tails:
        segment, offset = one.name.split("/")[-2:]
        pieces.setdefault(segment, []).append(int(offset, 16))
    whole: dict[int, list[Segment]] = {}
    for one in filter(None, (_segment(_last(one)) for one in logs)):
        whole.setdefault(segment_number(one.name, size), []).append(one)
    growing: dict[int, str] = {}
    for name in sorted(pieces):
        growing[segment_number(name, size)] = name
    newest = max([*whole, *growing], default=number)
    found: list[Segment] = []
    missing = ""
    while not missing and (number in whole or number in growing):
        missing = next((name for one in whole.get(number, []) if (name := _lacks(one, pieces))), "")
        if number in whole and not missing:
            found += whole[number]
        else:
            # The last one; or one whose last piece went up to its end, after which earlier versions put no end.
            name = growing.get(number, "")
            found += [Segment(name, sorted(pieces[name]))] if name else []
        number += not missing
    timeline = max([*(int(one.name[:8], 16) for one in found), base.timeline])
    if not missing and newest >= number:
        missing = f"wal/{segment_of(timeline, number * size, size)}"
    if number <= last:
        raise ArchiveError(
            f"The log that belongs to base backup {base.number} is not whole: "
            f"{missing or segment_of(timeline, number * size, size)} is missing. "
            "Name another target, or an earlier time with --at"
        )
    return found, missing


def _segment(name: str) -> Segment | None:
    """What an object among the whole segments is; None for a history."""
    segment, _, offsets = name.partition(".")
    if not is_segment(segment):
        return None
    return Segment(segment, [int(one, 16) for one in offsets.split("-")] if offsets else [0], name)


def _lacks(one: Segment, pieces: Mapping[str, list[int]]) -> str:
    """The first piece of a segment that is not there; empty where all are."""
    there = pieces.get(one.name, [])
    return next((f"tail/{one.name}/{offset:08x}" for offset in one.pieces if offset not in there), "")


def _last(one: Found) -> str:
    return one.name.rpartition("/")[2]
