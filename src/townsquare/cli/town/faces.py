"""Faces and emblems for profiles, and a view of the valley above each of them."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from townsquare.cli.town.canvas import Canvas
from townsquare.cli.town.script import Look

SIDE: Final = 400
SKIN: Final = ("#f6d7c3", "#e8b996", "#cf9a6f", "#a87348", "#7b4f31")
HAIR: Final[Mapping[str, str]] = {
    "black": "#241f20",
    "brown": "#5b3a25",
    "ginger": "#b5562b",
    "blond": "#d9b36a",
    "grey": "#8f8f93",
    "white": "#e9e6e0",
    "straw": "#dcbf7a",
    "olive": "#6b7245",
    "navy": "#27365c",
    "red": "#c0392f",
    "blue": "#2f6db0",
    "rose": "#c96f86",
}
SHIRT: Final[Mapping[str, str]] = {
    "teal": "#20776a",
    "navy": "#2b3f6b",
    "cream": "#efe3c8",
    "grey": "#7d8288",
    "plum": "#6d3b63",
    "olive": "#69713f",
    "wine": "#84313c",
    "green": "#2f7a42",
    "orange": "#d9772b",
    "black": "#2b2a2d",
    "red": "#b8362f",
    "yellow": "#e2b93b",
    "blue": "#2f6db0",
    "rose": "#c96f86",
}
GROUND: Final = ("#f2d9a6", "#bfe0d2", "#f3c9b8", "#cfd8ee", "#dfe6b8", "#e9cfe3")
PALETTES: Final = (
    ("#9fcfe0", "#f5ead2", "#9cc3a5", "#6fa384", "#4b7f68"),
    ("#f2b28c", "#f9e3c0", "#c58f86", "#8e6a78", "#5b4a63"),
    ("#7fa8d1", "#dbe8f2", "#8fb0a0", "#5f8a7c", "#3d6259"),
    ("#e8c7d8", "#fbeee0", "#b7a9c9", "#857aa8", "#5a5480"),
    ("#b9d8c2", "#f7f3d9", "#c6cf8a", "#93a55b", "#64773f"),
)


def face(look: Look, seed: int) -> bytes:
    """A person's or an emblem's picture as PNG."""
    chance = Random(seed)
    canvas = Canvas(SIDE, SIDE, chance.choice(GROUND))
    if look.emblem:
        EMBLEMS[look.emblem](canvas, SHIRT[look.shirt])
        return canvas.png()
    skin, hair = SKIN[look.skin], HAIR[look.colour]
    _behind(canvas, look.hair, hair)
    canvas.oval(200, 420, 150, 130, SHIRT[look.shirt])
    canvas.box(172, 260, 56, 60, skin, 24)
    canvas.oval(200, 195, 82, 96, skin)
    _head(canvas, look.hair, hair)
    if look.beard:
        canvas.slice(200, 205, 84, 18, 162, "#e9e6e0" if look.colour in ("white", "straw") else hair)
        canvas.oval(200, 206, 62, 42, skin)
    for side in (-1, 1):
        canvas.oval(200 + 32 * side, 196, 7, 9, "#2a2320")
        if look.glasses:
            canvas.oval(200 + 32 * side, 198, 29, 27, "#2a2320")
            canvas.oval(200 + 32 * side, 198, 23, 21, "#f7fbff")
            canvas.oval(200 + 32 * side, 198, 7, 9, "#2a2320")
    if look.glasses:
        canvas.box(193, 194, 14, 6, "#2a2320")
    canvas.line([(178, 244), (190, 251), (210, 251), (222, 244)], "#8a4a3c" if look.skin < 3 else "#e2a08c", 6)
    return canvas.png()


def _behind(canvas: Canvas, kind: str, colour: str) -> None:
    match kind:
        case "long":
            canvas.box(104, 120, 192, 230, colour, 90)
        case "bob":
            canvas.box(108, 110, 184, 170, colour, 80)
        case "scarf":
            canvas.box(102, 96, 196, 250, colour, 96)
        case "bun":
            canvas.oval(200, 84, 46, 42, colour)
        case _:
            pass


def _head(canvas: Canvas, kind: str, colour: str) -> None:
    """What is on the head, over the forehead."""
    match kind:
        case "bald":
            canvas.oval(122, 200, 12, 30, colour)
            canvas.oval(278, 200, 12, 30, colour)
        case "hat":
            canvas.box(96, 132, 208, 24, colour, 12)
            canvas.box(136, 70, 128, 74, colour, 30)
        case "cap" | "helmet":
            canvas.slice(200, 178, 92, 180, 360, colour)
            canvas.box(108, 168, 184, 14, "#ffffff" if kind == "helmet" else colour, 7)
        case "curly":
            for x, y in ((124, 168), (138, 130), (168, 106), (204, 98), (240, 108), (266, 134), (278, 172)):
                canvas.oval(x, y, 34, 32, colour)
        case "scarf":
            canvas.slice(200, 190, 96, 180, 360, colour)
            canvas.oval(200, 186, 62, 44, SKIN[3])
        case _:
            canvas.slice(200, 178, 88, 180, 360, colour)
            canvas.slice(160, 178, 62, 180, 300, colour)


def _ball(canvas: Canvas, colour: str) -> None:
    canvas.oval(200, 200, 150, 150, colour)
    canvas.oval(200, 200, 120, 120, "#ffffff")
    canvas.shape([(200, 150), (246, 184), (228, 240), (172, 240), (154, 184)], colour)
    for start, end in (((200, 150), (200, 86)), ((246, 184), (306, 162)), ((228, 240), (266, 292))):
        canvas.line([start, end], colour, 8)
        canvas.line([(400 - start[0], start[1]), (400 - end[0], end[1])], colour, 8)


def _tower(canvas: Canvas, colour: str) -> None:
    canvas.box(90, 220, 220, 130, colour)
    canvas.box(160, 110, 80, 200, colour)
    canvas.shape([(150, 112), (250, 112), (200, 40)], colour)
    canvas.oval(200, 160, 26, 26, "#ffffff")
    canvas.line([(200, 160), (200, 144)], colour, 5)
    canvas.line([(200, 160), (212, 166)], colour, 5)
    for x in (110, 266):
        canvas.box(x, 250, 26, 44, "#ffffff", 4)
    canvas.box(182, 290, 36, 60, "#ffffff", 16)


def _bus(canvas: Canvas, colour: str) -> None:
    canvas.box(80, 100, 240, 190, colour, 30)
    canvas.box(102, 130, 196, 74, "#ffffff", 10)
    canvas.box(160, 112, 80, 12, "#ffffff", 4)
    for x in (120, 280):
        canvas.oval(x, 244, 16, 16, "#fff3c0")
        canvas.box(x - 26, 284, 52, 34, "#2b2a2d", 10)
    canvas.box(158, 236, 84, 10, "#ffffff", 5)


def _book(canvas: Canvas, colour: str) -> None:
    canvas.shape([(200, 130), (90, 104), (90, 286), (200, 312)], colour)
    canvas.shape([(200, 130), (310, 104), (310, 286), (200, 312)], colour)
    canvas.shape([(200, 142), (104, 120), (104, 272), (200, 294)], "#ffffff")
    canvas.shape([(200, 142), (296, 120), (296, 272), (200, 294)], "#fbf5e6")
    for row in range(4):
        y = 164 + row * 28
        canvas.line([(122, y - 10), (184, y + 4)], colour, 5)
        canvas.line([(278, y - 10), (216, y + 4)], colour, 5)


EMBLEMS: Final[Mapping[str, Callable[[Canvas, str], None]]] = {
    "ball": _ball,
    "tower": _tower,
    "bus": _bus,
    "book": _book,
}


def valley(seed: int) -> bytes:
    """Hills, a river and a few roofs, each time from elsewhere: a header as PNG."""
    chance = Random(seed)
    above, below, *hills = chance.choice(PALETTES)
    canvas = Canvas(1500, 500, below)
    canvas.shade(above, below, down_to=330)
    x, y = chance.randrange(200, 1300), chance.randrange(70, 160)
    canvas.oval(x, y, 46, 46, "#fff4d0")
    for place, colour in enumerate(hills):
        canvas.wave(270 + place * 65, 44 - place * 8, chance.randrange(120, 260), chance.random() * 6, colour)
    _roofs(canvas, chance, chance.randrange(150, 900))
    canvas.wave(478, 10, 150, chance.random() * 6, "#7fb2c4")
    return canvas.png()


def _roofs(canvas: Canvas, chance: Random, left: int) -> None:
    for place in range(chance.randrange(4, 8)):
        x, width, height = left + place * 78, chance.randrange(50, 76), chance.randrange(46, 86)
        canvas.box(x, 440 - height, width, height + 30, chance.choice(("#f0e3c6", "#e6d2b0", "#f7efe0")))
        canvas.shape(
            [(x - 6, 440 - height), (x + width + 6, 440 - height), (x + width / 2, 440 - height - width * 0.55)],
            chance.choice(("#a4553f", "#7a5a4a", "#8c4a38")),
        )
        canvas.box(x + width * 0.3, 440 - height * 0.65, 12, 18, "#5b6f69", 2)
