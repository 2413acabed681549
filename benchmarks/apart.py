"""Hosts that are apart: network namespaces of this machine, and between them a switch that delays, and cuts off.

Not every kernel has `tc netem`, so the delay is the switch's own: a process that reads the frames of each host's
interface (tap), keeps each for as long as the way between the two takes, and hands it on, or drops it. It takes root.
"""

import fcntl
import heapq
import multiprocessing
import os
import select
import signal
import struct
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

import msgspec

NET: Final = "10.83.7"
HERE: Final = "people"
"""Where the clients are: this very machine."""
TUNSETIFF: Final = 0x400454CA
TAP_WITHOUT_HEADER: Final = 0x0002 | 0x1000
FRAME: Final = 65536
EVERYBODY: Final = b"\xff" * 6


class Way(msgspec.Struct, frozen=True):
    """From one place to another: `seconds` that it takes, None for a way that is cut."""

    start: int
    end: int
    seconds: float | None


class Orders(Protocol):
    """One end of a pipe to another process."""

    def send(self, obj: Any) -> None: ...

    def recv(self) -> Any: ...

    def fileno(self) -> int: ...


class Network:
    """`places`: names of the hosts. The first number in the net is the first host's."""

    def __init__(self, places: tuple[str, ...], orders: Orders) -> None:
        self.places = places
        self._orders = orders

    def address(self, place: str) -> str:
        return f"{NET}.{self._number(place)}"

    def command(self, place: str) -> tuple[str, ...]:
        """What runs a program on a host."""
        return ("ip", "netns", "exec", _namespace(place))

    def delay(self, one: str, other: str, seconds: float) -> None:
        """Each way takes so long."""
        self._set(one, other, seconds)
        self._set(other, one, seconds)

    def cut(self, start: str, end: str) -> None:
        """Nothing arrives any more of what one sends to the other; what the other sends does."""
        self._set(start, end, None)

    def pids(self, place: str) -> list[int]:
        """All processes of a host."""
        done = subprocess.run(["ip", "netns", "pids", _namespace(place)], capture_output=True, check=True)
        return [int(word) for word in done.stdout.split()]

    def tell_all(self, place: str, number: signal.Signals) -> None:
        """A signal to all processes of a host at once; twice, for those that have just come."""
        for _ in range(2):
            for pid in self.pids(place):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _set(self, start: str, end: str, seconds: float | None) -> None:
        self._orders.send(Way(self._number(start), self._number(end), seconds))

    def _number(self, place: str) -> int:
        return 1 + [*self.places, HERE].index(place)


@contextmanager
def network(*places: str) -> Generator[Network]:
    """For the time of the block."""
    theirs, ours = multiprocessing.Pipe()
    interfaces = [_interface(number) for number in range(1, len(places) + 2)]
    switching = multiprocessing.Process(target=_switch, args=(interfaces, theirs), daemon=True)
    switching.start()
    try:
        for number, place in enumerate(places, start=1):
            _ip("netns", "add", _namespace(place))
            _ip("link", "set", f"ts{number}", "netns", _namespace(place))
            inside = ("netns", "exec", _namespace(place), "ip")
            _ip(*inside, "link", "set", "lo", "up")
            _ip(*inside, "address", "add", f"{NET}.{number}/24", "dev", f"ts{number}")
            _ip(*inside, "link", "set", f"ts{number}", "up")
        last = len(interfaces)
        _ip("address", "add", f"{NET}.{last}/24", "dev", f"ts{last}")
        _ip("link", "set", f"ts{last}", "up")
        yield Network(places, ours)
    finally:
        for place in places:
            subprocess.run(["ip", "netns", "delete", _namespace(place)], check=False, capture_output=True)
        switching.terminate()
        switching.join()
        for one in interfaces:
            os.close(one)


def _namespace(place: str) -> str:
    return f"townsquare-{place}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _interface(number: int) -> int:
    """A new one, whose last byte of the address says whose it is."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", f"ts{number}".encode(), TAP_WITHOUT_HEADER))
    _ip("link", "set", f"ts{number}", "address", f"02:00:00:00:07:{number:02x}")
    return descriptor


def _switch(interfaces: list[int], orders: Orders) -> None:
    """Until it is ended. Frames of one way keep their order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ways: dict[tuple[int, int], float | None] = {}
    numbers = {descriptor: number for number, descriptor in enumerate(interfaces, start=1)}
    waiting: list[tuple[float, int, int, bytes]] = []
    counted = 0
    for descriptor in interfaces:
        os.set_blocking(descriptor, False)
    while True:
        pause = max(waiting[0][0] - time.monotonic(), 0) if waiting else 1
        for ready in select.select([*interfaces, orders.fileno()], [], [], pause)[0]:
            if ready == orders.fileno():
                way: Way = orders.recv()
                ways[way.start, way.end] = way.seconds
                continue
            start, now = numbers[ready], time.monotonic()
            for frame in _frames(ready):
                for end in _ends(frame, start, len(interfaces)):
                    seconds = ways.get((start, end), 0.0)
                    if seconds is not None:
                        counted += 1
                        heapq.heappush(waiting, (now + seconds, counted, interfaces[end - 1], frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, descriptor, frame = heapq.heappop(waiting)
            with suppress(OSError):  # a host that is down, or is slow to read: a network drops
                os.write(descriptor, frame)


def _frames(descriptor: int) -> Generator[bytes]:
    with suppress(BlockingIOError, OSError):
        for _ in range(64):
            yield os.read(descriptor, FRAME)


def _ends(frame: bytes, start: int, places: int) -> list[int]:
    """For whom a frame is."""
    to = frame[:6]
    if to[:5] == b"\x02\x00\x00\x00\x07" and 1 <= to[5] <= places:
        return [to[5]]
    return [one for one in range(1, places + 1) if one != start] if to == EVERYBODY else []
