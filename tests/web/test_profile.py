"""Somebody's page: how one follows them, what one notes of them, and what is said where little may be shown."""

import re
from base64 import b64decode
from io import BytesIO
from urllib.parse import urlsplit

from PIL import Image

from tests.rooms.accounts.test_profile import OPEN, page
from tests.rooms.media import pictures
from tests.support.square import Square
from tests.web.visitor import visitor
from townsquare.accounts.events import ProfileChanged
from townsquare.accounts.profile import Changes, update_profile
from townsquare.accounts.verify import verify_links
from townsquare.kernel.ids import AccountId
from townsquare.web.reading.strip import Strip


async def test_how_one_follows_is_chosen_where_one_follows(square: Square) -> None:
    ann = await square.person("ann")
    ben = await visitor(square, "ben")
    follow = f"/people/{ann.id}/follow"
    await ben.send(follow, page="/@ann", next="/@ann")
    assert "You follow them now" in (await ben.get("/@ann")).text
    for field, value in (("notify", "true"), ("reblogs", "false")):
        await ben.send(follow, page="/@ann", next="/@ann", **{field: value})
    page = (await ben.get("/@ann")).text
    assert 'name="notify" value="false" aria-pressed="true"' in page
    assert "Show me their echoes" in page
    await ben.send(f"/people/{ann.id}/recommend", page="/@ann", next="/@ann")
    assert "@ann" in (await (await visitor(square)).get("/@ben/about")).text
    assert "Recommends" in (await ben.get("/@ben/about")).text


async def test_a_mute_can_end_by_itself(square: Square) -> None:
    ann = await square.person("ann")
    ben = await visitor(square, "ben")
    page = f"/people/{ann.id}/mute"
    assert "Thirty days" in (await ben.get(page)).text
    await ben.send(page, page=page, duration="3600", next="/@ann")
    assert await square.db.value("SELECT count(*) FROM mutes WHERE expires_at IS NOT NULL") == 1
    assert "Unmute" in (await ben.get("/@ann")).text
    assert (await ben.send(page, page=page, duration="-1")).status_code == 422


async def test_a_note_is_for_oneself_and_keeps_what_was_typed(square: Square) -> None:
    ann = await square.person("ann")
    ben = await visitor(square, "ben")
    page = f"/people/{ann.id}/note"
    await ben.send(page, page=page, comment="met at the <market>")
    assert "met at the &lt;market&gt;" in (await ben.get("/@ann")).text
    assert "met at the" not in (await (await visitor(square, "eve")).get("/@ann")).text
    long = await ben.send(page, page=page, comment="a" * 2001)
    assert long.status_code == 422
    assert "a" * 2001 in long.text


async def test_those_whom_one_follows_vouch(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    eve = await visitor(square, "eve")
    await eve.send(f"/people/{ben.id}/follow", page="/@ben")
    page = (await eve.get("/@ann")).text
    assert "Followed by" in page
    assert "whom you follow" in page
    await square.settle()
    assert "Followed by" not in (await (await visitor(square)).get("/@ann")).text


async def test_a_limited_profile_is_covered_until_one_wants_to_see_it(square: Square) -> None:
    ann, admin = await square.person("ann"), await square.person("admin", scopes="admin:write", role="admin")
    await ann.say("hello there")
    await admin.post(f"/api/v1/admin/accounts/{ann.id}/action", type="silence")
    await square.settle()
    stranger = await visitor(square)
    for path in ("/@ann", "/@ann/about", "/@ann/media"):
        covered = (await stranger.get(path)).text
        assert "This profile is covered" in covered
        assert "hello there" not in covered
    assert "hello there" in (await stranger.get("/@ann?anyway=true")).text


async def test_what_somebody_writes_about_stands_in_about(square: Square) -> None:
    ann = await square.person("ann")
    await ann.post("/api/v1/featured_tags", name="bees")
    await ann.say("on #bees")
    assert 'href="/tags/bees"' in (await (await visitor(square)).get("/@ann/about")).text


async def test_who_has_no_picture_above_their_profile_has_a_drawing_there(square: Square) -> None:
    ann = await square.person("ann")
    stranger = await visitor(square)
    profile = await stranger.get("/@ann")
    assert '<svg class="header horizon"' in profile.text
    assert "link" not in profile.headers
    own = {"header": ("hills.png", pictures.png(), "image/png")}
    given = (await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=own)).json()["header_static"]
    assert f'<img src="{urlsplit(given).path}" alt' in (await stranger.get("/@ann")).text


