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
from typing import Any

import uvicorn
import uvloop

from townsquare.cli import parts
from townsquare.cli.supervisor import Part
from townsquare.cli.wire import Protocol, WebSocket
from townsquare.kernel import logs
from townsquare.kernel.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be accepted."""
KEEP_ALIVE = 75
"""Seconds that a connection may be idle between two requests: longer than a proxy in front keeps it, so that it is
never we who close it in the moment in which the proxy uses it."""
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
    """Close the connections of those who do not finish what they began to ask, and of those who ask nothing more."""
    clock = asyncio.get_running_loop().time
    while True:
        await asyncio.sleep(SLOWEST_HEAD / 6)
        for one in overdue(connections, clock()):
            one.transport.close()


def overdue(connections: Collection[Any], now: float) -> list[Protocol]:
    """Those that began to send a head too long ago, and those that have been idle for too long."""
    found = [one for one in connections if isinstance(one, Protocol)]
    return [one for one in found if _waited(one.since, now) > SLOWEST_HEAD or _waited(one.idle, now) > KEEP_ALIVE]


def _waited(since: float | None, now: float) -> float:
    return 0.0 if since is None else now - since
