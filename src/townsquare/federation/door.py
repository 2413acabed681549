"""The door for other servers: which addresses there are, and how each is answered. Nobody signs in here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request

from townsquare.accounts.census import Census
from townsquare.db.pool import Database
from townsquare.federation import collections, discovery, places, store
from townsquare.federation.actor import actor
from townsquare.federation.collections import Asked
from townsquare.federation.keys import public_key
from townsquare.federation.model import ACTIVITY_JSON, Tombstone, document
from townsquare.federation.negotiate import wants_page
from townsquare.federation.objects import activity, likes, linked, moment, note_of, shares
from townsquare.federation.store import Person, Post
from townsquare.kernel.errors import BadRequest, Gone, Invalid, NotFound, Refused
from townsquare.kernel.http import cors, params
from townsquare.kernel.http.answer import NEVER_KEPT, NOSNIFF, Answer, json, kept
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope
from townsquare.kernel.ids import LARGEST, parse_id
from townsquare.kernel.settings import Settings
from townsquare.policies.address import Networks, address_of, neighbourhood
from townsquare.policies.blocks import Barred
from townsquare.policies.rate import Rates

STREAMS = f"{ACTIVITY_JSON}; charset=utf-8"
MINUTES = kept(180)
"""For how long others may keep what they got."""


class Services(msgspec.Struct, frozen=True):
    """What this door needs of the process."""

    settings: Settings
    db: Database
    rates: Rates
    trusted_proxies: Networks
    barred: Barred
    census: Census
    key_turn: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class Call:
    """One request at this door."""

    __slots__ = ("db", "request", "services", "settings", "values")

    def __init__(self, services: Services, request: Request, values: Mapping[str, str]) -> None:
        self.services = services
        self.settings = services.settings
        self.db = services.db
        self.request = request
        self.values = values

    def id(self, name: str) -> int:
        """An id from the path. What cannot be one is not found."""
        number = parse_id(self.values[name])
        if number is None:
            raise NotFound
        return number


Handler = Callable[[Call], Awaitable[Answer]]


class Lost(Gone):
    """What was here once. The answer says what it was."""

    def __init__(self, tombstone: Tombstone) -> None:
        super().__init__()
        self.tombstone = tombstone


class _Part(msgspec.Struct, frozen=True):
    page: bool = False
    max_id: str | None = None
    min_id: str | None = None


def endpoints(services: Services) -> list[Endpoint]:
    """All addresses that only other servers ask for, and the leave for pages of other origins to ask for any here."""
    made = [Endpoint("GET", path, _answering(services, handler)) for path, handler in ROUTES.items()]
    return [*made, *cors.preflights([*made, *documents(services)])]


def documents(services: Services) -> list[Endpoint]:
    """Those that people ask for too (see `negotiate.negotiated`)."""
    return [Endpoint("GET", path, _answering(services, handler)) for path, handler in SHARED.items()]


def _answering(
    services: Services, handler: Handler
) -> Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Answer]]:
    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Answer:
        call = Call(services, Request(scope, receive), values)
        try:
            _count(call)
            return (await handler(call)).header("access-control-allow-origin", "*").header("vary", "accept")
        except Refused as refused:
            return _told(refused)

    return answer


def _count(call: Call) -> None:
    address = address_of(call.request.scope, call.services.trusted_proxies)
    call.services.barred.check(address)
    call.services.rates.take(f"server {neighbourhood(address)}", call.settings.limits.per_address)


def _told(refused: Refused) -> Answer:
    if isinstance(refused, Lost):
        answer = _typed(document(refused.tombstone), STREAMS, NEVER_KEPT)
        answer.status = refused.status
    else:
        answer = json({"error": refused.text}, status=refused.status)
        answer.headers.append(NEVER_KEPT)
    for name, value in refused.headers.items():
        answer.header(name, value)
    return answer.header("access-control-allow-origin", "*").header("vary", "accept")


def _streams(value: msgspec.Struct) -> Answer:
    return _typed(document(value), STREAMS)


def _typed(body: bytes, content_type: str, for_how_long: tuple[bytes, bytes] = MINUTES) -> Answer:
    return Answer(body, headers=[(b"content-type", content_type.encode()), NOSNIFF, for_how_long])


def _to(address: str) -> Answer:
    return Answer(b"", status=302).header("location", address)


async def webfinger(call: Call) -> Answer:
    query = call.request.query_params
    resource = query.get("resource", "").strip()
    if not resource:
        raise BadRequest("The parameter resource is missing: for example resource=acct:name@" + call.settings.domain)
    wanted = discovery.sought(call.settings, resource)
    if wanted is None:
        raise NotFound(f"Nobody here is {resource[:200]}")
    person = await _person(call, wanted.name) if wanted.name else await _person_by_id(call, wanted.account_id)
    found = discovery.descriptor(call.settings, person.id, person.username, query.getlist("rel"))
    return _typed(msgspec.json.encode(found), "application/jrd+json; charset=utf-8")


async def host_meta(call: Call) -> Answer:
    if "json" in call.request.headers.get("accept", ""):
        return await host_meta_json(call)
    return _typed(discovery.host_meta_xml(call.settings), "application/xrd+xml; charset=utf-8")


async def host_meta_json(call: Call) -> Answer:
    return _typed(msgspec.json.encode(discovery.host_meta(call.settings)), "application/json; charset=utf-8")


async def nodeinfo_links(call: Call) -> Answer:
    return _typed(msgspec.json.encode(discovery.nodeinfo_links(call.settings)), "application/json; charset=utf-8")


async def nodeinfo(call: Call) -> Answer:
    schema = call.values["version"].removesuffix(".json")
    if schema not in discovery.VERSIONS:
        raise NotFound(f"There is no NodeInfo {schema[:20]} here: ask for {' or '.join(discovery.VERSIONS)}")
    info = discovery.nodeinfo(call.settings, await call.services.census.counts(call.db), schema)
    content_type = f'application/json; profile="{discovery.NODEINFO}{schema}#"; charset=utf-8'
    return _typed(msgspec.json.encode(info), content_type)


async def show_actor(call: Call) -> Answer:
    person = await _person_by_id(call, call.values["id"])
    if wants_page(call.request.headers):
        return _to(f"{call.settings.public_url}/@{person.username}")
    return await _actor(call, person)


async def show_actor_of_page(call: Call) -> Answer:
    return await _actor(call, await _person_of_handle(call))


async def show_note(call: Call) -> Answer:
    post = await _post(call, await _person_by_id(call, call.values["id"]))
    if post.reblog_of_id is None and wants_page(call.request.headers):
        return _to(f"{call.settings.public_url}/@{post.username}/{post.id}")
    return await _note(call, post)


async def show_note_of_page(call: Call) -> Answer:
    return await _note(call, await _post(call, await _person_of_handle(call)))


async def show_activity(call: Call) -> Answer:
    post = await _post(call, await _person_by_id(call, call.values["id"]))
    found = activity(call.settings, post, await linked(call.db, call.settings, [post]))
    if found is None:
        raise NotFound
    return _streams(found)


async def show_likes(call: Call) -> Answer:
    post = await _post(call, await _person_by_id(call, call.values["id"]))
    return _streams(likes(call.settings.public_url, post))


async def show_shares(call: Call) -> Answer:
    post = await _post(call, await _person_by_id(call, call.values["id"]))
    return _streams(shares(call.settings.public_url, post))


async def show_replies(call: Call) -> Answer:
    post = await _post(call, await _person_by_id(call, call.values["id"]))
    return _streams(await collections.replies(call.db, call.settings, post, _asked(call)))


def _collection(name: str) -> Handler:
    find = collections.OF_PERSON[name]

    async def show(call: Call) -> Answer:
        person = await _person_by_id(call, call.values["id"])
        return _streams(await find(call.db, call.settings, person, _asked(call)))

    return show


async def _actor(call: Call, person: Person) -> Answer:
    key = person.public_key or await public_key(call.db, person.id, call.services.key_turn)
    return _streams(actor(call.settings, person, key))


async def _note(call: Call, post: Post) -> Answer:
    """A post; an echo leads to what it echoes."""
    names = await linked(call.db, call.settings, [post])
    if post.reblog_of_id is None:
        return _streams(note_of(call.settings, post, names))
    original = names.posts.get(post.reblog_of_id)
    if original is None:
        raise NotFound
    return _to(original)


async def _person_of_handle(call: Call) -> Person:
    handle = call.values["handle"]
    if not handle.startswith("@"):
        raise NotFound
    return await _person(call, handle[1:])


async def _person(call: Call, name: str) -> Person:
    number = await store.id_of_name(call.db, name) if "\x00" not in name else None
    if number is None:
        raise NotFound("Nobody here has this name")
    return await _person_by_id(call, str(number))


async def _person_by_id(call: Call, text: str) -> Person:
    number = parse_id(text)
    person = None if number is None else await store.person(call.db, number)
    if person is None:
        raise NotFound("Nobody here has this id")
    if person.suspended_at is not None:
        raise Lost(Tombstone(places.actor(call.settings.public_url, person.id)))
    return person


async def _post(call: Call, person: Person) -> Post:
    """A post that everybody may see."""
    number = call.id("status_id")
    post = await store.post(call.db, person.id, number)
    if post is not None:
        return post
    deleted = await store.deleted_at(call.db, person.id, number)
    if deleted is None:
        raise NotFound("There is no such post, or it is not for everybody")
    raise Lost(Tombstone(places.status(call.settings.public_url, person.id, number), moment(deleted)))


def _asked(call: Call) -> Asked:
    part = params.convert(params.query(call.request.scope["query_string"]), _Part)
    return Asked(part.page, _cursor(part.max_id, "max_id", LARGEST), _cursor(part.min_id, "min_id", 0))


def _cursor(text: str | None, name: str, otherwise: int) -> int:
    if not text:
        return otherwise
    number = parse_id(text)
    if number is None:
        raise Invalid(f"{name} is not an id")
    return number


_USER, _STATUS = "/ap/users/:id", "/ap/users/:id/statuses/:status_id"

ROUTES: Mapping[str, Handler] = {
    "/.well-known/webfinger": webfinger,
    "/.well-known/host-meta": host_meta,
    "/.well-known/host-meta.json": host_meta_json,
    "/.well-known/nodeinfo": nodeinfo_links,
    "/nodeinfo/:version": nodeinfo,
    _USER: show_actor,
    _STATUS: show_note,
    f"{_STATUS}/activity": show_activity,
    f"{_STATUS}/replies": show_replies,
    f"{_STATUS}/likes": show_likes,
    f"{_STATUS}/shares": show_shares,
    **{f"{_USER}/{name}": _collection(name) for name in collections.OF_PERSON},
}
SHARED: Mapping[str, Handler] = {
    "/:handle": show_actor_of_page,
    "/:handle/:status_id": show_note_of_page,
}
