"""People: follow, ask, mute, block; and what one says of oneself."""

import re

import pytest
from playwright.async_api import expect

from tests.web.conftest import PASSWORD, Open
from tests.web.tab import Tab
from tests.web.test_posting import picture

scripts = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


async def choose(tab: Tab, name: str) -> None:
    """In the menu of a profile."""
    await tab.page.locator(".person").get_by_label("More").click()
    await tab.press(name, within=".person")


async def test_follow_and_unfollow(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.goto("/@marek")
    await tab.page.locator(".person").get_by_role("link", name="Follow", exact=True).click()
    await tab.enter("asker", "password of asker")
    assert tab.path == "/@marek"
    followers = tab.page.locator(".counts a[href$=followers] strong")
    before = int(await followers.inner_text())
    await tab.press("Follow")
    assert "You follow them now" in await tab.text()
    assert int(await followers.inner_text()) == before + 1
    await tab.goto("/@marek/followers")
    assert "asker" in await tab.text()
    await tab.goto("/home")
    assert "Marek Nowak" in await tab.text()
    await tab.goto("/@marek")
    await tab.press("Unfollow")
    assert int(await followers.inner_text()) == before


async def test_who_asks_first_decides(open_tab: Open) -> None:
    nils = await open_tab()
    await nils.sign_in("quiet_nils", PASSWORD, to="")
    for name, answer, said in (
        ("asker", "Let them follow", "They follow you now"),
        ("denier", "Refuse", "They are not told"),
    ):
        asking = await open_tab()
        await asking.sign_in(name, to="/@quiet_nils")
        await asking.press("Ask to follow")
        assert "they decide whether you may follow" in await asking.text()
        await nils.goto("/requests")
        assert f"@{name}" in await nils.text()
        await nils.press(answer)
        assert said in await nils.text()
        await asking.goto("/@quiet_nils")
        shown = "Unfollow" if answer != "Refuse" else "Ask to follow"
        assert await asking.page.get_by_role("button", name=shown).count() == 1


async def test_mute_and_unmute(open_tab: Open) -> None:
    tab, other = await open_tab(script=False), await open_tab(script=False)
    await other.sign_in("plain")
    await other.post("Heard or not heard")
    await tab.sign_in("muter", to="/public")
    assert "Heard or not heard" in await tab.text(".feed")
    await tab.goto("/@plain")
    await choose(tab, "Mute")
    assert "You will not see their posts any more" in await tab.text()
    await tab.goto("/public")
    assert "Heard or not heard" not in await tab.text(".feed")
    await tab.goto("/@plain")
    await choose(tab, "Unmute")
    await tab.goto("/public")
    assert "Heard or not heard" in await tab.text(".feed")


async def test_block_and_unblock(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("blocker", to="/@tobias")
    await tab.press("Follow")
    await choose(tab, "Block")
    assert "neither of you sees the other" in await tab.text()
    assert await tab.page.get_by_role("button", name="Follow").count() == 0
    await tab.goto("/public")
    assert "@tobias" not in " ".join(await tab.page.locator(".feed .by").all_inner_texts())
    await tab.goto("/@tobias")
    await tab.press("Unblock")
    await expect(tab.page.get_by_role("button", name="Follow", exact=True)).to_be_visible()


async def test_no_answer_to_the_question_no_block(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("blocker", to="/@june")
    menu, asking = tab.page.locator(".person").get_by_label("More"), tab.page.get_by_role("alertdialog")
    for key in ("Enter", "Escape"):
        await menu.click()
        await tab.page.locator(".person").get_by_role("button", name="Block").click()
        await expect(asking).to_have_accessible_name("Block @june?")
        await expect(asking).to_have_accessible_description(re.compile("Neither of you sees the other"))
        await expect(asking.get_by_role("button", name="No, go back")).to_be_focused()
        await tab.page.keyboard.press(key)
        await expect(asking).to_be_hidden()
        await expect(menu).to_be_focused()
    await tab.goto("/@june")
    assert await tab.page.get_by_role("button", name="Unblock").count() == 0


@scripts
async def test_what_was_done_to_somebody_is_undone_at_once(open_tab: Open, script: bool) -> None:
    tab = await open_tab(script=script)
    await tab.sign_in("muter", to="/@tobias")
    await tab.press("Follow")
    await tab.press("Unfollow")
    await tab.press("Undo", within=".note")
    assert "You follow them now" in await tab.text()
    await tab.press("Unfollow")


async def test_what_one_says_of_oneself(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("taker", to="/settings/profile")
    fields = {"fields[0][name]": "Garden", "fields[0][value]": "https://garden.example/beds"}
    for name, value in fields.items():
        await tab.page.locator(f"[name='{name}']").fill(value)
    await tab.fill(display_name="Taker & Sons", note="We take things.\n\nAlso on #sundays", avatar_description="Teal")
    await tab.page.locator("[name=avatar]").set_input_files(picture("#0b6b58"))
    await tab.page.locator("[name=header]").set_input_files(picture("#f2c14e"))
    await tab.press("Save")
    assert "Your changes are saved" in await tab.text()
    await tab.goto("/settings/privacy")
    await tab.page.get_by_label("I decide who may follow me").check()
    await tab.press("Save")
    await tab.goto("/@taker")
    person = await tab.text(".person")
    assert "Taker & Sons" in person
    assert "We take things." in person
    assert "Garden" in person
    assert await tab.page.locator(".fields a").get_attribute("href") == "https://garden.example/beds"
    assert await tab.page.locator(".person .words a", has_text="#sundays").count() == 1
    avatar = tab.page.locator(".person .avatar")
    assert "/media/" in (await avatar.get_attribute("src") or "")
    assert await avatar.get_attribute("alt") == "Teal"
    assert await tab.page.locator(".person svg[aria-label='Asks before somebody may follow']").count() == 1
    assert await tab.faults() == []

    await tab.goto("/settings/profile")
    await tab.page.locator("[name=drop_avatar]").check()
    await tab.page.locator("[name=header]").set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": b"not a picture"}
    )
    await tab.fill(display_name="Not lost")
    await tab.press("Save")
    assert await tab.page.locator("[role=alert]").is_visible()
    assert await tab.page.locator("[name=display_name]").input_value() == "Not lost"
    await tab.page.locator("[name=drop_avatar]").check()
    await tab.press("Save")
    await tab.goto("/@taker")
    assert "/media/" not in (await tab.page.locator(".person .avatar").get_attribute("src") or "/media/")


async def test_how_one_posts_is_what_the_box_begins_with(open_tab: Open) -> None:
    tab = await open_tab(script=False)
    await tab.sign_in("taker", to="/settings/privacy")
    await tab.page.get_by_label("Who sees it").select_option("unlisted")
    await tab.page.get_by_label("Language of your posts").select_option("de")
    await tab.page.get_by_label("Cover my pictures").check()
    await tab.press("Save")
    await tab.goto("/home")
    assert await tab.page.locator("[name=visibility]").input_value() == "unlisted"
    assert await tab.page.locator("[name=language]").input_value() == "de"
    assert await tab.page.locator("[name=sensitive]").is_checked()
