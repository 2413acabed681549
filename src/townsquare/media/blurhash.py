"""BlurHash: a blurred likeness of a picture in some thirty characters, shown until the picture has come.

The algorithm of https://github.com/woltapp/blurhash/blob/master/Algorithm.md, with the cosine transform done along the
rows and then along the columns, which is some ten times less work than the formula as it is written.
"""

import math
from functools import cache

from PIL import Image

from townsquare.media.pillow import averaged

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
COMPONENTS = 4
"""Along each side, as Mastodon has it."""
SIDE = 32
"""Pixels along each side of what is transformed; more would change no digit that matters."""
KNEE = 0.04045
"""Below it sRGB is a straight line."""

Colour = tuple[float, float, float]


def blurhash(image: Image.Image) -> str:
    """Of a picture of any mode and size; transparent parts count as white."""
    tiny = averaged(image.convert("RGBA"), (SIDE, SIDE))
    flat = Image.alpha_composite(Image.new("RGBA", tiny.size, "white"), tiny).convert("RGB")
    (average, *details) = zip(*(_transform(flat.getchannel(band).tobytes()) for band in "RGB"), strict=True)
    return _write(average, details)


@cache
def _linear() -> list[float]:
    """Light of each sRGB byte (IEC 61966-2-1)."""
    values = [byte / 255 for byte in range(256)]
    return [value / 12.92 if value <= KNEE else ((value + 0.055) / 1.055) ** 2.4 for value in values]


@cache
def _waves() -> list[list[float]]:
    return [[math.cos(math.pi * k * i / SIDE) for i in range(SIDE)] for k in range(COMPONENTS)]


def _transform(band: bytes) -> list[float]:
    """Strength of each wave in one colour, the average first, then row by row."""
    light = [_linear()[value] for value in band]
    rows = [light[at : at + SIDE] for at in range(0, len(light), SIDE)]
    across = [[_dot(row, wave) for row in rows] for wave in _waves()]
    return [
        _dot(across[i], _waves()[j]) * (1 if i == j == 0 else 2) / SIDE**2
        for j in range(COMPONENTS)
        for i in range(COMPONENTS)
    ]


def _dot(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _write(average: Colour, details: list[Colour]) -> str:
    largest = max(abs(value) for detail in details for value in detail)
    scale = max(0, min(82, math.floor(largest * 166 - 0.5)))
    red, green, blue = (_to_srgb(value) for value in average)
    text = _base83((COMPONENTS - 1) + (COMPONENTS - 1) * 9, 1)
    text += _base83(scale, 1) + _base83((red << 16) + (green << 8) + blue, 4)
    for detail in details:
        red, green, blue = (_quantised(value / ((scale + 1) / 166)) for value in detail)
        text += _base83(red * 19 * 19 + green * 19 + blue, 2)
    return text


def _to_srgb(light: float) -> int:
    value = max(0.0, min(1.0, light))
    return int((value * 12.92 if value <= KNEE / 12.92 else 1.055 * value ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _quantised(value: float) -> int:
    return max(0, min(18, math.floor(math.copysign(math.sqrt(abs(value)), value) * 9 + 9.5)))


def _base83(value: int, length: int) -> str:
    return "".join(ALPHABET[value // 83**place % 83] for place in reversed(range(length)))
