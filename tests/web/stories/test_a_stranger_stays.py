"""Wren comes by a link, reads, joins, is answered, and stays: on a phone and at a desk, with scripts and without."""

import re

from playwright.async_api import expect

from tests.web.conftest import PASSWORD, Open
from tests.web.joining import ask_for_an_account, confirm
from tests.web.people import settled
from tests.web.stories.conftest import Show, Way
from tests.web.tab import Tab
from tests.web.test_posting import open_extra, picture

READY = "form[data-compose][data-ready]"


async def test_a_stranger_stays(open_device: Open, open_tab: Open, way: Way, show: Show) -> None:
    wren = await open_device(width=way.width, script=way.script)
    june = await open_tab(script=False)
    await june.sign_in("june", PASSWORD, to="")

    await reads_the_front_page(wren, show)
    await reads_a_thread(wren, show)
    await joins(wren, f"wren_{way.name}", show)
    thread = await posts_a_picture(wren, way, show)
    await is_answered(wren, june, thread, way, show)
    await mutes_a_word(wren, june, way, show)
    if way.script:
        await keeps_the_place_as_an_app(wren)
        await writes_on_a_train(wren, show)


async def reads_the_front_page(wren: Tab, show: Show) -> None:
    await wren.goto("/", whole=True)
    assert await wren.text("h1") == "Alderbrook"
    await expect(wren.page.locator("main article.post").first).to_be_attached()
    await show(wren, "the front page")


async def reads_a_thread(wren: Tab, show: Show) -> None:
    talked_about = wren.page.locator("article.post:has(a[aria-label^='Replies,']:not([aria-label$=' 0']))")
    await wren.open(talked_about.first.locator(".when a").first)
    assert re.fullmatch(r"/@\w+/\d+", wren.path)
    assert await wren.page.locator("article.post").count() >= 2
    await show(wren, "a thread")


async def joins(wren: Tab, name: str, show: Show) -> None:
    sent = len(wren.service.output)
    await wren.page.locator("header").get_by_role("link", name="Join").click()
    await wren.page.wait_for_url("**/sign-up")
    await show(wren, "the form to join")
    await ask_for_an_account(wren, name)
    await show(wren, "look into your mail")
    await confirm(wren, after=sent)
    assert wren.path == "/home"
    assert "It is quiet here" in await wren.text()
    await show(wren, "a home that is quiet")


async def posts_a_picture(wren: Tab, way: Way, show: Show) -> str:
    """She forgets to say what is on it, and is asked. Where the post stands then."""
    if way.script:
        await wren.page.locator(READY).wait_for()
    await wren.fill(text="Hello from the weir")
    await open_extra(wren, "Pictures")
    await wren.page.locator("form.compose input[type=file]").first.set_input_files(picture("#3650b8", "weir.png"))
    if way.script:
        await expect(wren.page.locator("form.compose [data-file] img")).to_be_visible()
    await wren.page.locator("[data-send]").click()
    await expect(wren.page.locator("[data-problem]")).to_contain_text("One file has no description")
    await expect(wren.page.locator("main [name=text]")).to_have_value("Hello from the weir")
    await show(wren, "asked what is on the picture")
    await wren.page.get_by_label("What is to be seen on it").first.fill("The weir at dusk, all blue")
    await wren.press("Post")
    post = wren.page.locator("article.post", has_text="Hello from the weir")
    await expect(post.locator("img[alt='The weir at dusk, all blue']")).to_be_attached()
    await show(wren, "the post is out")
    return await post.locator(".when a").first.get_attribute("href") or ""


async def is_answered(wren: Tab, june: Tab, thread: str, way: Way, show: Show) -> None:
    """Where scripts run, the bell rings on the page that is open; else on the next page."""
    name = thread.split("/")[1]
    await settled(wren.service)
    await june.goto(thread)
    await june.page.locator("form.compose [name=text]").fill(f"{name} Welcome, what a sight")
    await june.press("Reply")
    await settled(wren.service)
    if not way.script:
        await wren.goto("/home")
    await expect(wren.page.locator("[data-bell] .fresh")).to_contain_text("1")
    await show(wren, "the bell")
    await wren.goto("/notifications")
    answer = wren.page.locator("main article.post", has_text="Welcome, what a sight")
    await expect(answer).to_contain_text("June Okafor")
    await show(wren, "who answered")
    await wren.open(answer.locator(".when a").last)
    await expect(wren.page.locator("article.focused")).to_contain_text("Welcome, what a sight")
    await expect(wren.page.locator("article.post").first).to_contain_text("Hello from the weir")
    await show(wren, "the thread of the answer")


async def mutes_a_word(wren: Tab, june: Tab, way: Way, show: Show) -> None:
    word = f"parsnips{way.name}"
    await june.post(f"Nothing but {word} today")
    await june.post(f"After {way.name} comes the rain")
    await settled(wren.service)
    await wren.goto("/public/local")
    await expect(wren.page.locator("main")).to_contain_text(word)
    await wren.goto("/filters")
    await wren.page.get_by_role("link", name="New filter").first.click()
    await wren.page.wait_for_url("**/filters/new")
    await wren.page.get_by_label("Word 1", exact=True).fill(word)
    await wren.page.locator("[name=action]").select_option("hide")
    await show(wren, "a word to mute")
    await wren.press("Save")
    await show(wren, "what is kept away")
    await wren.goto("/public/local")
    await expect(wren.page.locator("main")).to_contain_text(f"After {way.name} comes the rain")
    assert word not in await wren.text()
    await show(wren, "without the word")


async def keeps_the_place_as_an_app(wren: Tab) -> None:
    """As far as Chromium shows it without a window: nothing speaks against installing it, and its worker is there."""
    assert await wren.page.evaluate("navigator.serviceWorker.ready.then(known => known.active.scriptURL)")
    client = await wren.page.context.new_cdp_session(wren.page)
    found = await client.send("Page.getInstallabilityErrors")
    assert [one["errorId"] for one in found["installabilityErrors"]] in ([], ["in-incognito"])
    assert (await client.send("Page.getAppManifest"))["errors"] == []


async def writes_on_a_train(wren: Tab, show: Show) -> None:
    await wren.goto("/home")
    await wren.kept("/home")
    await wren.kept("/compose")
    await wren.page.context.set_offline(True)
    await wren.goto("/home")
    await expect(wren.page.locator("main")).to_contain_text("Hello from the weir")
    await expect(wren.page.locator("[data-line=network]")).to_contain_text("You read what was kept")
    await show(wren, "home without a network")
    await wren.goto("/compose")
    await wren.page.locator(READY).wait_for()
    await wren.fill(text="Written in a tunnel")
    await wren.page.locator("[data-send]").click()
    await expect(wren.page.locator("[data-line=outbox]")).to_contain_text("1 post waits to be sent")
    await show(wren, "a post that waits")
    await wren.page.context.set_offline(False)
    await expect(wren.page.locator("[data-line=sent]")).to_contain_text("1 post that waited is out")
    await expect(wren.page.locator("[data-line=network]")).to_have_count(0)
    await show(wren, "the post that waited is out")
    await wren.goto("/home")
    await wren.page.reload()
    await expect(wren.page.locator("article.post", has_text="Written in a tunnel")).to_have_count(1)
