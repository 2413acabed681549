"""What a browser may do with our pages: load from here and nowhere else, run nothing that stands within a page.

The names are those of OWASP's list of security headers and of CSP level 3 (https://www.w3.org/TR/CSP3/).
"""

import re
from typing import Final
from urllib.parse import urlsplit

from townsquare.kernel.http.answer import NEVER_KEPT, kept

Header = tuple[bytes, bytes]

HTML: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
NOSNIFF: Final[Header] = (b"x-content-type-options", b"nosniff")
ASK_AGAIN: Final[Header] = (b"cache-control", b"private, no-cache")
GZIP: Final[Header] = (b"content-encoding", b"gzip")
FOR_EVER: Final[Header] = (b"cache-control", b"public, max-age=31536000, immutable")
SOON: Final[Header] = (b"cache-control", b"public, max-age=60")
A_DAY: Final[Header] = (b"cache-control", b"public, max-age=86400")
FOR_A_WHILE: Final[Header] = (b"cache-control", b"public, max-age=1800, s-maxage=30")
"""For the way to a file elsewhere, whose address may hold for an hour only."""
FOR_ANYBODY: Final[tuple[Header, ...]] = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
"""For pictures: apps that run in a browser show them on their own pages."""
BOXED: Final[Header] = (
    b"content-security-policy",
    b"default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
)
"""For uploads that somebody opens on their own: nothing in them can run or load. (The style is the browser's own.)"""

_PAGE: Final[tuple[Header, ...]] = (
    HTML,
    NOSNIFF,
    (b"vary", b"Cookie, Accept-Language, Accept-Encoding"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        b"microphone=(), midi=(), payment=(), usb=(), interest-cohort=()",
    ),
)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
_HSTS: Final[Header] = (b"strict-transport-security", b"max-age=31536000")


def page_headers(
    *, https: bool, personal: bool, form_target: str = "", files: str = "", style: str = ""
) -> list[Header]:
    """Of every page. `personal`: there is something on it that is for one browser only. `form_target` is the address to
    which a form of the page may lead the browser away, `files` one from which uploads come besides here, `style` the
    style sheet that stands within it.
    """
    keeping = NEVER_KEPT if personal else ASK_AGAIN
    headers = [*_PAGE, keeping, (b"content-security-policy", _policy(form_target, files, style))]
    if https:
        headers.append(_HSTS)
    return headers


def framed_headers(*, https: bool, files: str = "") -> list[Header]:
    """Of a page that others may show in a frame: it is the same for everybody, has no forms and asks us for nothing."""
    apart = (b"vary", b"x-frame-options", b"cross-origin-opener-policy", b"cross-origin-resource-policy")
    store = f" {csp_source(files)}" if files else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{store}; media-src 'self'{store}; "
        "form-action 'none'; frame-ancestors *; base-uri 'none'"
    ).encode("ascii")
    headers = [header for header in _PAGE if header[0] not in apart]
    headers += [
        kept(60),
        (b"vary", b"Accept-Language"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"content-security-policy", policy),
    ]
    return [*headers, _HSTS] if https else headers


def _policy(form_target: str, files: str, style: str) -> bytes:
    source = f" {csp_source(form_target)}" if form_target else ""
    store = f" {csp_source(files)}" if files else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{f' {style}' if style else ''}; "
        f"img-src 'self' blob: data:{store}; "
        f"media-src 'self' blob:{store}; connect-src 'self'; "
        f"manifest-src 'self'; form-action 'self'{source}; frame-ancestors 'none'; base-uri 'none'"
    ).encode("ascii")


def csp_source(address: str) -> str:
    """An address as CSP names where it is: the origin, or where CSP has no word for that, the scheme."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("http", "https") and _HOST.fullmatch(place):
        return f"{parts.scheme}://{place}"
    return f"{parts.scheme}:"
