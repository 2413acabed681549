"""Ida reviews the place for two app stores: each point of Apple's guideline 1.2 and of Google Play's policy on user
content is shown to her on the pages that people use. Each is named by a short phrase of ours.
"""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import PASSWORD, Open
from tests.web.joining import ask_for_an_account, confirm
from tests.web.looking import faults_as
from tests.web.people import database, settled
from tests.web.stories.conftest import Show, Way
from tests.web.tab import Tab

TWO = [Way(390, True), Way(1440, False)]
"""On a phone as an app has it, and at a desk where no script runs: what is between shows nothing else of this."""


@pytest.mark.parametrize("way", TWO, indirect=True, ids=lambda way: way.name)
async def test_stores_ask(service: Live, owner: str, open_device: Open, open_tab: Open, way: Way, show: Show) -> None:
    ida = await open_device(width=way.width, script=way.script)
    nasty = f"Somebody should burn the {way.name} bakery down tonight with all of them inside"
    await asyncio.to_thread(service.person, f"brand_{way.name}")
    brand, keeper, second = [await open_tab(script=False) for _ in range(3)]
    await brand.sign_in(f"brand_{way.name}", to="")
    await keeper.sign_in(owner, PASSWORD, to="")
    await asyncio.to_thread(service.person, f"second_{way.name}", role="moderator")
    await second.sign_in(f"second_{way.name}", to="")

    await what_is_objectionable_is_defined(ida, show)
    await terms_come_before_the_first_post(ida, f"ida_{way.name}", show)
    await who_runs_it_can_be_reached(keeper, ida, show)
    await material_is_filtered(keeper, brand, ida, way, show)
    await brand.post(nasty)
    await settled(service)
    post = await content_is_reported_in_the_app(ida, nasty, show)
    await people_are_reported_in_the_app(ida, f"brand_{way.name}", show)
    await people_are_blocked(brand, ida, f"brand_{way.name}", way, show)
    await reports_are_answered_in_time(keeper, second, ida, post, show)
    await nothing_is_earned_or_bought(ida, post, show)
    await who_abuses_is_sent_away(brand, f"brand_{way.name}", show)


async def what_is_objectionable_is_defined(ida: Tab, show: Show) -> None:
    """Google Play: terms say what is objectionable, and forbid it."""
    await ida.goto("/rules")
    said = await ida.text()
    for forbidden in ("threaten anybody with violence", "attack people for what they are", "sexualise, abuse"):
        assert forbidden in said
    await show(ida, "what is forbidden")
    await ida.goto("/terms")
    assert "Do not threaten anybody" in await ida.text()


async def terms_come_before_the_first_post(ida: Tab, name: str, show: Show) -> None:
    """Google Play: terms are accepted before somebody can post."""
    sent = len(ida.service.output)
    await ida.goto("/sign-up")
    agreement = ida.page.get_by_label("I have read the terms")
    await expect(agreement).not_to_be_checked()
    assert await agreement.get_attribute("required") is not None
    await show(ida, "terms to be accepted")
    await ask_for_an_account(ida, name)
    await confirm(ida, after=sent)
    assert ida.path == "/home"


async def who_runs_it_can_be_reached(keeper: Tab, ida: Tab, show: Show) -> None:
    """Apple: an address at which one is reached is published. Also without an account one can tell of what is wrong."""

    async def publish(address: str) -> None:
        await keeper.goto("/manage/place")
        await keeper.fill(contact_email=address)
        await keeper.press("Save")

    await publish("help@example.org")
    await ida.goto("/about")
    await expect(ida.page.locator("main a[href='mailto:help@example.org']")).to_be_visible()
    await show(ida, "whom to write to")
    await publish("")  # the place is that of other tests, too
    assert await ida.goto("/report-illegal") == 200


