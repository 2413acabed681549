"""The pictures that the town posts, 1200 by 800."""

from random import Random

from townsquare.cli.town.canvas import HEIGHT, WIDTH, Canvas
from townsquare.cli.town.scenes_around import AROUND
from townsquare.cli.town.scenes_near import NEAR


def scene(name: str) -> bytes:
    """A picture by its name, as PNG; always the same."""
    canvas = Canvas(WIDTH, HEIGHT, "#f4efe4")
    {**AROUND, **NEAR}[name](canvas, Random(name))
    return canvas.png()
