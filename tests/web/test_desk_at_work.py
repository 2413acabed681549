"""The desk as those who work there use it, in a real browser: what they see of a case, and two of them at once."""

import asyncio
from typing import Any

import httpx
from playwright.async_api import expect

from tests.live import Live, Person
from tests.rooms.media import pictures
from tests.web.conftest import PASSWORD, Open
from tests.web.people import database, settled
from tests.web.tab import Tab
from tests.web.test_desk_by_keys import cases, press

__all__ = ["cases"]

VEILED = "getComputedStyle(document.querySelector('.veiled-files img')).filter"
SECRET = "I know where you live, and tonight I come by"


async def person(service: Live, name: str, **given: str) -> Person:
    return await asyncio.to_thread(service.person, name, **given)


def picture(service: Live, by: Person) -> str:
    """A new picture's number."""
    given = {"file": ("a.jpg", pictures.jpeg(), "image/jpeg")}
    made = httpx.post(f"{service.url}/api/v2/media", files=given, headers={"authorization": f"Bearer {by.token}"})
    return made.json()["id"]


def say(service: Live, by: Person, text: str, **given: Any) -> str:
    return service.post("/api/v1/statuses", by.token, status=text, **given).json()["id"]


def edit(service: Live, by: Person, post: str, text: str) -> None:
    where, headers = f"{service.url}/api/v1/statuses/{post}", {"authorization": f"Bearer {by.token}"}
    httpx.put(where, json={"status": text}, headers=headers).raise_for_status()


async def case_of(service: Live, post: str) -> str:
    """The address of the newest case of a post."""
    await settled(service)
    async with database(service) as connection:
        found = await connection.fetchval("SELECT max(case_id) FROM case_items WHERE item_id = $1", int(post))
    return f"/desk/cases/{found}"


async def decided(tab: Tab, path: str, *keys: str) -> None:
    """By keys, from the case that is open; the last one sends it."""
    for key in keys:
        await tab.page.keyboard.press(key)
    async with tab.page.expect_response(lambda answer: answer.url.endswith(f"{path}/decide")):
        await tab.page.keyboard.press("Enter")


async def test_a_message_is_reported_where_it_is_read_and_seen_for_a_reason(
    service: Live, owner: str, open_tab: Open
) -> None:
    ann = await person(service, "msg_ann")
    await person(service, "msg_ben")
    given = {"visibility": "direct", "media_ids": [picture(service, ann)]}
    post = say(service, ann, f"@msg_ben {SECRET}", **given)
    await settled(service)
    reporter, keeper = await open_tab(), await open_tab()
    await reporter.sign_in("msg_ben", to=f"/@msg_ann/{post}")
    article = reporter.page.locator("article.post", has_text=SECRET).first
    await article.locator("summary[aria-label='More']").click()
    await reporter.open(article.get_by_role("link", name="Report", exact=True))
    await expect(reporter.page.locator(f"[name='posts[]'][value='{post}']")).to_be_checked()
    await reporter.page.locator("[name=category][value=legal]").check()
    await reporter.press("Send the report")
    path = await case_of(service, post)

    await keeper.sign_in(owner, PASSWORD, to="")
    await keeper.goto(path)
    assert SECRET not in await keeper.text()
    await keeper.page.locator(".covered-case [name=why]").fill("A threat was reported")
    await keeper.press("Look at it")
    assert SECRET in await keeper.text(".reported")
    assert "blur" in await keeper.page.evaluate(VEILED)
    assert "grayscale" in await keeper.page.evaluate(VEILED)
    await keeper.page.keyboard.press("x")
    await expect(keeper.page.locator(".veil [data-unveil]")).to_be_checked()
    assert await keeper.page.evaluate(VEILED) == "none"
    await keeper.goto("/manage/looks")
    assert "A threat was reported" in await keeper.text()


async def test_a_case_shows_what_it_was_what_it_is_and_what_is_around_it(
    service: Live, owner: str, open_tab: Open
) -> None:
    ann, ben = await person(service, "ctx_ann"), await person(service, "ctx_ben")
    keeper = await open_tab()
    await keeper.sign_in(owner, PASSWORD, to="")
    words = "Somebody ought to teach the people from the ferry a lesson with their own oars"
    for text in ("An older one: the ferry people are vermin, all of them", words):
        asked = say(service, ben, "What do you think of the ferry?")
        post = say(service, ann, text, in_reply_to_id=asked)
        say(service, ben, "You should be ashamed", in_reply_to_id=post)
        service.post("/api/v1/reports", ben.token, account_id=ann.id, status_ids=[post], comment="Look at the oars")
        path = await case_of(service, post)
        if text != words:
            await keeper.goto(path)
            await decided(keeper, path, "l", "W")
            await settled(service)
    edit(service, ann, post, words.replace("a lesson with their own oars", "to row"))
    await settled(service)
    await keeper.goto(path)
    assert words in await keeper.text(".reported"), "as it was"
    now = keeper.page.locator("section[aria-labelledby=now]")
    await expect(now.locator("del", has_text="oars")).to_be_visible()
    await expect(now.locator("ins", has_text="row")).to_be_visible()
    await now.locator("summary").click()
    await expect(now.locator(".history li")).to_have_count(2)
    shown = await keeper.text()
    for around in (
        "What do you think of the ferry?",
        "You should be ashamed",
        "Look at the oars",
        "1 strike",
        "Warned",
    ):
        assert around in shown
    assert "by the same author" in shown, "what was decided before"
    await keeper.page.keyboard.press("1")
    await expect(keeper.page.locator("[data-policy]:not([hidden])")).to_contain_text("You may not threaten anybody")
    await keeper.page.keyboard.press("b")
    await expect(keeper.page.locator("[data-why]:not([hidden])")).to_have_text(
        "Nobody but its author sees it; it is not called removed."
    )


