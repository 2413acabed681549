"""Which chains of a target carry on which: a place that came back, or was led by another host, has several in a row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from townsquare.continuity.archive.model import (
    ArchiveError,
    Origin,
    is_history,
    lsn,
    origin_name,
    segment_in,
    segment_number,
)
from townsquare.continuity.archive.sealing import Opener
from townsquare.continuity.archive.targets import Found, Target

TRAILING: Final = timedelta(seconds=30)
"""For so long a host may go on writing that does not know yet that another one leads."""
_SWITCH: Final = re.compile(r"^\s*(\d+)\s+([0-9A-F]+/[0-9A-F]+)", re.MULTILINE)
"""A line of a history: the timeline that ended, and where."""


class Chain(msgspec.Struct, frozen=True):
    """One of a target, with all its objects by folder (base, wal, tail, …) and name."""

    name: str
    objects: Mapping[str, Sequence[Found]]
    origin: Origin | None = None

    def of(self, folder: str) -> Sequence[Found]:
        return self.objects.get(folder, ())

    @property
    def is_base(self) -> bool:
        """Whether it has a whole base backup."""
        return any(one.name.endswith("/manifest") for one in self.of("base"))

    @property
    def first(self) -> datetime:
        return min(one.modified for many in self.objects.values() for one in many)

    @property
    def last(self) -> datetime:
        return max(one.modified for many in self.objects.values() for one in many)


async def look(target: Target, opener: Opener, wanted: str = "") -> list[Chain]:
    """The chains that make up the place, from the first to the one that was written last. Raises ArchiveError.

    Where several went on beside each other, `wanted` says which.
    """
    found = await _all(target, opener)
    if wanted and wanted not in found:
        raise ArchiveError(f"There is no chain {wanted} in {target.url}. It has: {', '.join(found) or 'none'}")
    ends = [wanted] if wanted else _ends(found)
    lines = [line for line in (_line(found, name) for name in ends) if any(one.is_base for one in line)]
    if not lines:
        raise ArchiveError(f"There is no whole base backup in {target.url} yet: nothing can be restored from it")
    if len(lines) > 1:
        raise ArchiveError(_ambiguous(target.url, [line[-1] for line in lines]))
    return lines[0]


async def own(target: Target, name: str) -> Chain:
    """One chain by itself, whatever it carries on."""
    return _sorted({name: [one async for one in target.walk(f"chains/{name}")]})[name]


async def written(target: Target, chain: str) -> datetime | None:
    """When something came to a chain last."""
    return max([one.modified async for one in target.walk(f"chains/{chain}")], default=None)


async def _all(target: Target, opener: Opener) -> dict[str, Chain]:
    objects: dict[str, list[Found]] = {}
    async for one in target.walk("chains"):
        objects.setdefault(one.name.split("/")[1], []).append(one)
    found = _sorted(objects)
    for name, chain in found.items():
        if chain.of("origin"):
            stated = opener.open(origin_name(name), await target.get(origin_name(name)))
            found[name] = msgspec.structs.replace(chain, origin=msgspec.json.decode(stated, type=Origin))
    return found


def _sorted(objects: Mapping[str, Iterable[Found]]) -> dict[str, Chain]:
    found: dict[str, Chain] = {}
    for name in sorted(objects):
        folders: dict[str, list[Found]] = {}
        for one in sorted(objects[name], key=lambda one: one.name):
            folders.setdefault(one.name.split("/")[2], []).append(one)
        found[name] = Chain(name, folders)
    return found


def _ends(found: Mapping[str, Chain]) -> list[str]:
    """Those that no other one carries on; or which were written to for longer than that, so that both live. Pure."""
    over: set[str] = set()
    for chain in found.values():
        replaced = chain.origin.instead if chain.origin else ()
        over.update(name for name in replaced if name in found and found[name].last <= chain.first + TRAILING)
    return [name for name in found if name not in over]


def _line(found: Mapping[str, Chain], name: str) -> list[Chain]:
    """A chain after those that it carries on. Pure."""
    line = [found[name]]
    while (origin := line[0].origin) is not None and origin.chain in found:
        line.insert(0, found[origin.chain])
    return line


def _ambiguous(url: str, ends: Sequence[Chain]) -> str:
    by_last = sorted(ends, key=lambda one: one.last, reverse=True)
    told = [
        f"  {one.name}, written last {one.last:%Y-%m-%d %H:%M:%S} UTC"
        + (f", a copy made of {one.origin.chain} at {one.origin.begun_at:%Y-%m-%d %H:%M:%S} UTC" if one.origin else "")
        for one in by_last
    ]
    return "\n".join(
        [
            f"Several services have written to {url} as this place, beside each other: one of them may have been "
            "restored for practice, or a host that was given up went on. Say with --chain which is the place:",
            *told,
        ]
    )


def until(line: Sequence[Chain], at: datetime | None) -> Sequence[Chain]:
    """Those of a line that had begun at a moment. Pure."""
    number = len(line)
    while at is not None and number > 1 and (origin := line[number - 1].origin) is not None and origin.begun_at > at:
        number -= 1
    return line[:number]


async def fork(target: Target, opener: Opener, before: Chain, after: Chain) -> int | None:
    """The place in the log at which a chain parted from the one that it carries on; None before it tells."""
    known = {one.name.rpartition("/")[2] for one in before.of("wal")}
    histories = [
        one for one in after.of("wal") if is_history(last := one.name.rpartition("/")[2]) and last not in known
    ]
    if not histories:
        return None
    name = histories[0].name
    switches = [(int(one), lsn(at)) for one, at in _SWITCH.findall(opener.open(name, await target.get(name)).decode())]
    if not switches:
        raise ArchiveError(f"{name} in {target.url} says of no moment at which the log parted")
    timeline = max((int(one[:8], 16) for one in _segments(before)), default=0)
    return next((at for one, at in switches if one == timeline), switches[-1][1])


def _segments(chain: Chain) -> list[str]:
    return [name for folder in ("wal", "tail") for one in chain.of(folder) if (name := segment_in(one.name))]


def before_fork(chain: Chain, place: int | None, segment_bytes: int) -> Chain:
    """Of a chain the log up to the segment in which the next one parted from it: that one has it whole. `place`: None
    where none parted from it. Pure.
    """
    if place is None:
        return chain
    end = place // segment_bytes

    def kept(one: Found) -> bool:
        name = segment_in(one.name)
        return not name or segment_number(name, segment_bytes) < end

    cut = {folder: [one for one in chain.of(folder) if kept(one)] for folder in ("wal", "tail")}
    return msgspec.structs.replace(chain, objects={**chain.objects, **cut})
