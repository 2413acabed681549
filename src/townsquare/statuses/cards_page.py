"""What a page says of itself for those who link to it: OpenGraph, Twitter's cards, JSON-LD, plain HTML. No I/O.

https://ogp.me, https://schema.org/NewsArticle, https://oembed.com#section4
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx
import msgspec

from townsquare.kernel.text import valid_language
from townsquare.kernel.text.markup import elements
from townsquare.kernel.text.normalise import repaired
from townsquare.statuses.cards_model import LONGEST, Details

TITLE, DESCRIPTION, NAME = 500, 1500, 200
"""Characters that are kept."""
LARGEST_SIDE: Final = 10_000
_WANTED: Final = frozenset({"html", "title", "meta", "link", "script"})
_ARTICLES: Final = frozenset({"NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "AnalysisNewsArticle"})
_PAGES: Final = frozenset({"WebPage", "VideoObject"})
_MOST_SCRIPTS: Final = 20
_MOST_OBJECTS: Final = 500
_JUNK: Final = re.compile(
    r"^\s*(?:/\*\s*)?(?://\s*)?<!\[CDATA\[\s*(?:\*/)?|(?:/\*\s*)?(?://\s*)?\]\]>\s*(?:\*/)?\s*\Z|^\s*<!--|-->\s*\Z"
)
"""In what publishers wrap their JSON."""

Json = Mapping[str, Any]
NOTHING: Final[Json] = {}


class Endpoint(msgspec.Struct, frozen=True):
    """Where a page's oEmbed stands."""

    url: str
    xml: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read. Addresses are whole."""

    details: Details
    language: str | None = None
    image_url: str | None = None
    canonical: str | None = None
    """The page's own word for its address, of the same host."""
    creator: str = ""
    """The handle of its author in the Fediverse, as it stands there."""
    player: str | None = None
    media_type: str = ""
    """OpenGraph's word for what the page is: `article`, `video.other` …"""
    oembed: Endpoint | None = None


class _Read(msgspec.Struct, frozen=True):
    """The tags, sorted: of each name the first."""

    meta: dict[str, str]
    links: dict[str, str]
    oembed: dict[str, str]
    data: list[Json]
    titles: list[str]
    languages: list[str]


def read_page(html: str, url: str) -> Page:
    """`url` is where the page was found in the end."""
    read = _read(html)
    meta = read.meta
    data = next((one for kinds in (_ARTICLES, _PAGES) for one in read.data if _kinds(one) & kinds), NOTHING)

    def first(*names: str) -> str:
        return next((meta[name] for name in names if meta.get(name, "").strip()), "")

    author = _first(data.get("author"))
    details = Details(
        title=line(
            _text(data.get("headline")) or first("og:title", "twitter:title") or next(iter(read.titles), ""), TITLE
        ),
        description=line(
            _text(data.get("description")) or first("og:description", "twitter:description", "description"), DESCRIPTION
        ),
        author_name=line(_name(author) or _no_address(first("og:author", "author", "article:author")), NAME),
        author_url=whole(url, _address(author)) or "",
        provider_name=line(_name(_first(data.get("publisher"))) or first("og:site_name"), NAME),
        image_description=line(first("og:image:alt", "twitter:image:alt"), DESCRIPTION),
        width=side(first("twitter:player:width", "og:video:width")),
        height=side(first("twitter:player:height", "og:video:height")),
        embed_url=whole(url, first("twitter:player:stream")) or "",
        published_at=moment_of(_text(data.get("datePublished")) or first("article:published_time")),
    )
    return Page(
        details=details,
        language=_language(data, first("og:locale"), read.languages),
        image_url=whole(
            url, first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
        )
        or whole(url, _image(data.get("image"))),
        canonical=_same_host(url, whole(url, read.links.get("canonical", "") or first("og:url"))),
        creator=first("fediverse:creator").strip()[:NAME],
        player=whole(url, first("twitter:player")) or _video(url, meta),
        media_type=(first("og:type") or first("twitter:card")).strip().lower()[:NAME],
        oembed=_endpoint(url, read.oembed),
    )


