"""No page is forgotten when pages are looked over: each is in one of the lists, or is not looked at for a reason."""

from collections import Counter
from pathlib import Path

from tests.web import every_page
from tests.web.every_page import route_of
from tests.web.ways import WAYS
from townsquare.web.all_pages import PAGES

ROOT = Path(__file__).parents[2]


def test_every_page_is_looked_at_or_there_is_a_reason() -> None:
    opened = {route_of(path) for path in (*every_page.ANYBODY, *every_page.SIGNED_IN, *every_page.MANAGE)}
    looked_at = opened.union(every_page.FOUND, every_page.ELSEWHERE, *WAYS.values())
    pages = {page.path for page in PAGES if page.method == "GET"}
    assert pages - looked_at == every_page.NOT_LOOKED_AT.keys()
    assert looked_at - {page.path for page in PAGES} == set()


def test_what_is_looked_at_elsewhere_is_named_there() -> None:
    for route, file in every_page.ELSEWHERE.items():
        assert f'"{route}"' in (ROOT / file).read_text(encoding="utf-8"), route


def test_nothing_is_looked_at_twice_as_the_same_person() -> None:
    for paths in (every_page.ANYBODY, every_page.SIGNED_IN, every_page.MANAGE):
        assert [path for path, times in Counter(paths).items() if times > 1] == []
