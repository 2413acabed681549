"""By what a picture or a film is recognised again, whatever it was saved as.

The method is PDQ's (Facebook, 2019): of the picture in grey and very small the lowest frequencies, and of each whether
it is stronger than the middle one. Of two pictures that were made of one, few of the 256 bits differ: at most 31, by
the bound that PDQ recommends; of two others about 128. A picture on which nearly nothing is to be seen has none, for it
would be like all others of which that is true.

Cutting off its edge and turning it as in a mirror change all frequencies, and are what those do who do not want it to
be recognised. So four are made: of the whole, of two parts of it without its edges, and of its mirror image.

A film is recognised by pictures of it: one of each of its scenes, of those that are seen the longest. A scene is what
differs little, so it does not matter at which moment the film was cut, or how many frames a second it has now: whatever
of the other film is looked at is like one of the pictures that were taken of this one.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from operator import mul
from typing import Final

import msgspec
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
EVERY: Final = 0.5
"""Seconds after which a film is looked at again."""
SAME_SCENE: Final = 20
"""So many of the 256 bits may differ: fewer than of two copies, for a copy of its end is to be like its beginning."""
MOST_SCENES: Final = 32
"""Of a film: a long one costs no more than this to keep and to compare."""


def prints_of(picture: Image.Image) -> bytes | None:
    """The four prints of a picture in one; None for what is too flat to be told from others."""
    made = [_print(grey) for grey in _looks(on_white(picture).convert("L"))]
    return b"".join(one for one in made if one is not None) if None not in made else None


class _Scene(msgspec.Struct):
    """What was seen first of it, and how often it was seen."""

    grey: Image.Image
    bits: int
    seen: int = 1


class Scenes:
    """What is seen of a film while its frames go by."""

    def __init__(self) -> None:
        self._scenes: list[_Scene] = []
        self._next = 0.0

    def is_due(self, at: float) -> bool:
        """Whether what is shown now, so many seconds after the beginning, is to be looked at."""
        return at >= self._next

    def look(self, picture: Image.Image, at: float) -> None:
        """At one frame. What is too flat to be told from others is passed over."""
        self._next = at + EVERY
        grey = picture.convert("L")
        made = _print(grey)
        if made is None:
            return
        bits = int.from_bytes(made, "big")
        like = min(self._scenes, key=lambda one: (one.bits ^ bits).bit_count(), default=None)
        if like is not None and (like.bits ^ bits).bit_count() <= SAME_SCENE:
            like.seen += 1
            return
        if len(self._scenes) == MOST_SCENES:
            # The last of those that were seen least: so what is cut off at one end changes little of what is kept.
            self._scenes.remove(min(reversed(self._scenes), key=lambda one: one.seen))
        self._scenes.append(_Scene(grey, bits))

    def prints(self) -> bytes | None:
        """The four prints of each scene, one after the other, what was seen most first; None where nothing was seen."""
        by_length = sorted(self._scenes, key=lambda one: -one.seen)
        made = [one for scene in by_length if (one := prints_of(scene.grey)) is not None]
        return b"".join(made) or None


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
