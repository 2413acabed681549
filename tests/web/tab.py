"""A person's browser: what they do on the pages, and what is wrong with a page."""

import asyncio
import re
from pathlib import Path
from typing import Literal

import msgspec
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ConsoleMessage, Locator, Page, Response, ViewportSize

from tests.live import Live

LOOK, AXE, SEEN, PRESSED = (
    re.sub(
        r"^//.*\n", "", (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8"), flags=re.MULTILINE
    ).strip()
    for name in ("look", "axe", "seen", "pressed")
)
BY_KEYS = f"""() => {{
  const seen = {SEEN};
  const pressed = {PRESSED};
  const faults = pressed.flatMap((one) => {{
    if (!one.checkVisibility()) return [];  // of a menu, which closed when something else had the focus
    one.focus();
    if (one.tabIndex > 0) return [`before its turn: ${{one.outerHTML.slice(0, 80)}}`];
    return document.activeElement === one ? seen(one) : [`has not got the focus: ${{one.outerHTML.slice(0, 80)}}`];
  }});
  document.activeElement.blur();
  window.held.focus();
  scrollTo(0, 0);
  return faults;
}}"""
"""Where one came by a key, what is focused next is shown to have the focus as if one had come there by keys."""
KEPT = """async (path) => {
  while (!await caches.match(new URL(path, location).href, { cacheName: "pages" })) {
    await new Promise((go) => setTimeout(go, 50));
  }
}"""
TURNED = "([dir, fontSize]) => { document.dir = dir; document.documentElement.style.fontSize = fontSize; }"
Asked = Literal["whole", "colours", "sizes", "nothing"]


class View(msgspec.Struct, frozen=True):
    """How somebody sees the pages. `asked`: what of axe's rules can only be told by looking in this way."""

    name: str
    width: int = 1440
    height: int = 900
    scheme: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"
    direction: Literal["ltr", "rtl"] = "ltr"
    letters: str = "100%"
    asked: Asked = "nothing"


class Tab:
    """One tab. `complaints`: errors of scripts, breaches of the content security policy, answers of 500 and above."""

    def __init__(self, service: Live, page: Page, *, script: bool = True) -> None:
        self.service = service
        self.page = page
        self.script = script
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource: the server responded with a status of 4"
        if message.type in ("error", "warning") and not message.text.startswith(expected):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")

    async def become_new(self, *, width: int = 1440) -> None:
        """Forget everything and everybody."""
        if self.page.url.startswith("http"):
            await self.page.evaluate("localStorage.clear()")
            await self.page.goto("about:blank")  # what the last page still asks for brings no cookies any more
        await self.page.context.clear_cookies()
        self.complaints.clear()
        await self.page.set_viewport_size({"width": width, "height": 900})
        await self.page.emulate_media(color_scheme="light", contrast="no-preference", reduced_motion="no-preference")

    async def goto(self, path: str, *, whole: bool = False) -> int:
        """Open a page; its status. `whole`: with all of its pictures."""
        response = await self.page.goto(path, wait_until="load" if whole else "domcontentloaded")
        assert response is not None
        return response.status

    async def fill(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            await self.page.locator(f"main [name={name}]").first.fill(value)

    async def press(self, name: str, within: str = "main") -> None:
        """Press the button with this name, say yes if the script asks, and wait for the page that comes of it."""
        button = self.page.locator(within).get_by_role("button", name=name, exact=True).first
        asks = self.script and await button.get_attribute("data-ask") is not None
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await button.click()
            if asks:
                await self.page.locator(".asking [value=yes]").click()

    async def follow(self, name: str) -> None:
        """Follow the link with this name."""
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await self.page.get_by_role("link", name=name, exact=True).first.click()

    async def open(self, link: Locator) -> None:
        """Follow a link that is found in another way than by its name; wait for all of the page."""
        async with self.page.expect_navigation():
            await link.click()

    async def sign_in(self, login: str, password: str = "", *, to: str = "/home") -> None:
        """As somebody from the list in conftest.py, unless a password is given; then open a page. See `enter`."""
        form = await self.page.request.get("/sign-in")
        token = re.search(r'name="csrf" value="([^"]+)"', await form.text())
        assert token
        given = {"csrf": token[1], "login": login, "password": password or f"password of {login}"}
        answer = await self.page.request.post("/sign-in", form=given, max_redirects=0)
        assert answer.headers.get("location") in ("/home", "/welcome?next=%2Fhome"), await answer.text()
        if to:
            await self.goto(to)

    async def enter(self, login: str, password: str) -> None:
        """Fill in the form for signing in that is open, as people do."""
        await self.fill(login=login, password=password)
        await self.press("Sign in")

    async def post(self, text: str, **fields: str) -> None:
        """Write on the home page."""
        await self.goto("/home")
        await self.fill(text=text)
        for name, value in fields.items():
            await self.page.locator(f"main [name={name}]").select_option(value)
        await self.press("Post")

    async def kept(self, path: str) -> None:
        """Return when the browser has a page for when there is no network."""
        async with asyncio.timeout(30):
            await self.page.evaluate(KEPT, path)

    async def text(self, selector: str = "main") -> str:
        """What is to be read there."""
        return re.sub(r"\s+", " ", await self.page.locator(selector).first.inner_text())

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.service.url).partition("#")[0]

    async def see(self, view: View) -> None:
        """Look at the page that is open in this way."""
        size = ViewportSize(width=view.width, height=view.height)
        if self.page.viewport_size != size:
            await self.page.set_viewport_size(size)
        await self.page.emulate_media(color_scheme=view.scheme, contrast=view.contrast, reduced_motion="reduce")
        await self.page.evaluate(TURNED, [view.direction, view.letters])

    async def faults_by_keys(self) -> list[str]:
        """What cannot be reached by keys, or not be seen to have been. What has the focus has it again then."""
        await self.page.evaluate("() => { window.held = document.activeElement; }")
        await self.page.keyboard.press("Tab")
        return [f"{self.path}: by keys: {fault}" for fault in await self.page.evaluate(BY_KEYS)]

    async def faults(self, asked: Asked = "whole") -> list[str]:
        """What keeps somebody from using the page: see look.js and axe.js, whose answer comes by a timer of the page's,
        so it cannot be asked where no script may run.
        """
        found: list[str] = await self.page.evaluate(LOOK) if asked != "colours" else []
        if asked != "nothing" and self.script:
            if not await self.page.evaluate("Boolean(window.axe)"):
                await self.page.evaluate(AXE_SCRIPT)
            found += await self.page.evaluate(AXE, asked)
        return [f"{self.path}: {fault}" for fault in found]
