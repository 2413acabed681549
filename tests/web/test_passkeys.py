"""Passkeys in a real browser, whose device is Chromium's own virtual one; at a name, because numbers know none."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession

from tests.live import Live, free_port, live
from tests.web.looking import faults_as
from tests.web.people import settled
from tests.web.tab import Tab

PASSWORD = "password of keyed"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """A service that is reached by a name."""
    port = free_port()
    options = ("--workers", "1", "--set", "limits.enabled=false", "--set", f"public_url=http://localhost:{port}")
    with live(tmp_path_factory.mktemp("named") / "data", *options, port=port) as running:
        running.url = f"http://localhost:{port}"
        running.person("keyed")
        yield running


@pytest.fixture
async def tab(named: Live, browser: Browser) -> AsyncGenerator[Tab]:
    await settled(named)
    context = await browser.new_context(base_url=named.url, locale="en-GB")
    context.set_default_timeout(15_000)
    opened = Tab(named, await context.new_page())
    yield opened
    assert opened.complaints == []
    await context.close()


async def device(tab: Tab, *, answers: bool = True) -> tuple[CDPSession, str]:
    """A phone that recognises its owner."""
    tools = await tab.page.context.new_cdp_session(tab.page)
    await tools.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": answers,
    }
    made = await tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return tools, made["authenticatorId"]


async def test_a_passkey_from_its_making_to_its_loss(tab: Tab) -> None:
    tools, phone = await device(tab)
    await tab.sign_in("keyed", to="/settings/passkeys")
    await tab.follow("Make a passkey")
    await tab.fill(password="wrong")
    await tab.press("Go on")
    assert "password is wrong" in await tab.text("[role=alert]")
    await tab.fill(password=PASSWORD)
    await tab.press("Go on")
    await tab.fill(name="My phone")
    await tab.press("Make the passkey")
    assert "Your passkey is ready" in await tab.text()
    assert "My phone" in await tab.text(".rows")
    kept = await tools.send("WebAuthn.getCredentials", {"authenticatorId": phone})
    assert kept["credentials"][0]["isResidentCredential"]

    await tab.become_new()
    async with tab.page.expect_navigation(url=f"{tab.service.url}/settings/passkeys"):
        # The browser offers it by itself, and its owner says yes, perhaps before the page is whole.
        await tab.page.goto("/sign-in?next=/settings/passkeys", wait_until="commit")

    await tab.become_new()
    await tab.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    await tab.goto("/sign-in?next=/settings/passkeys")
    async with tab.page.expect_navigation(url=f"{tab.service.url}/settings/passkeys"):
        await tab.page.get_by_role("button", name="Sign in with a passkey").click()
    assert "never used" not in await tab.text(".rows")

    await tab.follow("Change My phone")
    assert await faults_as(tab, "/settings/passkeys/:id") == []
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Use a passkey instead").click()
    assert "The passkey is taken away" in await tab.text()
    assert await tab.page.locator(".rows li").count() == 0


async def test_who_says_no_can_go_on_otherwise(tab: Tab) -> None:
    await device(tab, answers=False)
    await tab.goto("/sign-in")
    button = tab.page.get_by_role("button", name="Sign in with a passkey")
    await button.click()
    await asyncio.wait_for(tab.page.get_by_text("Your device asks you now").wait_for(), 10)
    await tab.goto("/sign-in")
    await tab.enter("keyed", PASSWORD)
    assert tab.path == "/home"
