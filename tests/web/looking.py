"""Looking a page over as different people see it."""

from collections.abc import Iterable, Sequence

from tests.web.every_page import route_of
from tests.web.tab import Tab, View

VIEWS = (
    View("desk", asked="whole"),
    View("night", scheme="dark", asked="colours"),
    View("more contrast at night", scheme="dark", contrast="more", asked="colours"),
    View("more contrast", contrast="more", asked="colours"),
    View("from right to left at a desk", direction="rtl"),
    View("from right to left", width=390, direction="rtl"),
    View("phone", width=390, asked="sizes"),
    View("larger letters on a phone", width=390, letters="200%"),
    View("larger letters", width=1280, letters="200%"),
    View("twice as large", width=640, height=450),
    View("four times as large", width=320, height=256),
)
"""WCAG 2.2: 1.4.3 and 1.4.6 (contrast), 1.4.4 (letters twice as large), 1.4.10 (a window of 1280 pixels, four times as
large), 2.5.8 (sizes of what is pressed). In the order in which least changes from one to the next.
"""
TWO = (VIEWS[0], View("phone at night", width=390, scheme="dark", asked="whole"))
"""Enough for a page that is made of what other pages are made of."""


async def faults_of(tab: Tab, paths: Iterable[str], views: Sequence[View] = VIEWS) -> list[str]:
    """Of each of these pages, which are there, and are themselves what is seen."""
    faults: list[str] = []
    for path in paths:
        status = await tab.goto(path, whole=True)
        led = status == 200 and route_of(tab.path) != route_of(path)
        wrong = f"{path}: leads to {tab.path}" if led else f"{path}: {status}" if status != 200 else ""
        faults += [wrong] if wrong else await faults_here(tab, views)
    return faults


async def faults_here(tab: Tab, views: Sequence[View] = VIEWS) -> list[str]:
    """Of the page that is open."""
    faults: list[str] = []
    for view in views:
        await tab.see(view)
        found = await tab.faults(view.asked)
        if view.asked in ("whole", "sizes"):
            found += await tab.faults_by_keys()
        faults += [f"{view.name}: {fault}" for fault in found]
    await tab.see(VIEWS[0])
    return faults


async def faults_as(tab: Tab, route: str) -> list[str]:
    """The same, of a page of this route (see every_page.ELSEWHERE)."""
    assert route_of(tab.path) == route
    return await faults_here(tab, TWO)
