"""What a card of a link says, and which link of a post gets one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import msgspec

Kind = Literal["link", "photo", "video", "rich"]

LONGEST = 2000
"""Characters of an address that may have a card; it is a key of the database."""
FRESH = timedelta(weeks=2)
"""For so long a card holds; then the page is looked at again when somebody posts the link."""
FRESH_NOTHING = timedelta(hours=12)
"""The same for a page of which no card could be made."""
MOST_CONSIDERED = 10
"""Links of a post that are looked through for the one that gets the card."""
_TRACKING = frozenset({"fbclid", "gclid", "igshid", "igsh", "mc_cid", "mc_eid", "msclkid", "twclid", "yclid"})


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page says of itself. Texts are plain, addresses whole."""

    title: str = ""
    description: str = ""
    kind: Kind = "link"
    author_name: str = ""
    author_url: str = ""
    provider_name: str = ""
    provider_url: str = ""
    html: str = ""
    """One iframe that we have written."""
    width: int = 0
    height: int = 0
    embed_url: str = ""
    image_description: str = ""
    published_at: datetime | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `cards`. `url` is normalised; a post shows the address as its author wrote it."""

    url: str
    id: int
    details: Details
    language: str | None = None
    image_key: str | None = None
    image_url: str | None = None
    """Where the picture came from: it is fetched anew only when that has changed."""
    blurhash: str | None = None
    author_id: int | None = None
    """Whom the page names as its author, and who says that they write for its domain."""
    claimed_id: int | None = None
    """Whom the page names and who does not say so."""
    fetched_at: datetime


def normal_url(url: str) -> str | None:
    """The address under which a page is known, whoever writes it how: without the fragment, which no server sees, and
    without what only counts from where people came. None for what has no card.
    """
    try:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
            return None
        text = str(parsed.copy_with(path=parsed.path, fragment=None, query=_kept(parsed.query)))
        return text if len(text) <= LONGEST and text.isascii() else None
    except (httpx.InvalidURL, ValueError):
        return None


def _kept(query: bytes) -> bytes | None:
    text = query.decode("latin-1")
    parts = [
        part for part in text.split("&") if not part.startswith("utm_") and part.partition("=")[0] not in _TRACKING
    ]
    return "&".join(parts).encode("latin-1") or None


def chosen_link(urls: Iterable[str], ours: Iterable[str]) -> str | None:
    """The link of a post that gets a card: the first that leads to another place. `ours`: addresses of this one."""
    own = {urlsplit(address).netloc.lower() for address in ours}
    for url in list(urls)[:MOST_CONSIDERED]:
        known = normal_url(url)
        if known is not None and urlsplit(known).netloc.lower() not in own:
            return url
    return None


def domain_of(url: str) -> str:
    """The host of an address, in lower case, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def within_domain(host: str, domain: str) -> bool:
    """Whether a host is a domain or below it."""
    return host == domain or host.endswith("." + domain)


def oembed_address(endpoint: str, **given: str) -> str:
    """An oEmbed endpoint's address with parameters over those that it has."""
    parts = urlsplit(endpoint)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | given
    return parts._replace(query=urlencode(query)).geturl()
