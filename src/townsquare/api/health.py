"""`GET /health`: whether this process can do its work, for load balancers, supervisors and apps.

As in Mastodon the answer is the word OK; who asks for JSON, by `Accept` or as `/health.json`, is told more.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from townsquare import __version__
from townsquare.api.services import Services
from townsquare.continuity.standby import folder as files
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.http.endpoint import Endpoint, Receive, Scope


class Health(msgspec.Struct, frozen=True):
    """`role`: primary, standby or fenced. `database_ms`: milliseconds of a round trip."""

    status: str
    role: str
    version: str
    database_ms: float


TEXT = (b"content-type", b"text/plain; charset=utf-8")
PATIENCE = 5
"""Seconds after which a database that does not answer counts as away."""


def endpoints(services: Services) -> Sequence[Endpoint]:
    """200 when the database answers; the application makes a 503 of its not answering. They count against no limit."""

    async def told(*, in_json: bool) -> Answer:
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await services.db.value("SELECT 1")
        took = round((time.perf_counter() - began) * 1000, 2)
        answer = json(Health("ok", role(), __version__, took)) if in_json else Answer(b"OK", headers=[TEXT])
        return answer.header("cache-control", "no-store")

    def role() -> str:
        return files.role(Path(services.settings.standby.folder))

    async def leads(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        """For whoever stands in front of two hosts: 200 on the one that leads only."""
        told = role()
        answer = Answer(told.encode(), status=200 if told == "primary" else 503, headers=[TEXT])
        return answer.header("cache-control", "no-store")

    async def as_asked(scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        return await told(in_json=_wants_json(scope))

    async def as_json(_scope: Scope, _receive: Receive, _values: Mapping[str, str]) -> Answer:
        return await told(in_json=True)

    return (
        Endpoint("GET", "/health", as_asked),
        Endpoint("GET", "/health.json", as_json),
        Endpoint("GET", "/health/primary", leads),
    )


def _wants_json(scope: Scope) -> bool:
    return any(name == b"accept" and b"application/json" in value for name, value in scope["headers"])
