"""Reading on and back, finding people, tags and words."""

import pytest
from playwright.async_api import expect

from tests.web.conftest import PASSWORD, Open
from tests.web.tab import Tab


async def posts(tab: Tab) -> list[str]:
    """The places of the posts on the page: an echo has another than what it echoes."""
    return [(await one.get_attribute("data-place")) or "" for one in await tab.page.locator("article.post").all()]


@pytest.mark.parametrize("page", ["/public", "/home", "/@ottilie/with_replies"])
async def test_older_and_newer(open_tab: Open, page: str) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("ottilie", PASSWORD, to=page)
    first = await posts(tab)
    assert len(first) >= 10
    assert await tab.page.get_by_role("link", name="Newer").count() == 0
    await tab.follow("Older")
    second = await posts(tab)
    assert second
    assert not set(first) & set(second)
    await tab.follow("Newer")
    assert await posts(tab) == first
    await tab.goto(page + "?max_id=2")
    assert "There is nothing more" in await tab.text()
    await tab.follow("Newer")
    assert len(await posts(tab)) >= 10
    await tab.goto(f"{page}?min_id={first[0]}")
    assert "There is nothing more" in await tab.text()
    await tab.follow("Older")
    assert (await posts(tab))[0] == first[0]


async def test_from_the_front_page_to_all_posts(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.goto("/")
    first = await posts(tab)
    await tab.follow("Older")
    assert tab.path.startswith("/public/local?max_id=")
    assert not set(first) & set(await posts(tab))


async def test_search(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.goto("/search")
    await tab.fill(q="lighthouse")
    await tab.press("Search")
    assert "another thriller with another lighthouse" in await tab.text()
    assert await tab.page.locator("article.post").count() >= 1
    await tab.follow("People")
    assert "Nothing was found for “lighthouse”" in await tab.text()
    await tab.fill(q="june")
    await tab.press("Search")
    assert tab.path.startswith("/search?q=june&kind=people")
    assert "June Okafor" in await tab.text("article")
    await tab.follow("June Okafor")
    assert tab.path == "/@june"


async def test_a_tag_leads_to_all_that_have_it(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/@tobias")
    await tab.open(tab.page.locator(".words a", has_text="#weather").first)
    assert tab.path == "/tags/weather"
    assert await tab.text("h1") == "#weather"
    assert await tab.page.locator("article.post").count() >= 3


async def test_somebody_stands_before_the_picture_above_their_profile(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.goto("/@ines", whole=True)
    face = await tab.page.locator(".person .avatar.big").bounding_box()
    sketch, picture = [await one.bounding_box() for one in await tab.page.locator(".person .header img").all()]
    assert face
    assert picture
    assert picture == sketch
    assert picture["y"] < face["y"] < picture["y"] + picture["height"]
    seen = "([x, y]) => document.elementFromPoint(x, y).className"
    assert await tab.page.evaluate(seen, [face["x"] + face["width"] / 2, face["y"] + 8]) == "avatar big"


async def test_long_words_in_large_letters_fit_above_what_a_stranger_reads(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.goto("/@ines")
    doors = tab.page.locator(".top .doors > .button:visible")
    await doors.first.evaluate("(one) => { one.textContent = 'Mitmachen'; }")
    await tab.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await doors.count() == 1, "the way to sign in is below"
    for door in await doors.all():
        await expect(door).to_be_in_viewport(ratio=1)


async def test_times_are_told_in_words_and_in_full(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/public")
    time = tab.page.locator("article time").first
    assert await time.get_attribute("datetime")
    assert "UTC" not in await time.inner_text()
    plain = await open_tab(script=False)
    await plain.goto("/public")
    assert "UTC" in await plain.page.locator("article time").first.inner_text()
