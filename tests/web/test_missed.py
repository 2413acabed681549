"""What is pressed where no answer comes says so in its place, and what was typed is not lost."""

from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import Open
from tests.web.devices import ready

GONE = "There is no network, so this was not done"


def asked(service: Live) -> None:
    """Somebody asks all who come to their profile."""
    token = service.person("pollster").token
    poll = {"options": ["Green", "Blue"], "expires_in": 3600}
    assert service.post("/api/v1/statuses", token, status="Which of them?", poll=poll).status_code == 200


async def test_nothing_that_is_pressed_without_a_network_is_passed_over(service: Live, open_device: Open) -> None:
    asked(service)
    tab = await open_device(width=390)
    await ready(tab, "june")
    await tab.goto("/@pollster", whole=True)
    post = tab.page.locator("main article.post").first
    await tab.page.context.set_offline(True)
    for kind in ("star", "mark", "echo"):
        await post.locator(f".act.{kind}").click()
        await expect(post.get_by_role("alert")).to_contain_text(GONE)
        await expect(post.locator(f".act.{kind}")).to_be_focused()
        assert await post.locator(f".act.{kind}").get_attribute("aria-pressed") == "false"
    await post.locator(".actions > a").first.click()
    await expect(post.get_by_role("alert")).to_have_count(1)
    await post.get_by_label("Blue").check()
    await post.get_by_role("button", name="Vote").click()
    await expect(post.locator(".poll + .missed")).to_contain_text(GONE)
    await expect(post.get_by_label("Blue")).to_be_checked()
    assert await tab.faults() == []
    await post.locator("summary[aria-label=More]").click()
    await post.get_by_role("button", name="Mute this conversation").click()
    await expect(post.locator(".sheet .missed")).to_contain_text(GONE)
    assert tab.path == "/@pollster"
    await tab.page.context.set_offline(False)
    await tab.page.keyboard.press("Escape")
    await post.get_by_role("button", name="Vote").click()
    await expect(post.get_by_text("Your choice")).to_have_count(0)
    await expect(post.locator(".poll .result")).to_have_count(2)
    await post.locator(".act.star").click()
    await expect(post.locator(".act.star")).to_have_attribute("aria-pressed", "true")
    await expect(post.locator(".actions + .missed")).to_have_count(0)


async def test_a_list_says_why_it_does_not_go_on(open_device: Open) -> None:
    tab = await open_device(width=390)
    await ready(tab, "ottilie")
    await tab.page.context.set_offline(True)
    older = tab.page.get_by_role("link", name="Older")
    await older.click()
    await expect(tab.page.locator(".pager + .missed")).to_contain_text(GONE)
    await tab.page.context.set_offline(False)
    articles = tab.page.locator("main .feed article")
    before = await articles.count()
    await older.click()
    await expect(articles.nth(before)).to_be_attached()
    await expect(tab.page.locator(".missed, .coming")).to_have_count(0)


async def test_what_stands_in_a_form_is_there_when_one_comes_back_to_it(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "june")
    await tab.goto("/settings/profile")
    await tab.fill(note="What I do at the weir")
    await tab.page.context.set_offline(True)
    save = tab.page.locator("main").get_by_role("button", name="Save", exact=True)
    await save.click()
    await expect(tab.page.locator(".missed")).to_contain_text(GONE)
    await expect(tab.page.locator("main [name=note]")).to_have_value("What I do at the weir")
    await tab.page.context.set_offline(False)
    await tab.press("Save")
    await expect(tab.page.locator("main")).to_contain_text("Your changes are saved")
    await expect(tab.page.locator(".missed, main [aria-busy]")).to_have_count(0)
