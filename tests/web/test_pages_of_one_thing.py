"""Pages about one thing, and those behind a link in a letter: everybody can use them as well (see test_every_page.py).

They are made of what other pages are made of, so it is enough to see them in two ways.
"""

import pytest

from tests.web.conftest import Open
from tests.web.ways import WAYS, Looked, Way


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_everybody_can_use_what_is_on_the_way(way: Way, open_tab: Open, owner: str) -> None:
    looked = Looked()
    await way(looked, open_tab, owner)
    assert looked.faults == []
    assert looked.routes == WAYS[way]
