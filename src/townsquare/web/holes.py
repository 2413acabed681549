"""Places in a page that are filled after its template was rendered: what differs with each answer, or is bytes already.

A template gets a mark that nobody else can write. So a page whose frame is kept is put together by joining bytes.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

_SECRET: Final = secrets.token_hex(8)
_MARK: Final = re.compile(f"\x02{_SECRET}:([a-z0-9-]+)\x03")

Pieces = Sequence[bytes | str]
"""Of a page, in order: bytes stand as they are, a name is that of a hole."""


def hole(name: str) -> Markup:
    """The mark of a hole."""
    return Markup(f"\x02{_SECRET}:{name}\x03")  # noqa: S704 (a secret of this process, a name of ours)


def pieces_of(text: str) -> Pieces:
    """A rendered page, cut at its holes."""
    parts = _MARK.split(text)
    return [part if place % 2 else part.encode("utf-8", "replace") for place, part in enumerate(parts)]


def filled(pieces: Pieces, fill: Callable[[str], bytes]) -> bytes:
    """The page; each hole is asked for once, however often it stands there."""
    known: dict[str, bytes] = {}
    out: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            out.append(piece)
            continue
        if piece not in known:
            known[piece] = fill(piece)
        out.append(known[piece])
    return b"".join(out)
