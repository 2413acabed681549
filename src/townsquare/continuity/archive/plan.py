"""What a restore needs of a target: looked for, and found to be there, before anything is fetched."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from townsquare.continuity.archive import lines
from townsquare.continuity.archive.lines import Chain
from townsquare.continuity.archive.model import (
    ArchiveError,
    Base,
    is_history,
    is_segment,
    manifest_name,
    part_name,
    segment_number,
    segment_of,
    tail_name,
    wal_name,
)
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.targets import Found, Missing, Target


class Segment(msgspec.Struct, frozen=True):
    """Where a segment of the log is found: in pieces from these offsets on, the last of them in the object `end`.

    A whole one is all end, and the last of all, which was still growing, has none.
    """

    chain: str
    name: str
    offsets: list[int]
    end: str = ""

    @property
    def pieces(self) -> list[int]:
        """Those that stand by themselves."""
        return self.offsets[:-1] if self.end else self.offsets

    @property
    def objects(self) -> list[str]:
        """In the order of the offsets."""
        names = [tail_name(self.chain, self.name, offset) for offset in self.pieces]
        return [*names, wal_name(self.chain, self.end)] if self.end else names


class Plan(msgspec.Struct, frozen=True):
    """All that is fetched. `bases`: the full one first. Names are those of whole objects."""

    line: list[str]
    """The chains of the place, the first one first, also those that began after what is restored."""
    chain: str
    """The one in which what is restored ends."""
    base_chain: str
    """The one that has the bases."""
    bases: list[Base]
    segments: list[Segment]
    histories: list[str]
    place: str
    files: list[list[str]]
    """The lists of uploads, by chains."""
    reaches: datetime
    """When the last of it was written."""
    written: datetime
    """When something came to the last chain of the line."""
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


class Wanted(msgspec.Struct, frozen=True):
    """What to come back to. `at`: the moment; None: the last. `chain`: where several services wrote, the one that is
    the place. `to_hole`: where some of the log is missing, up to there.
    """

    at: datetime | None = None
    chain: str = ""
    to_hole: bool = False


async def make_plan(target: Target, opener: Opener, wanted: Wanted) -> Plan:
    """Raises ArchiveError, which says what is missing."""
    return await _plan(target, opener, await lines.look(target, opener, wanted.chain), wanted)


async def plan_of(target: Target, opener: Opener, chain: str) -> Plan:
    """Of one chain alone, for who wrote it. Raises ArchiveError."""
    return await _plan(target, opener, [await lines.own(target, chain)], Wanted(chain=chain))


async def _plan(target: Target, opener: Opener, line: Sequence[Chain], wanted: Wanted) -> Plan:
    begun = lines.until(line, wanted.at)
    carried, bases = await _bases_for(target, opener, begun, wanted.at)
    _check_parts(target, carried[0], bases)
    logs = [one for chain in carried for one in chain.of("wal")]
    tails = [one for chain in carried for one in chain.of("tail")]
    segments, hole = _log_from(bases[-1], logs, tails)
    hole = f"chains/{begun[-1].name}/{hole}" if hole and not hole.startswith("chains/") else hole
    if hole and not wanted.to_hole:
        raise ArchiveError(
            f"{hole} is missing in {target.url}, and with it what was written after it. Restore "
            "from another target, or with --accept-loss what was written before it"
        )
    places = next((chain.of("place") for chain in reversed(begun) if chain.of("place")), ())
    if not places:
        raise ArchiveError(
            f"The settings and keys of the place are missing in {target.url}: chains/{begun[-1].name}/place"
        )
    return Plan(
        line=[chain.name for chain in line],
        chain=begun[-1].name,
        base_chain=carried[0].name,
        bases=bases,
        segments=segments,
        histories=_histories(logs),
        place=places[-1].name,
        files=[[one.name for one in chain.of("files")] for chain in begun],
        reaches=max(one.modified for one in [*logs, *tails, *places]),
        written=line[-1].last,
        hole=hole,
        to_hole=wanted.to_hole,
    )


async def _bases_for(
    target: Target, opener: Opener, line: Sequence[Chain], at: datetime | None
) -> tuple[list[Chain], list[Base]]:
    """The last base backup that was made before the moment, with those that it stands on; before it the chains from the
    one on that has it, each without the log that comes after the next one parted from it.

    Of a chain that was carried on from an earlier place in its log, only what was before that counts.
    """
    begins: list[datetime] = []
    passed: list[tuple[Chain, int | None]] = []
    after: Chain | None = None
    for chain in reversed(line):
        end = await lines.fork(target, opener, chain, after) if after is not None else None
        passed.insert(0, (chain, end))
        after = chain
        for manifest in reversed([one for one in chain.of("base") if one.name.endswith("/manifest")]):
            base = await _base(target, opener, manifest.name)
            if (at is None or base.made_at <= at) and (end is None or base.stop <= end):
                carried = [lines.before_fork(one, parted, base.segment_bytes) for one, parted in passed]
                return carried, await _standing_on(target, opener, chain.name, base)
            begins.append(base.made_at)
    raise ArchiveError(
        f"The archive in {target.url} begins at {min(begins):%Y-%m-%d %H:%M:%S} UTC. Name a later time with --at"
    )


async def _base(target: Target, opener: Opener, name: str) -> Base:
    base = msgspec.json.decode(opener.open(name, await target.get(name)), type=Base)
    if name != manifest_name(name.split("/")[1], base.number):
        raise ArchiveError(f"{name} is the manifest of another base backup. Do not use this archive")
    return base


async def _standing_on(target: Target, opener: Opener, chain: str, base: Base) -> list[Base]:
    """A base with those that it stands on, the full one first. Raises ArchiveError for one that is missing."""
    found = [base]
    while (parent := found[0].parent) is not None:
        try:
            found.insert(0, await _base(target, opener, manifest_name(chain, parent)))
        except Missing as error:
            raise ArchiveError(f"Base backup {parent} is missing, which base backup {base.number} stands on") from error
    return found


def _histories(logs: Iterable[Found]) -> list[str]:
    """Each once, as the last chain that has it has it."""
    return list({name: one.name for one in logs if is_history(name := _last(one))}.values())


def _check_parts(target: Target, chain: Chain, bases: Iterable[Base]) -> None:
    there = {one.name: one.size for one in chain.of("base")}
    for base in bases:
        for number, chunk in enumerate(base.chunks):
            name = part_name(chain.name, base.number, number)
            if name not in there:
                raise ArchiveError(f"{name} is missing in {target.url}. Restore from another target, if there is one")
            if there[name] != chunk.size:
                raise ArchiveError(
                    f"{name} in {target.url} is damaged: it has {there[name]} bytes of {chunk.size}. "
                    "Restore from another target, if there is one"
                )


def _log_from(base: Base, logs: Sequence[Found], tails: Sequence[Found]) -> tuple[list[Segment], str]:
    """Segments from a base on without a hole, what there is of the next, and the first object that is missing.

    `logs`, `tails`: in the order of the chains; what a later one has as well, it has as it went on.
    """
    size = base.segment_bytes
    number = segment_number(segment_of(base.timeline, base.start, size), size)
    last = segment_number(segment_of(base.timeline, max(base.stop - 1, base.start), size), size)
    pieces: dict[tuple[str, str], list[int]] = {}
    for one in tails:
        _, chain, _, segment, offset = one.name.split("/")
        pieces.setdefault((chain, segment), []).append(int(offset, 16))
    whole = _whole(logs, pieces, size)
    growing: dict[int, tuple[str, str]] = {}
    for chain, name in sorted(pieces, key=lambda one: one[1]):
        growing[segment_number(name, size)] = (chain, name)
    newest = max([*whole, *growing], default=number)
    found: list[Segment] = []
    missing = ""
    while not missing and (number in whole or number in growing):
        missing = next((name for one in whole.get(number, []) if (name := _lacks(one, pieces))), "")
        if number in whole and not missing:
            found += whole[number]
        elif number in growing:
            # The last one; or one whose last piece went up to its end, after which earlier versions put no end.
            found.append(Segment(*growing[number], sorted(pieces[growing[number]])))
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


def _whole(
    logs: Sequence[Found], pieces: Mapping[tuple[str, str], list[int]], size: int
) -> Mapping[int, list[Segment]]:
    """Those that are there whole, by their numbers: of each one object, of those that lack nothing the last.

    An end may be left beside a segment that was put as a whole after it, when the pieces in front of it had gone.
    """
    by_name: dict[str, Segment] = {}
    for one in filter(None, map(_segment, logs)):
        if one.name not in by_name or not _lacks(one, pieces):
            by_name[one.name] = one
    found: dict[int, list[Segment]] = {}
    for one in by_name.values():
        found.setdefault(segment_number(one.name, size), []).append(one)
    return found


def _segment(found: Found) -> Segment | None:
    """What an object among the whole segments is; None for a history."""
    name = _last(found)
    segment, _, offsets = name.partition(".")
    if not is_segment(segment):
        return None
    chain = found.name.split("/")[1]
    return Segment(chain, segment, [int(one, 16) for one in offsets.split("-")] if offsets else [0], name)


def _lacks(one: Segment, pieces: Mapping[tuple[str, str], list[int]]) -> str:
    """The first piece of a segment that is not there; empty where all are."""
    there = pieces.get((one.chain, one.name), [])
    return next((tail_name(one.chain, one.name, offset) for offset in one.pieces if offset not in there), "")


def _last(one: Found) -> str:
    return one.name.rpartition("/")[2]
