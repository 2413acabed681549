"""Takes the pictures of docs/pictures anew, and those that an app shows of itself before it is installed (manifest.py):
`make pictures`. They show a service with the demo's town in it."""

import io
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.live import PATIENCE, Live, live

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
PAGES = PICTURES / "pages"
OF_THE_APP = ROOT / "src" / "townsquare" / "web" / "static"
ADDRESS = "http://alderbrook.example"
"""Of the town, as its pages say it; the browser finds it where the service is."""
COLOURS = 256
"""In a picture's palette: the pages have few colours, and the file is a third of the size."""
WHO = "ottilie"
MODERATOR = "hannah"
OWNER = "townhall"
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
MESSAGES = {
    "yuki": f"@{WHO} The parcel of books is here. Shall I keep it dry until Thursday?",
    "arlo": f"@{WHO} Have you still got the one about drainage? Somebody in the café asked.",
}
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
    who: str = WHO
    """Who sees it; empty: somebody who is not signed in."""
    folder: Path = PICTURES
    follow: str = ""
    """The first link or button of this kind is followed before the picture is taken."""


class Shown(msgspec.Struct, frozen=True):
    """A page of the gallery."""

    name: str
    words: str
    path: str
    who: str = WHO
    follow: str = ""


VIEWS = (
    View("front", "/", width=1280, height=860, who=""),
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
SIZES: Final = ((390, 844), (820, 1000), (1440, 900))
GALLERY = (
    Shown("front", "The front page, as strangers see it", "/", who=""),
    Shown("about", "What the place is, its rules, and who looks after it", "/about", who=""),
    Shown("sign-up", "Making an account", "/sign-up", who=""),
    Shown("home", "Home: a box to write in, and the posts of those whom one follows", "/home"),
    Shown("compose", "Writing", "/compose"),
    Shown("thread", "A thread", "/@june", follow="article .when a"),
    Shown("profile", "A profile", "/@june"),
    Shown("media", "The pictures of somebody", "/@ines/media"),
    Shown("explore", "What is talked about", "/explore"),
    Shown("people", "People whom one may want to follow", "/explore/people"),
    Shown("search", "A search", "/search?q=bees"),
    Shown("notifications", "Notifications", "/notifications"),
    Shown("messages", "Messages", "/messages"),
    Shown("lists", "Lists", "/lists"),
    Shown("filter", "A filter", "/filters/new?word=rain"),
    Shown("settings", "The profile, in the settings", "/settings/profile"),
    Shown("appearance", "How the pages look, in the settings", "/settings/appearance"),
    Shown("manage", "The owner's overview", "/manage", who=OWNER),
    Shown("place", "The name and the look of the place", "/manage/place", who=OWNER),
    Shown("health", "How the service is", "/manage/health", who=OWNER),
    Shown("audit", "The audit log", "/manage/audit", who=OWNER),
    Shown("missing", "Where nothing is", "/nowhere", who=""),
    Shown("offline", "Without a network", "/offline", who=""),
)
"""Every one is taken at each of SIZES, by day and by night."""
AT_THE_DESK = Shown("desk", "A case at the desk", "/desk", who=MODERATOR, follow="[data-next]")


def main() -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        sys.exit("The pictures need Chromium: take them with `make pictures`")
    password = secrets.token_urlsafe(12)
    options = ("--set", "title=Alderbrook", "--set", f"public_url={ADDRESS}")
    with tempfile.TemporaryDirectory() as folder, live(Path(folder) / "data", *options) as service:
        _run(service, "demo", "--password", password)
        _run(service, "account", "role", OWNER, "owner")
        _run(service, "account", "role", MODERATOR, "moderator")
        with sync_playwright() as playwright:
            where = f"--host-resolver-rules=MAP {ADDRESS.partition('://')[2]}:80 127.0.0.1:{service.port}"
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", where])
            take = partial(_take, {}, browser, password)
            for view in VIEWS:
                take(view)
            _write_to_somebody(browser, password)
            _wait_for_trends(service)
            for view in _gallery(GALLERY):
                take(view)
            _bring_to_the_desk(service)
            for view in (DESK, *_gallery([AT_THE_DESK])):
                take(view)
            browser.close()
    (PICTURES / "README.md").write_text(_index(), encoding="utf-8")


def _gallery(pages: Sequence[Shown]) -> list[View]:
    """By size and scheme, so that one browser's sign-in serves all that follow each other."""
    return [
        View(
            f"{one.name}-{width}{'-dark' if dark else ''}", one.path, width, height, 1, dark, one.who, PAGES, one.follow
        )
        for width, height in SIZES
        for dark in (False, True)
        for one in pages
    ]


def _index() -> str:
    """What docs/pictures/README.md says: each page by day and by night, in every width."""
    said = [
        "# The pages in pictures",
        "The demonstration town, on a phone, a tablet and a desk (`make pictures`).",
        "The steps of the stories that the tests tell are not kept here: `make stories` leaves a picture of each in "
        "`build/stories`, by story, screen and step.",
    ]
    for one in (*GALLERY, AT_THE_DESK):
        said.append(f"## {one.words}")
        said += [" ".join(_shown(one, width, scheme) for width, _ in SIZES) for scheme in ("", "-dark")]
    return "\n\n".join(said) + "\n"


def _shown(one: Shown, width: int, scheme: str) -> str:
    when = "by night" if scheme else "by day"
    return f'<img src="pages/{one.name}-{width}{scheme}.png" height="300" alt="{one.words}, {width} px wide, {when}">'


def _take(open_pages: dict[object, Page], browser: Browser, password: str, view: View) -> None:
    """`open_pages`: browsers that are signed in already, by how they show pages and to whom."""
    as_whom = (view.width, view.height, view.scale, view.dark, view.who)
    page = open_pages.get(as_whom)
    if page is None:
        page = open_pages[as_whom] = _opened(browser, password, view)
    page.goto(view.path, wait_until="load")
    if view.follow:
        with page.expect_navigation(wait_until="load"):
            page.locator(view.follow).first.click()
    page.wait_for_timeout(SETTLING)
    taken = Image.open(io.BytesIO(page.screenshot()))
    view.folder.mkdir(exist_ok=True)
    file = view.folder / f"{view.name}.png"
    few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    sys.stdout.write(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} kB\n")


def _opened(browser: Browser, password: str, view: View) -> Page:
    context = browser.new_context(
        base_url=ADDRESS,
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme="dark" if view.dark else "light",
        locale="en-GB",
        service_workers="block",
    )
    page = context.new_page()
    if view.who:
        _sign_in(page, view.who, password)
    return page


def _run(service: Live, *command: str) -> None:
    done = service.run(*command)
    if done.returncode:
        sys.exit(done.stderr)


def _bring_to_the_desk(service: Live) -> None:
    seller = service.person("paul_s_honey")
    offers = [
        service.post("/api/v1/statuses", seller.token, status=OFFERS[at % 2].format(at)).json()["id"] for at in range(6)
    ]
    for name, comment in COMPLAINTS.items():
        angry = service.person(f"{name}_from_mill_lane")
        report = {"account_id": seller.id, "status_ids": offers, "comment": comment, "category": "spam"}
        service.post("/api/v1/reports", angry.token, **report).raise_for_status()


def _write_to_somebody(browser: Browser, password: str) -> None:
    for name, words in MESSAGES.items():
        page = _opened(browser, password, View(name, "/messages", 1280, 860, who=name))
        page.goto(f"/messages/new?to={WHO}")
        page.fill("main [name=text]", words)
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name="Send", exact=True).click()
        page.context.close()


def _wait_for_trends(service: Live) -> None:
    """What many talk about is worked out once in a minute."""
    deadline = time.monotonic() + PATIENCE
    while not service.get("/api/v1/trends/statuses").json():
        if time.monotonic() > deadline:
            sys.exit("Nothing trends in the demonstration town")
        time.sleep(1)


def _sign_in(page: Page, who: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("main [name=login]", who)
    page.fill("main [name=password]", password)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


if __name__ == "__main__":
    main()
