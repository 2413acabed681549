"""What processes use, as Linux tells it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from benchmarks.shapes import Group

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
USER, SYSTEM, PARENT = 11, 12, 1
"""Fields of /proc/*/stat after the name in parentheses; after USER and SYSTEM come those of children that ended."""


def _stat(path: Path) -> tuple[str, list[str]]:
    """Name and further fields."""
    head, _, rest = path.read_text().rpartition(")")
    return head.partition("(")[2], rest.split()


def _all() -> Iterator[tuple[int, str, int]]:
    """Process id, name and parent of every process."""
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                name, fields = _stat(entry / "stat")
                yield int(entry.name), name, int(fields[PARENT])


def tree(root: int) -> dict[int, str]:
    """A process and all below it, with their names."""
    everything = list(_all())
    found = {pid: name for pid, name, _ in everything if pid == root}
    grown = True
    while grown:
        below = {pid: name for pid, name, parent in everything if parent in found and pid not in found}
        found |= below
        grown = bool(below)
    return found


def named(root: int, name: str) -> list[int]:
    """Those below a process that have this name."""
    return [pid for pid, one in tree(root).items() if one == name]


def cpu_seconds(roots: Sequence[int]) -> float:
    """The CPU time so far of processes and all below them, those included that have ended and been waited for."""
    return sum(cpu_of(pid) for root in roots for pid in tree(root))


def cpu_of(pid: int) -> float:
    """The CPU time so far of a process, and of what it started that has ended and was waited for; 0 when it is gone."""
    with suppress(OSError):
        _, fields = _stat(PROC / str(pid) / "stat")
        return sum(int(field) for field in fields[USER : USER + 4]) / TICKS
    return 0.0


class MachineTime(msgspec.Struct, frozen=True):
    """CPU seconds of all cores together: at work, and given to others by the machine's host."""

    busy: float
    stolen: float


def machine_seconds() -> MachineTime:
    """Since the machine was started."""
    user, nice, system, _, _, interrupts, soft, stolen = map(int, (PROC / "stat").read_text().split()[1:9])
    return MachineTime((user + nice + system + interrupts + soft) / TICKS, stolen / TICKS)


def groups(roots: Sequence[int]) -> list[Group]:
    """Processes and their memory by name, the largest first."""
    found: dict[str, list[float]] = {}
    for root in roots:
        for pid, name in tree(root).items():
            with suppress(OSError):
                found.setdefault(name, []).append(_pss_mb(pid))
    made = [Group(name, len(sizes), round(sum(sizes), 1)) for name, sizes in found.items()]
    return sorted(made, key=lambda group: -group.pss_mb)


def _pss_mb(pid: int) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
