"""The ASGI application: finds the endpoint, gives the request an id, and lets no error out unlogged.

ASGI 3.0 (https://asgi.readthedocs.io), with the lifespan protocol.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import asyncpg
import structlog

from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.http.answer import WHOLE, Answer, Send, Whole, json
from townsquare.kernel.http.endpoint import SOCKET, Endpoint, Receive, Scope, Sendable, header
from townsquare.kernel.http.gate import RETRY, SAFE, Gate
from townsquare.kernel.http.router import Router
from townsquare.kernel.http.socket import refusing
from townsquare.kernel.logs import REQUESTS, new_request_id, request_id

log = structlog.get_logger("http")
of_requests = logging.getLogger(REQUESTS)

Start = Callable[[], AbstractAsyncContextManager[Sequence[Endpoint]]]
Observe = Callable[[str, str, int, float], None]
"""Method, route, status and seconds of an answered request."""


class Application:
    """`start` opens what the endpoints need and closes it when the server stops. `gate`: what is answered here."""

    def __init__(self, start: Start, *, observe: Observe, gate: Gate | None = None) -> None:
        self._start = start
        self._observe = observe
        self._gate = gate or Gate()
        self.lead: Callable[[Scope], Sendable | None] = lambda _scope: None
        """Where a request is led that belongs to another address of the place; None where it is answered."""
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
            elsewhere = self.lead(scope) or await self._gate.admit(scope, receive)
            if elsewhere is not None:
                route, answer = "elsewhere", elsewhere
                await _give(answer, scope, send)
            else:
                route, answer = await self._here(scope, receive, send)
            seconds = time.perf_counter() - began
            self._observe(method, route, answer.status, seconds)
            if of_requests.isEnabledFor(logging.INFO):
                log.info("request", method=method, route=route, status=answer.status, ms=round(seconds * 1000, 1))
        finally:
            request_id.reset(token)

    async def _here(self, scope: Scope, receive: Receive, send: Send) -> tuple[str, Sendable]:
        """Answer it. The route that it was, and the answer."""
        method: str = scope["method"]
        self._gate.enter()
        try:
            path: str = scope["path"]
            found = self._router.find(method, path) if "\0" not in path else None
            answer: Sendable
            if found is None:
                route, answer = "", json({"error": "Not found: there is nothing at this address"}, status=404)
            elif found.route is None:
                route, answer = "", _not_allowed(found.allowed)
            else:
                route, answer = found.route.path, await self._answer(found.route, scope, receive, found.values)
        finally:
            self._gate.leave()
        await _give(answer, scope, send)
        return route, answer

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
        except asyncpg.ReadOnlySQLTransactionError as error:
            return await self._unwritten(endpoint, scope, receive, error)
        except DATABASE_LOST as error:
            log.error("the database cannot be reached", error=str(error), route=endpoint.path)
            text = "The database cannot be reached right now; try again in a moment"
            return json({"error": text}, status=503).header("retry-after", "2")
        except Exception:
            log.exception("request failed", method=endpoint.method, route=endpoint.path)
            text = f"Something went wrong on our side (request {request_id.get()})"
            return json({"error": text}, status=500)

    async def _unwritten(self, endpoint: Endpoint, scope: Scope, receive: Receive, error: Exception) -> Sendable:
        """What writes though its method does not say so, on a host that only reads: the other one answers."""
        passed = None
        if self._gate.leads_elsewhere and scope.get("method") in SAFE:
            passed = await self._gate.pass_on(scope, receive)
        if passed is not None:
            return passed
        log.warning("nothing can be written here", error=str(error), route=endpoint.path)
        text = "Nothing can be written here for a moment; try again in a few seconds"
        return json({"error": text}, status=503).header("retry-after", RETRY)


async def _give(answer: Sendable, scope: Scope, send: Send) -> None:
    head_only = scope["method"] == "HEAD"
    if isinstance(answer, Answer):
        whole: Whole | None = scope.get(WHOLE)
        if whole is not None and whole(answer.status, answer.headers, answer.pieces, head_only=head_only):
            return
    await answer.send(send, head_only=head_only)


def _not_allowed(allowed: tuple[str, ...]) -> Answer:
    text = f"This address takes {', '.join(allowed)} only"
    return json({"error": text}, status=405).header("allow", ", ".join(allowed))
