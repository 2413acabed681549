"""Addresses in what people and programs write: also broken by mail programs, and made unusable on purpose."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import urlsplit, urlunsplit

_SCHEME: Final = re.compile(r"\bh(?:tt|xx|\*\*|__)p(s?)(?:\[?:\]?|\(:\))(?://|\[//\]|\\\\)", re.IGNORECASE)
_DOT: Final = re.compile(r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\})\s?", re.IGNORECASE)
_AT: Final = re.compile(r"\[@\]|\(@\)", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"<(?:URL:)?\s*(https?://[^<>]{1,4000}?)\s*>", re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s<>\"`{}|\\^]+", re.IGNORECASE)
_HREF: Final = re.compile(r"<a\s[^>]*?href\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_AFTER: Final = ".,;:!?'\"’”»*_"
_PAIRS: Final = {")": "(", "]": "["}


def find(text: str, host: str = "") -> list[str]:
    """All of a text, each once, in its order. `host`: addresses there are found without a scheme too."""
    plain = _AT.sub("@", _DOT.sub(".", _SCHEME.sub(lambda found: f"http{found[1].lower()}://", text)))
    return list(dict.fromkeys(_found(plain, host)))


def in_html(html: str) -> str:
    """The addresses of the links of a page, one a line."""
    return "\n".join(unescape(found[1] or found[2]) for found in _HREF.finditer(html))


def _found(text: str, host: str) -> Iterator[str]:
    """What stands in angle brackets may go over several lines (RFC 3986, appendix C)."""
    hits: list[tuple[int, str]] = []

    def take(found: re.Match[str]) -> str:
        hits.append((found.start(), "".join(found[1].split())))
        return " " * len(found[0])

    rest = _BRACKETS.sub(take, text)
    hits += [(found.start(), found[0]) for found in _URL.finditer(rest)]
    if host:
        bare = re.compile(rf"(?<![\w./@-]){re.escape(host)}/[^\s<>\"`{{}}|\\^]+", re.IGNORECASE)
        hits += [(found.start(), f"https://{found[0]}") for found in bare.finditer(rest)]
    for _, url in sorted(hits):
        yield _trimmed(url)


def _trimmed(url: str) -> str:
    """Without what belongs to the sentence around it."""
    while url:
        last = url[-1]
        if last in _AFTER or (last in _PAIRS and url.count(last) > url.count(_PAIRS[last])):
            url = url[:-1]
        else:
            break
    return url


def tidy(url: str, public_url: str) -> str:
    """As this place writes its own addresses, where it is one of them: whatever the scheme, case or `www.`"""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    ours = urlsplit(public_url)
    if parts.scheme.lower() not in ("http", "https") or parts.netloc.lower().removeprefix("www.") != ours.netloc:
        return url.strip()
    return urlunsplit((ours.scheme, ours.netloc, parts.path, parts.query, ""))
