"""How alike two texts are, whatever was done to make them look different.

`comparable` takes away what those change who post one text again and again: letters of other alphabets that look the
same (Unicode TS 39), digits and signs for letters, spaces and points between letters, repeated letters, links, names;
and a letter that is written as HTML is that letter.
Emojis stay, for they can be what a text says. Of what is left, overlapping pieces of four letters are taken, and of
these a MinHash signature: the share of places at which two signatures are equal is about the share of pieces that two
texts have in common (Broder 1997). Four neighbouring values make a band; texts that are alike have a band in common,
which is what an index finds (32 bands of 4: of pairs that have half of their pieces in common 87 % are found, of those
that have two thirds 99.9 %, of those that have a fifth 5 %, which the signatures then refuse).
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from html import unescape
from importlib import import_module
from importlib.resources import files
from operator import eq
from typing import Final, Protocol, cast

import regex

from townsquare.moderation.cases.prints import Print

VALUES: Final = 128
BANDS: Final = 32
ROWS: Final = VALUES // BANDS
SEED: Final = 42
PIECE: Final = 4
SHORTEST: Final = 16
"""Letters. What is shorter is said by many people for many reasons: it is like nothing else."""

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@])@\w[\w.-]*(?:@[\w.-]+)?")
_SPACE = regex.compile(r"[^\p{L}\p{N}\p{So}]+")
_AGAIN = re.compile(r"(.)\1+")
_SIGNS: Final = str.maketrans("01!|l3€4@5$7+896", "oiiiieeaassttbgg")
"""Digits and signs that stand for letters. I, l and 1 look so much alike that they become one."""


class Sketch(Protocol):
    """What `rensa.RMinHash` makes, which has no types of its own."""

    ALGORITHM_VERSION: int

    def __call__(self, num_perm: int, seed: int) -> "Sketch":
        """A new one."""
        ...

    def update(self, items: Sequence[str]) -> None:
        """Take pieces in."""
        ...

    def digest(self) -> list[int]:
        """The smallest value of each of the permutations, 32 bits each."""
        ...


def comparable(text: str) -> str:
    """The text without what is changed to make it look different. Empty where nothing is left."""
    bare = _MENTION.sub("", _LINK.sub("", unescape(text)))
    letters = unicodedata.normalize("NFKC", bare).translate(_lookalikes()).casefold()
    plain = unicodedata.normalize("NFD", letters).translate(_SIGNS)
    return _AGAIN.sub(r"\1", _SPACE.sub("", plain))


def digest(plain: str, pictures: Sequence[bytes] = ()) -> bytes | None:
    """Of a text in its comparable form and the prints of its pictures: the same for what differs in nothing else. None
    where there is nothing.
    """
    whole = b"".join([plain.encode("utf-8", "surrogatepass"), *pictures])
    return hashlib.sha256(whole).digest() if whole else None


def prints(kind: str, plain: Sequence[str]) -> list[Print | None]:
    """Of texts in their comparable form; None for those that are too short. Things of two kinds are never alike."""
    made: list[Print | None] = []
    for text in plain:
        if len(text) < SHORTEST:
            made.append(None)
            continue
        sketch = _minhash()(num_perm=VALUES, seed=SEED)
        sketch.update([text[at : at + PIECE] for at in range(len(text) - PIECE + 1)])
        signature = b"".join(value.to_bytes(4, "little") for value in sketch.digest())
        bands = _bands(kind, signature)
        made.append(Print("text", _minhash().ALGORITHM_VERSION, signature, bands, bands))
    return made


def similarity(one: bytes, other: bytes) -> float:
    """Of two signatures: 1 where all is the same, 0 where nothing is."""
    return sum(map(eq, memoryview(one).cast("I"), memoryview(other).cast("I"))) / VALUES


def _bands(kind: str, signature: bytes) -> tuple[int, ...]:
    size = ROWS * 4
    key = kind.encode()
    return tuple(
        int.from_bytes(
            hashlib.blake2b(
                signature[at * size : (at + 1) * size], digest_size=8, key=key, salt=at.to_bytes(2, "little")
            ).digest(),
            "little",
            signed=True,
        )
        for at in range(BANDS)
    )


@cache
def _minhash() -> Sketch:
    """Loaded where prints are made, which is in the background: web processes have no need of it."""
    return cast("Sketch", import_module("rensa").RMinHash)


@cache
def _lookalikes() -> Mapping[int, str]:
    lines = (files(__package__ or "") / "lookalikes.txt").read_text(encoding="utf-8").splitlines()
    return {ord(alike): line[0] for line in lines for alike in line[2:]}
