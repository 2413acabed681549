"""The desk and the place as `benchmarks.effect` uses them: reviewers who are signed in, and who asks the API."""

import asyncio
import io
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from random import choices
from string import ascii_lowercase
from typing import Any, Final

import httpx
import msgspec
from PIL import Image

from benchmarks import fans
from benchmarks.commands import Trouble
from benchmarks.town import Person, Town
from townsquare.db.pool import Tx

PAUSE: Final = 0.01
PATIENCE: Final = 90.0
Asked = Callable[[], Awaitable[bool | None]]
"""Whether a place is as before (True), as decided (False), or as neither."""
NEEDED: Final = {"remove": 2, "hold": 2, "freeze": 2, "disable": 2, "suspend": 2}
"""Reviewers for what is heavy; one for the rest."""


class Way(msgspec.Struct, frozen=True):
    """A decision."""

    action: str = "none"
    account_action: str = "none"

    @property
    def reviewers(self) -> int:
        return max(NEEDED.get(self.action, 1), NEEDED.get(self.account_action, 1))


class Subject(msgspec.Struct, frozen=True):
    """What is decided upon, and where it shows. `report`: as the API takes it."""

    kind: str
    id: int
    report: Mapping[str, object]
    places: Mapping[str, Asked]


class Deed(msgspec.Struct, frozen=True):
    """Something that is done, and how it is taken back: `do` gives that. `places`: where it shows."""

    places: Mapping[str, Asked]
    do: Callable[[], Awaitable[Callable[[], Awaitable[None]]]]


class Desk:
    """Reviewers who are signed in, for the time of a block."""

    def __init__(self, town: Town, db: Tx, reporter: Person, reviewers: Sequence[Person]) -> None:
        self._town, self._db, self._reporter, self._reviewers = town, db, reporter, reviewers
        self._browsers: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> "Desk":
        self._browsers = [await signed_in(self._town, one) for one in self._reviewers]
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._browsers:
            await one.aclose()

    def on(self, subject: Subject, way: Way) -> Deed:
        """Somebody reports it, and as many as must say so decide."""

        async def do() -> Callable[[], Awaitable[None]]:
            case = await self._reported(subject)
            await self._decide(case, way)
            return partial(self._take_back, case)

        return Deed(subject.places, do)

    def block(self, kept: str, name: str, places: Mapping[str, Asked], **fields: str) -> Deed:
        """One of the lists of what the whole place blocks."""
        page = f"/manage/blocks/{kept}"

        async def do() -> Callable[[], Awaitable[None]]:
            await sent(self._browsers[0], page, form=page, name=name, **fields)
            return end

        async def end() -> None:
            (number,) = re.findall(rf"{page}/([0-9]+)/end", (await self._browsers[0].get(page)).text)
            await sent(self._browsers[0], f"{page}/{number}/end", form=page)

        return Deed(places, do)

    async def _reported(self, subject: Subject) -> int:
        """The case that came of a report."""
        await asked(self._town, self._reporter, "POST", "/api/v1/reports", json=subject.report)
        await fans.wait_until_settled(self._db, every=0.05)
        sql = "SELECT case_id FROM case_items WHERE kind = $1 AND item_id = $2 AND open"
        return await self._db.value(sql, subject.kind, subject.id)

    async def _decide(self, case: int, way: Way) -> None:
        """By as many as must say so."""
        choice = {"policy": "spam", "action": way.action, "account_action": way.account_action}
        for client in self._browsers[: way.reviewers]:
            await sent(client, f"/desk/cases/{case}/decide", **choice)

    async def _take_back(self, case: int) -> None:
        await sent(self._browsers[-1], f"/desk/cases/{case}/undo", why="A mistake of ours")


async def signed_in(town: Town, person: Person) -> httpx.AsyncClient:
    """A browser."""
    headers = {"origin": town.url, "sec-fetch-site": "same-origin"}
    client, name = httpx.AsyncClient(base_url=town.url, timeout=60, headers=headers), person.username
    await sent(client, "/sign-in", form="/sign-in", login=name, password=f"the password of {name}")
    return client


async def sent(client: httpx.AsyncClient, path: str, *, form: str = "", **fields: str) -> None:
    """Send a form of a page. Raises Trouble where it is not taken."""
    answer = await pressed(client, path, form or path.rpartition("/")[0], **fields)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise Trouble(f"{path} was answered with {answer.status_code}")


async def pressed(client: httpx.AsyncClient, path: str, form: str, **fields: str) -> httpx.Response:
    """The answer to a form of a page."""
    page = await client.get(form)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    if token is None:
        raise Trouble(f"{page.url} has no form")
    return await client.post(path, data={"csrf": token[1], **fields})


async def asked(town: Town, person: Person, method: str, path: str, **more: Any) -> Any:
    """What the API answers; None where there is nothing, or it is refused."""
    headers = {"authorization": f"Bearer {person.token}"}
    async with httpx.AsyncClient(base_url=town.url, timeout=60, headers=headers) as client:
        answer = await client.request(method, path, **more)
    if answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return None
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise Trouble(f"{path} was answered with {answer.status_code}: {answer.text[:200]}")
    return answer.json()


def picture() -> tuple[str, bytes, str]:
    """A file that is like no other."""
    data = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(data, "PNG")
    return "a.png", data.getvalue(), "image/png"


async def said(town: Town, author: Person, word: str) -> Any:
    """A post with the word, a hashtag and a picture that is ready."""
    file = await asked(town, author, "POST", "/api/v2/media", files={"file": picture()})

    async def is_ready() -> bool:
        return (await asked(town, author, "GET", f"/api/v1/media/{file['id']}"))["url"] is not None

    await until({"the picture is made": is_ready}, shown=True)
    # Other words each time: what is alike would become one case.
    others = " ".join("".join(choices(ascii_lowercase, k=7)) for _ in range(12))
    given = {"status": f"The {word} {others} #{word}", "media_ids": [file["id"]]}
    return await asked(town, author, "POST", "/api/v1/statuses", json=given)


async def until(
    places: Mapping[str, Asked], *, shown: bool, since: Mapping[str, float] | None = None
) -> Mapping[str, float]:
    """The seconds after which each was found as before, or as decided: from now on, or `since` a moment.

    Raises Trouble where one is not in time.
    """
    began, after = time.perf_counter(), dict[str, float]()
    while len(after) < len(places):
        for name, place in places.items():
            if name not in after and await place() == shown:
                after[name] = time.perf_counter() - (since or {}).get(name, began)
        if time.perf_counter() - began > PATIENCE:
            raise Trouble(f"After {PATIENCE:.0f} s it is not so ({shown}): {', '.join(set(places) - set(after))}")
        await asyncio.sleep(PAUSE)
    return after
