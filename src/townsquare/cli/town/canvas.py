"""A sheet to draw on: twice as fine as it comes out, so that edges are smooth."""

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from townsquare.media.pillow import averaged, resized

WIDTH: Final = 1200
HEIGHT: Final = 800
"""Of a scene."""
FINE: Final = 2
Point = tuple[float, float]


class Canvas:
    """Coordinates are those of the finished picture; colours are `#rrggbb`."""

    def __init__(self, width: int, height: int, colour: str) -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * FINE, height * FINE), colour)
        self._draw = ImageDraw.Draw(self._image)

    def shade(self, top: str, bottom: str, *, down_to: float | None = None) -> None:
        """From one colour to another, from the upper edge down."""
        end = int((down_to or self.height) * FINE)
        column = (1, end)
        mask = resized(Image.linear_gradient("L"), column)
        shades = Image.composite(Image.new("RGB", column, bottom), Image.new("RGB", column, top), mask)
        self._image.paste(averaged(shades, (self.width * FINE, end)), (0, 0))

    def box(self, left: float, top: float, width: float, height: float, colour: str, round: float = 0) -> None:
        corners = [left * FINE, top * FINE, (left + width) * FINE, (top + height) * FINE]
        self._draw.rounded_rectangle(corners, round * FINE, fill=colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: str) -> None:
        """By its middle and its half widths."""
        corners = [(x - across) * FINE, (y - down) * FINE, (x + across) * FINE, (y + down) * FINE]
        self._draw.ellipse(corners, fill=colour)

    def slice(self, x: float, y: float, radius: float, start: float, end: float, colour: str) -> None:
        """A piece of a circle; degrees clockwise from the right."""
        corners = [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE]
        self._draw.pieslice(corners, start, end, fill=colour)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * FINE)), joint="curve")

    def wave(self, base: float, height: float, length: float, shift: float, colour: str) -> None:
        """Hills: all below a soft line."""
        step = 6
        edge = [
            (x, base - height * math.sin(x / length + shift) - height / 3 * math.sin(2.3 * x / length + shift))
            for x in range(0, self.width + step, step)
        ]
        self.shape([(0, self.height), *edge, (self.width, self.height)], colour)

    def blur(self, radius: float) -> None:
        """Soften all that was drawn so far."""
        coarse = averaged(self._image, (self.width, self.height)).filter(ImageFilter.GaussianBlur(radius))
        self._image = averaged(coarse, self._image.size)
        self._draw = ImageDraw.Draw(self._image)

    def veil(self, colour: str, strength: float) -> None:
        """Mist over all that was drawn so far, from 0 to 1."""
        self._image = Image.blend(self._image, Image.new("RGB", self._image.size, colour), strength)
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """The finished picture."""
        out = BytesIO()
        averaged(self._image, (self.width, self.height)).save(out, "PNG", compress_level=1)
        return out.getvalue()


Scene = Callable[[Canvas, Random], None]
"""Draws a picture; the same one for the same chance."""
