"""A post in another language than the reader's, in theirs; and taking one's own post out of somebody's quote."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import expect

from tests.api.test_translate import Service, service
from tests.support.square import SETTINGS, Square, town
from tests.web.conftest import Open
from tests.web.looking import faults_as
from tests.web.visitor import Visitor, visitor
from townsquare.db.pool import Database
from townsquare.kernel.settings import Outside, Translation


@pytest.fixture
async def far() -> AsyncGenerator[Service]:
    async with service() as one:
        yield one


@pytest.fixture
async def here(db: Database, tmp_path: Path, far: Service) -> AsyncGenerator[Square]:
    outside = Outside(cards=False, allow=("127.0.0.0/8",))
    settings = msgspec.structs.replace(SETTINGS, outside=outside, translation=Translation(far.address + "/", "key"))
    async with town(db, tmp_path, settings) as one:
        yield one


async def test_a_post_is_translated_on_the_page_and_for_the_script(here: Square) -> None:
    ann = await here.person("ann")
    post = await ann.say("Die tram kommt", language="de", spoiler_text="tram")
    ben = await visitor(here, "ben")
    address = f"/posts/{post['id']}/translation"
    assert f'href="{address}"' in (await ben.get(f"/@ann/{post['id']}")).text
    assert f'href="{address}"' in (await ben.get("/public")).text
    whole = (await ben.get(address)).text
    assert "Die TRAM kommt" in whole
    assert "Translated from German by LibreTranslate" in whole
    part = (await ben.http.get(address, headers={"part": "translation"})).text
    assert part.strip().startswith('<div class="translation">')
    assert address not in (await (await visitor(here)).get(f"/@ann/{post['id']}")).text


async def test_what_cannot_be_translated_is_not_offered(here: Square, far: Service) -> None:
    ann = await here.person("ann")
    own, few = (
        await ann.say("The tram", language="en"),
        await ann.say("Für wenige", language="de", visibility="private"),
    )
    browser = Visitor(here)
    await browser.sign_in("ann")
    page = (await browser.get("/@ann")).text
    assert "data-translate" not in page
    assert (await browser.get(f"/posts/{few['id']}/translation")).status_code == 403
    assert (await browser.get(f"/posts/{own['id']}/translation")).status_code == 403
    far.status = "500 Oh"
    post = await ann.say("Die tram", language="de")
    assert (await browser.get(f"/posts/{post['id']}/translation")).status_code == 503


async def test_without_a_service_nothing_is_offered(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("Guten Morgen", language="de")
    ben = await visitor(square, "ben")
    assert "data-translate" not in (await ben.get(f"/@ann/{post['id']}")).text
    assert (await ben.get(f"/posts/{post['id']}/translation")).status_code == 404


async def test_whose_post_is_quoted_takes_it_out(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("Well said")
    quoting = await ben.say("Look at this", quoted_status_id=post["id"])
    revoke = f"/posts/{post['id']}/quotes/{quoting['id']}/revoke"
    hers, his = Visitor(square), Visitor(square)
    await hers.sign_in("ann")
    await his.sign_in("ben")
    assert revoke not in (await his.get(f"/@ben/{quoting['id']}")).text
    assert f'formaction="{revoke}"' in (await hers.get(f"/@ann/{post['id']}/quotes")).text
    assert "Take your post out of this one?" in (await hers.send(revoke, page="/home")).text
    assert (await his.send(revoke, page="/home", sure="true")).status_code == 403
    assert (await hers.send(revoke, page="/home", sure="true", next="/home")).status_code == 303
    assert "The author of the quoted post took it back." in (await his.get(f"/@ben/{quoting['id']}")).text
    assert revoke not in (await hers.get(f"/@ben/{quoting['id']}")).text


async def test_a_post_turns_where_it_stands_and_is_itself_again(open_tab: Open, translator: int) -> None:
    tab = await open_tab()
    await tab.sign_in("writer", to="/compose")
    await tab.fill(text="Die tram kommt heute nicht")
    await tab.page.locator("[name=language]").select_option("de")
    await tab.press("Post")
    await tab.goto("/@writer")
    post = tab.page.locator("article", has_text="Die tram kommt heute nicht").first
    link, written = post.locator("[data-translate]"), post.get_by_text(re.compile("Die tram kommt heute nicht"))
    async with service(translator) as far:
        await link.click()
        await expect(post.locator(".translation")).to_contain_text("Die TRAM kommt heute nicht")
        await expect(written).to_be_hidden()
        await expect(link).to_have_text("Show the original")
        await link.click()
        await expect(written).to_be_visible()
        await expect(post.locator(".translation")).to_have_count(0)
        await expect(link).to_have_text("Translate")
        await link.click()
        await expect(post.locator(".translation")).to_be_visible()
        assert len(far.asked) == 1
        await tab.goto(await link.get_attribute("href") or "")
        assert await faults_as(tab, "/posts/:id/translation") == []
