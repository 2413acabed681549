"""What reaches a service from outside before any route is found, and what of it lies open on its machine."""

import asyncio
import re
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.live import Live, Person
from townsquare.cli import serving
from townsquare.kernel.http.answer import WHOLE, Send
from townsquare.kernel.http.endpoint import Receive, Scope


def ask(service: Live, request: bytes) -> bytes:
    """The first bytes of the answer to a request that is sent as it is; nothing where it is not ended."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def test_more_headers_than_anybody_needs_are_refused(service: Live) -> None:
    long = b"GET /health HTTP/1.1\r\nHost: x\r\nCookie: a=" + b"\\" * 300_000 + b"\r\n\r\n"
    assert ask(service, long).startswith(b"HTTP/1.1 431 ")
    assert ask(service, b"GET /health HTTP/1.1\r\nHost: x\r\nCookie: a=" + b"b" * 8_000 + b"\r\n\r\n").startswith(
        b"HTTP/1.1 200 "
    )


def test_what_is_not_http_is_told_so(service: Live) -> None:
    answer = ask(service, b"HELLO square\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"error":"This is not HTTP/1.1 as RFC 9112 has it"}')


def test_requests_that_come_together_are_answered_in_their_order(service: Live) -> None:
    asked = b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/health", b"/nowhere", b"/health"))
    last = b"HEAD /nowhere/else HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(asked + last)
        with connection.makefile("rb") as stream:
            told = stream.read()
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"200", b"404", b"200", b"404"]


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that has nothing to start or to end, and is asked for nothing."""
    while scope["type"] == "lifespan":
        asked = (await receive())["type"]
        await send({"type": f"{asked}.complete"})
        if asked == "lifespan.shutdown":
            return


async def test_who_does_not_finish_what_they_ask_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SLOWEST_HEAD", 0.2)
    server = serving.make_server(nothing)
    with serving.listening("127.0.0.1", 0, 1) as (own,):
        running = asyncio.create_task(serving.answer(server, own))
        for begun in (b"", b"GET /health HT"):
            reader, writer = await asyncio.open_connection(*own.getsockname())
            writer.write(begun)
            assert await asyncio.wait_for(reader.read(), 30) == b""
            writer.close()
        server.should_exit = True
        await running


async def test_who_asks_nothing_more_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SLOWEST_HEAD", 1.0)
    monkeypatch.setattr(serving, "KEEP_ALIVE", 0.1)
    told = await said_by(plain, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 200 ")
    assert told.endswith(b"\r\n\r\nhere")


async def test_a_header_cannot_end_the_head(caplog: pytest.LogCaptureFixture) -> None:
    """What is in it may come from an address that somebody made up."""
    told = await said_by(broken, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 500 ")
    assert b"evil" not in told
    assert "A header has a line break" in caplog.text


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that gives every answer whole."""
    await (nothing(scope, receive, send) if scope["type"] == "lifespan" else give(scope, b"there"))


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """The same, with a header that would begin another one."""
    await (
        nothing(scope, receive, send) if scope["type"] == "lifespan" else give(scope, b"there\r\nset-cookie: evil=1")
    )


async def give(scope: Scope, value: bytes) -> None:
    assert scope[WHOLE](200, [(b"link", value)], (b"here",), head_only=False)


async def said_by(application: Callable[[Scope, Receive, Send], Awaitable[None]], request: bytes) -> bytes:
    """All that a server says to a request until it hangs up."""
    server = serving.make_server(application)
    with serving.listening("127.0.0.1", 0, 1) as (own,):
        running = asyncio.create_task(serving.answer(server, own))
        reader, writer = await asyncio.open_connection(*own.getsockname())
        writer.write(request)
        told = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        server.should_exit = True
        await running
    return told


def test_who_goes_away_in_the_middle_of_a_body_leaves_no_error(service: Live) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
            connection.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert service.answers()
    assert "request failed" not in service.output


def test_a_token_opens_only_in_its_header(service: Live) -> None:
    """Addresses stand in logs and histories."""
    ann: Person = service.person("wired")
    path = "/api/v1/accounts/verify_credentials"
    assert service.get(path, ann.token).status_code == 200
    for name in ("access_token", "bearer_token", "token"):
        assert service.get(f"{path}?{name}={ann.token}").status_code == 401


def test_the_data_are_for_the_service_only(service: Live) -> None:
    service.person("kept")
    closed = [service.data, *(service.data / name for name in ("postgres", "run", "media", "metrics"))]
    assert [mode(folder) & 0o007 for folder in closed] == [0] * len(closed)
    assert mode(service.data / "service.json") == 0o600
    (socket_file,) = [one for one in (service.data / "run").glob(".s.PGSQL.*") if one.is_socket()]
    assert mode(socket_file) == 0o700


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
