"""What happens while a page is open, answers in place, reading on, and shortcuts."""

import asyncio
import re

from playwright.async_api import expect

from tests.live import Live
from tests.support.square import Square
from tests.web.conftest import PASSWORD, Open
from tests.web.people import settled
from tests.web.visitor import visitor

PLACES = """() => [...document.querySelectorAll("main .feed article")]
  .map((one) => [one.id, one.getBoundingClientRect().top, one.getBoundingClientRect().height])"""

UNCOVERED = """(one) => {
  const box = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
}"""


async def test_new_posts_announce_themselves_and_move_nothing(open_tab: Open, service: Live) -> None:
    tab, other = await open_tab(), await open_tab()
    await tab.sign_in("ottilie", PASSWORD)
    await other.sign_in("june", PASSWORD, to="")
    await tab.page.locator("main .feed article").nth(6).evaluate("(one) => one.scrollIntoView()")
    before = await tab.page.evaluate(PLACES)
    await other.post("News from the weir")
    await settled(service)
    button = tab.page.locator("[data-live] button")
    await expect(button).to_have_text("1 new post")
    assert await button.evaluate(UNCOVERED), "not behind the bar"
    assert await tab.page.evaluate(PLACES) == before
    assert "News from the weir" not in await tab.text()
    assert (await tab.page.title()).startswith("(")
    await button.click()
    await expect(tab.page.locator("main .feed article").first).to_contain_text("News from the weir")
    await expect(button).to_have_count(0)
    await other.goto("/home")
    article = "article:has-text('News from the weir')"
    await other.page.locator(f"{article} summary").first.click()
    await other.press("Delete", within=article)
    await settled(service)
    await expect(tab.page.locator("article.gone")).to_contain_text("This post was deleted")
    await expect(tab.page.locator("article.gone")).to_be_focused()


async def test_what_is_changed_and_liked_shows_it_where_it_stands(
    open_tab: Open, open_device: Open, service: Live
) -> None:
    tab, other = await open_device(), await open_tab()
    await other.sign_in("june", PASSWORD, to="")
    await other.post("The weir is loud")
    await settled(service)
    await tab.page.clock.install()
    await tab.sign_in("ottilie", PASSWORD)
    places = await tab.page.evaluate(PLACES)
    mine = other.page.locator("article", has_text="The weir is").first
    await mine.locator("summary").first.click()
    await other.follow("Edit")
    await other.fill(text="The weir is calm")
    await other.press("Save")
    article = tab.page.locator("article", has_text="The weir is calm")
    await expect(article).to_have_count(1)
    assert [one for one, *_ in await tab.page.evaluate(PLACES)] == [one for one, *_ in places]
    await other.goto("/home")
    await mine.locator(".act.star").click()
    await expect(mine.locator(".act.star")).to_have_attribute("aria-pressed", "true")
    await settled(service)
    await tab.page.clock.fast_forward("01:00")
    await expect(article.locator(".act.star span")).to_have_text("1")


async def test_an_answer_in_place_rings_the_bell(open_tab: Open, service: Live) -> None:
    tab, other = await open_tab(), await open_tab()
    await other.sign_in("liker")
    await tab.sign_in("answerer", to="")
    await other.post("Who is there?")
    await settled(service)
    await other.goto("/notifications")
    await tab.goto("/@liker")
    await tab.page.locator("article", has_text="Who is there?").locator(".actions a").first.click()
    box = tab.page.locator(".answer-box textarea[name=text]")
    await expect(box).to_have_value("@liker ")
    await box.press_sequentially("I am")
    await box.press("Control+Enter")
    await expect(tab.page.locator(".answer-box")).to_contain_text("Your post is out")
    assert tab.path == "/@liker"
    await settled(service)
    await expect(other.page.locator("[data-bell] .fresh").first).to_contain_text("1")


async def test_older_posts_come_below_and_the_address_follows(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD)
    articles = tab.page.locator("main .feed article")
    first = await articles.count()
    await tab.page.get_by_role("link", name="Older").scroll_into_view_if_needed()
    await expect(articles.nth(first)).to_be_attached()
    await articles.nth(first + 1).scroll_into_view_if_needed()
    await expect(tab.page).to_have_url(re.compile("max_id="))
    ids = await articles.evaluate_all("found => found.map(one => one.id)")
    assert len(ids) == len(set(ids))


PICKED = """async ([address, fields]) => {
  const csrf = document.querySelector("input[name=csrf]").value;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });
  if (!answer.ok) throw new Error(String(answer.status));
}"""


