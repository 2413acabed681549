"""`GET /health`: whether this process can do its work, for load balancers, supervisors and apps.

As in Mastodon the answer is the word OK; who asks for JSON is told more.
"""

import time
from collections.abc import Mapping

import msgspec

from townsquare import __version__
from townsquare.api.services import Services
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope


class Health(msgspec.Struct, frozen=True):
    """`database_ms`: milliseconds of a round trip."""

    status: str
    version: str
    database_ms: float


def endpoint(services: Services) -> Endpoint:
    """200 when the database answers; the application makes a 503 of its not answering. Counts against no limit."""

    async def answer(scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        began = time.perf_counter()
        await services.db.value("SELECT 1")
        took = round((time.perf_counter() - began) * 1000, 2)
        told = json(Health("ok", __version__, took)) if _wants_json(scope) else Answer(b"OK", headers=[TEXT])
        return told.header("cache-control", "no-store")

    return Endpoint("GET", "/health", answer)


TEXT = (b"content-type", b"text/plain; charset=utf-8")


def _wants_json(scope: Scope) -> bool:
    return any(name == b"accept" and b"application/json" in value for name, value in scope["headers"])