async def test_an_empty_profile_says_whose_words_are_missing(square: Square) -> None:
    ann = await visitor(square, "ann")
    own = (await ann.get("/@ann")).text
    assert "What you post stands here." in own
    assert re.search(r'<a class="button" href="/compose">\s*Write', own)
    assert "Pictures that you post stand here." in (await ann.get("/@ann/media")).text
    other = (await (await visitor(square)).get("/@ann")).text
    assert "What ann posts stands here." in other
    assert 'class="button" href="/compose"' not in other


async def test_small_screens_get_a_smaller_copy_of_what_is_above_a_profile(square: Square) -> None:
    ann = await square.person("ann")
    own = {"header": ("hills.jpg", pictures.jpeg(pictures.photo(1800, 600)), "image/jpeg")}
    given = (await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=own)).json()["header_static"]
    large, stranger = urlsplit(given).path, await visitor(square)
    profile = await stranger.get("/@ann")
    shown = re.search(r'<img src="(\S+)" srcset="(\S+) 960w, (\S+) 1500w" sizes="([^"]+)"', profile.text)
    assert shown
    assert (shown[1], shown[3]) == (large, large)
    offered = f'imagesrcset="{shown[2]} 960w, {large} 1500w"; imagesizes="{shown[4]}"'
    assert profile.headers["link"] == f'<{large}>; rel="preload"; as="image"; fetchpriority="high"; {offered}'
    phone = await stranger.http.get("/@ann", headers={"sec-ch-ua-mobile": "?1"})
    assert phone.headers["link"] == f'<{shown[2]}>; rel="preload"; as="image"; fetchpriority="high"'
    sizes = [len((await stranger.get(path)).content) for path in (shown[2], large)]
    assert sizes[0] < sizes[1]
    own = {"header": ("new.jpg", pictures.jpeg(pictures.photo(1800, 600)), "image/jpeg")}
    await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=own)
    await square.db.execute("UPDATE jobs SET due_at = now() WHERE kind = 'PicturesReplaced'")
    await square.settle()
    assert [(await stranger.get(path)).status_code for path in (shown[2], large)] == [404, 404]


async def test_a_profile_brings_a_sketch_of_its_picture_with_it(square: Square) -> None:
    ann, stranger = await square.person("ann"), await visitor(square)
    for picture, sketched in (
        (pictures.jpeg(pictures.photo(1800, 600)), True),
        (pictures.png(Image.new("RGBA", (300, 100), (0, 0, 0, 90))), False),
    ):
        own = {"header": ("hills", picture, "image/jpeg")}
        await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=own)
        found = re.search(
            r'<img class="sketch" src="data:image/webp;base64,([^"]+)"', (await stranger.get("/@ann")).text
        )
        assert bool(found) is sketched
        if found:
            with Image.open(BytesIO(b64decode(found[1]))) as sketch:
                assert (sketch.format, sketch.size) == ("WEBP", (480, 160))
    await ann.request("DELETE", "/api/v1/profile/header")
    assert await square.db.value("SELECT header_sketch FROM accounts WHERE username = 'ann'") is None


def test_what_other_servers_call_a_picture_is_in_no_header() -> None:
    for address in ("https://far.example/x.png", "/a>; rel=x\r\nset-cookie: a=b", "/a b.png", '/a"b'):
        assert Strip(address).link(phone=True) == ""
    assert Strip("/media/headers/6a/5e/6a5e/original.png").link(phone=True)


async def test_a_website_that_links_back_is_marked(square: Square) -> None:
    ann = await visitor(square, "ann")
    me = AccountId(await square.db.value("SELECT id FROM accounts WHERE username = 'ann'"))
    async with page('<a rel="me" href="https://town.example/@ann">me</a>') as url:
        changes = Changes(fields=[("Home", url), ("Shop", "https://shop.example/")])
        async with square.db.transaction() as tx:
            await update_profile(tx, me, changes, settings=square.services.settings)
        await verify_links(square.db, square.services.settings, [ProfileChanged(me)], network=OPEN)
    shown = (await (await visitor(square)).get("/@ann")).text
    assert re.findall(r'<div class="verified"><dt dir="auto">(\w+)', shown) == ["Home"]
    assert "Verified: the page links back here" in shown
    assert (await ann.get("/settings/profile")).text.count("Verified: this website links back to you.") == 1
