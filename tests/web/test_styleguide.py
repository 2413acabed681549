"""The style guide: every component in every state, and what breaks layouts, on one page."""

from tests.web.conftest import Open
from tests.web.looking import faults_of
from tests.web.visitor import Square, visitor

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