async def test_a_case_is_put_off_and_handed_over_by_keys(
    service: Live, owner: str, open_tab: Open, cases: list[int]
) -> None:
    await person(service, "key_mod", role="moderator")
    keeper = await open_tab()
    await keeper.sign_in(owner, PASSWORD, to="/desk")
    await press(keeper, "n")
    first = keeper.path
    await keeper.page.keyboard.press("s")
    await keeper.page.keyboard.press("ArrowDown")
    await keeper.page.keyboard.press("Tab")
    await keeper.page.keyboard.type("Wait for the library")
    await press(keeper, "Enter")
    second = keeper.path
    assert first != second
    assert "The case is put off" in await keeper.text()
    await keeper.page.keyboard.press("h")
    await keeper.page.keyboard.type("@key_mod")
    await keeper.page.keyboard.press("Tab")
    await keeper.page.keyboard.press("Tab")
    await keeper.page.keyboard.type("You speak their language")
    await press(keeper, "Enter")
    assert keeper.path not in (first, second)
    async with database(service) as connection:
        rows = await connection.fetch(
            """
            SELECT c.id, extract(epoch FROM c.snoozed_until - now())::int / 3600 AS hours, a.username
            FROM cases c LEFT JOIN accounts a ON a.id = c.assigned_id WHERE c.id = ANY($1::bigint[])
            """,
            cases,
        )
    found = {f"/desk/cases/{row['id']}": (row["hours"], row["username"]) for row in rows}
    assert found[first] == (3, None), "the second choice is four hours"
    assert found[second] == (None, "key_mod")
    mod = await open_tab()
    await mod.sign_in("key_mod", to="/desk")
    await press(mod, "n")
    assert mod.path == second, "what was handed to somebody comes first"
    assert "You speak their language" in await mod.text()


async def test_two_reviewers_one_case_and_what_is_heavy_takes_both(
    service: Live, owner: str, open_tab: Open, cases: list[int]
) -> None:
    await person(service, "eye_mod", role="moderator")
    keeper, mod = await open_tab(), await open_tab()
    await mod.sign_in("eye_mod", to="/desk")
    await keeper.sign_in(owner, PASSWORD, to="/desk")
    await press(keeper, "n")
    path = keeper.path
    async with database(service) as connection:
        post, author = (
            await connection.fetch(
                """
                SELECT i.item_id, a.username FROM case_items i JOIN accounts a ON a.id = i.author_id
                WHERE case_id = $1
                """,
                int(path.rpartition("/")[2]),
            )
        )[0]
    await mod.goto(path)
    assert "Somebody else has this case before them" in await mod.text()
    await expect(mod.page.locator("[data-decide]")).to_have_count(0)

    async def there() -> bool:
        await settled(service)
        return service.get(f"/api/v1/statuses/{post}").status_code == 200

    assert await there()
    await keeper.page.keyboard.press("i")
    await keeper.page.keyboard.type("Clear to me")
    await keeper.page.keyboard.press("Escape")
    await decided(keeper, path, "r")
    assert not await there(), "it is held until somebody else has looked"
    await mod.goto(path)
    assert "Clear to me" not in await mod.text()
    await decided(mod, path, "r")
    assert not await there()
    async with database(service) as connection:
        strikes = """
            SELECT count(*) FROM strikes s JOIN accounts a ON a.id = s.account_id
            WHERE username = $1 AND undone_at IS NULL
        """
        assert await connection.fetchval(strikes, author) == 1
        await press(mod, "u")
        assert not await there(), "it is looked at again, and held until then"
        assert await connection.fetchval(strikes, author) == 0, "taken back by one key"
        await decided(mod, path, "a")
        assert not await there(), "what two found heavy is not for one to leave"
        await keeper.goto(path)
        await decided(keeper, path, "a")
        assert await there()
    assert len(cases) > 1
