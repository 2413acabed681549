"""The place's own emojis, in everything that names them."""

import io
from typing import Any

import msgspec
from PIL import Image

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from townsquare.media.profile_pictures import store_emoji
from townsquare.statuses.emojis import Change, change_emoji, put_emojis, remove_emoji, render_named
from townsquare.statuses.events import EmojisChanged


async def add(square: Square, *shortcodes: str, data: bytes | None = None, category: str | None = None) -> None:
    services = square.services
    made = [
        (code, await store_emoji(services.storage, services.settings, data or pictures.png())) for code in shortcodes
    ]
    async with square.db.transaction() as tx:
        await put_emojis(tx, made, category)
    await settle(square)


async def change(square: Square, shortcode: str, **what: Any) -> None:
    async with square.db.transaction() as tx:
        await change_emoji(tx, shortcode, Change(**what))
    await settle(square)


async def settle(square: Square) -> None:
    """Let all follow but the deletion of replaced files, which comes a day later."""
    await square.db.execute("DELETE FROM jobs WHERE due_at > now() + interval '1 hour'")
    await square.settle()


async def shortcodes(person: Person, path: str, *fields: str) -> list[str]:
    found = await person.get(path)
    for field in fields:
        found = found[field]
    return [one["shortcode"] for one in found["emojis"]]


async def test_posts_and_names_of_before_show_it_and_do_not_when_it_is_gone(square: Square) -> None:
    ann = await square.person("ann")
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann :tram:", note=":bus_1:")
    post = await ann.say("The :tram: and :nothing:", spoiler_text=":bus_1:")
    other = await ann.say("A tram :busX1: tram")
    me, status = f"/api/v1/accounts/{ann.id}", f"/api/v1/statuses/{post['id']}"
    assert await shortcodes(ann, status) == []

    await add(square, "tram", "bus_1", category="Town")
    assert await shortcodes(ann, status) == ["bus_1", "tram"]
    assert await shortcodes(ann, me) == ["bus_1", "tram"]
    assert await shortcodes(ann, status, "account") == ["bus_1", "tram"]
    assert await shortcodes(ann, f"/api/v1/statuses/{other['id']}") == []

    await change(square, "tram", disabled=True)
    assert await shortcodes(ann, status) == ["bus_1"]
    assert await shortcodes(ann, me) == ["bus_1"]
    await change(square, "tram", disabled=False)
    assert await shortcodes(ann, status) == ["bus_1", "tram"]
    async with square.db.transaction() as tx:
        await remove_emoji(tx, "bus_1")
    assert await square.db.value("SELECT count(*) FROM jobs WHERE kind = 'PicturesReplaced'") == 1
    await settle(square)
    assert await shortcodes(ann, status) == ["tram"]
    whole = await ann.get(status)
    assert (whole["content"], whole["spoiler_text"], whole["mentions"]) == (post["content"], ":bus_1:", [])


async def test_another_picture_under_the_same_name(square: Square) -> None:
    ann = await square.person("ann")
    await add(square, "tram", category="Town")
    post = await ann.say(":tram:")
    before = post["emojis"][0]
    await add(square, "tram")
    after = (await ann.get(f"/api/v1/statuses/{post['id']}"))["emojis"][0]
    assert after["url"] != before["url"]
    assert after["category"] == "Town", "what is not said anew stays"


async def test_the_options_of_a_poll_follow_too(square: Square) -> None:
    ann = await square.person("ann")
    await add(square, "tram", "bus")
    asked = {"options": ["the :tram:", "the bus"], "expires_in": 600}
    post = await ann.say("Come :bus:?", poll=asked)
    status = f"/api/v1/statuses/{post['id']}"
    await add(square, "tram")
    after = await ann.get(status)
    assert after["poll"]["emojis"][0]["url"] != post["poll"]["emojis"][0]["url"]
    assert [one["shortcode"] for one in after["emojis"]] == ["bus", "tram"]
    await change(square, "tram", disabled=True)
    assert await shortcodes(ann, status, "poll") == []
    assert await shortcodes(ann, status) == ["bus"]


async def test_the_walk_goes_on_batch_by_batch(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    posts = [await person.say(f":tram: {number}") for number in range(3) for person in (ann, ben)]
    await add(square, "tram")
    await square.db.execute("UPDATE custom_emojis SET disabled = true")
    event, waiting = EmojisChanged(("tram",)), ""
    for _ in range(2 + 1 + 3):
        await square.db.execute("DELETE FROM jobs")
        await render_named(square.db, square.services.settings, [event], batch=2)
        waiting = await square.db.value("SELECT payload FROM jobs WHERE kind = 'EmojisChanged'")
        event = event if waiting is None else msgspec.json.decode(waiting, type=EmojisChanged)
    assert (event.part, waiting) == ("posts", None)
    for post in posts:
        assert await shortcodes(ann, f"/api/v1/statuses/{post['id']}") == []


async def test_what_people_choose_from(square: Square) -> None:
    await add(square, "tram", category="Town")
    await add(square, "bus", "hidden", "off")
    await change(square, "hidden", visible=False)
    await change(square, "off", disabled=True)
    listed = (await square.http.get("/api/v1/custom_emojis")).json()
    assert [(one["shortcode"], one["category"]) for one in listed] == [("bus", None), ("tram", "Town")]
    assert listed[1].keys() == {"shortcode", "url", "static_url", "visible_in_picker", "category"}
    ann = await square.person("ann")
    assert (await ann.say(":hidden: :off:"))["emojis"][0]["visible_in_picker"] is False


async def test_pictures_are_made_anew_small_and_also_still(square: Square) -> None:
    await add(square, "large", data=pictures.png(pictures.photo(600, 300)))
    await add(square, "moving", data=pictures.gif(pictures.moving_frames()))
    large, moving = (await square.http.get("/api/v1/custom_emojis")).json()
    assert large["url"] == large["static_url"]
    assert moving["url"] != moving["static_url"]
    images = [Image.open(io.BytesIO((await square.http.get(one)).content)) for one in (large["url"], moving["url"])]
    still = Image.open(io.BytesIO((await square.http.get(moving["static_url"])).content))
    assert images[0].size == (256, 128)
    assert getattr(images[1], "n_frames", 1) > 1
    assert (still.format, getattr(still, "n_frames", 1)) == ("PNG", 1)
