"""What a process counts, and how the processes of a service add it up.

Each process counts in its own memory, which costs well under a microsecond, and leaves a copy in a folder every few
seconds. Whoever is asked for the figures adds up all copies. What a process counted that has ended is kept in one file,
so that counters only ever rise.
"""

import asyncio
import fcntl
import os
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from townsquare.kernel.settings_sources import RUN

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds of the classes by which durations are counted; longer ones are in one class more."""
PAUSE: Final = 2.0
"""Seconds between two copies."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ENDED: Final = "ended"

log = structlog.get_logger("metrics")

Name = tuple[str, ...]
"""What a series is of: method, route and status of requests; kind and outcome of jobs."""


class Series(msgspec.Struct):
    """How often something took how long."""

    name: Name
    classes: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.classes[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Counted(msgspec.Struct):
    """What one process, or all of them, counted. `gauges` are as they were when the copy was made."""

    part: str = ENDED
    pid: int = 0
    requests: Sequence[Series] = ()
    jobs: Sequence[Series] = ()
    gauges: Mapping[str, float] = {}


class Meter:
    """The counts of this process."""

    def __init__(self, part: str = "") -> None:
        self._part = part
        self._requests: dict[tuple[str, str, int], Series] = {}
        self._jobs: dict[tuple[str, str], Series] = {}

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request. `route` is the path with its variables, "" for what no route has."""
        series = self._requests.get((method, route, status))
        if series is None:
            # Anybody can make up a method: it must not become a series.
            method = method if method in METHODS else "other"
            series = self._requests.setdefault((method, route, status), Series((method, route, str(status))))
        series.add(seconds)

    def job(self, kind: str, outcome: str, seconds: float) -> None:
        """Count an event whose effects have run."""
        series = self._jobs.get((kind, outcome))
        if series is None:
            series = self._jobs[kind, outcome] = Series((kind, outcome))
        series.add(seconds)

    def counted(self, gauges: Mapping[str, float]) -> Counted:
        return Counted(self._part, os.getpid(), list(self._requests.values()), list(self._jobs.values()), gauges)


def folder(environ: Mapping[str, str]) -> Path | None:
    """Where the processes of a service leave their copies: beside the settings of its start."""
    return Path(environ[RUN]).parent / "metrics" if environ.get(RUN) else None


async def keep(meter: Meter, place: Path, gauges: Callable[[], Mapping[str, float]]) -> None:
    """Leave copies until cancelled, the last one then. A folder that cannot be written stops nothing else."""
    try:
        _keep(lambda: settle(place))
        while True:
            _keep(lambda: leave(place, meter.counted(gauges())))
            await asyncio.sleep(PAUSE)
    finally:
        _keep(lambda: leave(place, meter.counted(gauges())))


def _keep(act: Callable[[], None]) -> None:
    try:
        act()
    except OSError as error:
        log.warning("figures cannot be kept", error=str(error))


def leave(place: Path, counted: Counted) -> None:
    """Put this process's copy into the folder."""
    _replace(place / f"{counted.pid}.json", counted)


def settle(place: Path) -> None:
    """Make the folder, and add up what processes left that have ended; called when a process starts."""
    place.mkdir(mode=0o700, exist_ok=True)
    with _locked(place):
        ended = [one for one in _read(place) if not alive(one.pid) or one.pid == os.getpid()]
        if not any(one.pid for one in ended):
            return
        _replace(place / f"{ENDED}.json", total(ended))
        for one in ended:
            if one.pid:
                (place / f"{one.pid}.json").unlink(missing_ok=True)


def left(place: Path) -> list[Counted]:
    """All copies in the folder, also of what has ended."""
    with _locked(place):
        return _read(place)


def _read(place: Path) -> list[Counted]:
    """A copy that cannot be read (of another version, for example) is passed over."""
    copies: list[Counted] = []
    for file in place.glob("*.json"):
        with suppress(OSError, msgspec.DecodeError):
            copies.append(msgspec.json.decode(file.read_bytes(), type=Counted))
    return copies


def _replace(file: Path, counted: Counted) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(counted))
    fresh.rename(file)


@contextmanager
def _locked(place: Path) -> Generator[None]:
    """While copies of ended processes are added up, nobody may count them twice."""
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def alive(pid: int) -> bool:
    """Whether a process of this number runs."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def total(copies: Iterable[Counted]) -> Counted:
    """The sum of what processes counted; gauges are nobody's."""
    requests: dict[Name, Series] = {}
    jobs: dict[Name, Series] = {}
    for copy in copies:
        _add(requests, copy.requests)
        _add(jobs, copy.jobs)
    return Counted(requests=list(requests.values()), jobs=list(jobs.values()))


def _add(sums: dict[Name, Series], more: Iterable[Series]) -> None:
    for one in more:
        so_far = sums.setdefault(one.name, Series(one.name))
        if len(one.classes) == len(so_far.classes):
            so_far.classes = [a + b for a, b in zip(so_far.classes, one.classes, strict=True)]
            so_far.seconds += one.seconds


def memory(pid: int) -> int:
    """Bytes of a process, of memory that is shared with others its share; 0 where the system does not tell."""
    try:
        with Path(f"/proc/{pid}/smaps_rollup").open() as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except OSError:
        return 0
