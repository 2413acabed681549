"""Every page, on a phone and a desk, by day and by night: it opens, complains of nothing, and everybody can use it."""

import asyncio
import re
from collections.abc import Iterable, Sequence

from playwright.async_api import Route, expect

from tests.web.conftest import PASSWORD, Open
from tests.web.tab import Tab, View

ANYBODY = (
    "/", "/public", "/tags/market", "/@ottilie", "/@ines/media", "/@june/about", "/@june/with_replies",
    "/@june/followers", "/@june/following", "/search", "/search?q=weir", "/search?q=june&kind=people",
    "/public/local", "/explore", "/explore/tags", "/explore/links", "/explore/people", "/about", "/terms", "/privacy",
    "/sign-up", "/sign-in", "/forgotten", "/confirm", "/appearance", "/offline", "/report-illegal",
    "/rules", "/rules/hate",
)  # fmt: skip
SIGNED_IN = (
    "/home", "/notifications", "/notifications?kind=mentions", "/notifications/requests", "/notifications/policy",
    "/messages", "/messages/new", "/messages/new?to=june,nobody", "/lists", "/filters", "/filters/new?word=rain",
    "/mutes", "/blocks", "/domain-blocks", "/followed-tags", "/@ottilie/collections", "/explore/people", "/favourites",
    "/bookmarks", "/requests", "/@fc_alder", "/@library", "/search?q=bees",
    "/settings/profile", "/settings/account", "/settings/two-factor", "/settings/sessions", "/settings/apps",
    "/settings", "/settings/privacy", "/settings/notifications",
    "/settings/appearance", "/settings/passkeys", "/settings/passkeys/new", "/settings/delete",
    "/settings/data", "/settings/import", "/settings/decisions", "/settings/reports", "/settings/jury", "/welcome",
    "/compose", "/scheduled", "/outbox", "/announcements",
)  # fmt: skip

VIEWS = (
    View("desk", asked="whole"),
    View("night", scheme="dark", asked="colours"),
    View("more contrast", contrast="more", asked="colours"),
    View("more contrast at night", scheme="dark", contrast="more", asked="colours"),
    View("phone", width=390, asked="sizes"),
    View("from right to left", width=390, direction="rtl"),
    View("from right to left at a desk", direction="rtl"),
    View("four times as large", width=320, height=256),
    View("twice as large", width=640, height=450),
    View("larger letters", width=1280, letters="200%"),
    View("larger letters on a phone", width=390, letters="200%"),
)
"""WCAG 2.2: 1.4.3 and 1.4.6 (contrast), 1.4.4 (letters twice as large), 1.4.10 (a window of 1280 pixels, four times as
large), 2.5.8 (sizes of what is pressed).
"""

MANAGE = (
    "/manage", "/manage/all", "/manage/health", "/manage/jobs", "/manage/audit", "/manage/approvals", "/manage/people",
    "/manage/invites", "/manage/roles", "/manage/blocks/servers", "/manage/blocks/networks", "/manage/announcements",
    "/manage/emojis", "/manage/trends", "/manage/place", "/manage/sign-up", "/manage/rules", "/manage/documents",
    "/manage/documents/terms", "/manage/digests", "/manage/roles/new", "/manage/roles/moderator", "/manage/front",
    "/desk", "/desk/people", "/desk/quality", "/manage/policies", "/manage/policies/new", "/manage/policies/hate",
    "/manage/looks", "/manage/notice-keys", "/desk/own", "/desk/holds", "/desk/macros",
)  # fmt: skip


async def faults_of(tab: Tab, paths: Iterable[str], views: Sequence[View] = VIEWS) -> list[str]:
    faults: list[str] = []
    for path in paths:
        status = await tab.goto(path, whole=True)
        faults += [f"{path}: {status}"] if status != 200 else await faults_here(tab, views)
    return faults


async def faults_here(tab: Tab, views: Sequence[View] = VIEWS) -> list[str]:
    """Of the page that is open, as different people see it."""
    faults: list[str] = []
    for view in views:
        await tab.see(view)
        faults += [f"{view.name}: {fault}" for fault in await tab.faults(view.asked)]
    await tab.see(VIEWS[0])
    return faults


async def test_everybody_can_use_every_page(open_tab: Open) -> None:
    looking = (as_anybody(await open_tab()), as_somebody(await open_tab()))
    assert await asyncio.gather(*looking) == [[], []]


async def as_anybody(tab: Tab) -> list[str]:
    faults = await faults_of(tab, ANYBODY)
    await tab.goto("/@ines/media")
    await tab.open(tab.page.locator(".media-grid a").first)
    faults += await faults_here(tab)
    path = tab.path
    return faults + await faults_of(
        tab, [path + tail for tail in ("/echoes", "/favourites", "/quotes", "/history", "/embedding")]
    )


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


async def test_the_pages_of_the_owner_are_for_everybody_too(open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="")
    assert await faults_of(tab, MANAGE) == []
    await tab.goto("/manage/people?q=ottilie")
    await tab.open(tab.page.locator("main .name").first)
    assert await faults_here(tab) == []


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
    await tab.page.unroute(is_page)
    await past_the_worker.detach()
    assert faults == []
