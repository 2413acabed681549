"""The ASGI application: finds the endpoint, gives the request an id, and lets no error out unlogged.

ASGI 3.0 (https://asgi.readthedocs.io), with the lifespan protocol.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.http.answer import Answer, Send, json
from townsquare.kernel.http.endpoint import SOCKET, Endpoint, Receive, Scope, Sendable, header
from townsquare.kernel.http.router import Router
from townsquare.kernel.http.socket import refusing
from townsquare.kernel.logs import REQUESTS, new_request_id, request_id

log = structlog.get_logger("http")
of_requests = logging.getLogger(REQUESTS)

Start = Callable[[], AbstractAsyncContextManager[Sequence[Endpoint]]]
Observe = Callable[[str, str, int, float], None]
"""Method, route, status and seconds of an answered request."""


class Application:
    """`start` opens what the endpoints need and closes it when the server stops."""

    def __init__(self, start: Start, *, observe: Observe) -> None:
        self._start = start
        self._observe = observe
        self._router: Router[Endpoint] = Router(())
        self._sockets: Router[Endpoint] = Router(())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case _:
                await self._socket(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._start() as endpoints:
                self._router = Router(one for one in endpoints if one.method != SOCKET)
                self._sockets = Router(one for one in endpoints if one.method == SOCKET)
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            log.exception("the service could not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        method: str = scope["method"]
        token = request_id.set(new_request_id(header(scope, b"x-request-id")))
        try:
            path: str = scope["path"]
            found = self._router.find(method, path) if "\0" not in path else None
            if found is None:
                route, answer = "", json({"error": "Not found: there is nothing at this address"}, status=404)
            elif found.route is None:
                route, answer = "", _not_allowed(found.allowed)
            else:
                route, answer = found.route.path, await self._answer(found.route, scope, receive, found.values)
            await answer.send(send, head_only=method == "HEAD")
            seconds = time.perf_counter() - began
            self._observe(method, route, answer.status, seconds)
            if of_requests.isEnabledFor(logging.INFO):
                log.info("request", method=method, route=route, status=answer.status, ms=round(seconds * 1000, 1))
        finally:
            request_id.reset(token)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket that somebody wants to open; where it is refused, the answer is one of plain HTTP."""
        token = request_id.set(new_request_id(header(scope, b"x-request-id")))
        try:
            await receive()
            found = self._sockets.find(SOCKET, scope["path"]) if "\0" not in scope["path"] else None
            if found is None or found.route is None:
                answer: Sendable = json({"error": "Not found: there is nothing at this address"}, status=404)
            else:
                answer = await self._answer(found.route, scope, receive, found.values)
            await answer.send(refusing(scope, send))
        finally:
            request_id.reset(token)

    async def _answer(self, endpoint: Endpoint, scope: Scope, receive: Receive, values: Mapping[str, str]) -> Sendable:
        try:
            return await endpoint.answer(scope, receive, values)
        except DATABASE_LOST as error:
            log.error("the database cannot be reached", error=str(error), route=endpoint.path)
            text = "The database cannot be reached right now; try again in a moment"
            return json({"error": text}, status=503).header("retry-after", "2")
        except Exception:
            log.exception("request failed", method=endpoint.method, route=endpoint.path)
            text = f"Something went wrong on our side (request {request_id.get()})"
            return json({"error": text}, status=500)


def _not_allowed(allowed: tuple[str, ...]) -> Answer:
    text = f"This address takes {', '.join(allowed)} only"
    return json({"error": text}, status=405).header("allow", ", ".join(allowed))
