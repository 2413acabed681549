"""Places in a page that are filled after its template was rendered: what differs with each answer, or is bytes already.

A template gets a mark that nobody else can write. So a page whose frame is kept is put together by joining bytes.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from townsquare.web.door.packed import Part, Piece, piece

_SECRET: Final = secrets.token_hex(8)
_MARK: Final = re.compile(f"\x02{_SECRET}:([a-z0-9-]+)\x03")

Pieces = Sequence[Part | str]
"""Of a page, in order; a name is that of a hole."""


def hole(name: str) -> Markup:
    """The mark of a hole."""
    return Markup(f"\x02{_SECRET}:{name}\x03")  # noqa: S704 (a secret of this process, a name of ours)


def pieces_of(text: str) -> Pieces:
    """A rendered page, cut at its holes."""
    parts = _MARK.split(text)
    return [part if place % 2 else part.encode("utf-8", "replace") for place, part in enumerate(parts)]


def to_keep(pieces: Pieces) -> Pieces:
    """The same, packed for all who will get it."""
    return [piece(one) if isinstance(one, bytes) else one for one in pieces]


def filled(pieces: Pieces, fill: Callable[[str], Sequence[Part]]) -> list[Part]:
    """The page; each hole is asked for once, however often it stands there."""
    known: dict[str, Sequence[Part]] = {}
    out: list[Part] = []
    for one in pieces:
        if isinstance(one, (bytes, Piece)):
            out.append(one)
            continue
        if one not in known:
            known[one] = fill(one)
        out += known[one]
    return out
