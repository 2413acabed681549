"""`data`/standby (`standby.folder`): what a host knows of its part, and what its processes tell each other by files.

state.json      the part (see model.State); there is none on a host that stands alone
own.pem         the host's key and certificate
gate.json       what the doors do with requests (see kernel.http.gate)
seen.json       what the link has last seen
link.sock       where the web and the background work tell of files that were stored
"""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from townsquare.continuity.standby.model import Role, Seen, State
from townsquare.kernel.http import gate

STATE = "state.json"


class StandbyError(Exception):
    """It cannot be done. The text says why, and what to do."""


def read(folder: Path) -> State | None:
    """The part of this host; None where it stands alone. Raises StandbyError."""
    try:
        return msgspec.json.decode((folder / STATE).read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise StandbyError(f"{folder / STATE} cannot be read: {error}") from error


def role(folder: Path) -> Role:
    """What this host is: a host that stands alone is its own primary."""
    state = read(folder)
    return "primary" if state is None else state.role


def is_at_rest(folder: Path) -> bool:
    """Whether PostgreSQL is not to run on this host now."""
    state = read(folder)
    return state is not None and (state.role == "fenced" or bool(state.moving))


def change(folder: Path, act: Callable[[State], State]) -> State:
    """Change the state; one program at a time. It is on the disk when this returns. Raises StandbyError."""
    with _alone(folder):
        state = read(folder)
        if state is None:
            raise StandbyError(f"{folder.parent} has no standby and is none")
        changed = act(state)
        if changed != state:
            _write(folder / STATE, msgspec.json.format(msgspec.json.encode(changed), indent=1))
        return changed


def create(folder: Path, state: State) -> None:
    """The first state of a host, or another one in its place."""
    with _alone(folder):
        _write(folder / STATE, msgspec.json.format(msgspec.json.encode(state), indent=1))


def become(state: State, role: Role, **other: object) -> State:
    """The state with another role, taken now."""
    changed = msgspec.structs.replace(state, role=role, since=datetime.now(UTC), deletions=False, **other)
    return msgspec.structs.replace(changed, led=changed.term) if role == "primary" else changed


def kept(state: State, **other: object) -> State:
    """The state in the same role."""
    return msgspec.structs.replace(state, **other)


def tell_doors(folder: Path, order: gate.Order) -> None:
    """What the doors do with requests from now on."""
    file = folder / gate.FILE
    if gate.read(file) != order:
        _write(file, msgspec.json.encode(order))


def note(folder: Path, seen: Seen) -> None:
    """Leave what was seen for others to read."""
    draft = folder / ".seen.new"
    draft.write_bytes(msgspec.json.encode(seen))
    draft.rename(folder / "seen.json")


def seen(folder: Path) -> Seen | None:
    """What the link has last left."""
    try:
        return msgspec.json.decode((folder / "seen.json").read_bytes(), type=Seen)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def age(seen: Seen) -> float:
    """Seconds since it was seen."""
    return (datetime.now(UTC) - seen.at).total_seconds()


def _write(file: Path, content: bytes) -> None:
    """Wholly or not at all, on the disk, readable by nobody else."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
    parent = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "state.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
