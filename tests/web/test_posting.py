"""Writing: answers, warnings, pictures, for followers only; what one likes, passes on and keeps."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.live import Live
from tests.web.conftest import PASSWORD, Open
from tests.web.people import settled
from tests.web.tab import Tab

scripts = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


def picture(colour: str, name: str = "picture.png") -> FilePayload:
    """A small picture, as a browser uploads it."""
    out = BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


async def open_extra(tab: Tab, name: str) -> None:
    await tab.page.locator("form.compose summary", has_text=name).click()


async def test_an_answer_stands_in_the_thread(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("answerer", to="/@zainab")
    await tab.open(tab.page.locator("article:not(:has(.context)) .when a").first)
    thread = tab.path
    assert re.fullmatch(r"/@zainab/\d+", thread)
    box = tab.page.locator("form.compose [name=text]")
    assert (await box.input_value()).startswith("@zainab ")
    await box.fill("@zainab I agree, quickly.")
    await tab.press("Reply")
    assert tab.path == thread
    assert "Your post is out" in await tab.text()
    answer = tab.page.locator("article.post", has_text="I agree, quickly.")
    assert await answer.count() == 1
    assert await answer.locator(".words a").get_attribute("href") == f"{tab.service.url}/@zainab"
    await tab.open(answer.locator(".when a").first)
    await expect(tab.page.locator("article.focused")).to_contain_text("I agree")
    assert await tab.page.locator("article.post").count() >= 2


@scripts
async def test_pictures_with_what_is_to_be_seen_on_them(open_tab: Open, script: bool) -> None:
    tab = await open_tab(script=script)
    await tab.sign_in("painter")
    await tab.fill(text=f"Two pictures {script}")
    await open_extra(tab, "Pictures")
    files = tab.page.locator("form.compose input[type=file]")
    if script:
        await files.set_input_files([picture("#b3261e", "red.png"), picture("#0b6b58", "green.png")])
        await expect(tab.page.locator("[data-kept] progress:visible")).to_have_count(0)
    else:
        await files.nth(0).set_input_files(picture("#b3261e", "red.png"))
        await files.nth(1).set_input_files(picture("#0b6b58", "green.png"))
    await tab.page.get_by_label("What is to be seen on it").nth(0).fill("A red field")
    await tab.page.get_by_label("What is to be seen on it").nth(1).fill('A <green> "field"')
    await tab.press("Post")
    article = tab.page.locator("article", has_text=f"Two pictures {script}")
    images = article.locator(".pictures img")
    assert [await image.get_attribute("alt") for image in await images.all()] == ["A red field", 'A <green> "field"']
    address = await article.locator(".pictures a").first.get_attribute("href")
    assert address
    answer = await tab.page.request.get(address)
    assert answer.status == 200
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert await tab.faults() == []


@scripts
async def test_a_picture_without_a_description_is_asked_about(open_tab: Open, script: bool) -> None:
    tab = await open_tab(script=script)
    await tab.sign_in("painter")
    await tab.fill(text=f"Bare {script}")
    await open_extra(tab, "Pictures")
    await tab.page.locator("form.compose input[type=file]").first.set_input_files(picture("#3650b8"))
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-problem]")).to_contain_text("One file has no description")
    assert await tab.page.locator("main [name=text]").input_value() == f"Bare {script}"
    await tab.press("Post without a description")
    article = tab.page.locator("article", has_text=f"Bare {script}")
    assert await article.locator(".pictures img").get_attribute("alt") == "Picture without a description"


GIVEN = """(field, [way, bytes]) => {
  const given = new DataTransfer(), init = { bubbles: true, cancelable: true };
  given.items.add(new File([new Uint8Array(bytes)], `${way}.png`, { type: "image/png" }));
  return field.dispatchEvent(way === "paste"
    ? new ClipboardEvent("paste", { ...init, clipboardData: given })
    : new DragEvent("drop", { ...init, dataTransfer: given }));
}"""


async def test_pictures_are_pasted_and_dropped(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("painter", to="/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    for way, colour in (("paste", "#b3261e"), ("drop", "#0b6b58")):
        data = list(picture(colour)["buffer"])
        left = await tab.page.locator("main [name=text]").evaluate(GIVEN, [way, data])
        assert not left, "the browser would open the file itself"
    words = tab.page.locator("textarea[name^=kept]")
    await expect(words).to_have_count(2)
    await tab.fill(text="Pasted and dropped")
    await words.nth(0).fill("Red")
    await words.nth(1).fill("Green")
    await tab.press("Post")
    await tab.goto("/@painter")
    shown = tab.page.locator("article", has_text="Pasted and dropped").locator(".pictures img")
    assert [await one.get_attribute("alt") for one in await shown.all()] == ["Red", "Green"]


async def test_what_cannot_be_posted_comes_back_whole(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("painter")
    await open_extra(tab, "Pictures")
    files = tab.page.locator("input[type=file]")
    await files.nth(0).set_input_files(picture("#3650b8"))
    await tab.page.get_by_label("What is to be seen on it").nth(0).fill("Blue")
    await files.nth(1).set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"not a picture"})
    await open_extra(tab, "Content warning")
    await tab.fill(text="Words, " * 200, warning="Long")
    await tab.page.locator("[name=visibility]").select_option("unlisted")
    await tab.press("Post")
    assert "notes.txt" in await tab.text("[role=alert]")
    assert await tab.page.locator("form.compose [name=text]").input_value() == "Words, " * 200
    assert await tab.page.locator("[name=warning]").input_value() == "Long"
    assert await tab.page.locator("[name=visibility]").input_value() == "unlisted"
    assert await tab.page.locator("[name='kept[0][alt]']").input_value() == "Blue"
    assert await tab.faults() == []
    await tab.press("Post")
    assert "limit of 1,000 exceeded" in await tab.text("[role=alert]")
    await tab.fill(text="Shorter now")
    await tab.press("Post")
    article = tab.page.locator("article", has_text="Long").first
    await article.locator("summary", has_text="Long").click()
    assert await article.locator("img[alt=Blue]").is_visible()


async def test_letters_are_counted_as_people_see_them(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("painter")
    left = tab.page.locator("[data-left]")
    for text, expected in (
        ("", 1000),
        ("👩‍👩‍👧‍👦 é", 997),
        ("https://example.org/a/very/long/address/indeed ok", 974),
        ("@june@elsewhere.example hi", 992),
        ("x" * 1001, -1),
    ):
        await tab.fill(text=text)
        await expect(left).to_have_text(str(expected))
    await expect(left).to_have_class(re.compile("over"))


async def test_a_warning_covers_until_somebody_looks(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("painter")
    await open_extra(tab, "Content warning")
    await tab.fill(text="The butler did it", warning="The end of a play")
    await tab.press("Post")
    article = tab.page.locator("article", has_text="The end of a play")
    assert not await article.locator(".words").is_visible()
    await article.locator("summary", has_text="The end of a play").click()
    assert await article.locator(".words").inner_text() == "The butler did it"


async def test_for_followers_only(open_tab: Open) -> None:
    author, follower, other = await open_tab(), await open_tab(), await open_tab()
    await follower.sign_in("follower", to="/@writer")
    await follower.press("Follow")
    await author.sign_in("writer", to="")
    await author.post("Only for you", visibility="private")
    address = await author.page.locator("article .when a").first.get_attribute("href")
    assert address
    assert await author.page.locator("article .when svg").first.get_attribute("aria-label") == "For followers"
    assert await follower.goto(address) == 200
    assert "Only for you" in await follower.text("article.focused")
    assert await follower.page.locator("button.echo").count() == 0
    for who in (other, await signed_in(other)):
        assert await who.goto(address) == 404
        await who.goto("/@writer")
        assert "Only for you" not in await who.text()


async def signed_in(tab: Tab) -> Tab:
    await tab.sign_in("liker", to="")
    return tab


@scripts
async def test_liked_passed_on_and_kept(open_tab: Open, script: bool) -> None:
    """With a script without leaving the page, without one by coming back to the post."""
    tab = await open_tab(script=script)
    await tab.sign_in("liker", to="/@ines" if script else "/@library/with_replies")
    article = tab.page.locator("article:not(:has(.context))").last
    place, words = await article.get_attribute("id"), await article.locator(".words").inner_text()
    for kind, undone in (("star", "unfavourite"), ("echo", "unecho"), ("mark", "unbookmark")):
        button = tab.page.locator(f"#{place} .act.{kind}")
        number = int(await button.inner_text() or 0)
        for pressed in ("true", "false", "true"):
            await button.click()
            await expect(button).to_have_attribute("aria-pressed", pressed)
            if script:
                await expect(button).to_be_focused()
            else:
                assert tab.page.url.endswith(f"#{place}")
        assert undone in (await button.get_attribute("formaction") or "")
        assert kind == "mark" or int(await button.inner_text()) == number + 1
    for page in ("/favourites", "/bookmarks", "/@liker"):
        await tab.goto(page)
        assert words in await tab.page.locator(".words").all_inner_texts()


async def test_who_was_signed_out_meanwhile_is_asked_to_sign_in(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("liker", to="/@library")
    await tab.page.context.clear_cookies()
    async with tab.page.expect_navigation():
        await tab.page.locator("article .act.star").first.click()
    assert tab.path == "/sign-in"


async def test_what_is_pinned_stands_first(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("writer", to="")
    for text in ("An old one", "A new one"):
        await tab.post(text)
    await tab.goto("/@writer")
    article = tab.page.locator("article", has_text="An old one")
    await article.get_by_label("More").click()
    await tab.press("Pin to your profile", within="article:has-text('An old one')")
    assert "stands first on your profile" in await tab.text()
    assert "Pinned" in await tab.text("article")
    assert "An old one" in await tab.text("article")


async def test_names_are_told_what_was_said_to_them(open_tab: Open, service: Live) -> None:
    tab, other = await open_tab(), await open_tab()
    await tab.sign_in("writer", to="")
    await tab.post("@taker a word with you")
    await settled(service)
    await other.sign_in("taker")
    assert await other.text(".streets .fresh") == ", new: 1"
    await other.goto("/notifications")
    assert "a word with you" in await other.text()
    await other.goto("/home")
    assert await other.page.locator(".streets .fresh").count() == 0


async def test_the_town_s_people_are_answered_on_a_phone(open_tab: Open) -> None:
    tab = await open_tab(width=390)
    await tab.sign_in("ottilie", PASSWORD, to="/notifications")
    assert "liked your post" in await tab.text()
    assert await tab.faults() == []