def _read(html: str) -> _Read:
    read = _Read({}, {}, {}, [], [], [])
    scripts = 0
    for one in elements(html, _WANTED):
        given = one.attributes
        match one.name:
            case "meta":
                for name in (given.get("property", ""), given.get("name", "")):
                    read.meta.setdefault(name.strip().lower(), given.get("content", ""))
            case "link":
                read.oembed.setdefault(given.get("type", "").strip().lower(), given.get("href", ""))
                for word in given.get("rel", "").lower().split():
                    read.links.setdefault(word, given.get("href", ""))
            case "title":
                read.titles.append(unescape(one.text))
            case "html":
                read.languages.append(given.get("lang", ""))
            case _:
                if given.get("type", "").strip().lower() == "application/ld+json" and scripts < _MOST_SCRIPTS:
                    scripts += 1
                    read.data.extend(_structured(one.text))
    return read


def _structured(text: str) -> Iterator[Json]:
    """The objects of a script of JSON-LD; none where it is broken, as some are."""
    try:
        decoded = msgspec.json.decode(_JUNK.sub("", text.strip()).strip())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return
    waiting, seen = [decoded], 0
    while waiting and seen < _MOST_OBJECTS:
        seen += 1
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting.extend(cast("list[Any]", one))
        elif isinstance(one, dict):
            found = cast("Json", one)
            yield found
            waiting.append(found.get("@graph"))


def _kinds(data: Json) -> set[str]:
    kind = data.get("@type")
    return {one for one in (cast("list[Any]", kind) if isinstance(kind, list) else [kind]) if isinstance(one, str)}


def _first(value: Any) -> Any:
    many = cast("list[Any]", value) if isinstance(value, list) else [value]
    return many[0] if many else None


def _text(value: Any) -> str:
    one = _first(value)
    return unescape(one) if isinstance(one, str) else ""


def _name(value: Any) -> str:
    """Of a person or a publisher, who may be an object or only a name."""
    return _text(cast("Json", value).get("name")) if isinstance(value, Mapping) else _text(value)


def _address(value: Any) -> str:
    """Of somebody or something that is an object with an address."""
    return _text(cast("Json", value).get("url")) if isinstance(value, Mapping) else ""


def _image(value: Any) -> str:
    one = _first(value)
    return _address(one) or _text(one)


def _language(data: Json, locale: str, languages: Sequence[str]) -> str | None:
    said = _first(data.get("inLanguage"))
    if isinstance(said, Mapping):
        spoken = cast("Json", said)
        said = spoken.get("alternateName") or spoken.get("name")
    for text in (said if isinstance(said, str) else "", locale, *languages[:1]):
        if code := valid_language(text):
            return code
    return None


def _video(url: str, meta: Mapping[str, str]) -> str | None:
    """OpenGraph's player, where it is a page and not a file."""
    if meta.get("og:video:type", "").strip().lower() != "text/html":
        return None
    return whole(url, meta.get("og:video:secure_url") or meta.get("og:video:url") or meta.get("og:video") or "")


def _endpoint(url: str, links: Mapping[str, str]) -> Endpoint | None:
    for kind, xml in (("application/json+oembed", False), ("text/xml+oembed", True), ("application/xml+oembed", True)):
        if found := whole(url, links.get(kind, "")):
            secure = found.startswith("http://") and url.startswith("https://")
            return Endpoint("https://" + found.removeprefix("http://") if secure else found, xml)
    return None


def _same_host(url: str, other: str | None) -> str | None:
    """A page may name another address of its own, not one of somebody else."""
    return other if other is not None and urlsplit(other).netloc == urlsplit(url).netloc else None


def _no_address(text: str) -> str:
    return "" if "://" in text else text


def whole(base: str, link: str) -> str | None:
    """A link of a page as an address of the web; None for what is none."""
    text = link.strip()
    if not text or text == "null" or len(text) > LONGEST:
        return None
    try:
        joined = httpx.URL(base).join(text)
    except (httpx.InvalidURL, ValueError):
        return None
    if joined.scheme not in ("http", "https") or not joined.host or joined.userinfo:
        return None
    found = str(joined)
    return found if len(found) <= LONGEST else None


def line(text: str, most: int) -> str:
    """One line of at most so many characters."""
    words = " ".join(repaired(text[: most * 4]).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def side(value: Any) -> int:
    """Pixels of a width or height, as a number or in a text; 0 for what is none."""
    try:
        number = int(float(value)) if isinstance(value, int | float | str) and value != "" else 0
    except (ValueError, OverflowError):
        return 0
    return number if 0 < number <= LARGEST_SIDE else 0


def moment_of(text: str) -> datetime | None:
    """A time of ISO 8601, in UTC where it does not say where; None for what is none."""
    try:
        at = datetime.fromisoformat(text.strip()[:40])
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None
