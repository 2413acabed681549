"""The place is gone for a while, though the device has a network: what is written is not lost, and not doubled."""

import os
import signal
from pathlib import Path

from playwright.async_api import expect

from tests.live import Live, live
from tests.web.conftest import Open
from tests.web.tab import Tab

OPTIONS = ("--workers", "1", "--set", "limits.enabled=false")
FEW = ("--workers", "1", "--set", "limits.per_account=60")
"""So few requests in five minutes that somebody who goes on pressing is asked to go slower."""
WRITTEN = ["The first while it was gone", "The second while it was gone"]


def kill(service: Live) -> None:
    """As when a machine loses its power."""
    parts = [*service.processes("townsquare-http"), *service.processes("townsquare-work"), service.postgres()]
    service.process.kill()
    service.process.wait()
    for pid in parts:
        os.kill(pid, signal.SIGKILL)


async def test_what_is_written_meanwhile_is_sent_once_when_the_place_is_back(tmp_path: Path, open_device: Open) -> None:
    with live(tmp_path / "data", *OPTIONS) as service:
        service.person("ottilie")
        tab = await open_device(of=service, width=390)
        await tab.sign_in("ottilie", "password of ottilie")
        await tab.kept("/compose")
        await tab.kept("/home")
        await tab.goto("/settings/profile")
        await tab.fill(note="Written just before")
        kill(service)
        await tab.press("Save")
        await expect(tab.page.locator("[data-unsent]")).to_contain_text("It was not sent")
        await tab.goto("/home")
        await expect(tab.page.locator("[data-line=network]")).to_contain_text("The place cannot be reached right now")
        await tab.goto("/compose")
        for words in WRITTEN:
            await tab.page.locator("form[data-ready]").wait_for()
            await tab.fill(text=words)
            await tab.page.locator("[data-send]").click()
            await expect(tab.page.locator("main [name=text]")).to_have_value("")
        await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("2 posts wait to be sent")
        with live(tmp_path / "data", *FEW, port=service.port):
            await expect(tab.page.locator("[data-line=outbox]")).to_have_count(0, timeout=60_000)
            await tab.goto("/settings/profile")
            await expect(tab.page.locator("main [name=note]")).to_have_value("Written just before")
            await tab.goto("/@ottilie")
            shown = await tab.page.locator("article.post .words").all_inner_texts()
            assert sorted(shown) == WRITTEN
            await go_on_pressing(tab)


async def go_on_pressing(tab: Tab) -> None:
    """Until it is too much: it is said where it was pressed, and what is written stays."""
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.fill(text="Slowly now")
    await tab.page.evaluate("Promise.all(Array.from({ length: 60 }, () => fetch('/live/bell')))")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-problem]")).to_contain_text("A little slower, please: try again in")
    await expect(tab.page.locator("main [name=text]")).to_have_value("Slowly now")
    await expect(tab.page.locator("form[aria-busy]")).to_have_count(0)
