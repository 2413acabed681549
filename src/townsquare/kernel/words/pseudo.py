"""Languages that nobody speaks, made of English sentences while they are shown.

One is accented and a third longer, in brackets: text without them was left out of the catalogues, and what does not fit
would not fit in German either. The other is written from right to left.
"""

import re
from collections.abc import Callable
from typing import Final

_KEPT: Final = re.compile(r"%\(\w+\)s|%%|<[^>]+>|&\w+;|https?://\S+")
_WORD: Final = re.compile(r"\w+")
_ACCENTS: Final = str.maketrans(
    "aeiouyAEIOUYcndlstrz",
    "àéîöûýÀÉÎÖÛÝçñđłšťřž",
)
_LONGER: Final = 3
"""A word more for so many."""
OPEN, CLOSE = "⟦", "⟧"
_RIGHT_TO_LEFT, _ENDED = "\u202e", "\u202c"


def accented(text: str) -> str:
    """⟦Ẁŕîţéñ ļîķé ţĥîš⟧, about a third longer; placeholders and tags as they are."""
    shown = _outside(text, lambda piece: piece.translate(_ACCENTS))
    more = "~" * (len(text.split()) // _LONGER + 2)
    return f"{OPEN}{shown}{more}{CLOSE}"


def turned(text: str) -> str:
    """Each word as if its letters ran from right to left."""
    return _outside(text, lambda piece: _WORD.sub(lambda word: f"{_RIGHT_TO_LEFT}{word[0]}{_ENDED}", piece))


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Change what is neither a placeholder nor a tag."""
    kept = _KEPT.findall(text)
    changed = [change(piece) for piece in _KEPT.split(text)]
    return "".join(piece + after for piece, after in zip(changed, [*kept, ""], strict=True))
