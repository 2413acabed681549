"""Figures over time as a picture: an SVG without a script, and the same figures as a table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

WIDTH: Final = 600
HEIGHT: Final = 120
ROWS: Final = 32
"""Of the table at most: a longer series is put together in equal parts."""
STEPS: Final = (1, 2, 5, 10)


class Point(msgspec.Struct, frozen=True):
    at: datetime
    value: float


class Chart(msgspec.Struct, frozen=True):
    """`line` and `area` are paths in a box of WIDTH and HEIGHT; `top` is what its upper edge stands for."""

    words: str
    summed: bool
    """What counts is how much there was in all, not how much there is at the end."""
    shown: float
    top: float
    line: str
    area: str
    rows: Sequence[Point]

    @property
    def empty(self) -> bool:
        return len(self.rows) < 2  # noqa: PLR2004 (a line has two ends)


def chart(words: str, points: Sequence[Point], *, summed: bool) -> Chart:
    """A series in the order of time."""
    if not points:
        return Chart(words, summed, 0, 1, "", "", ())
    values = [one.value for one in points]
    top = ceiling(max(values))
    step = WIDTH / max(len(points) - 1, 1)
    places = [f"{step * index:.1f} {HEIGHT - HEIGHT * value / top:.1f}" for index, value in enumerate(values)]
    line = "M" + "L".join(places)
    area = f"{line}L{step * (len(points) - 1):.1f} {HEIGHT}L0 {HEIGHT}Z"
    return Chart(words, summed, sum(values) if summed else values[-1], top, line, area, _rows(points, summed=summed))


def ceiling(highest: float) -> float:
    """The next round number: 1, 2, 5, 10, 20, 50, …"""
    unit = 1.0
    while unit * STEPS[-1] < highest:
        unit *= STEPS[-1]
    return next((unit * step for step in STEPS if unit * step >= highest), unit * STEPS[-1])


def _rows(points: Sequence[Point], *, summed: bool) -> list[Point]:
    size = -(-len(points) // ROWS)
    parts = [points[first : first + size] for first in range(0, len(points), size)]
    return [Point(part[0].at, sum(one.value for one in part) if summed else part[-1].value) for part in parts]
