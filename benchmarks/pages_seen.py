"""Pages as they are seen on a cheap phone: in Chromium, with a slow processor and a slow line.

The line is that of Lighthouse's "slow 4G", the measures are those of the Web Vitals (https://web.dev/articles/vitals).
Chromium holds back requests, not packets. Where Lighthouse has it do that, it makes up for what a request is more than
one round with 3.75 times the latency and 0.9 of the throughput (its `core/config/constants.js`): the line `APPLIED`.
"""

import os
import shutil
import statistics
from collections.abc import Mapping
from typing import Any, Final, cast

from playwright.sync_api import Browser, sync_playwright

from benchmarks.commands import tell
from benchmarks.shapes import PageSeen

SLOWER: Final = 4
Line = Mapping[str, float]
LINE: Final[Line] = {
    "latency": 150,
    "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 768_000 / 8,
}
"""Milliseconds; bytes a second."""
APPLIED: Final[Line] = {
    "latency": LINE["latency"] * 3.75,
    "downloadThroughput": LINE["downloadThroughput"] * 0.9,
    "uploadThroughput": LINE["uploadThroughput"] * 0.9,
}
REST: Final = 1500
"""Milliseconds after a page is loaded in which it may still move or be busy."""
WATCH: Final = """
window.seen = {lcp: 0, what: "", cls: 0, tbt: 0};
const watch = (type, each) => new PerformanceObserver(list => list.getEntries().forEach(each))
  .observe({type, buffered: true});
watch("largest-contentful-paint", entry => {
  seen.lcp = entry.startTime;
  seen.what = entry.element ? entry.element.tagName.toLowerCase() : "";
});
watch("layout-shift", entry => { if (!entry.hadRecentInput) seen.cls += entry.value; });
watch("longtask", entry => { seen.tbt += Math.max(0, entry.duration - 50); });
"""
ASK: Final = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const first = performance.getEntriesByName("first-contentful-paint")[0];
  return {...seen, fcp: first ? first.startTime : 0, bytes: all.reduce((sum, one) => sum + one.transferSize, 0),
    requests: all.length};
}"""


def look(url: str, cookie: str, pages: Mapping[str, str], times: int) -> tuple[list[PageSeen], str]:
    """Medians of so many looks at each, by a browser that has never been there; or why there are none."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        return [], "Chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        found: list[PageSeen] = []
        for name, path in pages.items():
            looks, applied = (
                [_look(browser, url, path, "" if path == "/" else cookie, line) for _ in range(times)]
                for line in (LINE, APPLIED)
            )
            found.append(_median(name, looks, statistics.median(one["lcp"] for one in applied)))
            tell(f"  {name}: {found[-1].lcp_ms:.0f} ms until the largest is there, {found[-1].bytes / 1024:.0f} KB")
        browser.close()
    return found, ""


def _look(browser: Browser, url: str, path: str, cookie: str, line: Line) -> dict[str, Any]:
    context = browser.new_context(base_url=url, viewport={"width": 390, "height": 844}, device_scale_factor=2)
    if cookie:
        context.add_cookies([{"name": "session", "value": cookie, "url": url}])
    page = context.new_page()
    tools = cast("Any", context.new_cdp_session(page))
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", {"offline": False, **line})
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.goto(path, wait_until="load")
    page.wait_for_timeout(REST)
    seen = cast("dict[str, Any]", page.evaluate(ASK))
    context.close()
    return seen


def _median(name: str, looks: list[dict[str, Any]], applied: float) -> PageSeen:
    def middle(key: str) -> float:
        return statistics.median(one[key] for one in looks)

    return PageSeen(
        name=name,
        fcp_ms=middle("fcp"),
        lcp_ms=middle("lcp"),
        applied_ms=applied,
        what=looks[-1]["what"],
        shift=max(one["cls"] for one in looks),
        blocked_ms=middle("tbt"),
        bytes=int(middle("bytes")),
        requests=int(middle("requests")),
    )
