"""What scripts add to posts: pictures at their full size, votes where the poll stands, addresses to paste."""

from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import Open
from tests.web.tab import Tab
from tests.web.test_posting import picture

ALTS = ("A red door", "A green door")


async def with_pictures(tab: Tab) -> None:
    """Write a post with two pictures, and open it."""
    await tab.sign_in("painter", to="/compose")
    await tab.page.locator("form.compose summary", has_text="Pictures").click()
    chosen = [picture("#b3261e", "red.png"), picture("#0b6b58", "green.png")]
    await tab.page.locator("form.compose input[type=file]").set_input_files(chosen)
    await expect(tab.page.locator("[data-kept] progress:visible")).to_have_count(0)
    for place, alt in enumerate(ALTS):
        await tab.page.get_by_label("What is to be seen on it").nth(place).fill(alt)
    await tab.fill(text="Two doors")
    await tab.press("Post")


async def test_pictures_are_shown_large_one_after_the_other(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await with_pictures(tab)
    small = tab.page.locator(".pictures.n2").first.get_by_role("link")
    large = tab.page.get_by_role("dialog", name="Picture")
    await small.first.click()
    await expect(large.get_by_role("img", name="A red door")).to_be_visible()
    await expect(large.locator("p")).to_have_text("A red door")
    await tab.page.keyboard.press("ArrowRight")
    await expect(large.get_by_role("img", name="A green door")).to_be_visible()
    await large.get_by_role("button", name="The one after").click()
    await expect(large.get_by_role("img", name="A red door")).to_be_visible()
    await tab.page.keyboard.press("ArrowLeft")
    await tab.page.keyboard.press("Escape")
    await expect(large).to_be_hidden()
    await expect(small.nth(1)).to_be_focused()
    assert await tab.page.evaluate("getComputedStyle(document.querySelector('.viewer')).touchAction") == "auto"
    await small.first.click()
    await large.get_by_role("button", name="Close").click()
    await expect(small.first).to_be_focused()


async def test_a_vote_is_taken_where_the_poll_stands(open_tab: Open) -> None:
    asking, tab = await open_tab(script=False), await open_tab()
    await asking.sign_in("asker", to="/compose")
    await asking.fill(text="Which bread?")
    await asking.page.locator("form.compose summary", has_text="Poll").click()
    for place, choice in enumerate(("Rye", "Spelt")):
        await asking.page.locator(f"#c-new-choice-{place}").fill(choice)
    await asking.press("Post")
    link = await asking.page.locator("article:has-text('Which bread?') .when a").first.get_attribute("href")
    assert link
    await tab.sign_in("taker", to=link)
    poll = tab.page.locator(".focused .poll")
    await poll.get_by_label("Spelt").check()
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll).to_contain_text("100")
    await expect(poll).to_be_focused()
    assert tab.path == link


async def test_the_address_of_a_post_is_copied_and_the_menu_stays_itself(service: Live, open_tab: Open) -> None:
    tab = await open_tab()
    await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.sign_in("liker", to="/@june")
    await tab.page.locator("article .menu summary").first.click()
    button = tab.page.locator("article [data-copy-text]").first
    await button.click()
    await expect(button).to_have_text("Copied")
    assert (await tab.page.evaluate("navigator.clipboard.readText()")).startswith(f"{service.url}/@june/")
    await expect(button).to_have_text("Copy link")
