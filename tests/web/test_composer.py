"""The box for writing: what was begun is kept, polls, posts for later, quotes, names that are offered."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import FilePayload, Locator, Route, expect

from tests.support.square import Square
from tests.web.conftest import PASSWORD, Open
from tests.web.tab import Tab
from tests.web.test_posting import picture
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.statuses.store import delete_keys

scripts = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
READY = "form[data-compose][data-ready]"
DRAFTED = """async () => {
  while (!Object.keys(localStorage).some((name) => name.startsWith("draft "))) {
    await new Promise((go) => setTimeout(go, 50));
  }
}"""


async def open_extra(tab: Tab, name: str) -> None:
    await tab.page.locator("form.compose summary", has_text=name).click()


async def test_what_was_begun_is_there_again_until_it_is_sent(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("typist", to="/compose")
    await tab.page.locator(READY).wait_for()
    await tab.fill(text="Half a thought")
    await open_extra(tab, "Content warning")
    await tab.fill(warning="Thinking")
    await tab.page.locator("[name=visibility]").select_option("unlisted")
    await tab.goto("/about")
    await tab.goto("/home")
    await expect(tab.page.locator("main [name=text]")).to_have_value("Half a thought")
    await expect(tab.page.locator("main [name=warning]")).to_have_value("Thinking")
    await tab.page.locator("main [name=text]").press("Control+Enter")
    await tab.page.wait_for_url("**/home")
    await expect(tab.page.locator(".note[role=status]")).to_contain_text("Your post is out")
    await expect(tab.page.locator("main [name=text]")).to_have_value("")


async def test_what_was_begun_can_be_thrown_away(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("typist", to="/compose")
    await tab.page.locator(READY).wait_for()
    away = tab.page.get_by_role("button", name="Throw away what you wrote")
    await expect(away).to_have_count(0)
    await tab.fill(text="Better not")
    await tab.page.locator("[data-files] input[type=file]").set_input_files(picture("teal"))
    await tab.page.evaluate(DRAFTED)
    await tab.goto("/home")
    await expect(away).to_have_count(1)
    assert await tab.faults() == []
    await away.click()
    await tab.page.locator(".asking [value=yes]").click()
    await expect(tab.page.locator("main [name=text]")).to_have_value("")
    await expect(tab.page.locator("main [name=text]")).to_be_focused()
    await tab.goto("/compose")
    await expect(tab.page.locator("main [name=text]")).to_have_value("")
    await expect(tab.page.locator("[data-kept] > li")).to_have_count(0)


async def test_a_word_of_any_length_stays_in_its_box(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("typist", to="")
    await tab.goto("/@june")
    thread = await tab.page.locator(".feed article .when a").first.get_attribute("href")
    wide = dict[str, int]()
    for path in ("/home", "/compose", thread or "", "/messages/new?to=june"):
        await tab.goto(path)
        await tab.page.locator(READY).first.wait_for()
        await tab.page.locator("main [name=text]").first.fill("m" * 10_000)
        wide[path] = await tab.page.evaluate("document.documentElement.scrollWidth")
        await tab.page.evaluate("localStorage.clear()")
        await tab.page.locator("main [name=text]").first.fill("")
    assert set(wide.values()) == {390}, wide


async def test_a_draft_that_was_sent_is_out_once(open_tab: Open) -> None:
    """The page was closed before the answer came: what was begun is restored under the name that it was sent by."""
    tab = await open_tab()
    await tab.sign_in("drafter", to="")
    closed, other = [Tab(tab.service, await tab.page.context.new_page()) for _ in range(2)]
    await closed.goto("/compose")
    await closed.page.locator(READY).wait_for()
    await closed.fill(text="Sent, but no answer came")
    await closed.page.evaluate(DRAFTED)
    arrived = asyncio.Event()

    async def swallow(route: Route) -> None:
        await route.fetch()
        arrived.set()

    await closed.page.route("**/posts", swallow)
    await closed.page.locator("[data-send]").click()
    await arrived.wait()
    await closed.page.close()
    for one in (tab, other):
        await one.goto("/compose")
        await expect(one.page.locator("main [name=text]")).to_have_value("Sent, but no answer came")
    await tab.press("Post")
    await expect(other.page.locator("main [name=text]")).to_have_value("")
    await other.goto("/@drafter")
    await expect(other.page.locator("article .words", has_text="Sent, but no answer came")).to_have_count(1)
    await other.page.close()


async def test_a_message_that_was_sent_without_a_network_can_be_sent_with_one(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("typist", to="/messages/new?to=writer")
    await tab.page.locator(READY).wait_for()
    await tab.fill(text="On a train")
    await tab.page.context.set_offline(True)
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator(".missed")).to_contain_text("There is no network")
    await tab.page.context.set_offline(False)
    await tab.press("Send")
    assert "On a train" in await tab.text(".messages")


async def test_a_file_that_was_sent_by_nobody_is_no_file(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("painter", to="/compose")
    await tab.page.locator(READY).wait_for()
    await tab.page.context.clear_cookies()
    await open_extra(tab, "Pictures")
    await tab.page.locator("[data-files] input[type=file]").set_input_files(picture("teal"))
    row = tab.page.locator("[data-kept] > li")
    await expect(row.locator(".error")).to_contain_text("you are not signed in any more")
    await row.locator("textarea").fill("A teal field")
    await tab.sign_in("painter", to="/compose")
    await expect(row.locator(".error")).to_contain_text("This file is not there any more")
    await expect(row.locator("textarea")).to_have_value("A teal field")


async def point(tab: Tab, row: Locator) -> None:
    """By keys, and then by hand, also where one reads from right to left: at what is right in the picture."""
    target, focus, mark = row.locator(".aim"), row.locator("[name$='[focus]']"), row.locator(".focus-mark")
    await target.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        await tab.page.keyboard.press(key)
    await expect(focus).to_have_value("0.20,0.10")
    await expect(row.get_by_role("status")).to_have_text(
        "In sight stays what is 60 % from the left and 45 % from the top"
    )
    await tab.page.evaluate("document.dir = 'rtl'")
    box = await target.bounding_box()
    assert box is not None
    await tab.page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    seen = await mark.bounding_box()
    assert seen is not None
    assert abs(seen["x"] + seen["width"] / 2 - (box["x"] + box["width"] * 0.9)) < 3
    await tab.page.evaluate("document.dir = 'ltr'")


async def test_pictures_polls_and_answers_are_kept_while_they_are_written(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("drafter", to="/compose")
    await tab.page.locator(READY).wait_for()
    await open_extra(tab, "Poll")
    await tab.page.get_by_label("Choice 1").fill("Green")
    await tab.page.get_by_label("Choice 2").fill("Blue")
    await tab.goto("/about")
    await tab.goto("/compose")
    await expect(tab.page.get_by_label("Choice 2")).to_have_value("Blue")
    for choice in ("Choice 1", "Choice 2"):
        await tab.page.get_by_label(choice).fill("")
    await open_extra(tab, "Pictures")
    await tab.page.locator("[data-files] input[type=file]").set_input_files(picture("teal"))
    row = tab.page.locator("[data-kept] > li")
    await expect(row.locator("textarea")).to_be_focused()
    await expect(row.locator("img")).to_be_visible()
    await row.locator("textarea").fill("A teal field")
    await expect(row.locator("progress")).to_be_hidden()
    await point(tab, row)
    await tab.goto("/about")
    await tab.goto("/compose")
    await expect(row.locator("textarea")).to_have_value("A teal field")
    await tab.press("Post")
    await expect(tab.page.locator("article img[alt='A teal field']").first).to_be_visible()
    await tab.goto("/@june")
    await tab.open(tab.page.locator("article .when a").first)
    answer = tab.page.locator("form.compose [name=text]")
    await answer.fill("@june I wanted to say")
    thread = tab.path
    await tab.goto("/about")
    await tab.goto("/home")
    await expect(tab.page.locator("main [name=text]")).to_have_value("")
    await tab.goto(thread)
    await expect(answer).to_have_value("@june I wanted to say")


async def test_large_letters_leave_the_invitation_to_write_whole(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("drafter")
    await tab.page.evaluate("document.documentElement.style.fontSize = '200%'")
    text = tab.page.locator("#text")
    await text.evaluate("(one) => { one.placeholder = 'What is going on around you?'; }")
    assert await text.evaluate("(one) => one.scrollHeight - one.clientHeight") <= 1


@scripts
async def test_who_may_answer_is_chosen_where_one_writes(open_tab: Open, script: bool) -> None:
    tab, other = await open_tab(script=script), await open_tab(script=script)
    await tab.sign_in("drafter", to="/compose")
    await tab.fill(text=f"Only @typist may answer {script}")
    await open_extra(tab, "More")
    await tab.page.get_by_label("Who may answer").select_option("mentioned")
    await tab.press("Post")
    await tab.goto("/@drafter")
    await tab.open(tab.page.locator("article", has_text=f"may answer {script}").locator(".when a").first)
    for name, may in (("typist", True), ("refuser", False)):
        await other.sign_in(name, to=tab.path)
        assert await other.page.locator("main form.compose").count() == may
        assert ("may answer" in await other.text("#reply")) != may
        await other.page.context.clear_cookies()


@scripts
async def test_a_poll(open_tab: Open, script: bool) -> None:
    tab = await open_tab(script=script)
    await tab.sign_in("asker", to="/compose")
    await tab.fill(text=f"Tea or coffee {script}")
    await open_extra(tab, "Poll")
    await tab.page.get_by_label("Choice 1").fill("Tea")
    await tab.page.get_by_label("Choice 2").fill("Tea")
    await tab.page.locator("[name='poll[lasts]']").select_option("3600")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-problem]")).to_contain_text("duplicate")
    assert await tab.page.get_by_label("Choice 1").input_value() == "Tea"
    await tab.page.get_by_label("Choice 2").fill("Coffee")
    await tab.press("Post")
    assert f"Tea or coffee {script}" in await tab.text("article")


@scripts
async def test_a_post_for_later_is_put_off_changed_and_taken_back(open_tab: Open, script: bool) -> None:
    tab = await open_tab(script=script)
    await tab.sign_in("asker", to="/compose")
    await tab.fill(text=f"Tomorrow {script}")
    await open_extra(tab, "More")
    later = datetime.now(UTC) + timedelta(days=2)
    await tab.fill(at="2020-01-01T10:00")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-problem]")).to_contain_text("must be in the future")
    await tab.fill(at=later.strftime("%Y-%m-%dT%H:%M"))
    await tab.press("Post")
    assert tab.path == "/scheduled"
    article = f"article:has-text('Tomorrow {script}')"
    await tab.page.locator(article).locator("[name=at]").fill((later + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    await tab.press("Put off", within=article)
    assert "at the new time" in await tab.text()
    await tab.press("Change", within=article)
    assert await tab.page.locator("main [name=text]").input_value() == f"Tomorrow {script}"
    await tab.press("Post")
    assert tab.path == "/scheduled"
    await tab.press("Take back", within=article)
    assert await tab.page.locator(article).count() == 0


@pytest.mark.parametrize(
    ("at", "moment"),
    [("2035-07-01T12:00", "10:00"), ("2035-01-08T12:00", "11:00"), ("2035-03-25T02:30", "01:30")],
    ids=["summer", "winter", "when clocks are put forward"],
)
async def test_a_time_is_that_of_the_writers_clock(square: Square, at: str, moment: str) -> None:
    ann = await square.person("ann")
    writer = Visitor(square)
    await writer.sign_in("ann")
    sent = await writer.send("/posts", page="/home", text="Later", at=at, zone="Europe/Berlin")
    assert (sent.status_code, sent.headers["location"]) == (303, "/scheduled")
    (waiting,) = await ann.get("/api/v1/scheduled_statuses")
    assert waiting["scheduled_at"] == f"{at[:10]}T{moment}:00.000Z"


async def test_quotes_by_their_link(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("writer", to="/compose")
    await tab.fill(text="Quote me")
    await tab.press("Post")
    link = await tab.page.locator("article", has_text="Quote me").locator(".when a").first.get_attribute("href")
    other = await open_tab(script=False)
    await other.sign_in("asker", to="/compose")
    await other.fill(text="As was said")
    await open_extra(other, "More")
    await other.fill(quoted_link=f"{other.service.url}/about")
    await other.press("Post")
    assert "leads to no post" in await other.text("[role=alert]")
    await other.fill(quoted_link=f"{other.service.url}{link}")
    await other.press("Post")
    assert "As was said" in await other.text("article")
    found = re.search(r"/(\d+)$", link or "")
    assert found
    await other.goto(f"/compose?quote={found[1]}")
    assert "You quote @writer" in await other.text()
    await other.goto("/compose?quote=1")
    assert "There is nothing here" in await other.text("h1")


async def test_a_page_may_send_again_for_as_long_as_what_was_written_may_wait(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    for age, posts in (("0 hours", 1), ("2 hours", 1), ("191 hours", 1), ("193 hours", 2)):
        await square.db.execute("UPDATE idempotency_keys SET created_at = now() - $1::text::interval", age)
        await delete_keys(square.db)
        assert (await somebody.send("/posts", page="/home", text="Once", key="a key")).status_code == 303
        shown = (await somebody.get("/@somebody")).text
        assert len(re.findall(r'<article[^>]*id="post-', shown)) == posts, age


async def test_scripts_are_told_in_whole_sentences_of_the_readers_language(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    asked = {**OURS, "part": "compose", "accept-language": "de"}
    token = await somebody.token("/home")
    empty = await somebody.submit("/posts", asked, csrf=token, text="")
    assert (empty.status_code, empty.json()["problem"]) == (422, "Der Text darf nicht leer sein.")
    nothing = await somebody.submit("/compose/files", asked, csrf=token)
    assert nothing.json() == {"problem": "Es kam keine Datei an."}


async def test_names_are_offered_while_one_writes(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/compose")
    await tab.page.locator(READY).wait_for()
    text = tab.page.locator("main [name=text]")
    await text.press_sequentially("Hello @jun")
    await expect(tab.page.get_by_role("option").first).to_contain_text("June Okafor")
    assert await text.get_attribute("aria-activedescendant") is not None
    await text.press("Enter")
    await expect(text).to_have_value("Hello @june ")
    assert await text.get_attribute("aria-activedescendant") is None
    await text.press_sequentially("@jun")
    await expect(tab.page.get_by_role("option").first).to_be_visible()
    await text.press("Escape")
    await expect(tab.page.get_by_role("listbox")).to_be_hidden()


async def test_what_another_program_shares_stands_in_the_box(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("ottilie", PASSWORD, to="")
    shared: dict[str, str | float | bool | bytes | FilePayload] = {
        "title": "A page",
        "text": "Look",
        "url": "https://example.org/x",
    }
    answer = await tab.page.request.post("/share", multipart=shared, headers={"sec-fetch-site": "none"})
    assert answer.status == 200
    page = await answer.text()
    assert "A page\n\nLook\n\nhttps://example.org/x" in page
    foreign = await tab.page.request.post("/share", multipart=shared, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status == 403


async def test_what_is_shared_waits_for_who_must_sign_in_first(square: Square) -> None:
    await square.person("sharer")
    sharer = await visitor(square)
    words = "Zwei Wörter, 東京 & 100 %\n\n" + "ñ" * 2000
    asked = await sharer.submit("/share", {"sec-fetch-site": "none"}, text=words, url="https://example.org/x")
    assert asked.status_code == 303
    assert "stands ready" in (await sharer.get(asked.headers["location"])).text
    entered = await sharer.sign_in("sharer", next="/compose?shared=true")
    shown = (await sharer.get(entered.headers["location"])).text
    assert "Zwei Wörter, 東京 &amp; 100 %\n\nñññ" in shown
    assert "�" not in shown
    assert "Zwei Wörter" not in (await sharer.get("/compose?shared=true")).text
    foreign = await (await visitor(square)).submit("/share", {"sec-fetch-site": "cross-site"}, text="Buy this")
    assert foreign.status_code == 403
