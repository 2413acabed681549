"""Has another process answer a request, by HTTP over a unix socket: head, body and answer go through as they are."""

from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from townsquare.kernel.http.answer import Send
from townsquare.kernel.http.endpoint import Receive, Scope, header

PASSED: Final = b"x-townsquare-passed"
"""On a request that was passed on already: it goes no further."""
OF_ONE_CONNECTION: Final = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"te", b"trailer", b"upgrade", b"proxy-connection", b"expect"}
)
"""Headers that are not passed on (RFC 9110, 7.6.1)."""
FORWARDED: Final = b"x-forwarded-for"
TIMES: Final = httpx.Timeout(60.0, connect=5.0)

log = structlog.get_logger("http")


class NotReached(Exception):
    """Nobody has taken the request: it may be refused, and sent again."""


class Passed:
    """The other's answer, sent on as it arrives."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        headers = [(name.lower(), value) for name, value in self._response.headers.raw]
        kept = [(name, value) for name, value in headers if name not in OF_ONE_CONNECTION | {b"date"}]
        try:
            await send({"type": "http.response.start", "status": self.status, "headers": kept})
            if not head_only:
                async for chunk in self._response.aiter_raw():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._response.aclose()


class Passing:
    """Passes requests on to whoever listens on the socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._client: httpx.AsyncClient | None = None

    async def on(self, scope: Scope, receive: Receive) -> Passed:
        """The answer. Raises NotReached."""
        if header(scope, PASSED):
            raise NotReached
        request = self._open().build_request(
            scope["method"], _address(scope), headers=_headers(scope), content=_body(scope, receive)
        )
        try:
            return Passed(await self._open().send(request, stream=True))
        except httpx.HTTPError as error:
            log.warning("a request could not be passed on", error=repr(error))
            raise NotReached from error

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            transport = httpx.AsyncHTTPTransport(uds=str(self._socket), limits=httpx.Limits(max_connections=64))
            self._client = httpx.AsyncClient(transport=transport, timeout=TIMES, follow_redirects=False)
        return self._client


def _address(scope: Scope) -> httpx.URL:
    query: bytes = scope["query_string"]
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return httpx.URL("http://primary", raw_path=path + (b"?" + query if query else b""))


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    kept: list[tuple[bytes, bytes]] = [one for one in scope["headers"] if one[0] not in OF_ONE_CONNECTION]
    client: MutableMapping[str, Any] | tuple[str, int] | None = scope.get("client")
    if isinstance(client, tuple):
        before = [value for name, value in kept if name == FORWARDED]
        kept = [one for one in kept if one[0] != FORWARDED]
        kept.append((FORWARDED, b", ".join([*before, client[0].encode("latin-1")])))
    return [*kept, (PASSED, b"1")]


async def _body(scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise NotReached
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return
