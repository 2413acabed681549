"""Nothing on a page moves by itself: neither while the page comes over a slow line, nor when its scripts begin."""

import pytest

from tests.web.conftest import PASSWORD, Open

SLOWLY = {"offline": False, "latency": 0, "downloadThroughput": 18_000, "uploadThroughput": 18_000}
"""Bytes a second: what stands together on a page comes apart, and is seen so."""
WATCH = """
window.moved = [];
const told = ({ node, previousRect: one, currentRect: other }) =>
  `${(node?.outerHTML ?? node?.textContent ?? "").slice(0, 80)} from ${one.x},${one.y} to ${other.x},${other.y}`;
new PerformanceObserver((list) => list.getEntries().forEach((shift) => moved.push(...shift.sources.map(told))))
  .observe({ type: "layout-shift", buffered: true });
"""
POST = "main .feed article:has(.by a[href='/@{name}']) .when a"


@pytest.mark.parametrize("width", [390, 1440])
async def test_what_is_seen_of_a_page_stays_where_it_is(open_device: Open, width: int) -> None:
    tab = await open_device(width=width)
    await tab.sign_in("ottilie", PASSWORD)
    posts = tab.page.locator(POST.format(name="june")).first
    thread = await posts.get_attribute("href")
    assert thread
    line = await tab.page.context.new_cdp_session(tab.page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", SLOWLY)
    await tab.page.add_init_script(WATCH)
    for path in ("/home", thread, "/@june", "/"):
        await tab.goto(path, whole=True)
        assert await tab.page.evaluate("moved") == [], path
