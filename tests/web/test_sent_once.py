"""A form that arrives again posts once; and what is wrong with its files costs nothing that was typed."""

import asyncio
import re

import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from tests.web.test_messages import begin
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.media.upload import sweep_unattached


async def both(square: Square, name: str) -> tuple[Person, Visitor]:
    """Somebody with an app and a browser."""
    api, browser = await square.person(name), Visitor(square)
    await browser.sign_in(name)
    return api, browser


async def uploaded(api: Person) -> str:
    sent = await api.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    return sent.json()["id"]


def kept(number: str, alt: str = "a red door") -> dict[str, str]:
    """A file of a form that came before, as the box sends it."""
    return {"kept[0][id]": number, "kept[0][alt]": alt, "kept[0][focus]": "0,0"}


@pytest.mark.parametrize("at", ["", "2035-07-01T12:00"], ids=["now", "for later"])
async def test_a_post_with_a_picture_is_sent_once(square: Square, at: str) -> None:
    api, ann = await both(square, "ann")
    form = {"text": "Once", "key": "a key", "at": at, **kept(await uploaded(api))}
    answers = [await ann.send("/posts", page="/home", **form) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    path = "/api/v1/scheduled_statuses" if at else f"/api/v1/accounts/{api.id}/statuses"
    (post,) = await api.get(path)
    assert len(post["media_attachments"]) == 1


async def test_a_message_with_a_picture_is_sent_once(square: Square) -> None:
    api, ann = await both(square, "ann")
    await square.person("ben")
    talk = await begin(ann, "ben", "Hello")
    form = {"text": "", "key": "a key", **kept(await uploaded(api))}
    answers = [await ann.send(talk, page=talk, **form) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"{talk}#end"] * 2
    assert len(await api.get(f"/api/v1/accounts/{api.id}/statuses")) == 2


async def test_what_is_on_its_way_twice_at_once_is_out_once_and_nothing_is_wrong(square: Square) -> None:
    api, ann = await both(square, "ann")
    number = await uploaded(api)
    old = await ann.post("At first", **kept(number))
    changed = {"text": "Anew", "key": "a key", "redraft": old, **kept(number, "a red door, ajar")}
    later = {"text": "Later", "key": "its key", "at": "2035-07-01T12:00"}
    await ann.send("/posts", page="/home", **later)
    (waits,) = await api.get("/api/v1/scheduled_statuses")
    for form in (changed, {**later, "key": "another key", "later": waits["id"], "at": ""}):
        sending = [ann.send("/posts", page="/home", **form) for _ in range(2)]
        answers = await asyncio.gather(*sending)
        assert [one.status_code for one in answers] == [303, 303]
        assert answers[0].headers["location"] == answers[1].headers["location"]
    assert [one["content"] for one in await api.get(f"/api/v1/accounts/{api.id}/statuses")] == [
        "<p>Later</p>",
        "<p>Anew</p>",
    ]


async def test_what_was_typed_after_it_was_sent_is_not_lost(square: Square) -> None:
    api, ann = await both(square, "ann")
    form = {"key": "a key", **kept(await uploaded(api))}
    await ann.send("/posts", page="/home", text="At first", **form)
    told = await ann.send("/posts", page="/home", text="On second thoughts", **form)
    assert told.status_code == 422
    assert "This is out already" in told.text
    assert "On second thoughts" in told.text
    assert 'value="a red door"' in told.text, "its file went with the first"
    key = re.search(r'name="key" value="([^"]+)"', told.text)
    assert key
    assert key[1] != "a key"
    await ann.send("/posts", page="/home", text="On second thoughts", key=key[1])
    assert len(await api.get(f"/api/v1/accounts/{api.id}/statuses")) == 2


async def test_what_was_deleted_since_is_not_posted_again(square: Square) -> None:
    api, ann = await both(square, "ann")
    number = await ann.post("Once", key="a key")
    await api.delete(f"/api/v1/statuses/{number}")
    assert (await ann.send("/posts", page="/home", text="Once", key="a key")).status_code == 303
    assert await api.get(f"/api/v1/accounts/{api.id}/statuses") == []


@pytest.mark.parametrize("number", ["undefined", "", "12"])
async def test_a_file_that_is_not_there_is_named_and_nothing_typed_is_lost(square: Square, number: str) -> None:
    api, ann = await both(square, "ann")
    there = {name.replace("[0]", "[1]"): one for name, one in kept(await uploaded(api), "a green door").items()}
    told = await ann.send("/posts", page="/home", text="Two doors", **kept(number), **there)
    assert told.status_code == 422
    assert "File 1 is not there any more" in told.text
    for words in ("Two doors", 'value="a red door"', "a green door"):
        assert words in told.text
    assert await api.get(f"/api/v1/accounts/{api.id}/statuses") == []
    asked = {**OURS, "part": "compose"}
    token = await ann.token("/home")
    said = (await ann.submit("/posts", asked, csrf=token, text="A door", key="a key", **kept(number))).json()
    assert (said["lost"], said["kept"], said["key"]) == (["a red door"], [], "a key")


async def test_files_wait_for_as_long_as_a_post_may_without_a_network(square: Square) -> None:
    api, ann = await both(square, "ann")
    number = await uploaded(api)
    await square.db.execute("UPDATE media SET created_at = now() - interval '7 days'")
    await sweep_unattached(square.db, square.services.storage)
    assert (await ann.send("/posts", page="/home", text="A door", **kept(number))).status_code == 303


async def test_what_was_written_of_a_file_comes_again_with_the_form(square: Square) -> None:
    _, ann = await both(square, "ann")
    token = await ann.token("/home")
    files = {"pictures[0][file]": ("notes.txt", b"no picture", "text/plain")}
    form = {"csrf": token, "text": "Look", "pictures[0][alt]": "my notes", "pictures[1][alt]": "of none yet"}
    told = await ann.http.post("/posts", data=form, files=files, headers=OURS)
    assert told.status_code == 422
    assert "notes.txt" in told.text
    assert 'value="my notes"' in told.text
    assert 'value="of none yet"' in told.text


@pytest.mark.parametrize("alt", ["a green door", "x" * 1600])
async def test_what_was_written_of_a_file_comes_again_with_a_change(square: Square, alt: str) -> None:
    api, ann = await both(square, "ann")
    post = await api.say("A door", media_ids=[await uploaded(api)])
    number, path = post["media_attachments"][0]["id"], f"/posts/{post['id']}/edit"
    told = await ann.send(path, page=path, text="long " * 500, **kept(number, alt) | {"kept[0][focus]": "0.5,-0.5"})
    assert told.status_code == 422
    assert alt in told.text
    assert 'value="0.5,-0.5"' in told.text
    assert (await api.get(f"/api/v1/statuses/{post['id']}"))["media_attachments"][0]["description"] is None


async def test_what_waits_for_its_time_waits_until_its_change_is_sent(square: Square) -> None:
    api, ann = await both(square, "ann")
    picture = await uploaded(api)
    form = {"at": "2035-07-01T12:00", **kept(picture)}
    await ann.send("/posts", page="/home", text="Later", **form)
    (waits,) = await api.get("/api/v1/scheduled_statuses")
    box = await ann.send(f"/scheduled/{waits['id']}/change", page="/scheduled")
    assert f'name="later" value="{waits["id"]}"' in box.text
    assert await api.get("/api/v1/scheduled_statuses") == [waits], "a page that is closed has lost nothing"
    changed = await ann.send("/posts", page="/home", text="Later still", later=waits["id"], **form)
    assert changed.headers["location"] == "/scheduled"
    (now,) = await api.get("/api/v1/scheduled_statuses")
    assert now["params"]["text"] == "Later still"
    assert [one["id"] for one in now["media_attachments"]] == [picture]
    told = await ann.send("/posts", page="/home", text="Too late", later=waits["id"])
    assert told.status_code == 422
    assert "is out already, or was taken back" in told.text
    assert "Too late" in told.text
    assert 'name="later"' not in told.text


async def test_each_thing_that_is_shared_has_a_draft_of_its_own(square: Square) -> None:
    ann = await visitor(square, "ann")
    names = [
        re.search(r'data-draft="([^"]+)"', (await ann.submit("/share", {"sec-fetch-site": "none"}, text=text)).text)
        for text in ("One", "One", "Another")
    ]
    first, again, other = [found[1] for found in names if found]
    assert first == again
    assert first not in (other, "new", "")
