"""One service with the demo's town in it, and one browser for all tests."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.live import Live, live
from tests.support.seaweed import free_ports
from tests.web.people import settled
from tests.web.tab import Tab

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "the town's password"
NAMES = (
    "allower", "answerer", "asker", "blocker", "chooser", "coded", "collector", "denier", "drafter", "follower",
    "forgetful", "keyed", "liker", "muter", "painter", "plain", "presser", "refuser", "roamer", "secretive", "taker",
    "typist", "unread", "unwelcome", "writer",
)  # fmt: skip
"""People beside the town's; each has the password `password of NAME`."""


@pytest.fixture(scope="session")
def translator() -> int:
    """The port at which the service looks for what translates. Nobody is there, but for those who need it."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def empty_service(tmp_path_factory: pytest.TempPathFactory, translator: int) -> Generator[Live]:
    """A service that nobody has claimed, started as people start it."""
    data = tmp_path_factory.mktemp("web") / "data"
    with live(
        data,
        "--workers",
        "1",
        "--set",
        "limits.enabled=false",
        "--set",
        "title=Alderbrook",
        "--set",
        "development=true",
        "--set",
        f"translation.url=http://127.0.0.1:{translator}",
        "--set",
        "outside.allow=127.0.0.0/8",
        "--set",
        "outside.cards=false",
        "--set",
        "moderation.jury=true",
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def service(empty_service: Live) -> Live:
    """The same, with the town and a few people more."""
    lines = "".join(f"{name},{name}@example.org,password of {name}\n" for name in NAMES)
    for made in await asyncio.gather(
        asyncio.to_thread(empty_service.run, "account", "create", "--from", "-", stdin=lines),
        asyncio.to_thread(empty_service.run, "demo", "--password", PASSWORD),
    ):
        assert made.returncode == 0, made.stderr
    await settled(empty_service)
    return empty_service


@pytest.fixture(scope="session")
def owner(service: Live) -> str:
    """The name of somebody who may open every page, with the town's password."""
    made = ("account", "create", "keeper", "--email", "keeper@example.org", "--password", PASSWORD, "--role", "owner")
    assert service.run(*made).returncode == 0
    return "keeper"


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Chromium, without a window."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "The browser tests need Chromium: run them with `make test`"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        await started.close()


Open = Callable[..., Awaitable[Tab]]


@pytest.fixture
async def open_device(service: Live, browser: Browser) -> AsyncGenerator[Open]:
    """Opens a tab of a browser that is nobody else's, for it keeps more than cookies. Its network may be lost."""
    tabs: list[Tab] = []

    async def opened(*, width: int = 1440, of: Live = service, script: bool = True) -> Tab:
        context = await browser.new_context(base_url=of.url, java_script_enabled=script, locale="en-GB")
        context.set_default_timeout(15_000)
        tabs.append(Tab(of, await context.new_page(), script=script))
        await tabs[-1].page.set_viewport_size({"width": width, "height": 900})
        return tabs[-1]

    yield opened
    for tab in tabs:
        await tab.page.context.close()
    complaints = [complaint for tab in tabs for complaint in tab.complaints]
    assert [complaint for complaint in complaints if "Failed to load resource: net::ERR_" not in complaint] == []


@pytest.fixture(scope="session")
def closed_tabs() -> dict[bool, list[Tab]]:
    """Tabs that no test uses now, with and without a script: to make one takes longer than many a test."""
    return {True: [], False: []}


@pytest.fixture
async def open_tab(service: Live, browser: Browser, closed_tabs: dict[bool, list[Tab]]) -> AsyncGenerator[Open]:
    """Opens a tab of a browser that knows nothing yet. What it complains about fails the test."""
    tabs: list[tuple[bool, Tab]] = []

    async def opened(*, width: int = 1440, script: bool = True) -> Tab:
        if not closed_tabs[script]:
            context = await browser.new_context(base_url=service.url, java_script_enabled=script, locale="en-GB")
            context.set_default_timeout(15_000)
            closed_tabs[script].append(Tab(service, await context.new_page(), script=script))
        tabs.append((script, closed_tabs[script].pop()))
        tab = tabs[-1][1]
        await tab.become_new(width=width)
        return tab

    yield opened
    for script, tab in tabs:
        closed_tabs[script].append(tab)
    assert [complaint for _, tab in tabs for complaint in tab.complaints] == []
