"""What search engines read: which pages there are, of those who let themselves be found (https://www.sitemaps.org)."""

import string
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from townsquare.kernel.errors import NotFound
from townsquare.kernel.http.answer import Answer, kept
from townsquare.kernel.ids import first_id_of, time_of
from townsquare.timelines import store_sitemap as store
from townsquare.web.door.headers import NOSNIFF
from townsquare.web.door.pages import Page
from townsquare.web.door.visitor import Visitor

LETTERS: Final = string.digits + "_" + string.ascii_lowercase
"""With which names begin: a part of the map for each."""
MOST: Final = 25_000
"""Addresses of a part; half of what search engines take."""
DAYS: Final = 366
"""So many days of posts have a part each; older ones are found from the profiles."""
PLACE: Final = ("/", "/about", "/public/local", "/explore", "/explore/people", "/terms", "/privacy")
_XML: Final = (b"content-type", b"application/xml; charset=utf-8")
_AN_HOUR: Final = kept(3600)


class Entry(msgspec.Struct, frozen=True):
    """An address, and when what is there was last changed."""

    path: str
    at: datetime | date | None = None


async def show_index(visitor: Visitor, given: Any) -> Answer:
    first = await store.first_post(visitor.db)
    today = datetime.now(UTC).date()
    since = today if first is None else max(time_of(first).date(), today - timedelta(days=DAYS))
    days = [today - timedelta(days=number) for number in range((today - since).days + 1)]
    parts = ["place", *(f"people-{letter}" for letter in LETTERS), *(f"posts-{day}" for day in days)]
    return _shown(visitor, "sitemapindex", "sitemap", [Entry(f"/sitemaps/{part}.xml") for part in parts])


async def show_part(visitor: Visitor, given: Any) -> Answer:
    kind, _, rest = visitor.values["part"].removesuffix(".xml").partition("-")
    match kind:
        case "place" if not rest:
            return _urls(visitor, [Entry(path) for path in PLACE])
        case "people" if len(rest) == 1 and rest in LETTERS:
            people = await store.people(visitor.db, rest, MOST)
            return _urls(visitor, [Entry(f"/@{one.username}", one.last_status_on) for one in people])
        case "posts":
            return _urls(visitor, await _posts(visitor, rest))
        case _:
            raise NotFound


async def _posts(visitor: Visitor, day: str) -> Sequence[Entry]:
    try:
        begin = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as error:
        raise NotFound from error
    low, high = (first_id_of(int(at.timestamp() * 1000)) for at in (begin, begin + timedelta(days=1)))
    found = await store.posts(visitor.db, low, high, MOST)
    return [Entry(f"/@{one.username}/{one.id}", one.edited_at or time_of(one.id)) for one in found]


def _urls(visitor: Visitor, entries: Iterable[Entry]) -> Answer:
    return _shown(visitor, "urlset", "url", entries)


def _shown(visitor: Visitor, whole: str, each: str, entries: Iterable[Entry]) -> Answer:
    """Paths are of names and numbers: nothing in them needs to be escaped."""
    base = visitor.settings.public_url
    lines = [
        f"<{each}><loc>{base}{one.path}</loc>{f'<lastmod>{one.at.isoformat()}</lastmod>' if one.at else ''}</{each}>"
        for one in entries
    ]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    text = "\n".join([head, *lines, f"</{whole}>", ""])
    return Answer(text.encode(), headers=[_XML, _AN_HOUR, NOSNIFF])


PAGES: Final = (
    Page("GET", "/sitemap.xml", show_index, "anybody"),
    Page("GET", "/sitemaps/:part", show_part, "anybody"),
)
