"""Pictures through the API: sent, described, posted, taken back, written anew."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.kernel.settings import Limits

ALWAYS = {"id", "type", "url", "preview_url", "remote_url", "meta", "description", "blurhash"}


async def send(person: Person, data: bytes, path: str = "/api/v2/media", **said: str) -> httpx.Response:
    return await person.request("POST", path, files={"file": ("p", data, "application/octet-stream")}, data=said)


async def sent(person: Person, **said: str) -> dict[str, Any]:
    response = await send(person, pictures.jpeg(), **said)
    assert response.status_code == 200, response.text
    return response.json()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("path", ["/api/v1/media", "/api/v2/media"])
async def test_a_picture_is_returned_whole(ann: Person, path: str) -> None:
    made = (await send(ann, pictures.jpeg(), path, description="A hill", focus="0.1,-0.3")).json()
    assert made.keys() >= ALWAYS
    assert (made["type"], made["description"], made["remote_url"]) == ("image", "A hill", None)
    assert made["url"].startswith("https://town.example/media/attachments/")
    assert made["preview_url"].startswith("https://town.example/media/attachments/")
    assert len(made["blurhash"]) > 20
    assert made["meta"]["focus"] == {"x": 0.1, "y": -0.3}
    assert made["meta"]["original"] == {"width": 320, "height": 240, "size": "320x240", "aspect": 320 / 240}
    assert made["meta"]["small"]["size"] == "320x240"
    assert await ann.get(f"/api/v1/media/{made['id']}") == made


async def test_what_is_said_of_a_picture_is_changed_and_posted(ann: Person) -> None:
    first, second = await sent(ann, description="one"), await sent(ann)
    changed = await ann.put(f"/api/v1/media/{first['id']}", description="better", focus="-1,0.5")
    assert (changed["description"], changed["meta"]["focus"]) == ("better", {"x": -1.0, "y": 0.5})
    post = await ann.say("", media_ids=[second["id"], first["id"]])
    assert [one["id"] for one in post["media_attachments"]] == [second["id"], first["id"]]
    assert post["media_attachments"][1] == changed
    gone = await ann.request("GET", f"/api/v1/media/{first['id']}")
    assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})
    used = await ann.request("DELETE", f"/api/v1/media/{first['id']}")
    assert (used.status_code, used.json()) == (422, {"error": "Media attachment is currently used by a status"})


async def test_a_picture_is_taken_back_with_its_files(ann: Person, tmp_path: Path) -> None:
    made = await sent(ann)
    assert len(files(tmp_path)) == 2
    assert await ann.delete(f"/api/v1/media/{made['id']}") == {}
    assert files(tmp_path) == []
    assert (await ann.request("DELETE", f"/api/v1/media/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("data", "said", "text"),
    [
        (b"<svg/>", {}, "This file is nothing that we can show"),
        (pictures.jpeg()[:900], {}, "This picture is damaged or incomplete"),
        (pictures.png_header(60_000, 60_000), {}, "This picture is 60000x60000 pixels, which is too large"),
        (pictures.png(), {"focus": "middle"}, "The focus is two numbers"),
        (pictures.png(), {"description": "x" * 1501}, "Validation failed: Description"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_a_sentence(
    ann: Person, tmp_path: Path, data: bytes, said: dict[str, str], text: str
) -> None:
    refused = await send(ann, data, **said)
    assert refused.status_code == 422
    assert refused.json()["error"].startswith(text)
    assert files(tmp_path) == []


@pytest.mark.parametrize("body", [{}, {"data": {"file": "text"}}, {"json": {"file": "text"}}])
async def test_a_file_must_be_a_file(ann: Person, body: dict[str, Any]) -> None:
    refused = await ann.request("POST", "/api/v2/media", **body)
    assert (refused.status_code, refused.json()["error"].startswith("Validation failed: ")) == (422, True)


async def test_a_file_may_be_as_large_as_is_set_and_other_bodies_may_not(square: Square, ann: Person) -> None:
    most = square.services.settings.limits.image_bytes
    too_large = await send(ann, pictures.jpeg() + bytes(most))
    assert (too_large.status_code, too_large.json()["error"]) == (
        413,
        "This picture is too large: a file may have 16 MB at most. Send a smaller one",
    )
    body = {"file": ("p", bytes(Limits().body_bytes), "image/png")}
    assert (await ann.request("POST", "/api/v1/statuses", files=body)).status_code == 413
    assert (await send(ann, pictures.jpeg() + bytes(2 * 1024 * 1024))).status_code == 200


async def test_pictures_are_ones_own(square: Square, ann: Person, ben: Person) -> None:
    path = f"/api/v1/media/{(await sent(ann))['id']}"
    for method in ("GET", "PUT", "DELETE"):
        assert (await ben.request(method, path)).status_code == 404
        assert (await square.http.request(method, path)).status_code == 401
    reader = await square.person("reader", scopes="read write:statuses")
    assert (await send(reader, pictures.jpeg())).status_code == 403


async def test_a_post_that_is_deleted_takes_its_pictures_along_when_asked(ann: Person, tmp_path: Path) -> None:
    post = await ann.say("look", media_ids=[(await sent(ann))["id"]])
    await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media="true")
    assert len(files(tmp_path)) == 2
    await ann.square.settle()
    assert {one.suffix for one in files(tmp_path)} == {".sealed"}, "kept for 30 days, in case that it is reported"


async def test_a_post_is_deleted_and_written_anew_with_its_pictures(ann: Person, tmp_path: Path) -> None:
    made = await sent(ann, description="A hill")
    post = await ann.say("lok", spoiler_text="hills", media_ids=[made["id"]])
    deleted = await ann.delete(f"/api/v1/statuses/{post['id']}")
    await ann.square.settle()
    assert (deleted["text"], deleted["spoiler_text"], deleted["media_attachments"]) == ("lok", "hills", [made])
    assert await ann.get(f"/api/v1/media/{made['id']}") == made
    again = await ann.say("look", media_ids=[made["id"]])
    assert again["media_attachments"] == [made]
    assert len([one for one in files(tmp_path) if one.suffix != ".sealed"]) == 2


async def test_an_idempotency_key_counts_with_pictures_too(ann: Person) -> None:
    """The second time the picture belongs to the first post; that post is the answer, whatever is sent with the key."""
    first, other = (await sent(ann))["id"], (await sent(ann))["id"]

    async def post(picture: str) -> str:
        said = {"status": "look", "media_ids": [picture]}
        return (await ann.request("POST", "/api/v1/statuses", json=said, headers={"idempotency-key": "once"})).json()[
            "id"
        ]

    posted = await post(first)
    assert await post(first) == posted
    assert await post(other) == posted
    free = await ann.post("/api/v1/statuses", status="mine", media_ids=[other])
    assert [one["id"] for one in free["media_attachments"]] == [other]


async def test_a_picture_that_many_post_is_one_case_when_it_is_reported(
    square: Square, ann: Person, ben: Person
) -> None:
    """Also one that its author has deleted meanwhile, or that was uploaded smaller."""
    picture = pictures.scene(5)
    for person, look in ((ann, picture), (ben, picture.resize((320, 240)))):
        media = (await send(person, pictures.saved(look, "JPEG", quality=70))).json()
        post = await person.say("", media_ids=[media["id"]])
        other = ben if person is ann else ann
        await other.post("/api/v1/reports", account_id=str(person.id), status_ids=[post["id"]])
        await person.delete(f"/api/v1/statuses/{post['id']}")
        await square.settle()
    assert await square.db.records("SELECT items_count FROM cases") == [(2,)]
