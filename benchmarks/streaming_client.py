"""Connections that watch streams, by the thousand: as little of WebSocket and server-sent events as that takes."""

import asyncio
import re
import time
from typing import Final

from benchmarks.commands import Trouble

SENT: Final = re.compile(rb"sent at (\d+)")
"""What the posts of a measurement say: when they were sent, in nanoseconds."""
PING, TEXT = 0x9, 0x1
_HEADERS: Final = (
    "Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nOrigin: https://app.example\r\n"
    "Authorization: Bearer {token}\r\n"
)
_UPGRADE: Final = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
)


Seen = tuple[int, float]
"""When a post was sent, in nanoseconds, and how many milliseconds later it was here."""


class Watcher(asyncio.Protocol):
    """One connection. `seen` grows with each post that comes."""

    def __init__(self, seen: list[Seen], *, websocket: bool, token: str) -> None:
        self._seen = seen
        self._websocket = websocket
        self._token = token
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        path = "/api/v1/streaming?stream=user" if self._websocket else "/api/v1/streaming/user"
        kind = _UPGRADE if self._websocket else "Accept: text/event-stream\r\n"
        transport.write(f"GET {path} HTTP/1.1\r\n{_HEADERS.format(token=self._token)}{kind}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head and b" 200 " not in head:
                self.opened.set_exception(Trouble(f"A stream was refused: {head[:200]!r}"))
                return
            self.opened.set_result(None)
            self._buffer = bytearray(rest)
        if self._websocket:
            self._frames()
        else:
            self._look(self._buffer)
            self._buffer.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.opened.done():
            self.opened.set_exception(Trouble("A stream was closed before it was open"))

    def _frames(self) -> None:
        buffer = self._buffer
        while len(buffer) >= 2:
            size, start = buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(buffer[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(buffer[2:10], "big"), 10
            if len(buffer) < start + size:
                return
            payload = bytes(buffer[start : start + size])
            if buffer[0] & 15 == PING and self._transport is not None:
                self._transport.write(bytes((0x8A, 0x80 | size, 0, 0, 0, 0)) + payload)
            elif buffer[0] & 15 == TEXT:
                self._look(payload)
            del buffer[: start + size]

    def _look(self, data: bytes | bytearray) -> None:
        for found in SENT.finditer(data):
            sent = int(found[1])
            self._seen.append((sent, (time.perf_counter_ns() - sent) / 1e6))
