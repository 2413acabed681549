"""How alike two pictures or films are, by what media/prints.py makes of them: of a picture a print of the whole, two
without its edges, and one of its mirror image; of a film these four of each of its scenes. A picture is as a film of
one scene.

Two films are as alike as, on the average, the scenes of the one are like what is most like them in the other; of both
directions the lesser counts. So neither the same opening nor a film that contains another makes two the same.

An index finds what is equal in a band of 16 bits. Looked for is also what differs from the whole in one bit of a band:
so of two of which at most 31 bits differ none is missed (of 16 bands one has at most one of them). What was cut or
mirrored is found by the other three, at whichever of the two it was done. Of several scenes it is enough to find one: a
film is found by what is equal in its longest ones.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from functools import cache
from statistics import fmean
from typing import Final

from townsquare.media.prints import BYTES
from townsquare.moderation.cases.prints import Print

SCHEME: Final = 1
BANDS: Final = 16
LOOKS: Final = 4
FOUND_BY: Final = 8
"""So many scenes of a film. With all of them, long films would have bands in common by chance."""
SAME: Final = 31
"""So many of 256 bits may differ of two pictures that were made of one."""
AS_SAME: Final = 0.65
"""The likeness of two of which so many differ; in between it falls evenly from 1."""
_WORDS: Final = struct.Struct(">16H")


def picture_print(kind: str, signature: bytes) -> Print:
    """Of a picture or a film. Those of things of two kinds are never alike."""
    base = _base(kind)
    parts = list(_parts(signature))[: FOUND_BY * LOOKS]
    bands = [base ^ band for part in parts for band in _bands(part)]
    near = [base ^ band ^ 1 << bit for band in _bands(parts[0]) for bit in range(16)] if len(parts) == LOOKS else []
    return Print("image", SCHEME, signature, tuple(dict.fromkeys(bands)), tuple(dict.fromkeys([*bands, *near])))


def likeness(one: bytes, other: bytes) -> float:
    """1 where all is the same, 0 where it is another picture or film."""
    ours, theirs = _scenes(one), _scenes(other)
    shares = [[_of_scenes(a, b) for b in theirs] for a in ours]
    return min(fmean(max(row) for row in shares), fmean(max(column) for column in zip(*shares, strict=True)))


def _of_scenes(one: Sequence[int], other: Sequence[int]) -> float:
    differ = min((a ^ b).bit_count() for a in one for b in other)
    return max(0.0, 1 - differ * (1 - AS_SAME) / SAME)


def _parts(signature: bytes) -> Iterator[bytes]:
    return (signature[at : at + BYTES] for at in range(0, len(signature), BYTES))


def _scenes(signature: bytes) -> list[Sequence[int]]:
    numbers = [int.from_bytes(part, "big") for part in _parts(signature)]
    return [numbers[at : at + LOOKS] for at in range(0, len(numbers), LOOKS)]


def _bands(part: bytes) -> Iterator[int]:
    return (place << 16 | value for place, value in enumerate(_WORDS.unpack(part)))


@cache
def _base(kind: str) -> int:
    """What keeps the bands of one kind, and of texts, apart from those of another."""
    return int.from_bytes(hashlib.blake2b(f"image:{kind}".encode(), digest_size=8).digest(), "little", signed=True)
