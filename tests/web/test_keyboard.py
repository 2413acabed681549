"""All by keys: everything that can be pressed is reached, in sight and with its focus seen; nothing holds the focus."""

import re
from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import PASSWORD, Open
from tests.web.people import settled
from tests.web.tab import PRESSED, SEEN, Tab

MOST: Final = 400
HERE: Final = f"""() => {{
  const one = document.activeElement, seen = {SEEN};
  // From the end one comes to the browser's own buttons, or at once to the beginning again. A field of several parts
  // (a date) is left after several steps.
  if (!one || one === document.body || (one.dataset.reached && one !== window.before)) return null;
  window.before = one;
  one.dataset.reached = "yes";
  return seen(one);
}}"""
LEFT: Final = f"""() => {{
  const pressed = {PRESSED};
  return pressed.filter((one) => !one.dataset.reached)
    .filter((one) => one.type !== "radio" || (one.form ?? document).querySelectorAll(
      `input[type=radio][name="${{CSS.escape(one.name)}}"][data-reached]`).length === 0)
    .map((one) => (one.getAttribute("aria-label") || one.innerText || one.name || one.outerHTML).trim().slice(0, 60));
}}"""
MOVING: Final = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  const still = (times) => times.split(", ").every((time) => parseFloat(time) < 0.02);
  return !still(style.animationDuration) || !still(style.transitionDuration) || style.scrollBehavior === "smooth";
}).map((one) => one.outerHTML.slice(0, 100))"""
"""What moves by itself, or slowly."""


async def walk(tab: Tab) -> list[str]:
    """Through the whole page by Tab: what is wrong with what is reached, and what is not reached."""
    faults: list[str] = []
    await tab.page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    for _ in range(MOST):
        await tab.page.keyboard.press("Tab")
        found: list[str] | None = await tab.page.evaluate(HERE)
        if found is None:
            break
        faults += found
    else:
        faults.append(f"the end is not reached in {MOST} steps")
    left: list[Any] = await tab.page.evaluate(LEFT)
    return [f"{tab.path}: {one}" for one in [*faults, *(f"not reached: {name}" for name in left)]]


@pytest.mark.parametrize("width", [390, 1280])
async def test_all_is_reached_and_seen(open_tab: Open, width: int) -> None:
    tab = await open_tab(width=width)
    faults: list[str] = []
    for path in ("/", "/sign-up", "/report-illegal"):
        await tab.goto(path, whole=True)
        faults += await walk(tab)
    await tab.sign_in("ottilie", PASSWORD, to="")
    for path in ("/home", "/@june", "/notifications", "/search?q=bees", "/settings/profile", "/settings/appearance"):
        await tab.goto(path, whole=True)
        faults += await walk(tab)
    assert faults == []


async def test_all_is_reached_where_people_write_gather_and_look_after_the_place(open_tab: Open, owner: str) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in(owner, PASSWORD, to="/@june")
    await tab.open(tab.page.locator("article .when a").first)
    faults = await walk(tab)
    for path in ("/messages/new", "/lists", "/filters/new?word=rain", "/manage", "/manage/people", "/manage/place"):
        await tab.goto(path, whole=True)
        faults += await walk(tab)
    assert faults == []


async def test_the_first_key_leads_past_the_head_of_the_page(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/about", whole=True)
    await tab.page.keyboard.press("Tab")
    await expect(tab.page.locator(".skip")).to_be_focused()
    await expect(tab.page.locator(".skip")).to_be_in_viewport()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#main")).to_be_focused()


async def test_from_post_to_post_and_back(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/home")
    posts: list[str] = await tab.page.locator("main article.post").evaluate_all("found => found.map(one => one.id)")
    reached: list[str] = []
    for key in "jjjk":
        await tab.page.keyboard.press(key)
        reached.append(await tab.page.evaluate("document.activeElement.closest('article')?.id"))
    assert reached == [*posts[:3], posts[1]]


async def test_shortcuts_are_listed_and_give_the_focus_back(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/home")
    await tab.page.keyboard.press("j")
    before: str = await tab.page.evaluate("document.activeElement.closest('article').id")
    await tab.page.keyboard.press("?")
    dialog = tab.page.get_by_role("dialog", name="Shortcuts")
    await expect(dialog).to_be_visible()
    assert await dialog.evaluate("(dialog) => dialog.contains(document.activeElement)")
    await tab.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert await tab.page.evaluate("document.activeElement.closest('article')?.id") == before
    await tab.page.keyboard.press("n")
    await expect(tab.page.locator("#text")).to_be_focused()


async def test_nothing_moves_where_no_motion_is_wanted(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.page.emulate_media(reduced_motion="reduce")
    await tab.sign_in("ottilie", PASSWORD, to="")
    for path in ("/home", "/@june", "/styleguide"):
        await tab.goto(path, whole=True)
        assert await tab.page.evaluate(MOVING) == [], path


async def test_motion_can_be_chosen_away(open_tab: Open) -> None:
    """By who cannot or will not tell the device."""
    tab = await open_tab()
    await tab.goto("/styleguide", whole=True)
    assert await tab.page.evaluate(MOVING) != []
    await tab.goto("/appearance")
    await tab.page.locator("[name=motion]").select_option("less")
    await tab.press("Save")
    await tab.goto("/styleguide", whole=True)
    assert await tab.page.evaluate(MOVING) == []


async def test_each_key_does_what_the_list_says(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("presser", to="/@june")
    keyboard = tab.page.keyboard
    post = tab.page.locator("main article.post").first
    await keyboard.press("j")
    await expect(post).to_be_focused()
    for key, kind in (("f", "star"), ("b", "mark"), ("e", "echo")):
        await keyboard.press(key)
        await expect(post.locator(f".act.{kind}")).to_have_attribute("aria-pressed", "true")
        await expect(post.locator(f".act.{kind}")).to_be_focused()
    await keyboard.press("r")
    await expect(tab.page.locator(".answer-box textarea[name=text]")).to_be_focused()
    await keyboard.press("Escape")
    await expect(tab.page.locator(".answer-box")).to_have_count(0)
    async with tab.page.expect_navigation():
        await keyboard.press("o")
    await expect(tab.page.locator("article.focused")).to_be_visible()
    await keyboard.press("/")
    await expect(tab.page.locator("input[type=search]:focus")).to_have_count(1)
    await keyboard.press("Tab")
    ways = {"h": "/home", "n": "/notifications", "e": "/explore", "m": "/messages", "b": "/bookmarks"}
    for key, path in (ways | {"f": "/favourites", "s": "/settings", "p": "/@presser", "w": "/compose"}).items():
        async with tab.page.expect_navigation():
            await keyboard.press("g")
            await keyboard.press(key)
        assert tab.path == path
        await tab.page.evaluate("document.activeElement.blur()")


async def test_what_is_covered_is_opened_and_what_is_new_is_shown_by_a_key(open_tab: Open, service: Live) -> None:
    tab, other = await open_tab(), await open_tab()
    await tab.sign_in("ottilie", PASSWORD)
    await other.sign_in("june", PASSWORD, to="")
    await other.post("Behind a warning")
    await other.page.locator("article", has_text="Behind a warning").locator("summary").first.click()
    await other.follow("Edit")
    await other.page.locator("summary", has_text="Content warning").click()
    await other.fill(warning="Careful")
    await other.press("Save")
    await settled(service)
    await expect(tab.page.locator("[data-live] button")).to_be_visible()
    await tab.page.keyboard.press(".")
    post = tab.page.locator("article", has_text="Careful").first
    await expect(post).to_be_in_viewport()
    await post.locator(".when a").first.focus()
    await tab.page.keyboard.press("x")
    await expect(post.get_by_text("Behind a warning")).to_be_visible()


async def test_what_was_written_by_keys_is_where_one_goes_on(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("presser", to="/@ines")
    await tab.open(tab.page.locator("main article .when a").first)
    text, keyboard = tab.page.locator("form[data-compose][data-ready] [name=text]"), tab.page.keyboard
    await text.press("End")
    await keyboard.type("By keys, to @jun")
    offers = tab.page.locator(".offers li")
    await expect(offers.first).to_be_visible()
    await keyboard.press("Shift+Tab")
    await expect(offers).to_have_count(0)
    await expect(text).not_to_be_focused()
    await expect(text).to_have_value(re.compile(r"By keys, to @jun$"))
    await text.focus()
    async with tab.page.expect_navigation():
        await keyboard.press("Control+Enter")
    answer = tab.page.locator("article", has_text="By keys, to").last
    await expect(answer).to_be_in_viewport()
    await keyboard.press("Tab")
    await expect(answer.locator(":focus")).to_have_count(1)
