"""Streams of server-sent events: what happens, as it happens.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from townsquare.api.door import Call, told
from townsquare.api.notifications import attachments
from townsquare.api.services import Services
from townsquare.api.streaming_door import Admitted, admit, asked, check_stream, resuming
from townsquare.api.streaming_socket import socket
from townsquare.auth.callers import Callers
from townsquare.db.pool import Database
from townsquare.kernel.errors import BadRequest, NotFound, Refused
from townsquare.kernel.http import cors
from townsquare.kernel.http.answer import Answer, Send
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, Sendable
from townsquare.timelines.attached import Shown
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.streaming.hub import Hub
from townsquare.timelines.streaming.model import Stream, stream_of
from townsquare.timelines.streaming.outlet import End, Message
from townsquare.timelines.streaming.render import Shows, conversation, notification

BASE: Final = "/api/v1/streaming"
PATHS: Final[Mapping[str, str]] = {
    "/user": "user",
    "/user/notification": "user:notification",
    "/public": "public",
    "/public/local": "public:local",
    "/public/remote": "public:remote",
    "/hashtag": "hashtag",
    "/hashtag/local": "hashtag:local",
    "/list": "list",
    "/direct": "direct",
}
"""What is watched at each address."""
HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"private, no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that collects before it passes on (nginx) is not to
    (b"x-content-type-options", b"nosniff"),
    cors.OPEN,
)
HELLO, THUMP = b":)\n", b":thump\n"


def open_hub(db: Database, callers: Callers, filters: FilterCache, base_url: str) -> Hub:
    """The streams of a process."""
    shows: Shows = {
        "notification": partial(notification, filters, Shown(attachments(base_url))),
        "conversation": partial(conversation, filters),
    }
    return Hub(db, callers, filters, shows)


def endpoints(services: Services) -> list[Endpoint]:
    """All addresses of streams, also for apps that are pages of other origins."""
    streams = [Endpoint("GET", BASE + path, partial(_watch, services, name)) for path, name in PATHS.items()]
    made = [*streams, Endpoint("GET", f"{BASE}/health", _health), Endpoint("GET", f"{BASE}/*rest", _unknown)]
    return [*made, *cors.preflights(made), Endpoint("GET", BASE, _elsewhere), *socket(services, BASE)]


async def _health(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
    return _open(Answer(b"OK", headers=[(b"content-type", b"text/plain; charset=utf-8")]))


async def _unknown(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
    return _open(told(BadRequest("Unknown channel requested")))


async def _elsewhere(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
    """By this answer the documentation has apps know that streams are here and nowhere else."""
    return _open(told(NotFound("Not found: streams are at this same address, by WebSocket and below it")))


def _open(answer: Answer) -> Answer:
    answer.headers.append(cors.OPEN)
    return answer


async def _watch(services: Services, name: str, scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
    call = Call(services, scope, receive, values)
    try:
        given = asked(call)
        admitted = await admit(call, given.access_token)
        whole = f"{name}:media" if given.only_media and name.startswith("public") else name
        stream = stream_of(whole, given.about)
        await check_stream(call, admitted.caller, stream)
    except Refused as refused:
        return _refused(refused)
    last = call.header(b"last-event-id") or given.last_event_id
    standard = b"text/event-stream" in call.header(b"accept").encode()
    return EventStream(services.hub, admitted, stream, receive, after=resuming(last), standard=standard)


def _refused(refused: Refused) -> Answer:
    answer = _open(told(refused))
    for name, value in refused.headers.items():
        answer.header(name, value)
    return answer


class EventStream:
    """An answer that goes on until one of both sides ends it.

    `standard`: the client says that it reads such streams as the standard has them. Others may know no more of them
    than what Mastodon sends.
    """

    status = 200

    def __init__(
        self, hub: Hub, admitted: Admitted, stream: Stream, receive: Receive, *, after: int | None, standard: bool
    ) -> None:
        self._hub = hub
        self._admitted = admitted
        self._stream = stream
        self._receive = receive
        self._after = after
        self._standard = standard

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        outlet = self._admitted.outlet(EventWire(send, standard=self._standard))
        try:
            if not head_only:
                self._hub.open(outlet)
        except Refused as refused:
            await _refused(refused).send(send)
            return
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
            await send({"type": "http.response.body", "body": b"" if head_only else HELLO, "more_body": not head_only})
            if not head_only:
                await self._hub.subscribe(outlet, self._stream, self._after)
                outlet.beat(self._hub.position)
                while (await self._receive())["type"] != "http.disconnect":
                    pass
        finally:
            self._hub.close(outlet)


class EventWire:
    """Writes messages as events. What is empty but for its id tells a standard client from where to resume."""

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
