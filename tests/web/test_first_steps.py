"""From the first visit to the first post, with and without a script."""

import pytest

from tests.live import Live
from tests.web.conftest import Open
from tests.web.joining import ask_for_an_account, confirm
from tests.web.people import forget_terms

scripts = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@scripts
async def test_sign_up_post_edit_delete(open_tab: Open, service: Live, script: bool) -> None:
    tab = await open_tab(script=script)
    name = "newcomer" if script else "newcomer_plain"
    sent = len(service.output)
    await tab.goto("/")
    await tab.follow("Create account")
    await ask_for_an_account(tab, name)
    await confirm(tab, after=sent)
    assert tab.path == "/home"
    assert "It is quiet here" in await tab.text()
    await tab.fill(text="Good morning, <b>square</b>! #firstpost")
    await tab.press("Post")
    assert tab.path == "/home"
    assert "Your post is out" in await tab.text()
    assert await tab.text("article .words") == "Good morning, <b>square</b>! #firstpost"

    await tab.page.locator("article .menu summary").click()
    await tab.follow("Edit")
    await tab.fill(text="Good evening, square! #firstpost")
    await tab.press("Save")
    assert await tab.text("article .words") == "Good evening, square! #firstpost"
    await tab.follow("edited")
    assert "Good morning, <b>square</b>!" in await tab.text()
    await tab.follow("Back to the post")

    await tab.page.locator("article .menu summary").click()
    await tab.press("Delete", within="article")
    if not script:
        assert await tab.text("h1") == "Delete this post?"
        await tab.press("Delete")
    assert tab.path == "/home"
    assert "The post is deleted" in await tab.text()
    assert await tab.page.locator("article.post").count() == 0


async def test_everything_wrong_is_said_beside_its_field(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/sign-up")
    await tab.page.locator("main form").evaluate("form => { form.noValidate = true }")
    await tab.fill(username="ottilie", email="not an address", password="short")
    await tab.press("Create account")
    said = await tab.text()
    for words in (
        "Username has already been taken",
        "Email address is not a valid e-mail address",
        "Password is too short",
        "at least 16 years old",
        "This must be accepted",
    ):
        assert words in said
    assert await tab.page.locator("[name=username]").input_value() == "ottilie"
    assert await tab.faults() == []


async def test_terms_come_before_the_first_post(open_tab: Open, service: Live) -> None:
    await forget_terms(service, "unread")
    tab = await open_tab()
    await tab.goto("/sign-in")
    await tab.enter("unread", "password of unread")
    assert tab.path.startswith("/welcome")
    await tab.follow("Not now, only read")
    assert await tab.page.locator("textarea").count() == 0
    await tab.follow("Read and accept the terms")
    await tab.page.get_by_label("I have read the terms and accept them").check()
    await tab.press("Go on")
    await tab.post("Now I may.")
    assert "Your post is out" in await tab.text()
