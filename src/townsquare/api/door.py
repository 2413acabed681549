"""How a request of an app becomes a call of ours: the token is checked before anything else, deny by default."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from typing import Any

import msgspec
from starlette.requests import Request

from townsquare.accounts.roles import Permission, check_permitted
from townsquare.api.services import Services
from townsquare.auth.callers import Caller, check_active, check_not_frozen
from townsquare.kernel.errors import Forbidden, Invalid, NotFound, Refused, Unauthorised
from townsquare.kernel.http import cors, gate, params
from townsquare.kernel.http.answer import NEVER_KEPT, Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope, header
from townsquare.kernel.ids import AccountId, parse_id
from townsquare.moderation.notices.keys import NOTICE, SIGNAL, holder
from townsquare.moderation.notices.store import Key
from townsquare.policies.address import address_of, neighbourhood
from townsquare.policies.rate import Left
from townsquare.policies.rate import headers as rate_headers

Handler = Callable[["Call", Any], Awaitable[Answer]]
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CHANGING = WITH_BODY - {"DELETE"}
EITHER = {"PUT": "PATCH", "PATCH": "PUT"}
FOR_OTHERS = frozenset(
    {"write:statuses", "write:media", "write:favourites", "write:accounts", "write:follows", "write:collections"}
)
"""Scopes of what others see: whoever is frozen can only delete by them."""
UNSEEN = frozenset({"/api/v1/markers"})
"""What has one of these scopes, and is nobody else's concern."""
PRIVATE = (b"cache-control", b"private, no-store")
"""What one gets with a token is for nobody else, and is not kept on the way."""
CHALLENGE = 'Bearer realm="api"'
"""How to show who calls (RFC 6750, section 3)."""
UNKNOWN = f'{CHALLENGE}, error="invalid_token"'
MISSING = "The access token is missing: send it as Authorization: Bearer …"


class Access(Enum):
    """Who may call a route, as the documentation says it."""

    OPEN = "open"
    """Anybody; a token is not looked at, so that it may be an old one or that of somebody who is not let in yet."""
    PUBLIC = "public"
    """Anybody; a token that is sent must be valid and have the scope. Who is not let in (yet) counts as nobody."""
    APP = "app token"
    """Any token, also an app's own."""
    USER = "user token"
    """A person's token."""
    KEY = "notice key"
    """A key with which programs of others give notice; no token of an account or app."""
    SIGNAL = "signal key"
    """A key with which programs that screen say what they found; it gives no notice."""


KEYS: Mapping[Access, tuple[str, str]] = {
    Access.KEY: (NOTICE, "The key for notices is invalid"),
    Access.SIGNAL: (SIGNAL, "The key for signals is invalid"),
}
"""What a key begins with that opens a route, and what is said of another."""


class Nothing(msgspec.Struct, frozen=True):
    """For routes without parameters."""


class Route(msgspec.Struct, frozen=True):
    """One method of the API. Of several scopes one is enough; none: any valid token."""

    method: str
    path: str
    handler: Handler
    access: Access
    scope: tuple[str, ...] = ()
    given: type[msgspec.Struct] = Nothing
    returns: str = "Empty"
    """An entity's name (see `entities.entity`), or several with bars between them."""
    uploads: int = 0
    """Pictures that the body may hold beside its parameters."""
    media: int = 0
    """Files of any kind that it may hold too."""
    unfinished: int = 200
    """The status that says that it is under way, where an answer may come before it is done."""
    unconfirmed: bool = False
    """Also for people who have not confirmed their address or are not approved yet."""
    permission: Permission = Permission(0)
    """What the caller's role must allow besides, all of it: for methods of the staff."""
    errors: Callable[[Refused], Answer] | None = None
    """How this route tells of errors, where it is not as all others do (OAuth)."""


class Call:
    """One request at the door: who calls, which ids stand in the path, and the services that handlers pass on."""

    __slots__ = ("caller", "key", "left", "receive", "scope", "services", "values")

    def __init__(self, services: Services, scope: Scope, receive: Receive, values: Mapping[str, str]) -> None:
        self.services = services
        self.scope = scope
        self.receive = receive
        self.values = values
        self.caller: Caller | None = None
        self.key: Key | None = None
        self.left: Left | None = None

    @property
    def request(self) -> Request:
        """The request as Starlette gives it, for the handlers that look beyond their parameters."""
        return Request(self.scope, self.receive)

    def header(self, name: bytes) -> str:
        """A header by its lower-case name, empty where there is none."""
        return header(self.scope, name)

    @property
    def me(self) -> AccountId:
        """Whose token it is; the route's access has made sure that there is one."""
        if self.caller is None or not self.caller.account_id:
            raise Unauthorised("This method requires an authenticated user")
        return AccountId(self.caller.account_id)

    @property
    def notice_key(self) -> Key:
        """With which key it comes, for notices or for signals; the route's access has made sure that there is one."""
        if self.key is None:
            raise Unauthorised("This method requires a key")
        return self.key

    @property
    def viewer(self) -> int:
        """The reader's account id, 0 for nobody: the form in which queries of visibility take it."""
        return self.caller.account_id if self.caller is not None else 0

    def id(self, name: str = "id") -> int:
        """An id from the path. What cannot be one is not found."""
        number = parse_id(self.values[name])
        if number is None:
            raise NotFound
        return number

    @property
    def address(self) -> str:
        """From where the request comes (see policies.address)."""
        return address_of(self.scope, self.services.trusted_proxies)


