"""Pictures at the desk: as they were reported, when nobody else is given them any more, and for whoever may look."""

import re
from html import unescape
from typing import Any

import pytest

from tests.api.test_films import made
from tests.api.test_media import send
from tests.api.test_media import sent as sent_picture
from tests.rooms.media import films
from tests.rooms.media.pictures import jpeg, scene
from tests.support.square import Person, Square
from tests.web.test_desk import at_desk, decide, reported
from tests.web.visitor import Visitor
from townsquare.moderation import audit


async def pictures(one: Visitor, case_id: int) -> list[str]:
    """The addresses of what a case shows."""
    page = (await one.get(f"/desk/cases/{case_id}")).text.partition('class="veiled-files"')[2].partition("</figure>")[0]
    return [unescape(found) for found in re.findall(r'<img src="([^"]+)"', page)]


async def case_with_picture(square: Square, ann: Person, ben: Person, **post: Any) -> tuple[int, str, dict[str, Any]]:
    """A case, its post, and the picture that the post shows."""
    picture = await sent_picture(ben)
    case_id, number = await reported(square, ann, ben, media_ids=[picture["id"]], **post)
    return case_id, number, picture


@pytest.mark.parametrize("gone", ["held", "removed", "deleted"])
async def test_a_picture_is_seen_by_who_decides_when_nobody_else_is_given_it(square: Square, gone: str) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, post, picture = await case_with_picture(square, ann, ben)
    as_it_was = (await square.http.get(picture["preview_url"])).content
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    if gone == "deleted":
        await ben.delete(f"/api/v1/statuses/{post}", delete_media=True)
    else:
        for one in mods[: 1 if gone == "held" else 2]:
            await decide(one, case_id, "remove")
    await square.settle()
    assert (await square.http.get(picture["preview_url"])).status_code == 404
    (address,) = await pictures(mods[1], case_id)
    shown = await mods[1].get(address)
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/jpeg", as_it_was)
    assert shown.headers["cache-control"] == "private, no-store"
    part = await mods[1].http.get(address, headers={"range": "bytes=0-3"})
    assert part.content[:4] == as_it_was[:4]
    assert (await square.http.get(address)).status_code == 303, "whoever is not signed in does so first"
    other = Visitor(square)
    await other.sign_in("ann")
    assert (await other.get(address)).status_code == 404
    assert (await mods[1].get(address.replace("original", "other").replace("small", "other"))).status_code == 404


@pytest.mark.parametrize("kept", [False, True], ids=["withheld", "only what was kept"])
async def test_a_film_is_silent_and_comes_in_parts(square: Square, kept: bool) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    film = await made(ben, films.film())
    case_id, post = await reported(square, ann, ben, media_ids=[film["id"]])
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    await decide(mods[0], case_id, "remove")
    await square.settle()
    shown = re.search(r"<video ([^>]+)>", (await mods[1].get(f"/desk/cases/{case_id}")).text)
    assert shown
    assert {"muted", "controls", 'preload="none"'} <= set(shown[1].split())
    address = unescape(shown[1].partition('src="')[2].partition('"')[0])
    if kept:
        await ben.delete(f"/api/v1/statuses/{post}", delete_media=True)
        await square.settle()
        assert all(one.endswith(".sealed") for one in square.files())
    whole = await mods[1].get(address)
    part = await mods[1].http.get(address, headers={"range": "bytes=4-11"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{len(whole.content)}"
    end = await mods[1].http.get(address, headers={"range": "bytes=-5"})
    assert (end.status_code, end.content) == (206, whole.content[-5:])
    beyond = await mods[1].http.get(address, headers={"range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")


async def test_of_many_pictures_that_are_alike_each_is_shown_and_can_be_taken_out(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    hill = jpeg(scene())
    one, two = [(await send(ben, hill, description=said)).json()["id"] for said in ("A hill", "A hill again")]
    first, _ = await reported(square, ann, ben, "", media_ids=[one])
    made = await ben.say("", media_ids=[two])
    await ann.post("/api/v1/reports", account_id=str(ben.id), status_ids=[made["id"]])
    await square.settle()
    mods = [await at_desk(square, name) for name in ("mod1", "mod2")]
    path = f"/desk/cases/{first}"
    page = (await mods[0].get(path)).text
    rows = page.partition('<ol class="alike"')[2].partition("</ol>")[0].split("<li")[1:]
    assert len(rows) == 2
    assert "A hill again" in rows[1]
    for row in rows:
        (address,) = re.findall(r'<img src="([^"]+)"', row)
        assert (await mods[0].get(unescape(address))).status_code == 200
    named = re.findall(r'name="out" value="([^"]+)"', page)[1]
    assert (await mods[0].send(f"{path}/part", page=path, out=named)).status_code == 303
    shown = (await mods[1].get(path)).text
    assert "looked at apart" in shown
    assert (await mods[1].send(f"{path}/part", page=path, out="status:1:x")).status_code == 422
    assert (await mods[1].send(f"{path}/part", page=path, back=named)).status_code == 303
    assert "looked at apart" not in (await mods[1].get(path)).text
    await mods[1].send(f"{path}/part", page=path, out=named)
    for one in mods:
        await decide(one, first, "remove")
    await square.settle()
    own = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1 AND open", int(made["id"]))
    assert own not in (None, first)
    assert (await decide(mods[1], own, "none")).status_code == 303, "it came next"
    await square.settle()
    assert (await ann.get(f"/api/v1/statuses/{made['id']}"))["id"] == made["id"], (
        "it is there again, and the rest is not"
    )


async def test_what_was_for_a_few_is_seen_for_a_reason_only(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    case_id, _, _ = await case_with_picture(square, ann, ben, text="@ann look", visibility="direct")
    boss, mod = await at_desk(square, "boss", "owner"), await at_desk(square, "mod")
    path = f"/desk/cases/{case_id}"
    assert await pictures(boss, case_id) == []
    await boss.send(f"{path}/look", page=path, why="A picture was reported")
    (address,) = await pictures(boss, case_id)
    assert (await boss.get(address)).status_code == 200
    assert (await audit.history(square.db, f"case:{case_id}"))[0].reason == "A picture was reported"
    other = await at_desk(square, "other", "admin")
    assert (await other.get(address)).status_code == 404, "for whoever has said why"
    assert (await mod.get(address)).status_code == 403
