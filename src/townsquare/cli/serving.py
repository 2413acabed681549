"""The processes that answer requests: uvicorn on a socket that each of them was given by who looks after it.

Each listens on a socket of its own on the same address (SO_REUSEPORT), and the system deals connections out among them.
The one who looks after them holds all of these sockets: connections to a process that ended wait for its successor.
"""

import asyncio
import gc
import socket
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import httptools
import msgspec
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import Event
from wsproto.handshake import H11Handshake

from townsquare.cli import parts
from townsquare.cli.supervisor import Part
from townsquare.kernel import logs
from townsquare.kernel.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be accepted."""
KEEP_ALIVE = 75
"""Seconds that a connection may be idle between two requests: longer than a proxy in front keeps it, so that it is
never we who close it in the moment in which the proxy uses it."""
LONGEST_HEAD = 64 * 1024
"""Bytes of a request before its body: address and headers. Who sends more gets status 431."""
LONGEST_MESSAGE = 64 * 1024
"""Bytes of a message by WebSocket from a client."""
PING = 30.0
"""Seconds between two looks whether the other end of a WebSocket is still there, and in which it must answer. A proxy
in front, which ends connections that are quiet for a minute or so, sees that this one lives."""
SELDOM = (1000, 20, 50)
"""After how many new objects, and how many smaller collections, garbage is collected. To look through all objects of
5,000 open streams takes a fifth of a second, in which nothing is answered: that is done after a million new ones."""
SLOWEST_HEAD = 30.0
"""Seconds in which these must have come, from the first byte or from the making of the connection."""
LINGER = 2.0
"""Seconds in which one who was refused may read why, before the connection is closed."""


@contextmanager
def listening(host: str, port: int, processes: int) -> Generator[list[socket.socket]]:
    """A socket for each process, listening from now on: who connects waits until a process is there."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    sockets = [socket.socket(family, socket.SOCK_STREAM) for _ in range(processes)]
    try:
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind((host, port))
        for one in sockets:
            one.listen(BACKLOG)
        yield sockets
    finally:
        close(sockets)


def close(sockets: Sequence[socket.socket]) -> None:
    """In this process only; it may be done twice."""
    for one in sockets:
        one.close()


def web_parts(settings: Settings, sockets: Sequence[socket.socket]) -> list[Part]:
    """What is to run for these sockets."""
    return [Part("http", partial(_serve, settings, sockets, own)) for own in sockets]


def apart(sockets: Sequence[socket.socket], main: Callable[[], int]) -> int:
    """Run `main` in a process that has nothing to do with requests: it must not keep the sockets open."""
    close(sockets)
    return main()


def _serve(settings: Settings, sockets: Sequence[socket.socket], own: socket.socket) -> int:
    """Answer requests until SIGTERM; then those under way are finished."""
    close([one for one in sockets if one is not own])
    logs.configure(settings.log)
    parts.allow_many_files()
    gc.set_threshold(*SELDOM)
    server = make_server(parts.load_app().application)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(answer(server, own))
    return 0


def make_server(application: Any) -> uvicorn.Server:
    """One that is not running yet. `application`: ASGI 3.0, with lifespan."""
    config = uvicorn.Config(
        application,
        interface="asgi3",
        http=Protocol,
        ws=WebSocket,
        ws_max_size=LONGEST_MESSAGE,
        ws_ping_interval=PING,
        ws_ping_timeout=PING,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=parts.GRACE,
    )
    return uvicorn.Server(config)


async def answer(server: uvicorn.Server, own: socket.socket) -> None:
    """Until SIGTERM or SIGINT, or until `server.should_exit` is set."""
    looking = asyncio.create_task(_hang_up(server.server_state.connections))
    try:
        await server.serve([own])
    finally:
        looking.cancel()


async def _hang_up(connections: Collection[Any]) -> None:
    """Close the connections of those who do not finish what they began to ask."""
    clock = asyncio.get_running_loop().time
    while True:
        await asyncio.sleep(SLOWEST_HEAD / 6)
        for one in overdue(connections, clock()):
            one.transport.close()


def overdue(connections: Collection[Any], now: float) -> "list[Protocol]":
    """Those that began to send a head too long ago."""
    found = [one for one in connections if isinstance(one, Protocol) and one.since is not None]
    return [one for one in found if now - (one.since or now) > SLOWEST_HEAD]


class Gathering:
    """A transport that hands over at once what is written in one turn of the loop: an answer's head and its body.

    uvloop makes a call of the system of each write, and these are the dearest thing in a short answer.
    """

    __slots__ = ("_loop", "_transport", "_written")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """See asyncio.WriteTransport."""
        if not self._written:
            self._loop.call_soon(self.flush)
        self._written.append(data)

    def flush(self) -> None:
        """Hand over what was written until now."""
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written.clear()

    def close(self) -> None:
        """See asyncio.BaseTransport."""
        self.flush()
        self._transport.close()

    def write_eof(self) -> None:
        """See asyncio.WriteTransport."""
        self.flush()
        self._transport.write_eof()


class Shaken:
    """What stands where a WebSocket's handshake was, once hands are shaken."""

    def events(self) -> Sequence[Event]:
        """See wsproto.handshake."""
        return ()


class WebSocket(WSProtocol):
    """uvicorn's WebSocket, without what it read the handshake with: a fifth of the memory of a connection at rest."""

    async def send(self, message: Any) -> None:
        """See ASGI."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.conn.handshake = cast("H11Handshake", SHAKEN)


SHAKEN = Shaken()


class TooLong(httptools.HttpParserError):
    """The head of a request is; raised in the parser, it ends the reading."""


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with the limits that it leaves to a proxy in front, and errors in the API's form.

    `since`: when the head that is being read began, by the loop's clock; None while none is.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.since: float | None = self.loop.time()
        self._read = 0
        self._too_long = self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(cast("asyncio.Transport", Gathering(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._refused:
            return
        super().data_received(data)
        if self.since is not None and not self._refused:
            self._read += len(data)
            if self._read > LONGEST_HEAD:
                self._refuse_long()

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self.since, self._read = self.loop.time(), 0

    def on_headers_complete(self) -> None:
        """See httptools."""
        self.since = None
        if len(self.url) + sum([len(name) + len(value) for name, value in self.headers]) > LONGEST_HEAD:
            self._too_long = True
            raise TooLong
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Called when the reading of a head has ended with an error."""
        if self._too_long:
            self._refuse_long()
        else:
            self._refuse("400 Bad Request", "This is not HTTP/1.1 as RFC 9112 has it")

    def _refuse_long(self) -> None:
        text = f"Address and headers may have {LONGEST_HEAD // 1024} KiB together; send fewer or shorter ones"
        self._refuse("431 Request Header Fields Too Large", text)

    def _refuse(self, status: str, text: str) -> None:
        """Tell why, and hear no more. To close at once could take the answer back from who is still sending."""
        self._refused = True
        body = msgspec.json.encode({"error": text})
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {len(body)}"
        self.transport.write(head.encode() + b"\r\nconnection: close\r\n\r\n" + body)
        self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)
