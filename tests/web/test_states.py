"""What is shown where something is missing, taken away or far too much of it: it is said, and nobody is left there."""

import asyncio
import re

import pytest

from tests.live import Live
from tests.support.square import Square
from tests.web.conftest import Open
from tests.web.looking import faults_here, faults_of
from tests.web.visitor import Visitor, visitor
from townsquare.web.styleguide.samples import EMOJI, HOSTILE, LONG_WORD, MIXED

EMPTY = (
    "/notifications", "/notifications/requests", "/messages", "/lists", "/favourites", "/bookmarks", "/scheduled",
    "/requests", "/mutes", "/blocks", "/domain-blocks", "/followed-tags", "/filters", "/@newcomer",
    "/@newcomer/with_replies", "/@newcomer/media", "/@newcomer/followers", "/@newcomer/following",
    "/@newcomer/collections", "/search?q=nothing", "/tags/nothing", "/explore", "/explore/tags", "/explore/links",
)  # fmt: skip


async def test_where_nothing_is_yet_it_says_what_will_be(square: Square) -> None:
    newcomer = await visitor(square, "newcomer")
    for path in EMPTY:
        answer = await newcomer.get(path)
        assert answer.status_code == 200, path
        said = re.search(r'<div class="empty">.*?<h2>([^<]+)</h2>\s*<p>([^<]+)</p>', answer.text, re.DOTALL)
        assert said, path
        assert all(one.strip() for one in said.groups()), path


async def test_a_suspended_profile_says_that_it_is(square: Square) -> None:
    suspended = await square.person("gone")
    gone, owner = Visitor(square), Visitor(square)
    await gone.sign_in("gone")
    await gone.post("Something unbearable")
    await square.person("boss", role="owner")
    await owner.sign_in("boss")
    path = f"/manage/people/{suspended.id}"
    assert (await owner.send(f"{path}/act", page=path, type="suspend", text="Spam")).status_code == 303
    await square.settle()
    stranger = await visitor(square)
    for address in ("/@gone", "/@gone/about", "/@gone/media", "/@gone/followers"):
        answer = await stranger.get(address)
        assert answer.status_code == 410, address
        assert "This account is suspended" in answer.text
        assert "@gone" in answer.text
        assert "unbearable" not in answer.text
        assert "/manage/" not in answer.text
    assert path in (await owner.get("/@gone")).text


async def test_where_a_deleted_post_was_it_says_that_it_is_gone(square: Square) -> None:
    writer = await visitor(square, "writer")
    number = await writer.post("Soon gone")
    await writer.send(f"/posts/{number}/delete", page="/home", sure="true")
    answer = await writer.get(f"/@writer/{number}")
    assert answer.status_code in (404, 410)
    assert "<h1>" in answer.text
    assert "Soon gone" not in answer.text
    assert 'href="/home"' in answer.text


@pytest.mark.parametrize("text", [LONG_WORD[:1000], MIXED, EMOJI, HOSTILE, "=" * 990, "ﷺ" * 900])
async def test_the_strange_is_shown_as_it_was_written(square: Square, text: str) -> None:
    writer = await visitor(square, "writer")
    number = await writer.post(text)
    page = (await writer.get(f"/@writer/{number}")).text
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in page
    assert "<style>*" not in page


async def test_the_long_and_the_strange_keep_every_page_in_shape(service: Live, open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("writer", to="/settings/profile")
    await tab.fill(display_name=f"{LONG_WORD[:60]} {EMOJI[:20]}", note=f"{LONG_WORD[:200]} {MIXED}")
    await tab.press("Save")
    for text in (LONG_WORD[:1000], MIXED, EMOJI, HOSTILE):
        await tab.post(text)
    assert await faults_of(tab, ["/@writer", "/home"]) == []
    await tab.open(tab.page.locator("article .when a").first)
    assert await faults_here(tab) == []
    suspended = ("account", "suspend", "unwelcome", "--reason", "Spam")
    done = await asyncio.to_thread(service.run, *suspended)
    assert done.returncode == 0, done.stderr
    assert await tab.goto("/@unwelcome") == 410
    assert await faults_here(tab) == []
