"""Nothing on a page moves by itself: neither while the page comes, in whatever pieces, nor when its scripts begin."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.web.conftest import PASSWORD, Open

IN_PIECES: Final = re.sub(
    r"^//.*\n", "", (Path(__file__).parent / "in_pieces.js").read_text(encoding="utf-8"), flags=re.MULTILINE
)


@pytest.mark.parametrize("width", [390, 1440])
async def test_what_is_seen_of_a_page_stays_where_it_is(open_device: Open, width: int) -> None:
    tab = await open_device(width=width)
    await tab.goto("/")
    moved = {"/ of a stranger": await tab.page.evaluate(IN_PIECES)}
    await tab.sign_in("ottilie", PASSWORD)
    thread = await tab.page.locator("main .feed article:has(.by a[href='/@june']) .when a").first.get_attribute("href")
    assert thread
    for path in ("/home", thread, "/@june", "/explore", "/notifications"):
        await tab.goto(path)
        moved[path] = await tab.page.evaluate(IN_PIECES)
    assert {path: what for path, what in moved.items() if what} == {}
