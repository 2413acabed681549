"""The installed app knows where else the place may be found, and believes nobody but the place."""

from playwright.async_api import expect

from tests.live import Live
from tests.web.conftest import Open
from tests.web.devices import ready

NEXT = "http://square.example"
READ = """async () => {
  const kept = await caches.match("/kept", { cacheName: "pointer" });
  return kept ? (await kept.json()).next : null;
}"""
SPOIL = """async (next) => {
  const app = document.querySelector("script[type=module][src$='/app.js']").src;
  const { learn } = await import(app.replace("app.js", "pointer.js"));
  const real = window.fetch;
  const said = await (await real("/.well-known/townsquare")).json();
  window.fetch = async () => Response.json({ ...said, pointer: { ...said.pointer, next, number: 99 } });
  await learn();
  window.fetch = real;
}"""


async def test_it_says_where_to_look_when_nothing_answers(service: Live, open_device: Open) -> None:
    added = service.run("domain", "add", NEXT)
    assert added.returncode == 0, added.stderr
    try:
        tab = await open_device()
        await ready(tab, "ottilie")
        await tab.page.wait_for_function(READ)
        await tab.page.evaluate(SPOIL, "http://thief.example")
        assert await tab.page.evaluate(READ) == NEXT
        await tab.page.context.set_offline(True)
        await tab.goto("/@nobody-has-read-this")
        await expect(tab.page.locator("[data-elsewhere]")).to_be_visible()
        await expect(tab.page.locator("[data-elsewhere] a")).to_have_attribute("href", NEXT)
        assert await tab.faults() == []
        refused = service.run("domain", "switch", NEXT, "--dry-run")
        assert (refused.returncode, "leads nowhere" in refused.stdout) == (1, True)
    finally:
        assert service.run("domain", "withdraw").returncode == 0
