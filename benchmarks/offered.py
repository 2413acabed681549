"""Requests that come when they come, whether the answers do or not; or as soon as the last was answered.

What makes the load of `beside`: one process, some connections that stay open, nothing of HTTP that is not needed. A
request that finds no connection free waits for one, and its wait counts: so a service that stands still for a second is
seen by everybody who came within it, and not by one.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import msgspec

LATE: Final = 30.0
"""Seconds after which an answer is not waited for any more."""
WELL: Final = b"HTTP/1.1 2"
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"\r\ncontent-length: "


class Answers(msgspec.Struct, frozen=True):
    """How many came a second, how many were refused, and how long they took, in ms: half of them, 99 of 100."""

    number: int
    rate: float
    refused: int
    half_ms: float
    most_ms: float


class Load(msgspec.Struct, frozen=True):
    """`rate`: requests a second, at moments of chance; None for the next as soon as one was answered. Of the first
    `warm` seconds nothing is counted.
    """

    connections: int
    rate: float | None
    seconds: float
    warm: float = 0.0


def send(url: str, requests: Iterator[bytes], load: Load) -> Answers:
    """Until the time is over or the requests are."""
    return asyncio.run(_send(url, requests, load))


async def _send(url: str, requests: Iterator[bytes], load: Load) -> Answers:
    loop = asyncio.get_running_loop()
    place = urlsplit(url)
    crowd = _Crowd(requests, load, loop.time())
    host, port = str(place.hostname), place.port or 80
    made = [loop.create_connection(lambda: _Caller(crowd), host, port) for _ in range(load.connections)]
    callers = [caller for _, caller in await asyncio.gather(*made)]
    if load.rate is None:
        for one in callers:
            one.begin(loop.time())
    else:
        crowd.free.extend(callers)
        await crowd.come(load.rate)
    async with asyncio.timeout(load.seconds + LATE):
        await crowd.over.wait()
    for one in callers:
        one.close()
    return crowd.answers()


class _Crowd:
    """Everybody who asks, and how they fared."""

    def __init__(self, requests: Iterator[bytes], load: Load, now: float) -> None:
        self.free: deque[_Caller] = deque()
        self.over = asyncio.Event()
        self._waiting: deque[float] = deque()
        self._requests = requests
        self._load = load
        self._counted_from, self._ends = now + load.warm, now + load.seconds
        self._open = 0
        self._coming = load.rate is not None
        self._took: list[float] = []
        self._refused = 0
        self._last = self._counted_from

    async def come(self, rate: float) -> None:
        """Somebody asks at each moment of chance, `rate` times a second."""
        loop, chance = asyncio.get_running_loop(), random.Random(1)
        due = loop.time()
        while (due := due + chance.expovariate(rate)) < self._ends:
            if (ahead := due - loop.time()) > 0:
                await asyncio.sleep(ahead)
            self._waiting.append(loop.time())
            if self.free:
                self.free.popleft().begin(self._waiting.popleft())
        self._coming = False
        self._look_over()

    def following(self, now: float) -> bytes | None:
        """What is asked next; None when nothing is."""
        request = next(self._requests, None) if self._load.rate is not None or now < self._ends else None
        self._open += request is not None
        return request

    def answered(self, caller: "_Caller", asked: float, now: float, *, well: bool) -> None:
        self._open -= 1
        if asked >= self._counted_from:
            self._took.append(now - asked)
            self._refused += not well
            self._last = now
        if self._load.rate is None:
            caller.begin(now)
        elif self._waiting:
            caller.begin(self._waiting.popleft())
        else:
            self.free.append(caller)
        self._look_over()

    def _look_over(self) -> None:
        if not self._coming and not self._open and not self._waiting:
            self.over.set()

    def answers(self) -> Answers:
        took = sorted(self._took) or [0.0]
        seconds = max(self._last - self._counted_from, 1e-9)
        half, most = (took[min(int(len(took) * part), len(took) - 1)] * 1e3 for part in (0.5, 0.99))
        return Answers(len(self._took), len(self._took) / seconds, self._refused, half, most)


class _Caller(asyncio.Protocol):
    """One connection: a request, its answer, the next."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._loop = asyncio.get_running_loop()
        self._asked = 0.0
        self._got = bytearray()
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def begin(self, asked: float) -> None:
        """Ask for somebody who came at this moment."""
        request = self._crowd.following(self._loop.time())
        if request is not None and self._transport is not None:
            self._asked = asked
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        got = self._got
        got += data
        head = got.find(END_OF_HEAD)
        if head < 0:
            return
        start = got.find(LENGTH, 0, head) + len(LENGTH)
        end = got.find(b"\r\n", start)
        if len(got) < head + len(END_OF_HEAD) + int(got[start:end]):
            return
        well = got.startswith(WELL)
        got.clear()
        self._crowd.answered(self, self._asked, self._loop.time(), well=well)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
