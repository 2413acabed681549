"""Small flat pictures, drawn here and written as PNG (https://www.w3.org/TR/png-3/): shapes in a few inks, whose
colours are given afterwards. So what takes time, to draw and to pack, is done once for a drawing, whatever its colours.
"""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from townsquare.kernel.colours import mix

Ink = int
Edges = Callable[[float], tuple[float, float]]
FINE: Final = 4
"""Lines within a row of pixels by which an edge is smoothed, and steps from one ink to another."""
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _PALETTE = 8, 3


class Shape(msgspec.Struct, frozen=True):
    """What stands between two rows, and in each line between two edges."""

    ink: Ink
    top: int
    bottom: int
    edges: Edges


class Mixed(msgspec.Struct, frozen=True):
    """One ink over another, where an edge passes through a pixel."""

    under: Ink
    over: Ink
    part: int
    """Of FINE."""


class Drawing(msgspec.Struct, frozen=True):
    """Pixels, packed, as numbers of `palette`."""

    size: int
    palette: Sequence[Mixed]
    packed: bytes


def box(ink: Ink, left: int, top: int, right: int, bottom: int) -> Shape:
    return Shape(ink, top, bottom, lambda _: (left, right))


def slope(ink: Ink, top: int, bottom: int, above: tuple[int, int], below: tuple[int, int]) -> Shape:
    """From the edges `above` straight to those `below`: a triangle, a roof."""

    def edges(y: float) -> tuple[float, float]:
        part = (y - top) / (bottom - top)
        return above[0] + part * (below[0] - above[0]), above[1] + part * (below[1] - above[1])

    return Shape(ink, top, bottom, edges)


def disc(ink: Ink, x: int, y: int, radius: int, *, half: bool = False) -> Shape:
    """A circle around a point, or its upper half."""

    def edges(line: float) -> tuple[float, float]:
        reach = math.sqrt(max(radius**2 - (line - y) ** 2, 0.0))
        return x - reach, x + reach

    return Shape(ink, y - radius, y if half else y + radius, edges)


def draw(size: int, shapes: Sequence[Shape]) -> Drawing:
    """A square of so many pixels: the first ink, and the shapes upon it one after another."""
    rows = [bytearray(size) for _ in range(size)]
    palette = [Mixed(0, 0, FINE)]
    for shape in shapes:
        for y in range(shape.top, shape.bottom):
            _fill(rows[y], palette, shape.ink, [shape.edges(y + (line + 0.5) / FINE) for line in range(FINE)])
    return Drawing(size, palette, zlib.compress(b"".join(b"\0" + row for row in rows), 9))


def _fill(row: bytearray, palette: list[Mixed], ink: Ink, lines: Sequence[tuple[float, float]]) -> None:
    """One row: what is covered in all of its lines at once, and what its edges pass through pixel by pixel."""
    begin, whole = math.floor(min(left for left, _ in lines)), math.ceil(max(left for left, _ in lines))
    open_end, end = math.floor(min(right for _, right in lines)), math.ceil(max(right for _, right in lines))
    if whole < open_end:
        row[whole:open_end] = bytes([_number(palette, Mixed(ink, ink, FINE))]) * (open_end - whole)
    for x in (*range(begin, whole), *range(max(whole, open_end), end)):
        covered = sum(max(min(right, x + 1) - max(left, x), 0.0) for left, right in lines)
        part = round(covered)
        if part:
            below = palette[row[x]]
            under = below.over if below.part * 2 >= FINE else below.under
            row[x] = _number(palette, Mixed(ink if part == FINE else under, ink, part))


def _number(palette: list[Mixed], wanted: Mixed) -> int:
    if wanted not in palette:
        palette.append(wanted)
    return palette.index(wanted)


def png(drawing: Drawing, colours: Sequence[str]) -> bytes:
    """With a colour (`#0b6b58`) for each ink."""
    told = [mix(colours[one.over], colours[one.under], one.part / FINE) for one in drawing.palette]
    size = struct.pack(">IIBBBBB", drawing.size, drawing.size, _EIGHT_BITS, _PALETTE, 0, 0, 0)
    inks = bytes.fromhex("".join(colour[1:] for colour in told))
    parts = ((b"IHDR", size), (b"PLTE", inks), (b"IDAT", drawing.packed), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
