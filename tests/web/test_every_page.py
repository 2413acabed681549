"""Every page, on a phone and a desk, by day and by night: it opens, complains of nothing, and everybody can use it."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.web.conftest import PASSWORD, Open
from tests.web.every_page import ANYBODY, MANAGE, OF_A_POST, SIGNED_IN
from tests.web.looking import faults_here, faults_of
from tests.web.tab import Tab


async def test_everybody_can_use_every_page(open_tab: Open, owner: str) -> None:
    """By three people at once, so that none waits for the browser alone."""
    looking = (as_anybody(await open_tab()), as_somebody(await open_tab()), as_owner(await open_tab(), owner))
    assert await asyncio.gather(*looking) == [[], [], []]


async def as_anybody(tab: Tab) -> list[str]:
    faults = await faults_of(tab, ANYBODY)
    await tab.goto("/@ines/media")
    await tab.open(tab.page.locator(".media-grid a").first)
    faults += await faults_here(tab)
    path = tab.path
    return faults + await faults_of(tab, [path + tail for tail in OF_A_POST])


async def as_somebody(tab: Tab) -> list[str]:
    await tab.sign_in("ottilie", PASSWORD, to="")
    faults = await faults_of(tab, SIGNED_IN)
    await tab.goto("/home")
    await tab.page.locator("summary", has_text="Content warning").click()
    await tab.page.locator("summary", has_text="Pictures").click()
    await tab.page.locator("article summary").first.click()
    faults += await faults_here(tab)
    await tab.goto("/@tobias")
    await tab.open(tab.page.locator("article .when a").first)
    return faults + await faults_here(tab)


async def as_owner(tab: Tab, owner: str) -> list[str]:
    await tab.sign_in(owner, PASSWORD, to="")
    faults = await faults_of(tab, MANAGE)
    await tab.goto("/manage/people?q=ottilie")
    await tab.open(tab.page.locator("main .name").first)
    return faults + await faults_here(tab)


async def test_what_is_not_there_says_so(open_tab: Open) -> None:
    tab = await open_tab()
    for path in ("/nowhere", "/@nobody", "/@june/123", "/a/b/c/d", "/tags", "/@june/followers?max_id=x"):
        assert await tab.goto(path) == 404, path
        assert "There is nothing here" in await tab.text("h1")
        assert await tab.faults() == []


async def focused(tab: Tab) -> str:
    """What has the focus, by its id or name. It can be seen that it has it, and it is on the screen."""
    return await tab.page.evaluate(
        """() => {
          const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
          const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
          const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
          if (!ringed || !inside) throw new Error(`${ringed} ${inside} ${one.outerHTML.slice(0, 200)}`);
          return one.id || one.getAttribute("aria-label") || one.innerText.trim();
        }"""
    )


async def tabbed(tab: Tab, times: int) -> list[str]:
    """Press the tab key, and see where one comes."""
    reached: list[str] = []
    for _ in range(times):
        await tab.page.keyboard.press("Tab")
        reached.append(await focused(tab))
    return reached


async def test_the_keyboard_is_enough_to_write(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/home")
    assert await tabbed(tab, 1) == ["Skip to the content"]
    await tab.page.keyboard.press("Enter")
    assert await tabbed(tab, 8) == [
        "text",
        "Content warning",
        "Pictures, a film or sound",
        "Poll",
        "More",
        "visibility",
        "language",
        "Post",
    ]
    assert len(await tabbed(tab, 20)) == 20
    for _ in range(28):
        await tab.page.keyboard.press("Shift+Tab")
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.type("Written without a mouse")
    for key in ("Tab", "Enter", "Tab"):
        await tab.page.keyboard.press(key)
    await tab.page.keyboard.type("A keyboard")
    async with tab.page.expect_navigation():
        await tab.page.keyboard.press("Enter")
    assert "Your post is out" in await tab.text()
    assert "A keyboard" in await tab.text("article")


async def test_menus_open_and_close_by_the_keyboard(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/@june")
    summary = tab.page.locator("article summary").first
    await summary.focus()
    await tab.page.keyboard.press("Enter")
    menu = tab.page.locator("article .sheet").first
    await expect(menu).to_be_visible()
    assert await tabbed(tab, 1) == ["Open"]
    await tab.page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    assert await focused(tab) == "More"


async def test_the_keyboard_is_enough_to_sign_in(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.goto("/sign-in")
    reached = await tabbed(tab, 8)
    assert reached[0] == "Skip to the content"
    start = reached.index("f-login")
    assert reached[start : start + 3] == ["f-login", "f-password", "Sign in"]


async def test_motion_is_not_forced_on_anybody(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.page.emulate_media(reduced_motion="reduce")
    await tab.goto("/")
    durations = await tab.page.locator("a, button").evaluate_all(
        "found => found.flatMap(one => getComputedStyle(one).transitionDuration.split(', '))"
    )
    assert durations
    assert set(durations) == {"0s"}


LONG = (
    "/", "/explore", "/@june/about", "/search?q=weir", "/sign-up", "/report-illegal", "/home", "/notifications",
    "/messages/new", "/filters/new?word=rain", "/settings", "/settings/profile", "/settings/privacy", "/compose",
    "/manage", "/manage/people", "/manage/place", "/manage/policies/hate", "/desk", "/desk/quality",
)  # fmt: skip


async def test_words_that_are_half_as_long_again_fit(open_tab: Open, owner: str) -> None:
    """In the language that nobody speaks, which is longer than any that somebody does."""
    tab = await open_tab(width=390)

    async def ask(route: Route) -> None:
        await route.continue_(headers=route.request.headers | {"accept-language": "en-XA"})

    past_the_worker = await tab.page.context.new_cdp_session(tab.page)
    await past_the_worker.send("Network.enable")
    await past_the_worker.send("Network.setBypassServiceWorker", {"bypass": True})
    is_page = re.compile(r"//[^/]+/(?!static/|media/)")
    await tab.page.route(is_page, ask)
    faults: list[str] = []
    await tab.sign_in(owner, PASSWORD, to="")
    for path in LONG:
        await tab.goto(path)
        assert await tab.page.evaluate("document.documentElement.lang") == "en-XA", path
        faults += await tab.faults("nothing")
    for path, selector in (("/@june", "article .when a"), ("/nowhere", "main a")):
        await tab.goto(path)
        await tab.open(tab.page.locator(selector).first)
        faults += await tab.faults("nothing")
    await tab.page.unroute(is_page)
    await past_the_worker.detach()
    assert faults == []
