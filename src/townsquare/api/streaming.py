"""Streams of server-sent events: what happens, as it happens.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from townsquare.api.door import Call, told
from townsquare.api.notifications import attachments
from townsquare.api.services import Services
from townsquare.api.streaming_door import admit, asked, check_stream, resuming
from townsquare.api.streaming_socket import socket
from townsquare.auth.callers import Callers
from townsquare.db.pool import Database
from townsquare.kernel.errors import BadRequest, NotFound, Refused
from townsquare.kernel.http import cors
from townsquare.kernel.http.answer import Answer, Send
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, Sendable
from townsquare.timelines.attached import Shown
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.streaming import events
from townsquare.timelines.streaming.events import EventStream, EventWire
from townsquare.timelines.streaming.hub import Hub
from townsquare.timelines.streaming.model import stream_of
from townsquare.timelines.streaming.outlet import AnyOutlet
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
HEADERS: Final = (*events.HEADERS, cors.OPEN)


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

    def outlet(send: Send) -> AnyOutlet:
        return admitted.outlet(EventWire(send, standard=standard))

    return EventStream(services.hub, outlet, [stream], receive, HEADERS, refused=_refused, after=resuming(last))


def _refused(refused: Refused) -> Answer:
    answer = _open(told(refused))
    for name, value in refused.headers.items():
        answer.header(name, value)
    return answer
