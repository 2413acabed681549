"""A browser that keeps the place as an app."""

from tests.web.conftest import PASSWORD
from tests.web.tab import Tab

ACTIVE = "navigator.serviceWorker.ready.then(known => known.active.state)"


async def ready(tab: Tab, login: str) -> None:
    """Signed in as somebody of the town, with the service worker in place and what it needs."""
    await tab.sign_in(login, PASSWORD)
    assert await tab.page.evaluate(ACTIVE) in ("activated", "activating")
    for path in ("/compose", "/home"):
        await tab.kept(path)
