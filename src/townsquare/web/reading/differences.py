"""What was changed in a text, word by word."""

import difflib
import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

Kind = Literal["same", "gone", "new"]
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_MOST: Final = 4000
"""Words of both texts together from which on they are shown whole: to compare longer ones takes too long."""


class Piece(msgspec.Struct, frozen=True):
    kind: Kind
    text: str


def differences(before: str, after: str) -> Sequence[Piece]:
    """The pieces of both texts in order: what stayed, what was taken away, what came in its place."""
    if before == after:
        return _joined([("same", after)])
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > _MOST:
        whole: list[tuple[Kind, str]] = [("gone", before), ("new", after)]
        return _joined(whole)
    found: list[tuple[Kind, str]] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(old[a:b])))
        else:
            found.append(("gone", "".join(old[a:b])))
            found.append(("new", "".join(new[c:d])))
    return _joined(found)


def _joined(found: Sequence[tuple[Kind, str]]) -> list[Piece]:
    return [Piece(kind, text) for kind, text in found if text]
