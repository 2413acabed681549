"""Pages about one thing, and those behind a link in a letter: everybody can use them as well (see test_every_page.py).

They are made of what other pages are made of, so it is enough to see them in two ways.
"""

import re
from typing import Final

from tests.web.conftest import PASSWORD, Open
from tests.web.mail import link_in_mail
from tests.web.people import settled
from tests.web.tab import Tab, View
from tests.web.test_every_page import faults_here, faults_of

VIEWS: Final = (View("desk", asked="whole"), View("phone at night", width=390, scheme="dark", asked="whole"))


async def link(tab: Tab, start: str) -> str:
    """Where the first link of the page leads whose address begins so and goes on with a number."""
    found = re.search(rf'href="({re.escape(start)}[0-9][^"]*)"', await tab.page.content())
    assert found, (tab.path, start)
    return found[1].replace("&amp;", "&")


async def test_what_is_somebodys_own(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="/lists")
    await tab.fill(title="Neighbours")
    await tab.press("Make the list")
    there = tab.path.removesuffix("/people")
    paths = [there, f"{there}/edit", f"{there}/people"]
    await tab.goto("/filters/new?word=parsnips")
    await tab.press("Save")
    paths.append(await link(tab, "/filters/"))
    await tab.goto("/@collector/collections")
    await tab.fill(name="Who bakes")
    await tab.press("Make the collection")
    paths.append(tab.path)
    await tab.post("A post of my own")
    mine = await link(tab, "/@collector/")
    paths += [await link(tab, "/posts/"), f"/posts/{mine.rpartition('/')[2]}/filter"]
    assert await faults_of(tab, paths, VIEWS) == []


async def test_what_is_about_somebody_else(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("collector", to="/@june")
    june = (await link(tab, "/people/")).rpartition("/")[0]
    report = await link(tab, "/report?account=")
    faults = await faults_of(tab, [f"{june}/lists", f"{june}/mute", f"{june}/note", report], VIEWS)
    await tab.goto(report)
    await tab.page.locator("main [name=category]").first.check()
    await tab.press("Send the report")
    assert tab.path.startswith("/report/sent")
    faults += await faults_here(tab, VIEWS)
    await settled(tab.service)
    await tab.goto("/messages/new?to=june")
    await tab.fill(text="Is there bread left?")
    await tab.press("Send")
    assert tab.path.startswith("/messages/")
    faults += await faults_here(tab, VIEWS)
    assert faults == []


async def test_what_is_kept_apart(open_tab: Open) -> None:
    tab, liker = await open_tab(), await open_tab()
    await tab.sign_in("collector", to="/notifications/policy")
    await tab.page.locator("[name=for_not_following]").select_option("filter")
    await tab.press("Save")
    await liker.sign_in("liker", to="")
    await liker.post("@collector Good morning to you")
    await settled(tab.service)
    await tab.goto("/notifications/requests")
    assert await faults_of(tab, [await link(tab, "/notifications/requests/")], VIEWS) == []


async def test_what_somebody_outside_is_told_of_their_notice(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/report-illegal")
    await tab.page.locator("main [name=kind]").first.check()
    await tab.page.locator("main [name=sure]").check()
    reason = "It says when and where they mean to come with knives."
    await tab.fill(urls=f"{tab.service.url}/@june", reason=reason, name="Ada Example", email="ada@example.org")
    await tab.press("Send the notice")
    assert tab.path.startswith("/notices/")
    assert await faults_here(tab, VIEWS) == []
    await settled(tab.service)


async def test_what_a_letter_leads_to(open_tab: Open) -> None:
    tab = await open_tab()
    sent = len(tab.service.output)
    await tab.goto("/forgotten")
    await tab.fill(email="collector@example.org")
    await tab.press("Send the link")
    await tab.goto(await link_in_mail(tab.service, "/reset/", after=sent))
    assert await tab.page.locator("main input[type=password]").count() == 1
    assert await faults_here(tab, VIEWS) == []


async def test_what_the_staff_have_to_do_with(open_tab: Open, owner: str) -> None:
    tab = await open_tab()
    await tab.sign_in(owner, PASSWORD, to="/manage/announcements")
    await tab.fill(text="The fountain runs again.")
    await tab.press("Announce")
    paths = ["/manage/audit/check", "/manage/blocks/providers", "/manage/blocks/addresses"]
    paths.append(await link(tab, "/manage/announcements/"))
    await tab.goto("/desk/macros")
    await tab.fill(name="Honey again")
    await tab.press("Save")
    paths.append(await link(tab, "/desk/macros/"))
    assert await faults_of(tab, paths, VIEWS) == []
    await tab.goto("/manage/announcements")
    await tab.press("Take back")
