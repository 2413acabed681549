"""People at work while their host is lost: what was acknowledged to them, and whether it is there afterwards."""

import asyncio
import hashlib
import io
import itertools
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, TypeVar

import httpx
import msgspec
from PIL import Image

K = TypeVar("K")
T = TypeVar("T")
Kind = Literal["posts", "votes", "reports", "messages", "sessions", "jobs", "media"]
KINDS: Final[tuple[Kind, ...]] = ("posts", "votes", "reports", "messages", "sessions", "jobs", "media")
PAUSE: Final = 0.02
REFUSED: Final = 0.2
"""Seconds after which one who was refused tries again."""
TOGETHER: Final = 20
"""Posts that are asked for at once."""
AT_ONCE: Final = 8
"""Requests that look for what was acknowledged, at the same time."""
FIRST: Final = "1"
"""An id before all others."""
OLD: Final = 120.0
"""Seconds in which jobs that were waiting must have been done."""


class Person(msgspec.Struct, frozen=True):
    """As `account create --json` prints one. `token`: with all scopes that the drill needs."""

    id: str
    username: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Ledger(msgspec.Struct):
    """What was acknowledged, by kind: what it takes to find it again."""

    entries: dict[Kind, list[tuple[str, ...]]] = msgspec.field(default_factory=lambda: {kind: [] for kind in KINDS})

    def enter(self, kind: Kind, *what: str) -> None:
        self.entries[kind].append(what)

    @property
    def total(self) -> int:
        return sum(len(one) for one in self.entries.values())

    def counts(self) -> dict[str, int]:
        return {kind: len(one) for kind, one in self.entries.items()}


class Town(msgspec.Struct, frozen=True):
    """Who takes part: ann runs the place, bob gets messages and reports cid. `app`: what a sign-in needs.

    `authors`: who else writes. What one person writes waits for what they wrote before until that stands on both hosts.
    """

    ann: Person
    bob: Person
    cid: Person
    app: dict[str, str]
    password: str
    authors: tuple[Person, ...] = ()


