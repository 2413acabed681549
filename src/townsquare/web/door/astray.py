"""Requests that come to a domain at which the place was before: what a browser asks for is at the present one.

Pages and files, and what apps read without signing in, lead there for good. What is written, what an app asks with its
token (which it would not send on to another domain), sockets, and what programs look up here are answered as before; so
is what a page asks for that stands open here still: it may ask no other domain.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from townsquare.kernel.domains import host_of
from townsquare.kernel.http.answer import Answer
from townsquare.kernel.http.endpoint import Scope, Sendable, header
from townsquare.kernel.http.gate import ALWAYS, SAFE
from townsquare.kernel.settings import Settings
from townsquare.web.door import cookies

ARRIVE: Final = "/arrive"
CARRY: Final = "/carry"
OUTBOX: Final = "/outbox"
"""What was written without a network waits where it was written: another domain cannot look into it."""
HERE: Final = frozenset({CARRY, OUTBOX, "/sw.js", "/oauth/token", "/oauth/revoke"}) | ALWAYS
"""Addresses that belong to the domain at which they are asked for."""
_BELOW: Final = ("/.well-known/", "/static/", "/api/v1/streaming")
KEPT: Final = "max-age=300"
"""For so long a browser remembers where it was led: a place may come back."""


def leading(settings: Settings) -> Callable[[Scope], Sendable | None]:
    """Where a request is led to; None where it is answered."""

    def lead(scope: Scope) -> Sendable | None:
        if not settings.former_urls or scope["method"] not in SAFE:
            return None
        host = (header(scope, b"host") or "").lower()
        number = next((n for n, url in enumerate(settings.former_urls) if host_of(url).lower() == host), None)
        if number is None or host == settings.domain.lower() or _stays(scope):
            return None
        query = scope["query_string"].decode("latin-1")
        rest = quote(scope["path"], safe="/@:~!$&'()*+,;=") + (f"?{query}" if query else "")
        if _is_page(scope["path"]) and _signed_in(scope, settings.former_urls[number]):
            there = f"{settings.public_url}{ARRIVE}?former={number}&next={quote(rest, safe='')}"
            return Answer(b"", status=303).header("location", there).header("cache-control", "no-store")
        answer = Answer(b"", status=308).header("location", settings.public_url + rest)
        return answer.header("cache-control", KEPT).header("vary", "cookie, authorization")

    return lead


def _stays(scope: Scope) -> bool:
    path: str = scope["path"]
    return path in HERE or path.startswith(_BELOW) or bool(header(scope, b"authorization")) or _of_a_page(scope)


def _of_a_page(scope: Scope) -> bool:
    return header(scope, b"sec-fetch-site") == "same-origin" and header(scope, b"sec-fetch-mode") != "navigate"


def _is_page(path: str) -> bool:
    return not path.startswith(("/api/", "/oauth/", "/media/", "/ap/", "/nodeinfo/"))


def _signed_in(scope: Scope, url: str) -> bool:
    https = url.startswith("https://")
    return cookies.SESSION in cookies.read(header(scope, b"cookie"), https=https)