async def material_is_filtered(keeper: Tab, brand: Tab, ida: Tab, way: Way, show: Show) -> None:
    """Apple: there is a way to filter. A program says what it finds before anybody reports it, and all readers say
    what they do not want to read.
    """
    word = f"vermin{way.name}"
    await brand.post(f"Nothing but {word} in this town")
    await settled(ida.service)
    post = brand.page.locator("article.post", has_text=word)
    path = await post.locator(".when a").first.get_attribute("href") or ""
    await keeper.goto("/manage/notice-keys")
    await keeper.fill(name=f"Words of {way.name}")
    await keeper.page.locator("[name=sender]").select_option("machine")
    await keeper.press("Make a key")
    key = await keeper.page.locator("#key").input_value()
    said = {"name": "words", "version": way.name, "score": 0.9, "policy": "hate", "status_id": path.rpartition("/")[2]}
    given = await asyncio.to_thread(ida.service.post, "/api/v1/signals", key, **said)
    assert given.json()["state"] == "open", given.text
    await settled(ida.service)
    await keeper.goto("/desk/quality")
    assert f"words {way.name}" in await keeper.text()
    await ida.goto("/filters/new")
    await ida.page.get_by_label("Word 1", exact=True).fill(word)
    await ida.page.locator("[name=action]").select_option("hide")
    await ida.press("Save")
    await ida.goto("/public/local")
    await expect(ida.page.locator("main article.post").first).to_be_attached()
    assert word not in await ida.text()
    await show(ida, "without what she filters")
    await what_a_program_is_sure_of_is_not_shown_at_all(keeper, brand, ida, key, way)


async def what_a_program_is_sure_of_is_not_shown_at_all(keeper: Tab, brand: Tab, ida: Tab, key: str, way: Way) -> None:
    """Apple: objectionable material is kept from the app: where a policy says so, nobody sees it before a person has
    looked.
    """

    async def hold_from(per_cent: str) -> None:
        await keeper.goto("/manage/policies/hate")
        await keeper.fill(acts_from=per_cent)
        await keeper.press("Save")

    await hold_from("60")
    word = f"scum{way.name}"
    await brand.post(f"Drive the {word} out of the harbour")
    await settled(ida.service)
    path = await brand.page.locator("article.post", has_text=word).locator(".when a").first.get_attribute("href") or ""
    assert await ida.goto(path) == 200
    said = {"name": "words", "version": way.name, "score": 0.95, "policy": "hate", "status_id": path.rpartition("/")[2]}
    await asyncio.to_thread(ida.service.post, "/api/v1/signals", key, **said)
    await settled(ida.service)
    assert await ida.goto(path) == 404
    await ida.goto("/public/local")
    assert word not in await ida.text()
    await hold_from("")  # the place is that of other tests, too


async def content_is_reported_in_the_app(ida: Tab, nasty: str, show: Show) -> str:
    """Apple and Google Play: what is objectionable is reported where it is read. The number of the post."""
    await ida.goto("/public/local")
    post = ida.page.locator("article.post", has_text=nasty)
    path = await post.locator(".when a").first.get_attribute("href") or ""
    await post.locator("summary[aria-label='More']").click()
    await ida.open(post.get_by_role("link", name="Report", exact=True))
    await ida.page.locator("[name=category][value=legal]").check()
    await show(ida, "a report of a post")
    await ida.press("Send the report")
    await show(ida, "the report is sent")
    await ida.open(ida.page.get_by_role("link", name="See how it stands"))
    assert "It waits to be looked at" in await ida.text()
    await show(ida, "where the outcome will stand")
    return path.rpartition("/")[2]


async def people_are_reported_in_the_app(ida: Tab, name: str, show: Show) -> None:
    """Google Play: and people, too."""
    await ida.goto(f"/@{name}")
    await ida.page.locator("main summary[aria-label='More']").first.click()
    await ida.open(ida.page.locator("main a[href^='/report?account=']").first)
    await expect(ida.page.locator("h1")).to_contain_text("Report")
    await ida.page.locator("[name=category][value=other]").check()
    await ida.fill(comment="All that they write is like this")
    await show(ida, "a report of a person")
    await ida.press("Send the report")
    await settled(ida.service)
    async with database(ida.service) as connection:
        kinds = "SELECT i.kind FROM case_items i JOIN accounts a ON a.id = i.item_id WHERE a.username = $1 AND i.open"
        assert await connection.fetchval(kinds, name) == "account"


