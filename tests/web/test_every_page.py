"""Every page, on a phone and a desk, by day and by night: it opens, complains of nothing, and everybody can use it."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from tests.web.conftest import PASSWORD, Open
from tests.web.tab import Tab

ANYBODY = (
    "/", "/public", "/tags/market", "/@ottilie", "/@ines/media", "/@june/with_replies", "/@june/followers",
    "/@june/following", "/search", "/search?q=weir", "/search?q=june&kind=people", "/about", "/terms", "/privacy",
    "/sign-up", "/sign-in", "/forgotten", "/confirm",
)  # fmt: skip
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIGNED_IN = (
    "/home", "/notifications", "/favourites", "/bookmarks", "/requests", "/@fc_alder", "/@library", "/search?q=bees",
    "/settings/profile", "/settings/account", "/settings/two-factor", "/settings/sessions", "/settings/apps",
    "/settings/preferences", "/welcome",
)  # fmt: skip


async def faults_of(tab: Tab, paths: Iterable[str]) -> list[str]:
    faults: list[str] = []
    for path in paths:
        status = await tab.goto(path, whole=True)
        faults += [f"{path}: {status}"] if status != 200 else await faults_here(tab)
    return faults


async def faults_here(tab: Tab) -> list[str]:
    """Of the page that is open, on a phone and on a desk, by day and by night."""
    faults: list[str] = []
    for width in (390, 1440):
        await tab.page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            faults += [f"{width} {scheme} {fault}" for fault in await tab.faults()]
    return faults


async def test_everybody_can_use_every_page(open_tab: Open) -> None:
    async with asyncio.TaskGroup() as both:
        both.create_task(anybody_can(await open_tab()))
        both.create_task(who_is_signed_in_can(await open_tab()))


async def anybody_can(tab: Tab) -> None:
    assert await faults_of(tab, ANYBODY) == []
    await tab.goto("/@ines/media")
    await tab.open(tab.page.locator("article .when a").first)
    assert await faults_here(tab) == []


async def who_is_signed_in_can(tab: Tab) -> None:
    await tab.sign_in("ottilie", PASSWORD, to="")
    assert await faults_of(tab, SIGNED_IN) == []
    await tab.goto("/home")
    await tab.page.locator("summary", has_text="Content warning").click()
    await tab.page.locator("summary", has_text="Pictures").click()
    await tab.page.locator("article summary").first.click()
    assert await faults_here(tab) == []
    await tab.goto("/@tobias")
    await tab.open(tab.page.locator("article .when a").first)
    assert await faults_here(tab) == []


async def test_what_is_not_there_says_so(open_tab: Open) -> None:
    tab = await open_tab()
    for path in ("/nowhere", "/@nobody", "/@june/123", "/a/b/c/d", "/tags", "/@june/followers?max_id=x"):
        assert await tab.goto(path) == 404, path
        assert "There is nothing here" in await tab.text("h1")
        assert await tab.faults() == []


async def test_the_keyboard_is_enough(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/home")
    page = tab.page
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    order: list[str] = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        order.append(await page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()"))
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", order
    assert order[:6] == ["text", "Content warning", "Pictures", "visibility", "language", "Post"]


async def test_motion_is_not_forced_on_anybody(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.page.emulate_media(reduced_motion="reduce")
    await tab.goto("/")
    durations = await tab.page.locator("a, button").evaluate_all(
        "found => found.map(one => getComputedStyle(one).transitionDuration)"
    )
    assert durations
    assert set(durations) == {"0s"}
