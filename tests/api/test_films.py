"""Films and sound through the API: accepted, worked on, posted; given out in parts."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.rooms.media import films, pictures
from tests.support.square import Person, Square
from tests.web.visitor import visitor


async def send(person: Person, data: bytes, path: str = "/api/v2/media", **more: Any) -> httpx.Response:
    sent = {"file": ("f", data, "application/octet-stream")} | more
    return await person.request("POST", path, files=sent)


async def made(ann: Person, data: bytes) -> dict[str, Any]:
    """When it has been worked on."""
    sent = await send(ann, data)
    assert sent.status_code == 202, sent.text
    await ann.square.settle()
    return await ann.get(f"/api/v1/media/{sent.json()['id']}")


async def test_a_film_is_accepted_worked_on_and_posted(ann: Person) -> None:
    sent = await send(ann, films.film())
    accepted = sent.json()
    assert (sent.status_code, accepted["type"], accepted["url"]) == (202, "video", None)
    assert accepted["preview_url"].endswith(".jpg")
    path = f"/api/v1/media/{accepted['id']}"
    waiting = await ann.request("GET", path)
    assert (waiting.status_code, waiting.json()) == (206, accepted)
    early = await ann.request("POST", "/api/v1/statuses", json={"status": "see", "media_ids": [accepted["id"]]})
    text = "Cannot attach files that have not finished processing. Try again in a moment!"
    assert (early.status_code, early.json()) == (422, {"error": text})
    described = await ann.request("PUT", path, json={"description": "A flag", "focus": "0.5,0.5"})
    assert (described.status_code, described.json()["description"]) == (206, "A flag")
    await ann.square.settle()
    done = await ann.request("GET", path)
    assert (done.status_code, done.json()["url"][-4:]) == (200, ".mp4")
    assert (done.json()["description"], done.json()["meta"]["focus"]) == ("A flag", {"x": 0.5, "y": 0.5})
    post = await ann.say("see", media_ids=[accepted["id"]])
    assert post["media_attachments"] == [done.json()]


async def test_the_old_method_waits(square: Square, ann: Person) -> None:
    answer, _ = await asyncio.gather(send(ann, films.film("ogg"), "/api/v1/media"), settle_when_it_has_come(square))
    assert (answer.status_code, answer.json()["type"], answer.json()["url"][-4:]) == (200, "audio", ".mp3")


async def settle_when_it_has_come(square: Square) -> None:
    for _ in range(600):
        if await square.db.value("SELECT EXISTS (SELECT FROM jobs WHERE kind = 'MediaUploaded')"):
            await square.settle()
            return
        await asyncio.sleep(0.05)


async def test_what_fails_says_why(ann: Person) -> None:
    whole = films.film("webm", seconds=4, images=[pictures.photo(320, 240)])
    number = (await send(ann, whole[: len(whole) // 2])).json()["id"]
    await ann.square.settle()
    for method in ("GET", "PUT"):
        failed = await ann.request(method, f"/api/v1/media/{number}")
        assert (failed.status_code, failed.json()["error"][:31]) == (422, "This file is damaged or incompl")
    post = await ann.request("POST", "/api/v1/statuses", json={"status": "see", "media_ids": [number]})
    assert (post.status_code, post.json()["error"]) == (
        422,
        "One of the files could not be read. Take it away, or send another one",
    )
    assert await ann.delete(f"/api/v1/media/{number}") == {}


async def test_a_film_goes_alone_and_what_was_a_gif_does_not(ann: Person) -> None:
    film, gif = await made(ann, films.film()), await made(ann, pictures.gif(pictures.moving_frames()))
    picture = (await send(ann, pictures.jpeg())).json()
    assert (gif["type"], picture["type"]) == ("gifv", "image")
    mixed = await ann.request("POST", "/api/v1/statuses", json={"media_ids": [film["id"], picture["id"]]})
    assert (mixed.status_code, mixed.json()["error"]) == (
        422,
        "Cannot attach a video to a post that already contains images",
    )
    post = await ann.say("", media_ids=[gif["id"], picture["id"]])
    assert [one["id"] for one in post["media_attachments"]] == [gif["id"], picture["id"]]


async def test_a_thumbnail_of_ones_own(ann: Person, tmp_path: Path) -> None:
    thumbnail = ("t", pictures.jpeg(pictures.photo(100, 80)), "image/jpeg")
    sent = (await send(ann, films.film("ogg"), thumbnail=thumbnail)).json()
    assert sent["meta"]["small"]["size"] == "100x80"
    await ann.square.settle()
    path = f"/api/v1/media/{sent['id']}"
    other = {"thumbnail": ("t", pictures.png(pictures.photo(60, 60)), "image/png")}
    changed = (await ann.request("PUT", path, files=other)).json()
    assert changed["meta"]["small"]["size"] == "60x60"
    assert (changed["preview_url"] != sent["preview_url"], changed["blurhash"] != sent["blurhash"]) == (True, True)
    await ann.square.settle()
    assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 2
    broken = await ann.request("PUT", path, files={"thumbnail": ("t", b"text", "image/png")})
    assert broken.status_code == 422


async def test_deleting_a_post_deletes_its_film(ann: Person, tmp_path: Path) -> None:
    """A sealed copy stays for as long as it can be reported, also of what was for followers."""
    for visibility, sealed in (("private", 2), ("public", 4)):
        film = await made(ann, films.film())
        post = await ann.say("see", media_ids=[film["id"]], visibility=visibility)
        await ann.delete(f"/api/v1/statuses/{post['id']}", delete_media="true")
        await ann.square.settle()
        left = [one for one in tmp_path.rglob("*") if one.is_file()]
        assert [one.name.endswith(".sealed") for one in left] == [True] * sealed


async def test_players_get_the_parts_that_they_ask_for(square: Square, ann: Person) -> None:
    url = (await made(ann, films.film()))["url"]
    whole = await square.http.get(url)
    assert (whole.status_code, whole.headers["accept-ranges"], whole.headers["content-type"]) == (
        200,
        "bytes",
        "video/mp4",
    )
    assert whole.headers["cache-control"] == "public, max-age=31536000, s-maxage=30, immutable"
    assert whole.headers["x-content-type-options"] == "nosniff"
    size = len(whole.content)
    asked = {
        "bytes=0-99": (206, f"bytes 0-99/{size}", whole.content[:100]),
        f"bytes={size - 10}-": (206, f"bytes {size - 10}-{size - 1}/{size}", whole.content[-10:]),
        "bytes=-10": (206, f"bytes {size - 10}-{size - 1}/{size}", whole.content[-10:]),
        f"bytes=10-{size + 500}": (206, f"bytes 10-{size - 1}/{size}", whole.content[10:]),
        f"bytes={size}-": (416, f"bytes */{size}", None),
        "bytes=0-1,5-6": (200, None, whole.content),
        "bytes=9-1": (200, None, whole.content),
        "lines=1-2": (200, None, whole.content),
    }
    for header, (status, told, content) in asked.items():
        answer = await square.http.get(url, headers={"range": header})
        assert (answer.status_code, answer.headers.get("content-range")) == (status, told), header
        assert content is None or answer.content == content
    head = await square.http.head(url, headers={"range": "bytes=0-9"})
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")


async def test_apps_are_told_what_is_taken(square: Square) -> None:
    told = (await square.http.get("/api/v2/instance")).json()["configuration"]["media_attachments"]
    assert {"image/heic", "video/mp4", "video/quicktime", "video/webm", "audio/mpeg"} <= set(
        told["supported_mime_types"]
    )
    limits = square.services.settings.limits
    assert {name: told[name] for name in told if name.endswith("_limit")} == {
        "image_size_limit": limits.image_bytes,
        "image_matrix_limit": limits.image_pixels,
        "video_size_limit": limits.video_bytes,
        "video_frame_rate_limit": limits.video_frame_rate,
        "video_matrix_limit": limits.video_pixels,
        "description_limit": 1500,
    }


async def test_pages_play_them(square: Square, ann: Person) -> None:
    film, sound = await made(ann, films.film()), await made(ann, films.mp3_with_cover())
    stranger = await visitor(square)
    for one, element in ((film, "<video src"), (sound, "<audio src")):
        post = await ann.say("hear and see", media_ids=[one["id"]])
        page = await stranger.get(f"/@ann/{post['id']}")
        assert page.status_code == 200
        assert f'{element}="/media/' in page.text


async def test_copies_of_a_film_are_one_case_and_another_film_is_another(square: Square, ann: Person) -> None:
    ben = await square.person("ben")
    scenes = [one for seed in (1, 2, 3) for one in [pictures.scene(seed, 160, 120)] * 10]
    copies = [films.film(images=scenes, seconds=3), films.film("webm", images=scenes[10:], seconds=2)]
    other = films.film(images=[pictures.scene(9, 160, 120)], seconds=2)
    for data in (*copies, other):
        film = await made(ben, data)
        post = await ben.say("", media_ids=[film["id"]])
        await ann.post("/api/v1/reports", account_id=str(ben.id), status_ids=[post["id"]])
    await square.settle()
    cases = await square.db.records("SELECT items_count FROM cases ORDER BY id")
    assert [one[0] for one in cases] == [2, 1]
