"""Cases worked by keyboard, at a desk and on a phone, in a real browser."""

import asyncio
import re
from collections.abc import AsyncGenerator
from itertools import count

import pytest
from playwright.async_api import Response, expect

from tests.live import Live
from tests.web.conftest import PASSWORD, Open
from tests.web.every_page import route_of
from tests.web.looking import TWO, faults_here
from tests.web.people import database, settled
from tests.web.tab import Tab

WORDS = (
    "We will meet them all at the town hall tonight and none of them will walk home again",
    "Buy these shoes now, the first hundred pairs cost nothing but your address",
    "People from over the river should be driven back where they came from",
    "Nobody ever asked the ducks about the new weir, and they are right to complain",
)

_numbers = count(1)


@pytest.fixture
async def cases(service: Live) -> AsyncGenerator[list[int]]:
    """Some that wait, of posts that somebody reported; nothing of them is left afterwards."""
    async with database(service) as connection:
        # One that somebody was left with by a test before comes first, also where it is put off.
        await connection.execute(
            """
            UPDATE cases SET snoozed_until = now() + interval '9 days', locked_id = NULL, locked_until = NULL
            WHERE state = 'open'
            """
        )
        await connection.execute("DELETE FROM case_prints")
    reporter, *writers = [
        await asyncio.to_thread(service.person, f"witness{next(_numbers)}") for _ in range(1 + len(WORDS))
    ]
    made: list[str] = []
    for text, writer in zip(WORDS, writers, strict=True):
        post = service.post("/api/v1/statuses", writer.token, status=text).json()
        given = {"account_id": post["account"]["id"], "status_ids": [post["id"]], "comment": "Please look at this one"}
        assert service.post("/api/v1/reports", reporter.token, **given).status_code == 200
        made.append(post["id"])
    await settled(service)
    async with database(service) as connection:
        rows = await connection.fetch(
            "SELECT case_id FROM case_items WHERE item_id = ANY($1::bigint[]) AND open", [int(one) for one in made]
        )
        yield [row["case_id"] for row in rows]
        await connection.execute("UPDATE cases SET snoozed_until = NULL WHERE state = 'open'")


async def press(tab: Tab, key: str) -> None:
    """A key that leads to another page."""
    async with tab.page.expect_navigation(wait_until="load"):
        await tab.page.keyboard.press(key)


async def test_cases_are_decided_without_a_mouse(open_tab: Open, owner: str, cases: list[int], service: Live) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="")
    await tab.goto("/desk", whole=True)
    assert await faults_here(tab) == []
    await press(tab, "n")
    first = tab.path
    assert route_of(first) == "/desk/cases/:id"
    assert await faults_here(tab) == []
    await tab.page.keyboard.press("?")
    await expect(tab.page.locator("#desk-keys")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("1")
    await tab.page.keyboard.press("4")
    await expect(tab.page.locator("[data-digit='14']")).to_be_checked()
    await tab.page.keyboard.press("l")
    await expect(tab.page.locator("[data-chosen]")).to_contain_text("Add a note")
    await tab.page.keyboard.press("e")
    await tab.page.keyboard.type("Mind your words, please")
    await press(tab, "Control+Enter")
    assert tab.path.startswith("/desk/cases/")
    assert tab.path != first, "the next one is there at once"
    await press(tab, "u")
    assert tab.path == first
    assert "open again" in await tab.text()
    for _ in cases:
        here = tab.page.url
        await tab.page.keyboard.press("l")
        await expect(tab.page.locator("[data-chosen]")).to_contain_text("Add a note")
        await tab.page.keyboard.press("Enter")
        await expect(tab.page).not_to_have_url(here)
    await expect(tab.page).to_have_url(f"{service.url}/desk")
    assert "nothing for you to do" in await tab.text()
    async with database(service) as connection:
        decided = await connection.fetchval(
            "SELECT count(*) FROM cases WHERE id = ANY($1::bigint[]) AND action = 'label'", cases
        )
    assert decided == len(cases)


def made_ready(answer: Response) -> bool:
    """The next case, which a script asks for while one looks at this one."""
    return "/desk/cases/" in answer.url and answer.request.resource_type == "fetch"


async def test_the_next_case_stands_ready_and_nothing_that_was_said_is_lost(
    open_tab: Open, owner: str, cases: list[int], service: Live
) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="/desk")
    async with tab.page.expect_response(made_ready):
        await press(tab, "n")
    first = tab.path
    await tab.page.evaluate("window.still = true")
    await tab.page.keyboard.press("l")
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/decide")):
        await press(tab, "Enter")
    assert tab.path != first
    assert await tab.page.evaluate("window.still"), "the page was there already"
    await expect(tab.page.locator("[data-desk-said]")).to_be_visible()
    async with tab.page.expect_response(made_ready):
        await press(tab, "u")
    assert tab.path == first
    async with database(service) as connection:
        await connection.execute("UPDATE cases SET locked_id = 1 WHERE id = $1", int(first.rpartition("/")[2]))
    await tab.page.keyboard.press("e")
    await tab.page.keyboard.type("My careful words")
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("l")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("main")).to_contain_text("Somebody else has this case before them")
    await expect(tab.page.locator("main")).to_contain_text("My careful words")
    assert tab.path == first
    tab.complaints.clear()
    assert len(cases) == len(WORDS)


