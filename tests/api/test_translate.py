"""Translation: by a LibreTranslate that the operator names, of posts for everybody."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.rooms.media import pictures
from tests.support.documented import against_entities, against_schema
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.db.pool import Database
from townsquare.kernel.settings import Outside, Translation

LANGUAGES = [{"code": "en", "targets": ["de", "en", "pt-BR"]}, {"code": "de", "targets": ["en"]}]


TRAM = re.compile(r'(?<!translate="no">:)tram')


class Service:
    """A LibreTranslate that knows one word, and leaves out what is not to be translated."""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[dict[str, Any]] = []
        self.status = "200 OK"
        self.answer: bytes | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        body = msgspec.json.encode(LANGUAGES)
        if head.startswith("post /translate"):
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            question = msgspec.json.decode(await reader.readexactly(length))
            self.asked.append(question)
            said: dict[str, Any] = {"translatedText": [TRAM.sub("TRAM", text) for text in question["q"]]}
            if question["source"] == "auto":
                said["detectedLanguage"] = [{"language": "de", "confidence": 90.0} for _ in question["q"]]
            body = msgspec.json.encode(said) if self.answer is None else self.answer
        writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()


@asynccontextmanager
async def service(port: int = 0) -> AsyncGenerator[Service]:
    one = Service()
    server = await asyncio.start_server(one.serve, "127.0.0.1", port)
    async with server:
        one.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield one


@pytest.fixture
async def far() -> AsyncGenerator[Service]:
    async with service() as one:
        yield one


@pytest.fixture
async def here(db: Database, tmp_path: Path, far: Service) -> AsyncGenerator[Square]:
    """A place that may reach the service, which is in a network of its own."""
    outside = Outside(cards=False, allow=("127.0.0.0/8",))
    translation = Translation(far.address + "/", "key")
    settings = msgspec.structs.replace(SETTINGS, outside=outside, translation=translation)
    async with town(db, tmp_path, settings) as one:
        yield one


@pytest.fixture
async def ann(here: Square) -> Person:
    return await here.person("ann")


async def translated(person: Person, post: dict[str, Any], **body: Any) -> Any:
    return await person.post(f"/api/v1/statuses/{post['id']}/translate", **body)


async def refused(person: Person, post: dict[str, Any], **body: Any) -> int:
    return (await person.request("POST", f"/api/v1/statuses/{post['id']}/translate", json=body)).status_code


async def test_text_warning_and_descriptions(here: Square, ann: Person, far: Service) -> None:
    file = {"file": ("p.png", pictures.png(), "image/png")}
    media = (await ann.request("POST", "/api/v2/media", files=file, data={"description": "A <tram>"})).json()
    post = await ann.say("The tram & :tram: @ann", spoiler_text="tram", language="en", media_ids=[media["id"]])
    answer = await translated(ann, post, lang="de")
    assert answer["content"].startswith("<p>The TRAM &amp; :tram: ")
    assert (answer["spoiler_text"], answer["language"]) == ("TRAM", "de")
    assert answer["media_attachments"] == [{"id": media["id"], "description": "A <TRAM>"}]
    assert (answer["detected_source_language"], answer["provider"]) == ("en", "LibreTranslate")
    assert "poll" not in answer
    (question,) = far.asked
    assert (question["source"], question["target"], question["format"], question["api_key"]) == (
        "en",
        "de",
        "html",
        "key",
    )


async def test_links_stay_whole(ann: Person, far: Service) -> None:
    post = await ann.say("The tram https://far.example/12:30:45", language="en")
    answer = await translated(ann, post, lang="de")
    assert 'href="https://far.example/12:30:45"' in answer["content"]


async def test_a_poll_is_as_documented(ann: Person) -> None:
    poll = {"options": ["the tram", "the bus"], "expires_in": 300}
    post = await ann.say("How?", poll=poll, language="en")
    answer = await translated(ann, post, lang="de")
    assert answer["poll"] == {"id": post["id"], "options": [{"title": "the TRAM"}, {"title": "the bus"}]}
    wrong = [
        *against_entities("Translation", answer),
        *against_schema("POST", "/api/v1/statuses/:id/translate", answer),
    ]
    assert wrong == []


async def test_the_same_is_asked_once_and_an_edit_again(ann: Person, far: Service) -> None:
    post = await ann.say("The tram", language="en")
    assert await translated(ann, post, lang="de") == await translated(ann, post, lang="de")
    assert len(far.asked) == 1
    await ann.put(f"/api/v1/statuses/{post['id']}", status="A tram", language="en")
    assert (await translated(ann, post, lang="de"))["content"] == "<p>A TRAM</p>"
    assert len(far.asked) == 2


async def test_languages(here: Square, ann: Person, far: Service) -> None:
    known = (await here.http.get("/api/v1/instance/translation_languages")).json()
    assert known == {"en": ["de", "pt-BR"], "de": ["en"], "und": ["en", "de"]}
    assert (await here.http.get("/api/v2/instance")).json()["configuration"]["translation"] == {"enabled": True}
    post = await ann.say("The tram", language="en")
    assert (await translated(ann, post, lang="pt-br"))["language"] == "pt-BR"
    assert await refused(ann, post, lang="fr") == 403
    assert await refused(ann, post, lang="en") == 403
    unknown = await ann.say("Die tram")
    answer = await translated(ann, unknown)
    assert (answer["language"], answer["detected_source_language"]) == ("en", "de")
    assert far.asked[-1]["source"] == "auto"


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_everybody_is_told_to_no_service(ann: Person, far: Service, visibility: str) -> None:
    post = await ann.say("Between us", visibility=visibility, language="en")
    assert await refused(ann, post, lang="de") == 403
    assert far.asked == []


async def test_nobody_translates_what_they_may_not_see(here: Square, ann: Person) -> None:
    post = await ann.say("Among ourselves", visibility="private", language="en")
    ben = await here.person("ben")
    assert await refused(ben, post, lang="de") == 404
    assert (await here.http.post(f"/api/v1/statuses/{post['id']}/translate")).status_code == 401


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("500 Oh", None),
        ("403 No", None),
        ("200 OK", b"{}"),
        ("200 OK", b"x"),
        ("200 OK", b'{"translatedText": ["\xff"]}'),
    ],
)
async def test_a_service_in_trouble_is_told_as_such(
    ann: Person, far: Service, status: str, answer: bytes | None
) -> None:
    post = await ann.say("The tram", language="en")
    assert (await ann.request("GET", "/api/v1/instance/translation_languages")).status_code == 200
    far.status, far.answer = status, answer
    assert await refused(ann, post, lang="de") == 503


async def test_what_the_service_says_is_cleaned(ann: Person, far: Service) -> None:
    post = await ann.say("The tram", language="en")
    far.answer = msgspec.json.encode({"translatedText": ["<p onclick='x'>Hi<script>alert(1)</script></p>"]})
    assert (await translated(ann, post, lang="de"))["content"] == "<p>Hi</p>"


async def test_a_service_in_a_private_network_must_be_allowed(db: Database, tmp_path: Path, far: Service) -> None:
    settings = msgspec.structs.replace(SETTINGS, translation=Translation(far.address))
    async with town(db, tmp_path, settings) as here:
        assert (await here.http.get("/api/v1/instance/translation_languages")).status_code == 503


async def test_without_a_service_nothing_is_translated(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("The tram", language="en")
    answer = await ann.request("POST", f"/api/v1/statuses/{post['id']}/translate", json={"lang": "de"})
    assert (answer.status_code, answer.json()) == (
        404,
        {"error": "Nothing is translated here: no service for it is set"},
    )
    assert (await square.http.get("/api/v1/instance/translation_languages")).json() == {}
