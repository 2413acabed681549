"""The tags of a page that somebody else wrote, read from its beginning to its end.

No tree is built: to mend one as browsers do takes quadratic time on some nestings, and a page can be written so. Here
each character is gone over a bounded number of times, whatever the page says.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape

import msgspec

MOST_TAGS = 50_000
"""Of a page; what stands beyond is not looked at."""

_TEXT_ONLY = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
"""Elements in which no tags are; all up to their end is text."""
_OPENING = re.compile(r"<(?:(?P<comment>!--)|(?P<name>[A-Za-z][^\s/>]*+))")
# A quote that is never closed is gone over once: where one fails to close, there is none like it behind.
_REST = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+'|["'])*+>?""")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+(?P<name>[^\s>/=][^\s>/=]*+)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?+"""
)
_END = re.compile(r"[\s/]*+>?")


class Element(msgspec.Struct, frozen=True):
    """A tag with its attributes; `text` of those elements that hold nothing else (title, script)."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""


def elements(page: str, names: frozenset[str]) -> Iterator[Element]:
    """The elements of these names (in lower case), in order. Comments, and tags that stand in text, are none."""
    at = 0
    for _ in range(MOST_TAGS):
        opening = _OPENING.search(page, at)
        if opening is None:
            return
        at = opening.end()
        if opening["comment"]:
            at = _after(page, "-->", at)
            continue
        name = opening["name"].lower()
        attributes: Mapping[str, str] = {}
        if name in names:
            attributes, at = _attributes(page, at)
        else:
            at = _past(_REST, page, at)
        begin = end = at
        if name in _TEXT_ONLY:
            closing = _closing(name).search(page, at)
            end, at = (len(page), len(page)) if closing is None else (closing.start(), closing.end())
        if name in names:
            yield Element(name, attributes, page[begin:end])


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes from here on, of each the first, and where the tag ends."""
    found: dict[str, str] = {}
    while one := _ATTRIBUTE.match(page, at):
        value = one["double"] or one["single"] or one["bare"] or ""
        found.setdefault(one["name"].lower(), unescape(value))
        at = one.end()
    return found, _past(_END, page, at)


def _past(pattern: re.Pattern[str], page: str, at: int) -> int:
    found = pattern.match(page, at)
    return at if found is None else found.end()


def _after(page: str, text: str, at: int) -> int:
    found = page.find(text, at)
    return len(page) if found < 0 else found + len(text)


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
