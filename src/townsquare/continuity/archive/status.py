"""How the archive is: written each second by whoever runs it, for commands, pages and alarms."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from townsquare.continuity.archive.model import Base, Progress
from townsquare.continuity.archive.state import Home
from townsquare.kernel.kept_file import write_file

STALE: Final = timedelta(minutes=2)
"""Whoever runs the archive has not said anything for so long: it does not run."""
LATE: Final = 300.0
"""Seconds of the log that a target may lack before it is somebody's concern."""
_HOLE: Final = (
    "a part of the log was lost before it came here; a new base backup is made, and what comes counts from it on"
)
TEST_LATE: Final = timedelta(days=9)
"""After so long without a good restore test something is wrong."""


class TargetStatus(msgspec.Struct, frozen=True):
    """Of one target. `lag_bytes`, `lag_seconds`: of what was committed here and is not there."""

    url: str
    lag_bytes: int
    lag_seconds: float
    size: int
    objects: int
    uploads: int
    uploads_waiting: int
    bases: int
    last_base_at: datetime | None
    oldest_at: datetime | None
    """The first moment to which can be restored."""
    shipped_at: datetime | None
    verified_at: datetime | None
    tested_at: datetime | None
    failure: str = ""
    """What the last restore test found."""
    error: str = ""
    """What is wrong now."""


class Status(msgspec.Struct, frozen=True):
    at: datetime
    began_at: datetime
    """When whoever runs it was started."""
    chain: str
    waiting_bytes: int
    """Of the log, on the disk here."""
    targets: list[TargetStatus]
    error: str = ""


class Now(msgspec.Struct):
    """What is measured of a target while it is filled."""

    lag_bytes: int = 0
    lag_seconds: float = 0.0
    uploads: int = 0
    uploads_waiting: int = 0
    errors: dict[str, str] = {}
    """What is wrong with each of the things that are done for it."""


class Concern(msgspec.Struct, frozen=True):
    """Something that somebody has to look after. `key`: the same as long as it is the same concern."""

    key: str
    text: str


NOTHING: Final = Concern("stale", "Nothing is archived: the archive does not run. Look at `townsquare archive status`.")


def write(home: Home, status: Status) -> None:
    write_file(home.status, msgspec.json.encode(status))


def read(home: Home) -> Status | None:
    return msgspec.json.decode(home.status.read_bytes(), type=Status) if home.status.exists() else None


def parse(said: bytes) -> Status:
    return msgspec.json.decode(said, type=Status)


def oldest(bases: Sequence[Base]) -> datetime | None:
    return min((base.made_at for base in bases), default=None)


def of_target(url: str, progress: Progress, now: Now) -> TargetStatus:
    return TargetStatus(
        url=url,
        lag_bytes=now.lag_bytes,
        lag_seconds=round(now.lag_seconds, 1),
        size=progress.size,
        objects=progress.objects,
        uploads=now.uploads,
        uploads_waiting=now.uploads_waiting,
        bases=len(progress.bases),
        last_base_at=max((base.made_at for base in progress.bases), default=None),
        oldest_at=oldest(progress.bases),
        shipped_at=progress.shipped_at,
        verified_at=progress.verified_at,
        tested_at=progress.tested_at,
        failure=progress.failure,
        error=next(iter(now.errors.values()), _HOLE if progress.gaps != progress.covered else ""),
    )


def concerns(status: Status, now: datetime | None = None) -> list[Concern]:
    """What somebody has to look after, the gravest first. Pure."""
    moment = now or datetime.now(UTC)
    if moment - status.at > STALE:
        return [NOTHING]
    found = [Concern("error", f"The archive cannot go on: {status.error}")] if status.error else []
    for one in status.targets:
        if one.lag_seconds > LATE:
            why = f" ({one.error})" if one.error else ""
            found.append(
                Concern(f"lag {one.url}", f"{one.url} lacks the last {one.lag_seconds / 60:.0f} minutes{why}.")
            )
        if one.failure:
            found.append(Concern(f"test {one.url}", f"The restore test of {one.url} failed: {one.failure}"))
        elif one.last_base_at and moment - (one.verified_at or one.last_base_at) > TEST_LATE:
            found.append(
                Concern(f"untested {one.url}", f"{one.url} has not passed a restore test for more than a week.")
            )
        if not one.bases and moment - status.began_at > timedelta(hours=6):
            found.append(
                Concern(f"base {one.url}", f"{one.url} has no base backup yet: nothing can be restored from it.")
            )
    return found
