"""How a story is told: by whom on which screen, with pictures of its steps for who wants to look at them."""

import os
import re
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path

import msgspec
import pytest

from tests.live import Live, live
from tests.web.tab import Tab

PICTURES = os.environ.get("STORY_PICTURES", "")
"""The folder for pictures of each step; none are taken without."""


class Way(msgspec.Struct, frozen=True):
    """How somebody comes: on a screen so wide, with or without scripts."""

    width: int
    script: bool

    @property
    def name(self) -> str:
        """Also good as a part of a username."""
        return ("phone" if self.width < 800 else "desk") + ("" if self.script else "_plain")


WAYS = [Way(390, True), Way(1440, True), Way(390, False), Way(1440, False)]
Show = Callable[[Tab, str], Awaitable[None]]


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    return request.param


@pytest.fixture
def show(request: pytest.FixtureRequest, way: Way) -> Show:
    """Keeps a picture of what a tab shows at this step, where pictures are wanted."""
    story = re.sub(r"^test_|\[.*", "", request.node.name)
    folder = Path(PICTURES) / story / way.name
    steps = iter(range(1, 100))

    async def shown(tab: Tab, step: str) -> None:
        if PICTURES:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{next(steps):02} {step}.png"
            await tab.page.screenshot(path=file, animations="disabled")

    return shown


@pytest.fixture
def unclaimed(tmp_path: Path) -> Generator[Live]:
    """A service of its own that nobody has claimed yet."""
    with live(tmp_path / "data", "--workers", "1") as running:
        yield running
