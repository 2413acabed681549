"""What a host knows of its part, and the rules that follow from it.

Every place has a **term**: a number that grows by one at each promotion. Of two hosts that both take themselves for the
primary, the one with the lower term is wrong, and is fenced.
"""

import re
from collections import deque
from datetime import datetime
from typing import Final, Literal

import msgspec

Role = Literal["primary", "standby", "fenced"]
NAME: Final = re.compile(r"[a-z][a-z0-9]{0,19}")
"""Of a host: it becomes part of PostgreSQL's names too."""
SLOT: Final = "standby_"
REPLICATION: Final = "townsquare_standby"
"""The role of PostgreSQL as which a standby reads the log. It owns nothing and cannot write."""
VOTERS: Final = "automatic"
"""The folder of what the voters' programs have on a host (see council.py)."""
PORT: Final = 8700
"""On which hosts listen for each other, unless said otherwise."""


class Peer(msgspec.Struct, frozen=True):
    """Another host of the same place. `certificate`: as PEM; nobody is believed to be this host without its key."""

    name: str
    address: str
    certificate: str


class Invitation(msgspec.Struct, frozen=True):
    """`secret_hash`: SHA-256 of what stands in the address that was printed once."""

    secret_hash: bytes
    until: datetime


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `data`/standby/state.json."""

    name: str
    role: Role
    term: int
    address: str
    """HOST:PORT at which the other hosts reach this one."""
    listen: str
    peers: tuple[Peer, ...] = ()
    primary: str = ""
    """The name of the host that this one follows; of a fenced host: of the one that took its place."""
    armed: bool = False
    """With `durability = "remote"`: a standby has once caught up in this term, so writes wait for it from then on."""
    deletions: bool = False
    """With `durability = "local"`: a standby follows, so what takes something away waits for it."""
    moving: str = ""
    """To which host the place is just being moved: nothing is begun here any more."""
    invitations: tuple[Invitation, ...] = ()
    since: datetime | None = None
    """When the role was taken."""
    led: int = 0
    """The last term in which this host was the primary."""

    def peer(self, name: str) -> Peer | None:
        return next((one for one in self.peers if one.name == name), None)


class Glance(msgspec.Struct, frozen=True):
    """What hosts tell each other once a second. `lsn`: how far the log goes; `http`: the port of the pages here."""

    name: str
    role: Role
    term: int
    lsn: int = 0
    http: int = 0
    writes: bool = True
    """Whether writes are taken here right now."""
    peers: tuple[Peer, ...] = ()
    flushed: int = 0
    """What of the log stands on the disk."""
    serves: bool = True
    """Whether PostgreSQL answers."""
    version: str = ""
    """Of Townsquare."""
    keys: str = ""
    """The SHA-256 of the file of the place's keys."""


class Taking(msgspec.Struct, frozen=True):
    """What a primary says that hands over: the term that begins, and where the last entry of its log begins.

    `number`: of this handing over; what was refused once is refused, however late it is asked for again.
    """

    term: int
    lsn: int
    number: int


class Following(msgspec.Struct, frozen=True):
    """How one standby follows, as the primary sees it. Positions are bytes of the log, times seconds."""

    name: str
    connected: bool
    state: str = ""
    synchronous: bool = False
    behind_bytes: int = 0
    behind_seconds: float = 0.0
    media_behind: int = 0
    """Files that it lacks."""
    kept_bytes: int = 0
    """What of the log is kept for it on this disk."""


class Seen(msgspec.Struct, frozen=True):
    """What the link has last seen: for `standby status`, the health page and the doctor."""

    at: datetime
    role: Role
    term: int
    name: str
    durability: Literal["local", "remote"] = "local"
    armed: bool = False
    alarm: str = ""
    """What somebody must look after, as a sentence; empty: nothing."""
    standbys: tuple[Following, ...] = ()
    primary: str = ""
    reached: bool = False
    """Whether a standby hears its primary."""
    behind_bytes: int = 0
    behind_seconds: float = 0.0
    media_behind: int = 0


def check_name(name: str) -> None:
    """Raise ValueError for what cannot be a host's name."""
    if NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} cannot be a host's name: write up to 20 small letters and digits, a letter first")


def split_address(text: str) -> tuple[str, int]:
    """HOST:PORT, or a host alone. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(PORT)
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 (what TCP has)
        raise ValueError(f"{text!r} is no address: write it as host:port, for example b.example.org:{PORT}")
    return host, int(port)


def newer_primary(state: State, others: "tuple[Glance, ...] | list[Glance]") -> Glance | None:
    """The host that has taken this one's place, as far as the others tell: of a later term, and of the latest."""
    found = [one for one in others if one.role == "primary" and one.term > state.term]
    return max(found, key=lambda one: one.term, default=None)


def synchronous_names(state: State) -> str:
    """PostgreSQL's synchronous_standby_names while writes wait for a standby: for any one of them."""
    names = ", ".join(f'"{one.name}"' for one in state.peers)
    return f"ANY 1 ({names})" if (state.armed or state.deletions) and names else ""


def waiting(state: State) -> str:
    """PostgreSQL's synchronous_commit. With `local` those wait that say so themselves: what notes a removal does."""
    return "local" if state.deletions and not state.armed else "on"


class Lag:
    """How many seconds ago the primary stood where this host stands now, by this host's clock alone."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=4096)

    def note(self, at: float, lsn: int) -> None:
        """The primary was at `lsn`."""
        if not self._seen or lsn > self._seen[-1][1]:
            self._seen.append((at, lsn))

    def seconds(self, now: float, reached: int) -> float:
        """What stands here goes up to `reached`."""
        while self._seen and self._seen[0][1] <= reached:
            self._seen.popleft()
        return max(now - self._seen[0][0], 0.0) if self._seen else 0.0
