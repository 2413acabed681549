"""By what a picture is recognised again, whatever it was saved as.

The method is PDQ's (Facebook, 2019): of the picture in grey and very small the lowest frequencies, and of each whether
it is stronger than the middle one. Of two pictures that were made of one, few of the 256 bits differ: at most 31, by
the bound that PDQ recommends; of two others about 128. A picture on which nearly nothing is to be seen has none, for it
would be like all others of which that is true.

Cutting off its edge and turning it as in a mirror change all frequencies, and are what those do who do not want it to
be recognised. So four are made: of the whole, of two parts of it without its edges, and of its mirror image.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from operator import mul
from typing import Final

from PIL import Image, ImageFilter, ImageOps

from townsquare.media.pillow import averaged
from townsquare.media.pixels import on_white

SIDE: Final = 64
FREQUENCIES: Final = 16
BYTES: Final = FREQUENCIES * FREQUENCIES // 8
"""Of each of the four."""
EDGES: Final = (0.0, 0.03, 0.06)
"""How much of each side is left out."""
TELLING: Final = 50
"""Of 100: a picture with less in it has no print. It is PDQ's own measure, and its bound."""
STEPS: Final = 90
"""So many steps from black to white are one of these hundred."""


def prints_of(picture: Image.Image) -> bytes | None:
    """The four prints of a picture in one; None for what is too flat to be told from others."""
    made = [_print(grey) for grey in _looks(on_white(picture).convert("L"))]
    return b"".join(one for one in made if one is not None) if None not in made else None


def _looks(grey: Image.Image) -> Iterator[Image.Image]:
    width, height = grey.size
    for edge in EDGES:
        x, y = round(width * edge), round(height * edge)
        yield grey.crop((x, y, width - x, height - y))
    yield ImageOps.mirror(grey)


def _print(grey: Image.Image) -> bytes | None:
    blurred = grey.filter(ImageFilter.BoxBlur((grey.width / 256, grey.height / 256)))
    small = averaged(blurred, (SIDE, SIDE))
    rows = [small.crop((0, y, SIDE, y + 1)).tobytes() for y in range(SIDE)]
    if _detail(rows) < TELLING:
        return None
    strengths = _frequencies(rows)
    middle = sorted(strengths)[len(strengths) // 2]
    bits = 0
    for one in strengths:
        bits = bits << 1 | (one > middle)
    return bits.to_bytes(BYTES, "big")


def _detail(rows: Sequence[bytes]) -> int:
    columns = [bytes(column) for column in zip(*rows, strict=True)]
    steps = sum(abs(a - b) * 100 // 255 for lines in (rows, columns) for line in lines for a, b in pairwise(line))
    return min(100, steps // STEPS)


def _frequencies(rows: Sequence[bytes]) -> list[float]:
    """Of the discrete cosine transform (II) the lowest, without the constant ones."""
    waves = _waves()
    across = [[sum(map(mul, wave, row)) for row in rows] for wave in waves]
    return [sum(map(mul, wave, column)) for wave in waves for column in across]


@cache
def _waves() -> list[list[float]]:
    return [
        [math.cos(math.pi / SIDE * (place + 0.5) * frequency) for place in range(SIDE)]
        for frequency in range(1, FREQUENCIES + 1)
    ]
