"""A whole service in this process: the real routes over the test's transaction, people to call them, jobs at hand."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.support.hashes import hash_of
from townsquare.api.services import Services
from townsquare.api.streaming import open_hub
from townsquare.app import doors
from townsquare.auth.callers import Callers
from townsquare.auth.oauth_tokens import command_line_token
from townsquare.auth.users import NewUser, create_user
from townsquare.db.pool import Database
from townsquare.effects import effects
from townsquare.jobs import Event, read
from townsquare.jobs.events import Queue
from townsquare.kernel.http.application import Application
from townsquare.kernel.http.endpoint import Endpoint
from townsquare.kernel.settings import Limits, Moderation, Outside, Settings
from townsquare.media.pair import Pair
from townsquare.media.storage import open_storage
from townsquare.moderation.own import Own
from townsquare.policies.address import networks
from townsquare.policies.rate import Rates
from townsquare.timelines.filters import FilterCache
from townsquare.timelines.home import Pulled
from townsquare.web.door.astray import leading

SETTINGS = Settings(
    public_url="https://town.example",
    limits=Limits(enabled=False),
    outside=Outside(cards=False),
    moderation=Moderation(doubles=0),
)
"""Nothing is left to chance: which cases are put to somebody else as well hangs on their numbers."""
PASSWORD = "correct horse battery"
ALL = "read write follow push profile"


class Person:
    """Somebody with a token; `get`, `post`, … return the decoded answer and fail the test unless it succeeded."""

    def __init__(self, square: "Square", account_id: int, username: str, token: str) -> None:
        self.square = square
        self.id = account_id
        self.username = username
        self.token = token

    async def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} | given.pop("headers", {})
        return await self.square.http.request(method, path, headers=headers, **given)

    async def get(self, path: str, **query: Any) -> Any:
        return _good(await self.request("GET", path, params=query or None))

    async def post(self, path: str, **body: Any) -> Any:
        return _good(await self.request("POST", path, json=body))

    async def put(self, path: str, **body: Any) -> Any:
        return _good(await self.request("PUT", path, json=body))

    async def patch(self, path: str, **body: Any) -> Any:
        return _good(await self.request("PATCH", path, json=body))

    async def delete(self, path: str, **body: Any) -> Any:
        return _good(await self.request("DELETE", path, params=body))

    async def say(self, text: str, **body: Any) -> dict[str, Any]:
        """Post, and let everything follow that follows from it."""
        posted = await self.post("/api/v1/statuses", status=text, **body)
        await self.square.settle()
        return posted

    async def home(self, **query: Any) -> list[str]:
        """The ids of the home timeline."""
        return [status["id"] for status in await self.get("/api/v1/timelines/home", **query)]


class Square:
    """The service of one test."""

    def __init__(self, db: Database, http: httpx.AsyncClient, services: Services, application: Application) -> None:
        self.db = db
        self.http = http
        self.services = services
        self.application = application

    async def person(self, username: str, scopes: str = ALL, **user: Any) -> Person:
        """Somebody who has signed up, confirmed and agreed."""
        new = NewUser(
            username=username,
            email=f"{username}@town.example",
            password=PASSWORD,
            confirmed=True,
            approved=True,
            agreed=True,
        )
        new = msgspec.structs.replace(new, **user)
        new = msgspec.structs.replace(new, password_hash=await hash_of(new.password))
        async with self.db.transaction() as tx:
            made = await create_user(tx, new, settings=self.services.settings, now=datetime.now(UTC))
            token = await command_line_token(tx, made.account_id, scopes, datetime.now(UTC))
        await self.settle()
        return Person(self, made.account_id, username, token)

    def files(self) -> list[str]:
        """The keys of all that is stored, where there is one store."""
        objects = self.services.storage.objects
        assert not isinstance(objects, Pair)
        return [one["path"] for batch in objects.list() for one in batch]

    async def settle(self, queue: Queue | None = None) -> None:
        """Run what waits, of one queue or of all, and what follows from that, until nothing is left."""
        while await self.step(queue):
            pass

    async def step(self, queue: Queue | None = None) -> bool:
        """Run what waits, of one queue or of all, and leave what follows from it; False when there was nothing."""
        table: Mapping[str, tuple[type[Event], Sequence[Any]]] = {
            kind.__name__: (kind, called) for kind, called in effects(self.services).items()
        }
        records = await self.db.records(
            "DELETE FROM jobs WHERE $1::text IS NULL OR queue = $1 RETURNING kind, payload, id", queue
        )
        for record in sorted(records, key=lambda record: record["id"]):
            kind, called = table.get(record["kind"], (Event, ()))
            for effect in called:
                await effect([read(self.db.keys, kind, record["payload"])])
        return bool(records)


def _good(response: httpx.Response) -> Any:
    assert response.is_success, (
        f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    )
    return response.json()


@pytest.fixture
async def square(db: Database, tmp_path: Path) -> AsyncGenerator[Square]:
    """The service over this test's transaction."""
    async with town(db, tmp_path, SETTINGS) as one:
        yield one


@asynccontextmanager
async def town(db: Database, folder: Path, settings: Settings) -> AsyncGenerator[Square]:
    """A service with settings of its own; where they name no store, files are kept in the folder."""
    storage = settings.storage
    callers, filters = Callers(), FilterCache()
    own = Own(settings, {})
    services = Services(
        settings=own.settings,
        own=own,
        db=db,
        callers=callers,
        rates=Rates(enabled=settings.limits.enabled),
        trusted_proxies=networks(["127.0.0.1"]),
        pulled=Pulled(),
        filters=filters,
        hub=open_hub(db, callers, filters, settings.public_url),
        storage=open_storage(msgspec.structs.replace(storage, url=storage.url or f"file://{folder}")),
    )

    @asynccontextmanager
    async def start() -> AsyncGenerator[Sequence[Endpoint]]:
        yield doors(services)

    application = Application(start, observe=services.meter.request)
    application.lead = leading(own.settings)
    async with running(application):
        transport = httpx.ASGITransport(app=application, client=("127.0.0.1", 1234))
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
            yield Square(db, http, services, application)


@asynccontextmanager
async def running(application: Application) -> AsyncGenerator[None]:
    """Start and stop an ASGI application as a server does."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(application({"type": "lifespan"}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    yield
    await inbox.put({"type": "lifespan.shutdown"})
    await task
