"""HTTP/1.1 and WebSocket on a connection: uvicorn's protocols, with less work for each request and limits of ours.

What a request costs here every request costs: a timer, a dozen searches for what no header of ours contains and two
messages for an answer that is there whole were a fifth of the work of a short one.
"""

import asyncio
import urllib.parse
from collections.abc import Sequence
from typing import Any, Final, cast

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.events import Event
from wsproto.handshake import H11Handshake

from townsquare.kernel.http.answer import WHOLE

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a request before its body: address and headers. Who sends more gets status 431."""
LINGER: Final = 2.0
"""Seconds in which one who was refused may read why, before the connection is closed."""


class Gathering:
    """A transport that hands over at once what is written in one turn of the loop: an answer's head and its body.

    uvloop makes a call of the system of each write, and these are the dearest thing in a short answer. Those whom
    one batch of reads answers hear it together, too, so that what they ask next comes together.
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


class Exchange(RequestResponseCycle):
    """One request and its answer: uvicorn's, which also takes an answer that is there whole (see `WHOLE`)."""

    def whole(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], pieces: Sequence[bytes], *, head_only: bool
    ) -> bool:
        """Send all of it by one call. False: nothing was sent, for the other end does not read what it has yet."""
        if self.response_started or self.flow.write_paused:
            return False
        if self.disconnected:
            return True
        said = [*self.default_headers, *headers]
        lines = [STATUS_LINE[status]]
        for name, value in said:
            lines += (name, b": ", value, b"\r\n")
        lines.append(b"content-length: %d\r\n" % sum(map(len, pieces)))
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        if not head.count(b"\r") == head.count(b"\n") == len(said) + 3 - self.keep_alive:
            raise RuntimeError("A header has a line break")
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"".join((head, b"\r\n", *(() if head_only else pieces))))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with the limits that it leaves to a proxy in front, and errors in the API's form.

    `since`: when the head that is being read began, by the loop's clock; None while none is. `idle`: since when nothing
    is asked, after something was. Whoever serves looks at both from time to time, so that no request needs a timer.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.since: float | None = self.loop.time()
        self.idle: float | None = None
        self._read = self._fed = 0
        self._too_long = self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(cast("asyncio.Transport", Gathering(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._refused:
            return
        self._fed = self._read + len(data)
        super().data_received(data)
        if self.since is not None and not self._refused:
            self._read += len(data)
            if self._read > LONGEST_HEAD:
                self._refuse_long()

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        self.since, self.idle, self._read = self.loop.time(), None, 0

    def on_headers_complete(self) -> None:
        """See httptools."""
        self.since = None
        if self._fed > LONGEST_HEAD and self._head_length() > LONGEST_HEAD:
            self._too_long = True
            raise TooLong
        parser, scope = cast("httptools.HttpRequestParser", self.parser), cast("dict[str, Any]", self.scope)
        version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        if parser.should_upgrade() and self._should_upgrade():
            return
        scope["raw_path"], scope["query_string"] = _parted(self.url)
        path = scope["raw_path"].decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        self._begin(keep_alive=version != "1.0" and parser.should_keep_alive())

    def _head_length(self) -> int:
        """Exactly: what was fed may have had a body behind it, or other requests around it."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _begin(self, *, keep_alive: bool) -> None:
        """Answer the request, or wait with it until the one before it is answered."""
        before, app = self.cycle, cast("Any", self.app)
        self.cycle = exchange = Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        cast("dict[str, Any]", self.scope)[WHOLE] = exchange.whole
        # Before the first request there is none, whatever its type says.
        if cast("Any", before) is None or before.response_complete:
            self._start_asgi_task(exchange, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, app))

    def on_response_complete(self) -> None:
        """Called by the exchange."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.idle = self.loop.time()

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


def _parted(url: bytes) -> tuple[bytes, bytes]:
    """Path and query. Most often it is both of them and nothing else; httptools takes apart what is more."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path, parsed.query or b""
