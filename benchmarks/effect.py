"""How soon a decision holds everywhere, and is taken back everywhere: `python -m benchmarks.effect`; writes EFFECT.md.

A post with a picture and a hashtag is echoed, reported, and removed by two reviewers. From the answer to the second of
them it is asked again and again, by somebody else, in each place that showed it, until none does; then the decision is
undone, and it is asked until all show it as before, with the counters of before.
"""

import argparse
import asyncio
import io
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from random import choices
from string import ascii_lowercase
from typing import Any, Final

import httpx
from PIL import Image

from benchmarks import fans, store
from benchmarks.commands import Trouble, tell
from benchmarks.town import Person, Town, make_accounts, running

TARGET: Final = Path(__file__).with_name("EFFECT.md")
PAUSE: Final = 0.01
PATIENCE: Final = 60.0
Asked = Callable[[], Awaitable[bool]]
"""Whether a place shows the post."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="townsquare-effect-"))
    folder.chmod(0o711)
    try:
        with running(folder, workers=2, port=0) as town:
            found = asyncio.run(measure(town, args.rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    TARGET.write_text(report(found), encoding="utf-8")
    tell(f"written to {TARGET}")


async def measure(town: Town, rounds: int) -> Mapping[str, Sequence[Mapping[str, float]]]:
    """Seconds of each round, by place: until it was `gone`, and until it was `back`."""
    author, reader, first, second = make_accounts(town, ["author", "reader", "first", "second"])
    found: dict[str, list[Mapping[str, float]]] = {"gone": [], "back": []}
    async with store.connected(town.dsn) as db:
        await db.execute("UPDATE users SET role = 'owner' WHERE account_id = ANY($1)", [int(first.id), int(second.id)])
        async with Desk(town, first) as one, Desk(town, second) as other:
            for number in range(rounds):
                await fans.wait_until_settled(db, every=0.05)
                post = await said(town, author, f"quillwort{number}")
                await asked(town, reader, "POST", f"/api/v1/statuses/{post['id']}/reblog")
                given = {"account_id": author.id, "status_ids": [post["id"]]}
                await asked(town, reader, "POST", "/api/v1/reports", json=given)
                await fans.wait_until_settled(db, every=0.05)
                case: int = await db.value("SELECT case_id FROM case_items WHERE item_id = $1", int(post["id"]))
                places = places_of(town, reader, author, post, f"quillwort{number}")
                await until(places, shown=True)
                choice = {"policy": "spam", "action": "remove", "account_action": "none"}
                await sent(one, f"/desk/cases/{case}/decide", **choice)
                await sent(other, f"/desk/cases/{case}/decide", **choice)
                found["gone"].append(await until(places, shown=False))
                await sent(other, f"/desk/cases/{case}/undo", why="A mistake of ours")
                found["back"].append(await until(places, shown=True))
    return found


class Desk:
    """A reviewer who is signed in, for the time of a block."""

    def __init__(self, town: Town, reviewer: Person) -> None:
        headers = {"origin": town.url, "sec-fetch-site": "same-origin"}
        self._client = httpx.AsyncClient(base_url=town.url, timeout=60, headers=headers)
        self._reviewer = reviewer

    async def __aenter__(self) -> httpx.AsyncClient:
        name = self._reviewer.username
        await sent(self._client, "/sign-in", form="/sign-in", login=name, password=f"the password of {name}")
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


async def sent(client: httpx.AsyncClient, path: str, *, form: str = "", **fields: str) -> None:
    """Send a form of a page. Raises Trouble where it is not taken."""
    page = await client.get(form or path.rpartition("/")[0])
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    if token is None:
        raise Trouble(f"{page.url} has no form")
    answer = await client.post(path, data={"csrf": token[1], **fields})
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise Trouble(f"{path} was answered with {answer.status_code}")


async def asked(town: Town, person: Person, method: str, path: str, **more: Any) -> Any:
    """What the API answers; None where there is nothing."""
    headers = {"authorization": f"Bearer {person.token}"}
    async with httpx.AsyncClient(base_url=town.url, timeout=60, headers=headers) as client:
        answer = await client.request(method, path, **more)
    if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return None
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise Trouble(f"{path} was answered with {answer.status_code}: {answer.text[:200]}")
    return answer.json()


async def said(town: Town, author: Person, word: str) -> Any:
    """A post with the word, a hashtag and a picture that is ready."""
    data = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(data, "PNG")
    file = await asked(town, author, "POST", "/api/v2/media", files={"file": ("a.png", data.getvalue(), "image/png")})
    ready = {"ready": lambda: is_ready(town, author, file["id"])}
    await until(ready, shown=True)
    # Other words each time: what is alike would become one case.
    others = " ".join("".join(choices(ascii_lowercase, k=7)) for _ in range(12))
    given = {"status": f"The {word} {others} #{word}", "media_ids": [file["id"]]}
    return await asked(town, author, "POST", "/api/v1/statuses", json=given)


async def is_ready(town: Town, author: Person, file: str) -> bool:
    return (await asked(town, author, "GET", f"/api/v1/media/{file}"))["url"] is not None


def places_of(town: Town, reader: Person, author: Person, post: Any, word: str) -> Mapping[str, Asked]:
    """Where somebody else meets the post; each says whether it is there, with the one echo that it has."""

    async def among(path: str) -> bool:
        page = await asked(town, reader, "GET", path)
        return any(post["id"] in (one["id"], (one["reblog"] or one)["id"]) for one in page)

    async def counted() -> bool:
        one = await asked(town, reader, "GET", f"/api/v1/statuses/{post['id']}")
        return one is not None and one["reblogs_count"] == 1

    async def found() -> bool:
        answer = await asked(town, reader, "GET", "/api/v2/search", params={"q": word, "type": "statuses"})
        return any(one["id"] == post["id"] for one in answer["statuses"])

    async def open_to_all(url: str) -> bool:
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.get(url)
        return answer.status_code == HTTPStatus.OK and (url != f"{town.url}/@author" or word in answer.text)

    return {
        "the post, with its counters": counted,
        "public timeline": lambda: among("/api/v1/timelines/public?local=true"),
        "timeline of its hashtag": lambda: among(f"/api/v1/timelines/tag/{word}"),
        "its author's posts": lambda: among(f"/api/v1/accounts/{author.id}/statuses"),
        "echoes": lambda: among(f"/api/v1/accounts/{reader.id}/statuses"),
        "search": found,
        "its page": lambda: open_to_all(f"{town.url}/@author/{post['id']}"),
        "its author's page": lambda: open_to_all(f"{town.url}/@author"),
        "its picture": lambda: open_to_all(post["media_attachments"][0]["url"]),
    }


async def until(places: Mapping[str, Asked], *, shown: bool) -> Mapping[str, float]:
    """The seconds after which each was found to show it, or not to. Raises Trouble where one does not in time."""
    began, after = time.perf_counter(), dict[str, float]()
    while len(after) < len(places):
        for name, place in places.items():
            if name not in after and await place() == shown:
                after[name] = time.perf_counter() - began
        if time.perf_counter() - began > PATIENCE:
            raise Trouble(f"After {PATIENCE:.0f} s it is not so: {', '.join(set(places) - set(after))}")
        await asyncio.sleep(PAUSE)
    return after


def report(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """The document."""
    rounds = len(found["gone"])
    lines = [
        "# How soon a decision holds",
        "",
        f"Made by `python -m benchmarks.effect`, {rounds} times: a post with a picture, a hashtag and an echo is",
        "removed by two reviewers, and the decision is undone. In ms from the answer to the second reviewer, or to who",
        "undid it, until somebody else who asks each place in turn finds it so: the last are asked after all others.",
        "The bounds are 60 s and 5 s.",
        "",
        "| place | gone, median | at most | back, median | at most |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in [*found["gone"][0], "everywhere"]:
        cells: list[str] = []
        for way in ("gone", "back"):
            times = [1000 * (max(one.values()) if name == "everywhere" else one[name]) for one in found[way]]
            cells += [f"{statistics.median(times):.0f}", f"{max(times):.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
