"""Takes the pictures of docs/pictures anew, and those that an app shows of itself before it is installed (manifest.py):
`make pictures`. They show a service with the demo's town in it."""

import io
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.live import Live, live

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
OF_THE_APP = ROOT / "src" / "townsquare" / "web" / "static"
COLOURS = 256
"""In a picture's palette: the pages have few colours, and the file is a third of the size."""
WHO = "ottilie"
MODERATOR = "maren"
OFFERS = (
    "Honey of the Alder, half price, only today: www.example.com/honey-{0} Ask for Paul",
    "H0ney of the Alder, HALF PRICE, only today! www.example.com/h-{0} ask for Paul",
)
COMPLAINTS = {
    "paul": "This is not Paul, and it is not honey.",
    "ines": "Third time this morning. He has never stood on our market.",
    "gus": "My bees are offended.",
}
"""What is at the desk: somebody sells, under other words each time, what is not theirs."""
SETTLING: Final = 400
"""Milliseconds until scripts have said times in words; a page that listens for what is new is never quite at rest."""


class View(msgspec.Struct, frozen=True):
    """A picture of one page."""

    name: str
    path: str
    width: int
    height: int
    scale: int = 1
    """Dots of the picture for one of the page's."""
    dark: bool = False
    stranger: bool = False
    """Seen by somebody who is not signed in."""
    folder: Path = PICTURES
    follow: str = ""
    """The first link of this kind is followed before the picture is taken."""
    who: str = WHO


VIEWS = (
    View("front", "/", width=1280, height=860, stranger=True),
    View("home", "/home", width=1280, height=860),
    View("thread", "/@june", width=1280, height=860, follow="article .when a"),
    View("profile", "/@ottilie", width=820, height=900),
    View("explore", "/search?q=bees", width=820, height=900, dark=True),
    View("settings", "/settings/profile", width=1280, height=860, dark=True),
    View("phone", "/home", width=390, height=780, scale=2),
    View("phone-dark", "/tags/market", width=390, height=780, scale=2, dark=True),
    View("screen-narrow", "/home", width=390, height=780, folder=OF_THE_APP),
    View("screen-wide", "/home", width=1280, height=800, folder=OF_THE_APP),
)
DESK = View("desk", "/desk", width=1280, height=860, who=MODERATOR, follow="[data-next]")


def main() -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        sys.exit("The pictures need Chromium: take them with `make pictures`")
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory() as folder, live(Path(folder) / "data", "--set", "title=Alderbrook") as service:
        filled = service.run("demo", "--password", password)
        if filled.returncode:
            sys.exit(filled.stderr)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            for view in VIEWS:
                _take(browser, service, view, password)
            _bring_to_the_desk(service, password)
            _take(browser, service, DESK, password)
            browser.close()


def _take(browser: Browser, service: Live, view: View, password: str) -> None:
    context = browser.new_context(
        base_url=service.url,
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme="dark" if view.dark else "light",
        locale="en-GB",
    )
    page = context.new_page()
    if not view.stranger:
        _sign_in(page, view.who, password)
    page.goto(view.path, wait_until="load")
    if view.follow:
        with page.expect_navigation(wait_until="load"):
            page.locator(view.follow).first.click()
    page.wait_for_timeout(SETTLING)
    taken = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    file = view.folder / f"{view.name}.png"
    few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    sys.stdout.write(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} kB\n")


def _bring_to_the_desk(service: Live, password: str) -> None:
    role = ("--role", "moderator")
    made = service.run("account", "create", MODERATOR, "--email", "m@example.org", "--password", password, *role)
    if made.returncode:
        sys.exit(made.stderr)
    seller = service.person("paul_s_honey")
    offers = [
        service.post("/api/v1/statuses", seller.token, status=OFFERS[at % 2].format(at)).json()["id"] for at in range(6)
    ]
    for name, comment in COMPLAINTS.items():
        angry = service.person(f"{name}_from_mill_lane")
        report = {"account_id": seller.id, "status_ids": offers, "comment": comment, "category": "spam"}
        service.post("/api/v1/reports", angry.token, **report).raise_for_status()


def _sign_in(page: Page, who: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("main [name=login]", who)
    page.fill("main [name=password]", password)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


if __name__ == "__main__":
    main()