async def test_what_is_chosen_stays_where_somebody_else_was_faster(
    open_tab: Open, owner: str, cases: list[int], service: Live
) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="/desk")
    async with tab.page.expect_response(made_ready) as ready:
        await press(tab, "n")
    ahead = int((await ready.value).url.rpartition("/")[2])
    assert ahead in cases
    async with database(service) as connection:
        taken = "UPDATE cases SET locked_id = 1, locked_until = now() + interval '1 hour' WHERE id = $1"
        await connection.execute(taken, ahead)
    await tab.page.evaluate("window.still = true")
    await tab.page.keyboard.press("l")
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/ahead/shown")):
        await press(tab, "Enter")
    await expect(tab.page.locator("[data-desk-lost]")).to_be_visible()
    await tab.page.keyboard.press("l")
    await tab.page.keyboard.press("e")
    await tab.page.keyboard.type("My careful words")
    await expect(tab.page.locator("[data-chosen]")).to_contain_text("Add a note")
    assert await faults_here(tab, TWO) == []
    assert await tab.page.evaluate("window.still"), "the page was not loaded anew"
    await tab.page.keyboard.press("Control+Enter")
    await expect(tab.page.locator("main")).to_contain_text("Somebody else has this case before them")
    await expect(tab.page.locator("main")).to_contain_text("My careful words")
    tab.complaints.clear()


@pytest.fixture
async def campaign(service: Live, cases: list[int]) -> int:
    """One of the cases, of which there are two more things now."""
    writer = await asyncio.to_thread(service.person, f"witness{next(_numbers)}")
    made = [service.post("/api/v1/statuses", writer.token, status=f"{WORDS[0]}.").json() for _ in range(2)]
    given = {"account_id": made[0]["account"]["id"], "status_ids": [one["id"] for one in made], "comment": "These too"}
    reporter = await asyncio.to_thread(service.person, f"witness{next(_numbers)}")
    assert service.post("/api/v1/reports", reporter.token, **given).status_code == 200
    await settled(service)
    async with database(service) as connection:
        return await connection.fetchval("SELECT case_id FROM case_items WHERE item_id = $1", int(made[0]["id"]))


async def test_one_of_many_things_is_taken_out_by_keys_and_what_was_written_stays(
    open_tab: Open, owner: str, campaign: int
) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to=f"/desk/cases/{campaign}")
    await tab.page.keyboard.press("e")
    await tab.page.keyboard.type("My careful words")
    await tab.page.keyboard.press("Escape")
    for key in (".", ".", ",", "."):
        await tab.page.keyboard.press(key)
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".alike .outlier")).to_have_count(1)
    await expect(tab.page.locator(".alike li").nth(1)).to_contain_text("looked at apart")
    await expect(tab.page.locator(".alike li").nth(1).get_by_role("button")).to_be_focused()
    await expect(tab.page.locator("[data-said]")).to_have_value("My careful words")
    assert await faults_here(tab, TWO) == []
    phone = await open_tab(width=390, script=False)
    await phone.sign_in(owner, PASSWORD, to=f"/desk/cases/{campaign}")
    await phone.page.get_by_label("For the author, in your own words").fill("Written before")
    await phone.open(phone.page.get_by_role("button", name="Thing 2: like the others after all"))
    await expect(phone.page.locator(".alike .outlier")).to_have_count(0)
    await expect(phone.page.locator(".alike li")).to_have_count(3)
    await expect(phone.page.get_by_label("For the author, in your own words")).to_have_value("Written before")
    for key in ("l", "e"):
        await tab.page.keyboard.press(key)
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/decide")):
        await tab.page.keyboard.press("Control+Enter")
    await expect(tab.page).not_to_have_url(re.compile(str(campaign)))
    await tab.goto(f"/desk/cases/{campaign}")
    for key in (".", ".", "Enter"):
        await tab.page.keyboard.press(key)
    await expect(tab.page.locator(".alike li")).to_have_count(2)
    await expect(tab.page.get_by_text("waits as a case of its own")).to_be_visible()
    await tab.goto(f"/desk/cases/{campaign}")
    assert await faults_here(tab, TWO) == []


async def test_cases_are_decided_on_a_phone_without_a_script(open_tab: Open, owner: str, cases: list[int]) -> None:
    assert len(cases) == len(WORDS)
    tab = await open_tab(width=390, script=False)
    await tab.sign_in(owner, PASSWORD, to="/desk")
    await tab.open(tab.page.locator("[data-next]"))
    first = tab.path
    await tab.page.get_by_text("Mark as sensitive", exact=True).click()
    await tab.open(tab.page.locator("[data-decide] button.main"))
    assert tab.path not in (first, "/desk")
    await tab.page.locator("[data-snooze] > summary").click()
    await tab.open(tab.page.locator("[data-snooze] button"))
    assert "The case is put off" in await tab.text()


async def test_a_saved_decision_is_one_key(open_tab: Open, owner: str, cases: list[int], service: Live) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="/desk/macros")
    for name, key, at_once in (("Only a note", "f", False), ("A note, at once", "j", True)):
        await tab.page.get_by_label("Name").fill(name)
        await tab.page.get_by_label("Key", exact=True).select_option(key)
        await tab.page.get_by_label("What is done with it").select_option("label")
        await tab.page.get_by_label("For the author").fill("Mind your words, please")
        await tab.page.get_by_label("Its key decides at once").set_checked(at_once)
        await tab.press("Save")
    assert await faults_here(tab) == []
    await tab.goto("/desk")
    await press(tab, "n")
    first = tab.path
    assert await faults_here(tab) == []
    await tab.page.keyboard.press("f")
    await expect(tab.page.locator("[data-chosen]")).to_contain_text("Add a note")
    await expect(tab.page.locator("[data-said]")).to_have_value("Mind your words, please")
    assert tab.path == first, "one sees what it is before it is decided"
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/decide")):
        await press(tab, "j")
    assert tab.path != first
    async with database(service) as connection:
        (made,) = await connection.fetch(
            "SELECT action, said FROM case_decisions WHERE case_id = $1", int(first.rpartition("/")[2])
        )
        await connection.execute("DELETE FROM macros")
    assert tuple(made) == ("label", "Mind your words, please")
