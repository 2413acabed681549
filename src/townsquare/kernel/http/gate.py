"""What the doors do with requests while a place has two hosts, or changes from one to the other.

Whoever decides that writes a small file (continuity/standby); every process of the web looks at it before it answers, a
few hundred times a second at most: for a busy one a call of the system for each request would be a tenth of its work.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec

from townsquare.kernel.errors import ReadsOnly
from townsquare.kernel.http.endpoint import Receive, Scope, Sendable
from townsquare.kernel.http.passing import NotReached, Passing

FILE: Final = "gate.json"
SOCKET: Final = "web.sock"
"""Beside the file: leads to the pages of the host that takes the writes."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ALWAYS: Final = frozenset({"/health", "/health.json", "/health/primary", "/metrics"})
"""What is said of this process, and answered by it whatever happens."""
HOLD: Final = 10.0
"""Seconds for which a request is held at most."""
LOOK: Final = 0.01
FRESH: Final = 0.003
"""Seconds for which an order that was read is taken to hold. One to hold requests back is said to be followed only by
who has read it (`report`), and from then on nothing passes."""
REFUSED: Final = "townsquare.refused"
"""Where in a scope stands why it cannot be granted."""
RETRY: Final = "5"


class Order(msgspec.Struct, frozen=True):
    """What to do: answer everything; hold requests back for a moment; have another host answer; refuse.

    It holds for what may write, or for `everything`. `number`: counts the orders to hold, which processes answer to.
    """

    mode: Literal["open", "held", "elsewhere", "closed"] = "open"
    everything: bool = False
    number: int = 0


OPEN: Final = Order()


def read(file: Path) -> Order:
    """What the file says; everything is open where there is none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Order)
    except FileNotFoundError:
        return OPEN


class Gate:
    """One process's. `watch` names the folder of the file; before that, and without one, everything is open."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._file: Path | None = None
        self._changed: tuple[int, int] = (0, 0)
        self._order = OPEN
        self._read_at = -FRESH
        self._under_way = 0
        self._passing: Passing | None = None

    def watch(self, folder: Path) -> None:
        self._file, self._read_at = folder / FILE, -FRESH
        self._passing = Passing(folder / SOCKET)

    def order(self) -> Order:
        """What holds now."""
        if self._file is None:
            return OPEN
        now = self._clock()
        if now - self._read_at < FRESH:
            return self._order
        try:
            state = self._file.stat()
            changed = state.st_mtime_ns, state.st_ino
            if changed != self._changed:
                self._order, self._changed = read(self._file), changed
        except FileNotFoundError:
            self._order, self._changed = OPEN, (0, 0)
        self._read_at = now
        return self._order

    async def admit(self, scope: Scope, receive: Receive) -> Sendable | None:
        """None where the request is answered here; else another host's answer.

        Where neither can be, the scope says so to the door, which tells of it in its own way.
        """
        if self._file is None or scope["path"] in ALWAYS:
            return None
        held = 0.0
        while (order := self.order()).mode == "held" and _concerned(order, scope):
            if held >= HOLD:
                return _refused(scope)
            await asyncio.sleep(LOOK)
            held += LOOK
        if order.mode == "open" or not _concerned(order, scope):
            return None
        if order.mode == "closed":
            return _refused(scope)
        return await self.pass_on(scope, receive)

    async def pass_on(self, scope: Scope, receive: Receive) -> Sendable | None:
        """The answer of the host that takes the writes."""
        if self._passing is None:
            return _refused(scope)
        try:
            return await self._passing.on(scope, receive)
        except NotReached:
            return _refused(scope)

    @property
    def leads_elsewhere(self) -> bool:
        """Whether there is a host that takes what this one cannot."""
        return self.order().mode == "elsewhere"

    def enter(self) -> None:
        """A request is being answered here."""
        self._under_way += 1

    def leave(self) -> None:
        self._under_way -= 1

    async def report(self, told: Callable[[Path, int], None] | None = None) -> None:
        """Until cancelled: say to whoever has requests held back that none is under way here any more."""
        said = 0
        while True:
            await asyncio.sleep(LOOK * 5)
            order = self.order()
            if self._file is not None and order.mode == "held" and order.number != said and not self._under_way:
                (told or _say)(self._file.parent, order.number)
                said = order.number


def _say(folder: Path, number: int) -> None:
    (folder / f"quiet.{os.getpid()}").write_text(str(number), encoding="ascii")


def _concerned(order: Order, scope: Scope) -> bool:
    return order.everything or scope.get("method", "GET") not in SAFE


def _refused(scope: Scope) -> None:
    scope[REFUSED] = ReadsOnly(headers={"retry-after": RETRY})


def check(scope: Scope) -> None:
    """Raise ReadsOnly where the gate has found that the request cannot be granted now."""
    refused = scope.get(REFUSED)
    if isinstance(refused, ReadsOnly):
        raise refused