async def people_are_blocked(brand: Tab, ida: Tab, name: str, way: Way, show: Show) -> None:
    """Apple and Google Play: who abuses is blocked by whoever is abused. Google Play: in messages between two people as
    well.
    """
    await ida.goto(f"/@{name}")
    await ida.page.locator("main summary[aria-label='More']").first.click()
    await ida.press("Block")
    await ida.goto("/public/local")
    assert f"@{name}" not in await ida.text()
    await ida.goto("/blocks")
    assert f"@{name}" in await ida.text()
    await show(ida, "blocked")
    word = f"whisper{way.name}"
    await brand.post(f"@ida_{way.name} {word}", visibility="direct")
    await settled(ida.service)
    for page in ("/messages", "/notifications"):
        await ida.goto(page)
        assert word not in await ida.text()


async def reports_are_answered_in_time(keeper: Tab, second: Tab, ida: Tab, post: str, show: Show) -> None:
    """Apple: responses are timely: within 24 hours it is decided and removed, and whoever reported is told."""
    await settled(ida.service)
    async with database(ida.service) as connection:
        number = await connection.fetchval("SELECT case_id FROM case_items WHERE item_id = $1 AND open", int(post))
        due = "SELECT due_at - opened_at FROM cases WHERE id = $1"
        assert await connection.fetchval(due, number) <= timedelta(hours=24)
        worst = "SELECT max(allowed) FROM policies WHERE severity <= 2 AND ended_at IS NULL"
        assert await connection.fetchval(worst) <= timedelta(hours=24)
    for tab in (keeper, second):
        await tab.goto(f"/desk/cases/{number}")
        facts = await tab.text(".case-facts")
        assert " due " in facts
        assert "was due" not in facts
        await show(tab, "the case at the desk")
        await tab.page.locator("[name=policy][value=violent-threat]").check()
        await tab.page.locator("[name=action][value=remove]").check()
        await tab.page.locator(".more-decided > summary").click()
        await tab.page.locator("[name=account_action][value=suspend]").check()
        await tab.press("Decide, and go on")
    await settled(ida.service)
    async with database(ida.service) as connection:
        took = """
            SELECT max(o.made_at) - min(r.created_at) FROM outcomes o
            JOIN case_reports c ON c.case_id = o.case_id JOIN reports r ON r.id = c.report_id WHERE o.case_id = $1
        """
        assert await connection.fetchval(took, number) <= timedelta(hours=24), "told, not only decided"
    await ida.goto("/settings/reports")
    assert "something was done about it" in await ida.text()
    await ida.open(ida.page.locator("main li:has(.note) a[href^='/settings/reports/']").first)
    assert "It is removed" in await ida.text()
    await show(ida, "what came of it")
    assert await faults_as(ida, "/settings/reports/:id") == []
    assert await keeper.goto(f"/p/{post}") == 404


async def nothing_is_earned_or_bought(ida: Tab, post: str, show: Show) -> None:
    """Google Play: nothing rewards objectionable behaviour with money. There is no way to pay or be paid: browsers are
    told to let no page of ours ask for money or send a form elsewhere, and no field takes a card.
    """
    for path in ("/home", "/explore", f"/p/{post}", "/settings/profile", "/about"):
        response = await ida.page.goto(path, wait_until="domcontentloaded")
        assert response is not None
        headers = await response.all_headers()
        assert "payment=()" in headers["permissions-policy"]
        assert "form-action 'self';" in headers["content-security-policy"]
        assert "frame-src" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert await ida.page.locator("[autocomplete^='cc-'], iframe").count() == 0
    await show(ida, "nothing to be bought")


async def who_abuses_is_sent_away(brand: Tab, name: str, show: Show) -> None:
    """Google Play: who abuses is removed."""
    await brand.goto("/home")
    assert brand.path != "/home"
    await brand.goto("/sign-in")
    await brand.enter(name, f"password of {name}")
    assert brand.path != "/home"
    await show(brand, "sent away")
