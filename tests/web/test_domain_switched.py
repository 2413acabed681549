"""A place that moves to another domain, as a person with a browser sees it: all is the same, and nobody is lost."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, async_playwright

from tests.live import Live, Person, free_port, live
from tests.support.front import front
from tests.web.conftest import ARGUMENTS
from tests.web.people import settled
from tests.web.tab import Tab
from tests.web.test_passkeys import device

OLD, NEW = "https://town.example", "https://square.example"


class Switched:
    """A place at a name, with TLS before it as in the open, and a browser."""

    def __init__(self, data: Path, port: int, context: BrowserContext) -> None:
        self.data = data
        self.port = port
        self.context = context
        self.options = ("--workers", "1", "--set", "limits.enabled=false", "--set", f"public_url={OLD}")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncGenerator[Switched]:
    port = free_port()
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    async with front(tmp_path, port, "town.example", "square.example") as before, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *before.arguments])
        context = await browser.new_context(base_url=OLD, locale="en-GB")
        context.set_default_timeout(15_000)
        yield Switched(tmp_path / "data", port, context)
        await browser.close()


async def with_passkey(tab: Tab, name: str) -> None:
    """Somebody who is signed in makes one."""
    await tab.follow("Make a passkey")
    await tab.fill(password="password of keyed")
    await tab.press("Go on")
    await tab.fill(name=name)
    await tab.press("Make the passkey")
    assert name in await tab.text(".rows")


async def switch(service: Live) -> None:
    """As an operator does, for whom the old domain may be lost at any moment."""
    for command in (("add", "square.example"), ("switch", "square.example", "--force")):
        done = await asyncio.to_thread(service.run, "domain", *command)
        assert done.returncode == 0, done.stdout + done.stderr


async def test_everything_is_the_same_at_the_new_domain_and_nobody_is_locked_out(place: Switched) -> None:
    tab_of = place.context.new_page
    with live(place.data, *place.options, port=place.port) as service:
        await settled(service)
        keyed = await asyncio.to_thread(service.person, "keyed")
        said = service.post("/api/v1/statuses", keyed.token, status="Here before and after").json()
        assert said["url"] == f"{OLD}/@keyed/{said['id']}"
        tab = Tab(service, await tab_of())
        await device(tab)
        await tab.goto("/sign-in?next=/settings/passkeys")
        await tab.enter("keyed", "password of keyed")
        await with_passkey(tab, "Made at the old one")
        await switch(service)
    with live(place.data, *place.options, port=place.port) as service:
        await settled(service)
        await is_the_same(service, keyed, said)
        # A link of before, followed by a browser that was signed in there.
        await tab.page.goto(f"{OLD}/@keyed/{said['id']}")
        await tab.page.wait_for_url(f"{NEW}/@keyed/{said['id']}")
        assert "Here before and after" in await tab.text()
        assert "still signed in" in await tab.text()
        # A browser that knows nothing but the passkey, which belongs to the old domain.
        await place.context.clear_cookies()
        await tab.page.goto(f"{NEW}/sign-in?next=/settings/passkeys")
        async with tab.page.expect_navigation(url=f"{NEW}/settings/passkeys"):
            await tab.page.get_by_role("button", name="Sign in with a passkey made at town.example").click()
        assert "made at town.example" in await tab.text()
        # The device asks with it, in the place of the password, and makes one that belongs here.
        await tab.follow("Make another one")
        async with tab.page.expect_navigation():
            await tab.page.get_by_role("button", name="Use a passkey instead").click()
        await tab.fill(name="Made at the new one")
        await tab.press("Make the passkey")
        assert "Made at the new one" in await tab.text(".rows")
        # The browser offers that one by itself, and its owner says yes.
        await place.context.clear_cookies()
        async with tab.page.expect_navigation(url=f"{NEW}/home"):
            await tab.page.goto(f"{NEW}/sign-in?next=/home", wait_until="commit")
        # And who has no device with a passkey has the password.
        await place.context.clear_cookies()
        other = Tab(service, await tab_of())
        await other.page.goto(f"{NEW}/sign-in?next=/home")
        await other.enter("keyed", "password of keyed")
        await other.page.wait_for_url(f"{NEW}/home")
    assert tab.complaints + other.complaints == []


async def is_the_same(service: Live, keyed: Person, said: dict[str, str]) -> None:
    """Account, login, post and ids, as an app sees them; the addresses follow by jobs."""
    assert service.get("/api/v1/accounts/verify_credentials", keyed.token).json()["id"] == keyed.id
    await settled(service)
    now = service.get(f"/api/v1/statuses/{said['id']}", keyed.token).json()
    assert (now["id"], now["url"]) == (said["id"], f"{NEW}/@keyed/{said['id']}")
