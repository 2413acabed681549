"""Streams as server-sent events: an answer that goes on.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Callable, Sequence
from typing import Final

from townsquare.kernel.errors import Refused
from townsquare.kernel.http.answer import Answer, Send
from townsquare.kernel.http.endpoint import Receive
from townsquare.timelines.streaming.hub import Hub
from townsquare.timelines.streaming.model import Stream
from townsquare.timelines.streaming.outlet import AnyOutlet, End, Message

HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"private, no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that collects before it passes on (nginx) is not to
    (b"x-content-type-options", b"nosniff"),
)
HELLO, THUMP = b":)\n", b":thump\n"


class EventStream:
    """An answer that goes on until one of both sides ends it. `outlet` makes the connection's."""

    status = 200

    def __init__(
        self,
        hub: Hub,
        outlet: Callable[[Send], AnyOutlet],
        streams: Sequence[Stream],
        receive: Receive,
        headers: Sequence[tuple[bytes, bytes]],
        *,
        refused: Callable[[Refused], Answer],
        after: int | None,
    ) -> None:
        self._hub = hub
        self._outlet = outlet
        self._streams = streams
        self._receive = receive
        self._headers = headers
        self._refused = refused
        self._after = after

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        outlet = self._outlet(send)
        try:
            if not head_only:
                self._hub.open(outlet)
        except Refused as refused:
            await self._refused(refused).send(send)
            return
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(self._headers)})
            await send({"type": "http.response.body", "body": b"" if head_only else HELLO, "more_body": not head_only})
            if not head_only:
                for stream in self._streams:
                    await self._hub.subscribe(outlet, stream, self._after)
                outlet.beat(self._hub.position)
                while (await self._receive())["type"] != "http.disconnect":
                    pass
        finally:
            self._hub.close(outlet)


class EventWire:
    """Writes messages as events. What is empty but for its id tells a standard client from where to resume.

    `standard`: the client says that it reads such streams as the standard has them. Others may know no more of them
    than what Mastodon sends.
    """

    __slots__ = ("_send", "_standard")

    kind = "event_stream"

    def __init__(self, send: Send, *, standard: bool) -> None:
        self._send = send
        self._standard = standard

    def encode(self, message: Message, stream: Stream) -> bytes:
        frame = message.encoded.get(())
        if not isinstance(frame, bytes):
            payload = b"undefined" if message.payload is None else message.payload
            frame = b"event: %b\ndata: %b\nid: %d\n\n" % (message.event.encode(), payload, message.id)
            message.encoded[()] = frame
        return frame

    def beat(self, position: int | None) -> bytes:
        return THUMP if position is None or not self._standard else b"%bid: %d\n\n" % (THUMP, position)

    async def write(self, frames: Sequence[bytes]) -> None:
        await self._send({"type": "http.response.body", "body": b"".join(frames), "more_body": True})

    async def finish(self, why: End) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
