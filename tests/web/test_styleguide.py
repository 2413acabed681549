"""The style guide: every component in every state, and what breaks layouts, on one page."""

import re
from pathlib import Path
from typing import Final

from tests.live import Live
from tests.web.conftest import Open
from tests.web.looking import faults_of
from tests.web.visitor import Square, visitor
from townsquare import web

PARTS: Final = Path(web.__file__).parent / "static" / "components.css.d"
OF_ONE_PAGE: Final = {
    "20-page": "the frame of all pages: the guide stands in it",
    "21-ways": "the ways of the frame",
    "25-neighbours": "what stands beside the column, which the guide fills",
    "50-mirror": "the mirror, which has a frame of its own",
    "60-desk": "the pages of the desk: what is on more than one of them stands in the guide",
    "60-manage": "the owner's pages, each laid out for what is on it",
    "61-case": "the page of a case",
    "62-picks": "the page of a case, and of policies",
    "62-policies": "the pages of policies",
    "63-saved-decisions": "the pages of policies",
}
"""Style sheets that lay out one page each, and are looked at there (tests/web/every_page.py)."""
ELSEWHERE: Final = {
    "for who is signed in, in the frame": {"mine", "whose", "write"},
    "for one page, as it is laid out there": {
        "checks", "clear", "between", "front-strip", "hero", "hints", "links", "many", "more-news", "panels", "people",
        "pinned", "said", "way", "word",
    },
    "a picture by the place or by others": {"emoji", "qr", "embed"},
    "a menu, which is shut": {"palette", "up"},
    "what scripts say of the whole page": {"lines"},
    "words for apps that know no quotes, which are hidden": {"quote-inline"},
    "a state between two others: it is under way": {"above", "folds", "number", "read"},
    "asked whether it is there": {"rules", "narrow", "searching"},
    "at the desk": {"letter-files", "noticed"},
}  # fmt: skip
"""Classes that are not in the guide, by why they are not."""

OUTSIDE = """() => {
  const over = (box, around) => box.left < around.left - 1 || box.right > around.right + 1;
  // What is cut off by something around it is seen no further than that reaches, which is looked at itself.
  const cut = (one, article) => {
    for (let up = one.parentElement; up !== article; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return true;
    }
    return false;
  };
  return [...document.querySelectorAll("main article")].flatMap((article) => {
    const around = article.getBoundingClientRect();
    return [...article.querySelectorAll(":scope *:not(.invisible, .unseen)")]
      .filter((one) => one.checkVisibility() && !one.closest(".sheet") && !cut(one, article))
      .filter((one) => over(one.getBoundingClientRect(), around))
      .map((one) => `${article.id}: ${one.outerHTML.slice(0, 100)}`);
  });
}"""


async def test_nothing_in_it_is_at_fault(open_tab: Open) -> None:
    tab = await open_tab()
    assert await faults_of(tab, ["/styleguide"]) == []
    for choice in ({"theme": "dark"}, {"theme": "light", "contrast": "more"}, {"theme": "dark", "contrast": "more"}):
        await tab.page.evaluate("(chosen) => Object.assign(document.documentElement.dataset, chosen)", choice)
        assert await tab.faults() == [], choice


def classes_of(style: str) -> set[str]:
    """All that the selectors of a style sheet name."""
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    return {name for one in selectors if "@" not in one for name in re.findall(r"\.([a-zA-Z][\w-]*)", one)}


def test_every_component_stands_in_it(service: Live) -> None:
    shown = {name for one in re.findall(r'class="([^"]*)"', service.get("/styleguide").text) for name in one.split()}
    parts = [part for part in PARTS.glob("*.css") if part.stem not in OF_ONE_PAGE]
    named = {name for part in parts for name in classes_of(part.read_text("utf-8"))}
    elsewhere = set[str]().union(*ELSEWHERE.values())
    assert named - shown == elsewhere
    assert {part.stem for part in PARTS.glob("*.css")} >= OF_ONE_PAGE.keys()


async def test_the_long_and_the_strange_stay_in_their_place(open_tab: Open) -> None:
    """A word of ten thousand letters, scripts of both directions, emoji, HTML that means harm; also with large text."""
    tab = await open_tab(width=390)
    await tab.goto("/styleguide", whole=True)
    for width, size in ((390, "normal"), (320, "normal"), (390, "largest"), (1440, "normal")):
        await tab.page.set_viewport_size({"width": width, "height": 900})
        await tab.page.evaluate("(size) => { document.documentElement.dataset.size = size; }", size)
        assert await tab.page.evaluate(OUTSIDE) == [], (width, size)
        assert await tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, size)
    assert "<script>alert(1)</script>" in await tab.text("#post-1033")
    assert tab.complaints == []


async def test_it_is_there_in_development_only(square: Square) -> None:
    stranger = await visitor(square)
    for path in ("/styleguide", "/styleguide/states.css"):
        assert (await stranger.get(path)).status_code == 404