async def test_what_comes_next_stands_in_the_list_that_goes_on(open_tab: Open, owner: str) -> None:
    tab, keeper = await open_tab(), await open_tab()
    await keeper.sign_in(owner, PASSWORD, to="/public/local")
    post = (await keeper.page.locator("main article").last.get_attribute("id") or "").removeprefix("post-")
    await keeper.page.evaluate(PICKED, ["/manage/front/posts", {"name": post}])
    await tab.goto("/")
    feeds = tab.page.locator("main .feed")
    await expect(feeds.first.locator("article")).to_have_count(1)
    first = await feeds.last.locator("article").count()
    await tab.page.get_by_role("link", name="Older").scroll_into_view_if_needed()
    await expect(feeds.last.locator("article").nth(first)).to_be_attached()
    await expect(feeds.first.locator("article")).to_have_count(1)
    await keeper.page.evaluate(PICKED, [f"/manage/front/posts/{post}/delete", {}])


ON_TOP = """async (place) => {
  const one = document.querySelector(`[data-place="${place}"]`);
  for (;;) {
    const { top } = one.getBoundingClientRect();
    if (top >= 0 && top < 120) return (await (await fetch("/live/place")).json()).id;
    await new Promise((go) => setTimeout(go, 50));
  }
}"""


async def test_one_goes_on_at_the_post_at_which_one_was(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("ottilie", PASSWORD, to="/home")
    await tab.goto(await tab.page.get_by_role("link", name="Older").get_attribute("href") or "")
    place = await tab.page.locator("main .feed article").nth(3).get_attribute("data-place") or ""
    await tab.page.evaluate(
        """(id) => fetch("/live/place", {
          method: "POST",
          body: new URLSearchParams({ csrf: document.querySelector("input[name=csrf]").value, id }),
        }).then((answer) => answer.ok)""",
        place,
    )
    await tab.goto("/home")
    await tab.open(tab.page.get_by_role("link", name="Continue where you were"))
    assert await tab.page.evaluate(ON_TOP, place) == place
    assert "#" not in tab.page.url
    assert await tab.page.locator("main .feed article").first.get_attribute("data-place") != place, "newer ones above"


async def test_back_leads_to_where_one_was(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("ottilie", PASSWORD)
    article = tab.page.locator("main .feed article").nth(9)
    where = f"#{await article.get_attribute('id')}"
    await article.locator(".when a").first.focus()
    await article.evaluate("(one) => one.scrollIntoView()")
    await tab.open(article.locator(".when a").first)
    async with tab.page.expect_navigation():
        await tab.page.go_back()
    await expect(tab.page.locator(where)).to_be_in_viewport()


async def test_shortcuts_are_listed_and_never_in_fields(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD)
    await tab.page.locator("form[data-ready]").wait_for()
    keyboard = tab.page.keyboard
    await keyboard.press("?")
    await expect(tab.page.locator("#shortcuts")).to_be_visible()
    assert await tab.faults() == []
    await tab.page.get_by_label("Use shortcuts on this device").uncheck()
    await keyboard.press("Escape")
    await expect(tab.page.locator("#shortcuts")).to_be_hidden()
    await keyboard.press("j")
    assert await tab.page.locator("article:focus").count() == 0
    await keyboard.press("?")
    await tab.page.get_by_label("Use shortcuts on this device").check()
    # In one go, as fast fingers do it: the box in the list has the focus still when the second key comes.
    await asyncio.gather(keyboard.press("Escape"), keyboard.press("j"))
    await expect(tab.page.locator("#shortcuts")).to_be_hidden()
    await expect(tab.page.locator("article").first).to_be_focused()
    await tab.page.locator("main [name=text]").press_sequentially("jkn?")
    await expect(tab.page.locator("main [name=text]")).to_have_value("jkn?")
    await expect(tab.page.locator("#shortcuts")).to_be_hidden()
    await tab.page.locator("main [name=text]").fill("")


async def test_the_stream_is_for_those_who_are_signed_in_and_our_own_pages(square: Square) -> None:
    stranger, somebody = await visitor(square), await visitor(square, "somebody")
    assert (await stranger.get("/live")).status_code == 401
    assert (await somebody.http.get("/live", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await somebody.get("/live?on=list&list=1")).status_code == 404
    assert (await somebody.get("/live?on=nothing")).status_code == 400


async def test_the_place_in_home_is_kept(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    assert (await somebody.get("/live/place")).json() == {"id": ""}
    number = await somebody.post("Here I am")
    assert (await somebody.send("/live/place", page="/home", id=number)).status_code == 200
    assert (await somebody.get("/live/place")).json() == {"id": number}
    found = (await somebody.get(f"/live/numbers?ids={number},1,x")).json()
    assert list(found) == [number]
    assert found[number]["replies_count"] == 0
    assert (await somebody.get("/live/bell")).json() == {"unread": 0, "letters": 0}
    assert "Here I am" in (await somebody.get(f"/posts/{number}/part")).text
    assert (await somebody.get(f"/posts/{number}")).headers["location"] == f"/@somebody/{number}"