def endpoints(services: Services, routes: Iterable[Route]) -> list[Endpoint]:
    """The routes as the application calls them, also for apps that are pages of other origins.

    What changes something is taken as PUT and as PATCH: Mastodon's own router makes no difference, and apps do not.
    """
    known = {(route.method, route.path): route for route in routes}
    for (method, path), route in list(known.items()):
        if method in EITHER:
            known.setdefault((EITHER[method], path), route)
    made = [Endpoint(method, path, _answering(services, route)) for (method, path), route in known.items()]
    return [*made, *cors.preflights(made)]


def _answering(services: Services, route: Route) -> Callable[[Scope, Receive, Mapping[str, str]], Awaitable[Answer]]:
    tell = route.errors or told

    async def answer(scope: Scope, receive: Receive, values: Mapping[str, str]) -> Answer:
        call = Call(services, scope, receive, values)
        try:
            answer = await _handle(call, route)
        except Refused as refused:
            answer = tell(refused)
            for name, value in refused.headers.items():
                answer.header(name, value)
        if call.left is not None:
            for name, value in rate_headers(call.left).items():
                answer.header(name, value)
        if call.caller is not None or call.key is not None:
            answer.headers.append(PRIVATE)
        elif all(name != b"cache-control" for name, _ in answer.headers):
            answer.headers.append(NEVER_KEPT)
        if call.header(b"origin"):
            answer.headers += [cors.OPEN, cors.EXPOSED]
        return answer

    return answer


async def _handle(call: Call, route: Route) -> Answer:
    call.services.barred.check(call.address)
    gate.check(call.scope)
    try:
        if route.access in KEYS:
            call.key = await _key(call, *KEYS[route.access])
        else:
            call.caller = await authenticate(call, route)
    except Refused:
        count(call)
        raise
    count(call)
    query: bytes = call.scope["query_string"]
    if route.method in WITH_BODY:
        limit = call.services.settings.limits.body(route.uploads, route.media)
        tree = params.query(query) | await params.body(call.request.headers, call.receive, limit=limit)
        given = params.convert(tree, route.given)
    else:
        given = params.asked(query, route.given)
    return await route.handler(call, given)


def count(call: Call) -> None:
    """Count a request of the caller's, or of their address. Raises TooMany."""
    limits, rates = call.services.settings.limits, call.services.rates
    if not limits.enabled:
        return
    if call.caller is not None and call.caller.account_id:
        call.left = rates.take(f"account {call.caller.account_id}", limits.per_account)
    elif call.key is not None:
        call.left = rates.take(f"notice key {call.key.id}", limits.per_account)
    else:
        call.left = rates.take(f"address {neighbourhood(call.address)}", limits.per_address)


async def authenticate(call: Call, route: Route) -> Caller | None:
    """Who calls, if the route lets them. Raises Unauthorised and Forbidden."""
    if route.access is Access.OPEN:
        return None
    token = bearer(call.header(b"authorization"))
    if token is None:
        if route.access is Access.PUBLIC:
            return None
        raise Unauthorised(MISSING, headers={"www-authenticate": CHALLENGE})
    caller = await call.services.callers.by_token(call.services.db, token)
    if caller is None:
        raise Unauthorised(headers={"www-authenticate": UNKNOWN})
    if route.access is Access.USER and not caller.account_id:
        raise Invalid("This method requires an authenticated user")
    if route.scope and caller.scopes.isdisjoint(route.scope):
        raise Forbidden("This action is outside the authorized scopes")
    if caller.account_id and not route.unconfirmed:
        if route.access is Access.PUBLIC and caller.standing != "active":
            return None
        check_active(caller)
    if (
        route.method in CHANGING
        and route.path not in UNSEEN
        and (route.permission or not FOR_OTHERS.isdisjoint(route.scope))
    ):
        check_not_frozen(caller)
    check_permitted(caller.permissions, route.permission)
    return caller


async def _key(call: Call, prefix: str, wrong: str) -> Key:
    """Raises Unauthorised."""
    token = bearer(call.header(b"authorization"))
    if token is None:
        raise Unauthorised(MISSING, headers={"www-authenticate": CHALLENGE})
    key = await holder(call.services.db, token, prefix)
    if key is None:
        raise Unauthorised(wrong, headers={"www-authenticate": UNKNOWN})
    return key


def bearer(header: str) -> str | None:
    """The token of an Authorization header."""
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def told(refused: Refused) -> Answer:
    """An error as Mastodon tells it."""
    error: dict[str, object] = {"error": refused.text}
    if isinstance(refused, Invalid) and refused.details is not None:
        error["details"] = refused.details
    return json(error, status=refused.status)
