"""Streams by WebSocket: one connection watches as many streams as it likes.

https://docs.joinmastodon.org/methods/streaming/#websocket
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

import msgspec

from townsquare.api.door import Call, count, told
from townsquare.api.services import Services
from townsquare.api.streaming_door import Admitted, Asked, admit, asked, check_stream, resuming
from townsquare.kernel.errors import Refused, TooMany
from townsquare.kernel.http.answer import Answer, Send
from townsquare.kernel.http.endpoint import SOCKET, Endpoint, Receive, Scope, Sendable
from townsquare.timelines.streaming.model import Stream, stream_of
from townsquare.timelines.streaming.outlet import AnyOutlet, End, Message

LONGEST: Final = 4096
"""Characters of a message from a client."""
MOST_STREAMS: Final = 100
"""Of one connection."""
ENDS: Final[Mapping[End, tuple[int, str]]] = {
    "revoked": (1008, "The access token has ended"),
    "slow": (1013, "Too slow: connect again and resume"),
    "restart": (1012, "The server restarts: connect again"),
}
"""Codes (https://www.iana.org/assignments/websocket) and reasons."""


def socket(services: Services, path: str) -> list[Endpoint]:
    """Where clients connect, also with something behind the address, which means nothing."""
    return [Endpoint(SOCKET, one, partial(_connect, services)) for one in (path, f"{path}/*rest")]


async def _connect(services: Services, scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
    call = Call(services, scope, receive, values)
    offered: Sequence[str] = scope.get("subprotocols") or ()
    try:
        given = asked(call)
        admitted = await admit(call, given.access_token, *offered[:1])
    except Refused as refused:
        return _refused(refused)
    return Conversation(call, admitted, given, offered[0] if offered else None)


def _refused(refused: Refused) -> Answer:
    """As Mastodon does it, the reason stands in a header as well: programs see no more of a refused connection."""
    return told(refused).header("x-error-message", refused.text)


class Conversation:
    """`subprotocol`: what a browser offered, which wants to see it again: it is how scripts there send a token."""

    status = 101

    def __init__(self, call: Call, admitted: Admitted, given: Asked, subprotocol: str | None) -> None:
        self._call = call
        self._admitted = admitted
        self._given = given
        self._subprotocol = subprotocol

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        hub = self._call.services.hub
        outlet = self._admitted.outlet(SocketWire(send))
        try:
            hub.open(outlet)
        except Refused as refused:
            await _refused(refused).send(send)
            return
        try:
            await send({"type": "websocket.accept", "subprotocol": self._subprotocol})
            self._call.scope["headers"] = []  # two kilobytes that nobody asks for any more
            if self._given.stream is not None:
                first = {"tag": self._given.tag, "list": self._given.list, "last_event_id": self._given.last_event_id}
                await self._heed(send, outlet, {"type": "subscribe", "stream": self._given.stream, **first})
            await self._listen(send, outlet)
        finally:
            hub.close(outlet)

    async def _listen(self, send: Send, outlet: AnyOutlet) -> None:
        while (message := await self._call.receive())["type"] == "websocket.receive":
            text: str | None = message.get("text")
            if text is None:
                await send({"type": "websocket.close", "code": 1003, "reason": "Send text, not binary messages"})
                return
            if len(text) > LONGEST:
                await send({"type": "websocket.close", "code": 1009, "reason": "This message is too long"})
                return
            await self._heed(send, outlet, _decoded(text))

    async def _heed(self, send: Send, outlet: AnyOutlet, said: Mapping[str, Any]) -> None:
        """Do what a message says. What is not understood is passed over, as Mastodon does."""
        given = {name: _text(value) for name, value in said.items() if value is not None}
        kind = given.get("type")
        try:
            if kind == "subscribe":
                await self._subscribe(outlet, given)
            elif kind == "unsubscribe":
                self._call.services.hub.unsubscribe(outlet, stream_of(given.get("stream", ""), given))
        except Refused as refused:
            error: dict[str, object] = {"error": refused.text, "status": refused.status}
            if kind == "unsubscribe":
                error = {"error": "Error unsubscribing from channel"}
            await send({"type": "websocket.send", "text": msgspec.json.encode(error).decode()})

    async def _subscribe(self, outlet: AnyOutlet, given: Mapping[str, str]) -> None:
        count(self._call)
        stream = stream_of(given.get("stream", ""), given)
        await check_stream(self._call, self._admitted.caller, stream)
        if len(outlet.subscriptions) >= MOST_STREAMS:
            raise TooMany("This connection watches too many streams; end some of them first")
        await self._call.services.hub.subscribe(outlet, stream, resuming(given.get("last_event_id")))


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _text(value: object) -> str:
    """A parameter as text; of several the first, as of a query that says it twice."""
    if isinstance(value, list):
        several = cast("list[object]", value)
        return str(several[0]) if several else ""
    return str(value)


class SocketWire:
    """Writes messages as texts of JSON, in which the payload is a text of its own."""

    __slots__ = ("_send",)

    kind = "websocket"

    def __init__(self, send: Send) -> None:
        self._send = send

    def encode(self, message: Message, stream: Stream) -> str:
        key = (stream.name, stream.about)
        frame = message.encoded.get(key)
        if not isinstance(frame, str):
            payload = {} if message.payload is None else {"payload": message.payload.decode()}
            whole = {"stream": stream.shown, "event": message.event, **payload, "id": str(message.id)}
            frame = message.encoded[key] = msgspec.json.encode(whole).decode()
        return frame

    def beat(self, position: int | None) -> None:
        """The server pings by itself."""

    async def write(self, frames: Sequence[str]) -> None:
        for frame in frames:
            await self._send({"type": "websocket.send", "text": frame})

    async def finish(self, why: End) -> None:
        code, reason = ENDS[why]
        await self._send({"type": "websocket.close", "code": code, "reason": reason})
