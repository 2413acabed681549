"""Clients that watch streams of the service in this process, as a server would let them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import msgspec

from tests.support.square import Person, Square

PATIENCE = 10.0


class Client:
    """One connection. `received`: all that was sent to it so far, as a server would be told to send it."""

    def __init__(self, square: Square, scope: dict[str, Any], *first: dict[str, Any]) -> None:
        self.square = square
        self.received: list[dict[str, Any]] = []
        self.taking = asyncio.Event()
        self.taking.set()
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._read = asyncio.Event()
        for message in first:
            self.hand(message)
        self._task = asyncio.create_task(square.application(scope, self._give, self._take))
        self._task.add_done_callback(lambda _: self._read.set())

    async def _give(self) -> dict[str, Any]:
        if self._inbox.empty():
            self._read.set()
        return await self._inbox.get()

    async def _take(self, message: Any) -> None:
        await self.taking.wait()
        self.received.append(message)
        if message["type"] == "websocket.close" or (
            message["type"] == "http.response.body" and not message.get("more_body")
        ):
            kind = message["type"].partition(".")[0]
            self._inbox.put_nowait({"type": f"{kind}.disconnect", "code": message.get("code", 1000)})

    def hand(self, message: dict[str, Any]) -> None:
        self._read.clear()
        self._inbox.put_nowait(message)

    async def heeded(self) -> None:
        """Return when the service has done what it was asked to, and waits for more or has ended the connection."""
        async with asyncio.timeout(PATIENCE):
            await self._read.wait()
        await calm()

    async def leave(self) -> None:
        """The client goes away."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class Socket(Client):
    """A WebSocket."""

    async def say(self, **message: Any) -> None:
        """Send a message, and let it be heeded."""
        self.hand({"type": "websocket.receive", "text": msgspec.json.encode(message).decode()})
        await self.heeded()

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(one["text"]) for one in self.received if one["type"] == "websocket.send"]

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Events with their payloads, read where they are JSON."""
        return [(one["event"], read(one.get("payload"))) for one in self.messages if "event" in one]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]


class Events(Client):
    """A stream of server-sent events."""

    @property
    def text(self) -> str:
        return b"".join(one["body"] for one in self.received if one["type"] == "http.response.body").decode()

    @property
    def events(self) -> list[tuple[str, Any]]:
        blocks = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line) for block in self.blocks]
        return [(block["event"], read(block["data"])) for block in blocks if "event" in block]

    @property
    def blocks(self) -> list[str]:
        return self.text.split("\n\n")


def read(payload: str | None) -> Any:
    if payload is None or payload == "undefined":
        return payload
    return msgspec.json.decode(payload)


def scope_of(kind: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
    offered = headers.get("sec-websocket-protocol")
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": urlencode(query).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1234),
        "subprotocols": [offered] if offered else [],
        "extensions": {"websocket.http.response": {}},
    }


@asynccontextmanager
async def socket(
    square: Square, token: str = "", headers: Mapping[str, str] | None = None, **query: str
) -> AsyncGenerator[Socket]:
    """A WebSocket that is open, or was refused."""
    headers = dict(headers or {}) | ({"authorization": f"Bearer {token}"} if token else {})
    scope = scope_of("websocket", "/api/v1/streaming", query, headers)
    client = Socket(square, scope, {"type": "websocket.connect"})
    try:
        await client.heeded()
        yield client
    finally:
        await client.leave()


@asynccontextmanager
async def watching(person: Person, stream: str, **query: str) -> AsyncGenerator[Socket]:
    """Somebody's WebSocket that watches a stream."""
    async with socket(person.square, person.token, None, stream=stream, **query) as client:
        assert client.received[0]["type"] == "websocket.accept", client.received
        yield client


@asynccontextmanager
async def listening(
    square: Square, path: str, token: str = "", headers: Mapping[str, str] | None = None, **query: str
) -> AsyncGenerator[Events]:
    """A stream of events that is open, or was refused."""
    headers = dict(headers or {}) | ({"authorization": f"Bearer {token}"} if token else {})
    client = Events(square, scope_of("http", f"/api/v1/streaming{path}", query, headers))
    try:
        await client.heeded()
        yield client
    finally:
        await client.leave()


async def happen(square: Square) -> None:
    """Let all follow that follows, and be told to those who watch."""
    await square.settle()
    await square.services.hub.step()
    await calm()


async def calm() -> None:
    """Let what waits to be sent be sent."""
    for _ in range(10):
        await asyncio.sleep(0)
