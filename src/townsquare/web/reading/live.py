"""What happens, as it happens, for the pages: the streams that apps watch, by the session, and told in few words.

A page is told that there is something, not what it says: that it asks for when it shows it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import structlog
from starlette.requests import Request

from townsquare.accounts import store_lists
from townsquare.kernel.errors import DATABASE_LOST, NotFound, Refused, Unauthorised
from townsquare.kernel.http import params
from townsquare.kernel.http.answer import Answer, Send, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, Sendable
from townsquare.kernel.ids import AccountId, StatusId, parse_id
from townsquare.statuses.show import show_one
from townsquare.statuses.store_read import fetch_by_id
from townsquare.timelines.markers import get_markers, set_markers
from townsquare.timelines.streaming.events import HEADERS, EventStream, EventWire
from townsquare.timelines.streaming.model import Stream, stream_of
from townsquare.timelines.streaming.outlet import AnyOutlet, Message, Outlet
from townsquare.web.door import csrf
from townsquare.web.door.pages import Page
from townsquare.web.door.site import Site
from townsquare.web.door.unread import unread
from townsquare.web.door.visitor import Visitor, page
from townsquare.web.feeds.articles import feed

log = structlog.get_logger("web")

BELL: Final = Stream("user:notification")
MOST: Final = 60
"""Posts whose numbers are asked for at once."""


class Asked(msgspec.Struct, frozen=True):
    """What the page shows: a stream by the name that apps have for it, nothing for the bell alone."""

    on: str = ""
    tag: str = ""
    list: str = ""
    after: str = ""
    """The last message that was received; empty: none yet."""


class _Shown(msgspec.Struct, frozen=True):
    id: str


class _Post(msgspec.Struct, frozen=True):
    id: str
    reblog: _Shown | None = None


class _Notice(msgspec.Struct, frozen=True):
    """Of a post: its place in the timeline, and the post that is shown there."""

    id: str
    shown: str


class PageWire(EventWire):
    """Says which post it is about, and of all else only that it happened."""

    __slots__ = ()
    kind = "page"

    def encode(self, message: Message, stream: Stream) -> bytes:
        frame = message.encoded.get(("page",))
        if not isinstance(frame, bytes):
            frame = b"event: %b\ndata: %b\nid: %d\n\n" % (message.event.encode(), _told(message), message.id)
            message.encoded["page",] = frame
        return frame


def _told(message: Message) -> bytes:
    if message.event in ("update", "status.update") and message.payload is not None:
        post = msgspec.json.decode(message.payload, type=_Post)
        return msgspec.json.encode(_Notice(post.id, post.reblog.id if post.reblog else post.id))
    if message.event == "delete" and message.payload is not None:
        number = message.payload.decode("ascii")
        return msgspec.json.encode(_Notice(number, number))
    return b"{}"


async def watch(site: Site, scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
    """The stream of a page. Only our own pages may watch: the cookie is sent by no others."""
    request = Request(scope, receive)
    visitor = Visitor(site, request, values)
    try:
        csrf.check_origin(request.headers, site.settings.domain)
        site.barred.check(visitor.address)
        await visitor.recognise()
        given = params.convert(params.query(scope["query_string"]), Asked)
        streams = await _streams(visitor, given)
        caller, cookie = visitor.caller, visitor.session
        if caller is None:
            raise Unauthorised("Sign in first")
    except Refused as refused:
        return _refused(refused)
    except DATABASE_LOST as error:
        log.warning("a page cannot watch: the database cannot be reached", error=str(error))
        return Answer(b"", status=503)

    def outlet(send: Send) -> AnyOutlet:
        return Outlet(PageWire(send, standard=True), caller, cookie, session=True)

    after = parse_id(given.after) or 0
    return EventStream(site.hub, outlet, streams, receive, HEADERS, refused=_refused, after=after)


async def _streams(visitor: Visitor, given: Asked) -> Sequence[Stream]:
    """Raises NotFound for a list of somebody else, BadRequest for what is no stream."""
    if not given.on:
        return [BELL]
    stream = stream_of(given.on, {"tag": given.tag, "list": given.list})
    if stream.name == "list":
        number = parse_id(given.list)
        if number is None or await store_lists.one(visitor.db, visitor.me, number) is None:
            raise NotFound
    return [stream] if stream.name == "user" else [stream, BELL]


def _refused(refused: Refused) -> Answer:
    return Answer(b"", status=refused.status)


async def part(visitor: Visitor, given: Any) -> Answer:
    """One post, as it stands in a list now."""
    post = await show_one(visitor.db, visitor.viewer, StatusId(visitor.id()))
    return await page(visitor, "feed_part.html", posts=feed(visitor, [post]))


class Ids(msgspec.Struct, frozen=True):
    """Posts on a page, separated by commas."""

    ids: str = ""


async def numbers(visitor: Visitor, given: Ids) -> Answer:
    """How often each was answered, echoed, liked by now; what is not there any more is left out."""
    wanted = [number for number in map(parse_id, given.ids.split(",")[:MOST]) if number is not None]
    found = await fetch_by_id(visitor.db, [(visitor.viewer, number) for number in wanted])
    return json(b"{%b}" % b",".join([b'"%d":{%b}' % (post.id, post.counts[1:]) for post in found if post is not None]))


async def bell(visitor: Visitor, given: Any) -> Answer:
    """How much is new."""
    return json(await unread(visitor.db, visitor.me))


class Place(msgspec.Struct, frozen=True):
    """The post at which somebody is, in their home timeline."""

    id: str = ""


async def place(visitor: Visitor, given: Any) -> Answer:
    """Where they were when they read last, on this device or another."""
    markers = await get_markers(visitor.db, AccountId(visitor.me), ["home"])
    return json(Place(markers["home"].last_read_id if "home" in markers else ""))


async def keep_place(visitor: Visitor, given: Place) -> Answer:
    number = parse_id(given.id)
    if number is None:
        raise NotFound
    await set_markers(visitor.db, visitor.me, {"home": number}, datetime.now(UTC))
    return json({})


PAGES: Final = (
    Page("GET", "/posts/:id/part", part, "signed in"),
    Page("GET", "/live/numbers", numbers, "signed in", Ids),
    Page("GET", "/live/bell", bell, "signed in"),
    Page("GET", "/live/place", place, "signed in"),
    Page("POST", "/live/place", keep_place, "signed in", Place),
)


def endpoints(site: Site) -> list[Endpoint]:
    """What the application calls for the stream."""

    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
        return await watch(site, scope, receive, values)

    return [Endpoint("GET", "/live", answer)]
