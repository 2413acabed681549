"""Pages in a language that nobody speaks: what was left out of the catalogues is found.

What people wrote stands in `<bdi>` or in an element with `dir="auto"`, which those need who read from right to left, or
in one with a language of its own; what is the same in each language in `<code>` or in an element with `translate="no"`.
All other text has to come out of a catalogue, which in this language shows by the brackets around it.
"""

import re
from collections.abc import AsyncGenerator, Iterable
from html.parser import HTMLParser

import httpx
import pytest
from babel import Locale

from tests.live import Live
from tests.web.conftest import PASSWORD
from tests.web.people import database
from tests.web.test_every_page import ANYBODY, MANAGE, SIGNED_IN
from townsquare.kernel.words.pseudo import CLOSE, OPEN

LETTERS = re.compile(r"[^\W\d_]+")
SPOKEN = ("alt", "aria-label", "data-ask", "data-one", "data-other", "data-text", "label", "placeholder", "title")
"""Attributes that are read by people."""
NOT_OURS = frozenset({"bdi", "code", "kbd", "math", "samp", "script", "style", "svg", "textarea", "time"})
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
ENGLISH = Locale("en")
SAME = re.compile(
    rf"\b(?:{'|'.join([*ENGLISH.months['format']['wide'].values(), *ENGLISH.days['format']['wide'].values()])})\b"
    r"|\d (?:bytes|[KMG]B)\b|\d[KM]\b|\bUTC\b|https?://\S+|:\w+:|@\w+"
)
"""What comes of the CLDR, which has no such language; addresses and handles."""


class LeftOut(HTMLParser):
    """Collects what is read on a page and did not come out of a catalogue. `wrote`: what people wrote, for it stands in
    attributes and titles too.
    """

    def __init__(self, wrote: Iterable[str]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._wrote = sorted(wrote, key=len, reverse=True)
        self._open: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        same = given.get("translate") == "no" or ("lang" in given and tag != "html")
        if not self._foreign and not same and tag != "time":
            shown = [given[name] for name in SPOKEN if name in given]
            self.found += [f"<{tag}> {text}" for text in shown if self._is_left_out(text)]
        if tag not in VOID:
            self._open.append((tag, self._foreign or same or tag in NOT_OURS or given.get("dir") == "auto"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._foreign:
            return
        outside, self._depth = _outside(data, self._depth)
        if self._open and self._open[-1][0] == "title":
            outside = self._without_what_people_wrote(outside)
        if LETTERS.search(SAME.sub("", outside)):
            self.found.append(" ".join(data.split()))

    @property
    def _foreign(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _is_left_out(self, text: str) -> bool:
        outside, _ = _outside(text, 0)
        return bool(LETTERS.search(SAME.sub("", self._without_what_people_wrote(outside))))

    def _without_what_people_wrote(self, text: str) -> str:
        for one in self._wrote:
            text = text.replace(one, "")
        return text


def _outside(text: str, depth: int) -> tuple[str, int]:
    """What stands outside of all brackets, and within how many it ends: sentences may have elements in them."""
    outside = ""
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        outside += letter if depth == 0 and letter != CLOSE else " "
    return outside, depth


def left_out(page: str, wrote: Iterable[str]) -> list[str]:
    reader = LeftOut(wrote)
    reader.feed(page)
    return reader.found


async def written(service: Live) -> set[str]:
    """Names, descriptions and tags of the town and names of policies, as titles of pages and attributes have them."""
    async with database(service) as connection:
        rows = await connection.fetch(
            """
            SELECT display_name FROM accounts UNION SELECT username FROM accounts UNION SELECT name FROM tags
            UNION SELECT description FROM media UNION SELECT header_description FROM accounts
            UNION SELECT avatar_description FROM accounts UNION SELECT name FROM policies
            """
        )
    return {row[0] for row in rows if row[0]} | {"Alderbrook", "weir", "bees"}


@pytest.fixture
async def reader(service: Live) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody whose browser asks for that language."""
    async with httpx.AsyncClient(base_url=service.url, headers={"accept-language": "en-XA"}, timeout=60) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, name: str) -> None:
    client.cookies.clear()
    token = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/sign-in")).text)
    assert token
    answer = await client.post("/sign-in", data={"csrf": token[1], "login": name, "password": PASSWORD})
    assert answer.status_code == 303


async def look(client: httpx.AsyncClient, paths: Iterable[str], wrote: Iterable[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert 'lang="en-XA"' in answer.text, path
        found += [f"{path}: {text}" for text in left_out(answer.text, wrote)]
    return found


def test_it_finds_what_was_left_out() -> None:
    page = (
        f'<p title="Go">{OPEN}Ñö{CLOSE} <bdi>June</bdi> left out <i dir="auto">Kept</i></p><svg aria-label="A"></svg>'
    )
    assert left_out(page, ["June"]) == ["<p> Go", "left out", "<svg> A"]


async def test_nothing_was_left_out_of_the_catalogues(service: Live, reader: httpx.AsyncClient, owner: str) -> None:
    wrote = await written(service)
    found = await look(reader, ANYBODY, wrote)
    await sign_in(reader, "ottilie")
    found += await look(reader, SIGNED_IN, wrote)
    await sign_in(reader, owner)
    assert found + await look(reader, (*MANAGE, "/manage/people?q=ottilie"), wrote) == []
