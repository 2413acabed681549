"""Links of pages made fit for the mirror: to the file that has the page, relative to where they stand; what the mirror
does not have is found at the place itself.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Final

import msgspec

from townsquare.continuity.mirror.places import address, file_of, up

ROOT: Final = "\x02top\x03"
"""Stands for the way from a page to the top of the mirror until it is known where the page stands. Nobody can write it:
what people write has no such characters (kernel.text).
"""
_LINK: Final = re.compile(r'\b(href|src|srcset|poster)="([^"]*)"')


class Linked(msgspec.Struct, frozen=True):
    """HTML with its links, and the keys of the files of people that it shows."""

    html: str
    keys: frozenset[str]


class Linker:
    """`path_of`: from the id of a post to its path, or ""; for links that name nothing but the id."""

    def __init__(self, public_url: str, path_of: Callable[[int], str]) -> None:
        self._public_url = public_url
        self._path_of = path_of
        self._known: dict[str, str] = {}

    def link(self, html: str) -> Linked:
        """All links of a piece of HTML."""
        keys: set[str] = set()

        def changed(old: str) -> str:
            new = self._known.get(old)
            if new is None:
                new = self._known[old] = escape(self._address(unescape(old)))
                if len(self._known) > MOST:
                    self._known.clear()
            if new.startswith(_MEDIA):
                keys.add(new[len(_MEDIA) :])
            return new

        def change(found: re.Match[str]) -> str:
            name, given = found[1], found[2]
            if name != "srcset":
                return f'{name}="{changed(given)}"'
            sizes = (one.partition(" ") for one in given.split(", "))
            return f'{name}="{", ".join(changed(link) + space + size for link, space, size in sizes)}"'

        return Linked(_LINK.sub(change, html), frozenset(keys))

    def _address(self, old: str) -> str:
        if not old.startswith("/"):
            return self._of_the_place(old)
        path, mark, fragment = old.partition("#")
        path, _, query = path.partition("?")
        if path.startswith("/p/") and path[3:].isdecimal():
            path = self._path_of(int(path[3:])) or path
        if path.startswith("/static/") and query.startswith("h="):
            path = f"/static/{query[2:]}/{path.removeprefix('/static/')}"
        file = file_of(path)
        if file is None:
            return f"{self._public_url}{old}"
        return f"{ROOT}{address(file)}{mark}{fragment}"

    def _of_the_place(self, old: str) -> str:
        """Tags that are named in posts are in the mirror; of people and posts that are named it is not known here."""
        start = f"{self._public_url}/tags/"
        if not old.startswith(start):
            return old
        file = file_of(old.removeprefix(self._public_url))
        return old if file is None else f"{ROOT}{address(file)}"


MOST: Final = 20_000
"""Addresses that are remembered."""
_MEDIA: Final = f"{ROOT}media/"


def placed(html: str, file: str) -> bytes:
    """A page as it stands in its file."""
    return html.replace(ROOT, up(file)).encode("utf-8", "replace")