class Load:
    """Everybody at work on `base` until `stop`. `writers`: so many of each program that writes text."""

    def __init__(self, town: Town, ledger: Ledger, base: str, seed: int, *, writers: int = 1) -> None:
        self._town = town
        self._authors = (town.ann, *town.authors)
        self._writers = writers
        self._ledger = ledger
        self._base = base
        self._chance = random.Random(seed)  # noqa: S311 (of texts and pictures)
        self._numbers = itertools.count()
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Each at their own pace; what fails was not acknowledged, and is not counted."""
        text = (self._post, self._post, self._vote, self._report, self._message)
        acts = (*text * self._writers, self._sign_in, self._upload)
        limits = httpx.Limits(max_connections=len(acts), max_keepalive_connections=len(acts))
        async with httpx.AsyncClient(base_url=self._base, timeout=20, limits=limits) as client:
            await asyncio.gather(*(self._again(client, act) for act in acts))

    async def _again(self, client: httpx.AsyncClient, act: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        while not self.stop.is_set():
            try:
                await act(client)
                await asyncio.sleep(PAUSE)
            except (httpx.HTTPError, KeyError, ValueError):
                await asyncio.sleep(REFUSED)

    def _author(self) -> Person:
        return self._chance.choice(self._authors)

    def _text(self) -> str:
        return f"Drill {next(self._numbers)} {self._chance.getrandbits(48):x}"

    async def _post(self, client: httpx.AsyncClient) -> None:
        made = await said(client, self._author(), "/api/v1/statuses", status=self._text())
        self._ledger.enter("posts", made["id"])

    async def _vote(self, client: httpx.AsyncClient) -> None:
        poll = {"options": ["Yes", "No"], "expires_in": 86400}
        made = await said(client, self._author(), "/api/v1/statuses", status=self._text(), poll=poll)
        self._ledger.enter("posts", made["id"])
        await said(client, self._town.bob, f"/api/v1/polls/{made['poll']['id']}/votes", choices=[0])
        self._ledger.enter("votes", made["id"])

    async def _report(self, client: httpx.AsyncClient) -> None:
        made = await said(client, self._town.bob, "/api/v1/reports", account_id=self._town.cid.id, comment=self._text())
        self._ledger.enter("reports", made["id"])

    async def _message(self, client: httpx.AsyncClient) -> None:
        """A message, and the job that tells its receiver."""
        text = f"@{self._town.bob.username} {self._text()}"
        made = await said(client, self._author(), "/api/v1/statuses", status=text, visibility="direct")
        self._ledger.enter("messages", made["id"])
        self._ledger.enter("jobs", made["id"])

    async def _sign_in(self, client: httpx.AsyncClient) -> None:
        self._ledger.enter("sessions", await signed_in(client, self._town))
        await asyncio.sleep(0.2)  # a password is dear on purpose

    async def _upload(self, client: httpx.AsyncClient) -> None:
        file = {"file": ("drill.png", picture(self._chance), "image/png")}
        answer = await client.post("/api/v2/media", headers=self._town.ann.headers, files=file)
        answer.raise_for_status()
        address = answer.json()["url"].partition("/media/")[2]
        self._ledger.enter("media", address, "")
        shown = await client.get(f"/media/{address}")
        if shown.is_success:
            self._ledger.entries["media"][-1] = (address, hashlib.sha256(shown.content).hexdigest())


def picture(chance: random.Random) -> bytes:
    """No two alike."""
    image, written = Image.frombytes("RGB", (48, 48), chance.randbytes(48 * 48 * 3)), io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


async def said(client: httpx.AsyncClient, person: Person, path: str, **body: object) -> dict[str, Any]:
    """The answer to a POST. Raises httpx.HTTPError."""
    answer = await client.post(path, headers=person.headers, json=body)
    answer.raise_for_status()
    return answer.json()


async def signed_in(client: httpx.AsyncClient, town: Town) -> str:
    """A token for a new sign-in. Raises httpx.HTTPError."""
    given = {**town.app, "grant_type": "password", "username": f"{town.bob.username}@example.org", "scope": "read"}
    answer = await client.post("/oauth/token", data={**given, "password": town.password})
    answer.raise_for_status()
    return answer.json()["access_token"]


async def first_write(base: str, person: Person) -> float:
    """The moment (`time.monotonic`) at which a write is acknowledged on a host again, tried until one is."""
    async with httpx.AsyncClient(base_url=base, timeout=20) as client:
        while True:
            with suppress(httpx.HTTPError):
                await said(client, person, "/api/v1/statuses", status="The first after")
                return time.monotonic()
            await asyncio.sleep(0.01)


async def full_service(base: str, town: Town) -> float:
    """The moment at which everything works: reading, writing, a sign-in, a file, and a job that tells somebody."""
    async with httpx.AsyncClient(base_url=base, timeout=20) as client:
        for path in ("/", f"/@{town.ann.username}", "/api/v2/instance"):
            (await client.get(path)).raise_for_status()
        token = await signed_in(client, town)
        reader = Person(town.bob.id, town.bob.username, token)
        file = {"file": ("after.png", picture(random.Random(0)), "image/png")}  # noqa: S311 (a picture)
        (await client.post("/api/v2/media", headers=town.ann.headers, files=file)).raise_for_status()
        made = await said(
            client, town.ann, "/api/v1/statuses", status=f"@{town.bob.username} here?", visibility="direct"
        )
        while True:
            if made["id"] in await told(client, reader, newest=True):
                return time.monotonic()
            await asyncio.sleep(0.02)


async def told(client: httpx.AsyncClient, person: Person, *, newest: bool = False, after: str = FIRST) -> list[str]:
    """The posts of all mentions that somebody was notified of, as often as they were; after a notification."""
    found: list[dict[str, Any]] = []
    while some := await _mentions(client, person, {} if newest else {"min_id": after}):
        found += some
        after = some[0]["id"]
        if newest:
            break
    return [one["status"]["id"] for one in found if one["status"]]


async def told_last(base: str, person: Person) -> str:
    """The newest notification of a mention."""
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        return next((one["id"] for one in await _mentions(client, person, {})), FIRST)


async def _mentions(client: httpx.AsyncClient, person: Person, cursor: dict[str, str]) -> list[dict[str, Any]]:
    """A page of them, the latest first."""
    asked = {"types[]": "mention", "limit": "80", **cursor}
    answer = await client.get("/api/v1/notifications", params=asked, headers=person.headers)
    answer.raise_for_status()
    return answer.json()


class Missing(msgspec.Struct):
    """What was acknowledged and is not there, and what was done twice; by kind."""

    lost: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    doubled: int = 0


async def look(base: str, town: Town, ledger: Ledger, *, after: str = FIRST) -> Missing:
    """Look for everything that was acknowledged. `after`: the last notification from before all of it."""
    entries, missing = ledger.entries, Missing()
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:

        async def reported(report: tuple[str, ...]) -> bool:
            return "id" in await _get(client, town.ann, f"/api/v1/admin/reports/{report[0]}")

        async def signed_in_still(session: tuple[str, ...]) -> bool:
            return "id" in await _get(client, Person("", "", session[0]), "/api/v1/accounts/verify_credentials")

        async def whole(file: tuple[str, ...]) -> bool:
            return await _is_whole(client, *file)

        voted = [
            one for one in await _there(client, town.bob, entries["votes"]) if one["poll"] and one["poll"]["voted"]
        ]
        found: dict[Kind, int] = {
            "posts": len(await _there(client, town.ann, entries["posts"])),
            "messages": len(await _there(client, town.bob, entries["messages"])),
            "votes": len(voted),
            "reports": sum(await _each(entries["reports"], reported)),
            "sessions": sum(await _each(entries["sessions"], signed_in_still)),
            "media": sum(await _each(entries["media"], whole)),
        }
        missing.lost = {kind: len(entries[kind]) - number for kind, number in found.items()}
        counted = await _until_told(client, town, [one for (one,) in entries["jobs"]], after)
        missing.lost["jobs"] = sum(number == 0 for number in counted)
        missing.doubled = sum(max(number - 1, 0) for number in counted)
    return missing


async def _each(items: Iterable[K], ask: Callable[[K], Awaitable[T]]) -> list[T]:
    """The answers, some asked for at a time."""
    bound = asyncio.Semaphore(AT_ONCE)

    async def one(item: K) -> T:
        async with bound:
            return await ask(item)

    return await asyncio.gather(*(one(item) for item in items))


async def _there(client: httpx.AsyncClient, person: Person, ids: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """Those posts that there are."""

    async def some(wanted: list[str]) -> list[dict[str, Any]]:
        answer = await client.get("/api/v1/statuses", params=[("id[]", one) for one in wanted], headers=person.headers)
        answer.raise_for_status()
        return answer.json()

    wanted = [one for (one,) in ids]
    groups = [wanted[start : start + TOGETHER] for start in range(0, len(wanted), TOGETHER)]
    return [one for group in await _each(groups, some) for one in group]


async def _get(client: httpx.AsyncClient, person: Person, path: str) -> dict[str, Any]:
    answer = await client.get(path, headers=person.headers)
    return answer.json() if answer.is_success else {}


async def _is_whole(client: httpx.AsyncClient, address: str, digest: str) -> bool:
    answer = await client.get(f"/media/{address}")
    return answer.is_success and digest in ("", hashlib.sha256(answer.content).hexdigest())


async def _until_told(client: httpx.AsyncClient, town: Town, ids: list[str], after: str) -> list[int]:
    """How often each was told, once all were or too much time has passed."""
    deadline = time.monotonic() + OLD
    while True:
        found = Counter(await told(client, town.bob, after=after))
        counted = [found[one] for one in ids]
        if all(counted) or time.monotonic() > deadline:
            return counted
        await asyncio.sleep(0.2)
