"""Pictures of places in the town and around it."""

from collections.abc import Mapping
from random import Random
from typing import Final

from townsquare.cli.town.canvas import HEIGHT, WIDTH, Canvas, Scene


def _market(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#ffe3ad", "#fdf3dc", down_to=420)
    _houses(canvas, chance, 420, 11)
    canvas.box(0, 420, WIDTH, 380, "#d8c8a8")
    for place, colour in enumerate(("#b8362f", "#2f7a42", "#e2b93b", "#2f6db0")):
        _stall(canvas, 30 + place * 295, 430, 250, colour, chance)
    canvas.line([(0, 150), (300, 210), (600, 160), (900, 215), (1200, 150)], "#5b4a3a", 3)
    for place in range(24):
        x = 20 + place * 50
        y = 172 + 30 * abs(((x / 300) % 2) - 1) * -1 + 30
        canvas.shape([(x, y), (x + 30, y), (x + 15, y + 36)], ("#b8362f", "#f7efe0", "#2f7a42")[place % 3])


def _stall(canvas: Canvas, x: float, y: float, width: float, colour: str, chance: Random) -> None:
    canvas.box(x + 8, y, 8, 240, "#6a4a30")
    canvas.box(x + width - 16, y, 8, 240, "#6a4a30")
    stripe = width / 8
    for place in range(8):
        shade = colour if place % 2 == 0 else "#fbf7ee"
        canvas.shape(
            [
                (x + place * stripe + 10, y - 40),
                (x + (place + 1) * stripe - 4, y - 40),
                (x + (place + 1) * stripe, y + 40),
                (x + place * stripe, y + 40),
            ],
            shade,
        )
        canvas.slice(x + (place + 0.5) * stripe, y + 40, stripe / 2, 0, 180, shade)
    canvas.box(x - 4, y + 170, width + 8, 130, "#9a6b42", 6)
    for place in range(14):
        fruit = chance.choice(("#c0392f", "#e08a2e", "#7da83c", "#efc94c", "#6d3b63"))
        canvas.oval(x + 22 + (place % 7) * (width - 44) / 6, y + 168 - 26 * (place // 7), 17, 17, fruit)


def _houses(canvas: Canvas, chance: Random, ground: float, number: int) -> None:
    width = WIDTH / number
    for place in range(number):
        height = chance.randrange(150, 270)
        x = place * width
        canvas.box(x, ground - height, width, height, chance.choice(("#e9cfa4", "#f2dfc0", "#dcb68c", "#cfd6c4")))
        top = ground - height
        canvas.shape([(x - 4, top), (x + width + 4, top), (x + width / 2, top - width * 0.5)], "#8c4a38")
        for row in range(height // 70):
            for column in (0.22, 0.6):
                canvas.box(x + width * column, top + 22 + row * 66, width * 0.2, 36, "#6d7f86", 3)


def _fog(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#dfe6ea", "#f3efe6")
    for place in range(5):
        canvas.wave(380 + place * 70, 60, 210 - place * 20, place * 1.7, ("#9fb0b5", "#8ba0a4", "#768e90")[place % 3])
        canvas.veil("#e6eaea", 0.34)
        canvas.blur(3)
    canvas.box(760, 260, 52, 200, "#4c5a5f")
    canvas.shape([(752, 264), (820, 264), (786, 150)], "#4c5a5f")
    canvas.wave(560, 26, 240, 2, "#c9d2d2")
    canvas.wave(660, 26, 190, 4, "#dce2e1")


def _pitch(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#a9cbe4", "#e9f1f2", down_to=330)
    for place in range(16):
        canvas.oval(40 + place * 76, 250, 22, 110 + chance.randrange(30), "#4f7a4c")
    canvas.box(120, 250, 420, 90, "#7b8a92")
    canvas.shape([(100, 250), (560, 250), (530, 205), (130, 205)], "#3f4b52")
    for place in range(60):
        canvas.oval(
            136 + (place % 20) * 20, 278 + (place // 20) * 22, 7, 8, chance.choice(("#2f7a42", "#f7efe0", "#c0392f"))
        )
    for place in range(9):
        colour = "#5fa04c" if place % 2 else "#6cae58"
        canvas.shape(
            [(place * 140 - 60, 340), (place * 140 + 80, 340), (place * 260 - 500, 800), (place * 260 - 760, 800)],
            colour,
        )
    canvas.line([(0, 352), (1200, 352)], "#ffffff", 5)
    canvas.line([(980, 352), (760, 800)], "#ffffff", 8)
    canvas.line([(980, 352), (980, 250)], "#f2b33d", 7)
    canvas.shape([(980, 252), (1050, 274), (980, 298)], "#2f7a42")
    canvas.oval(640, 600, 26, 26, "#ffffff")
    canvas.oval(640, 600, 9, 9, "#2b2a2d")


def _fountain(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#bfdcea", "#f8efd9", down_to=470)
    _houses(canvas, chance, 470, 9)
    canvas.box(0, 470, WIDTH, 330, "#cdbf9f")
    canvas.oval(600, 640, 420, 110, "#9d9484")
    canvas.oval(600, 625, 390, 90, "#8fc3d6")
    canvas.box(570, 400, 60, 230, "#9d9484")
    canvas.oval(600, 440, 150, 34, "#9d9484")
    canvas.oval(600, 432, 132, 24, "#8fc3d6")
    for side in (-1, 1):
        for width in (60, 150, 240):
            points = [(600 + side * width * t / 10, 400 - 150 * t / 10 * (2 - t / 5) + t * t * 2.6) for t in range(11)]
            canvas.line(points, "#e9f6fb", 6)


def _old_street(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#e8d8b8", "#f3e8cf", down_to=520)
    for place in range(6):
        x, height = place * 205, 300 + chance.randrange(110)
        canvas.box(x, 560 - height, 200, height, ("#b99a6c", "#cbb080", "#a98a60")[place % 3])
        canvas.shape([(x - 8, 560 - height), (x + 208, 560 - height), (x + 100, 440 - height)], "#6b5235")
        for row in range(3):
            for column in (34, 122):
                canvas.box(x + column, 600 - height + row * 92, 42, 58, "#5a452c", 3)
        canvas.box(x + 78, 490, 46, 72, "#4c3922")
    canvas.box(0, 560, WIDTH, 240, "#c9b38a")
    canvas.box(480, 556, 130, 22, "#8a7048")
    canvas.oval(545, 420, 22, 24, "#7a6040")
    canvas.shape([(518, 446), (572, 446), (592, 556), (498, 556)], "#4c3922")
    canvas.shape([(528, 470), (562, 470), (568, 546), (522, 546)], "#efe2c2")
    canvas.box(800, 610, 190, 46, "#6b5235", 6)
    canvas.oval(850, 676, 42, 42, "#4c3922")
    canvas.oval(850, 676, 28, 28, "#c9b38a")
    canvas.veil("#d8bd8a", 0.16)


def _stage(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#1d1518")
    canvas.shape([(560, 0), (640, 0), (900, 640), (300, 640)], "#4a3a34")
    canvas.box(0, 620, WIDTH, 180, "#4d3220")
    canvas.oval(600, 670, 300, 60, "#c9a46a")
    for place in range(9):
        shade = "#8a1f24" if place % 2 else "#a32a2e"
        canvas.box(place * 34 - 10, 0, 40, 640, shade, 14)
        canvas.box(WIDTH - 30 - place * 34, 0, 40, 640, shade, 14)
    for place in range(13):
        canvas.slice(place * 100, 0, 70, 0, 180, "#7a191e" if place % 2 else "#8f2328")
    canvas.box(550, 430, 14, 230, "#6a4a30")
    canvas.box(640, 540, 14, 120, "#6a4a30")
    canvas.box(540, 530, 124, 18, "#8a5f3a", 4)
    canvas.box(548, 420, 18, 120, "#8a5f3a", 4)
    for row in range(9):
        canvas.oval(60 + row * 135, 800, 54, 64, "#0e0a0c")


def _bench(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#cdb994")
    for row in range(12):
        for column in range(20):
            canvas.oval(40 + column * 60, 30 + row * 40, 4, 4, "#b09a72")
    for place in range(8):
        x = 90 + place * 96
        canvas.box(x, 80, 18, 110, "#8a3b2c", 8)
        canvas.box(x + 4, 180, 10, 90 + chance.randrange(50), "#7d8288")
    canvas.box(0, 560, WIDTH, 240, "#7a5232")
    canvas.box(0, 548, WIDTH, 24, "#99693f")
    canvas.box(330, 330, 480, 226, "#5b3a25", 18)
    canvas.box(360, 356, 420, 176, "#2b2420", 8)
    for place in range(5):
        canvas.box(390 + place * 74, 400, 34, 110, ("#c9d2d2", "#e2b93b")[place % 2], 14)
        canvas.box(398 + place * 74, 380, 18, 26, "#b8623c", 4)
    canvas.line([(380, 372), (520, 392), (600, 366), (760, 388)], "#c0392f", 6)
    canvas.line([(1040, 560), (1080, 330), (930, 210)], "#2f7a55", 14)
    canvas.shape([(860, 260), (960, 170), (1000, 240), (920, 310)], "#2f7a55")
    canvas.oval(905, 300, 34, 22, "#fff3c0")


def _heron(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#d7e3df", "#b9cfcb")
    canvas.wave(420, 16, 300, 0, "#8ba995")
    canvas.box(0, 450, WIDTH, 350, "#a3bfc0")
    for _ in range(46):
        y = chance.randrange(470, 790)
        x = chance.randrange(0, 1150)
        canvas.line([(x, y), (x + chance.randrange(30, 140), y)], "#b9d0d0", 4)
    canvas.line([(600, 520), (596, 720)], "#5a5040", 10)
    canvas.shape([(596, 340), (700, 300), (770, 420), (720, 500), (600, 540), (520, 480)], "#7f8f9a")
    canvas.shape([(700, 400), (820, 560), (650, 500)], "#55636e")
    canvas.line([(600, 420), (540, 340), (556, 250), (520, 168)], "#8d9ba6", 34)
    canvas.oval(512, 158, 42, 28, "#f4f6f6")
    canvas.shape([(486, 150), (380, 176), (486, 176)], "#e0a63a")
    canvas.line([(520, 140), (610, 158)], "#2b2f33", 9)
    canvas.oval(498, 152, 6, 6, "#2a2320")
    for _ in range(60):
        x = chance.choice((chance.randrange(0, 340), chance.randrange(860, 1200)))
        canvas.line([(x, 800), (x + chance.randrange(-40, 40), chance.randrange(240, 500))], "#6f8a55", 8)


def _swimmer(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#f3cdb0", "#f8e9d4", down_to=380)
    canvas.wave(340, 34, 230, 1, "#a99a9c")
    _bridge_over(canvas, 380, "#8a7c78")
    canvas.box(0, 380, WIDTH, 420, "#c4b9b4")
    for _ in range(70):
        y = chance.randrange(400, 790)
        x = chance.randrange(-40, 1150)
        canvas.line([(x, y), (x + chance.randrange(60, 240), y)], chance.choice(("#d9cdc4", "#b0a6a4", "#e6d5c6")), 5)
    canvas.veil("#f3e6da", 0.3)
    canvas.oval(640, 560, 26, 28, "#c98f70")
    canvas.slice(640, 556, 28, 180, 360, "#2f6db0")
    for width in (60, 110, 170):
        canvas.line([(640 - width, 590 + width * 0.12), (640 + width, 590 + width * 0.12)], "#f6ece2", 4)


def _bridge(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#e8713f", "#f9d58a", down_to=430)
    canvas.oval(860, 350, 70, 70, "#fff0b8")
    canvas.wave(400, 40, 220, 2, "#8a4a52")
    _bridge_over(canvas, 440, "#4a3238")
    canvas.box(0, 440, WIDTH, 360, "#b0584a")
    for _ in range(120):
        y = chance.randrange(450, 795)
        spread = 40 + (y - 440) * 0.7
        x = chance.gauss(860, spread) if chance.random() < 0.5 else chance.randrange(0, 1180)
        canvas.line(
            [(x, y), (x + chance.randrange(30, 150), y)], chance.choice(("#f2a65e", "#8f4444", "#d9774e", "#f9d58a")), 6
        )


def _bridge_over(canvas: Canvas, water: float, colour: str) -> None:
    """Three arches; what is drawn below the water's line comes later."""
    canvas.shape(
        [(0, water - 130), (600, water - 190), (1200, water - 130), (1200, water - 90), (0, water - 90)], colour
    )
    for x in (0, 390, 790, 1140):
        canvas.box(x, water - 130, 70, 150, colour)
    for x in (70, 460, 860):
        canvas.box(x - 4, water - 100, 330, 60, colour)
    for x in (230, 625, 1000):
        canvas.slice(x, water + 4, 150, 180, 360, "#f3b87a" if colour == "#4a3238" else "#dcc3b4")


def _ramp(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#fffef8")
    for place in range(24):
        canvas.line([(place * 50, 0), (place * 50, 800)], "#dfeaf2", 2)
        canvas.line([(0, place * 50), (1200, place * 50)], "#dfeaf2", 2)
    ink = "#2b3f6b"
    canvas.line([(120, 420), (120, 640), (1080, 640), (1080, 380)], ink, 6)
    for mirrored in (False, True):
        points = [(120 + t * 26, 420 + 220 * (1 - (1 - t / 10) ** 2)) for t in range(11)]
        canvas.line([(1200 - x, y) for x, y in points] if mirrored else points, ink, 7)
    canvas.line([(500, 640), (560, 560), (680, 560), (740, 640)], ink, 6)
    for x in (200, 300, 960, 1040):
        canvas.line([(x, 420 if x < 600 else 380), (x, 330)], ink, 6)
        canvas.oval(x, 290, 44, 52, "#9cc68a")
    for place in range(20):
        canvas.line([(140 + place * 48, 700), (140 + place * 48, 660)], ink, 4)
    canvas.line([(120, 672), (1080, 672)], ink, 4)
    canvas.oval(620, 470, 22, 24, "#e8b996")
    canvas.line([(620, 492), (610, 540), (590, 556)], ink, 8)
    canvas.line([(610, 540), (640, 556)], ink, 8)
    canvas.line([(570, 560), (664, 556)], "#c0392f", 9)
    canvas.line([(160, 110), (520, 110)], "#c0392f", 6)
    canvas.line([(160, 150), (420, 150)], "#8a9aa8", 5)


AROUND: Final[Mapping[str, Scene]] = {
    "market": _market,
    "fog": _fog,
    "pitch": _pitch,
    "fountain": _fountain,
    "old_street": _old_street,
    "stage": _stage,
    "bench": _bench,
    "heron": _heron,
    "swimmer": _swimmer,
    "bridge": _bridge,
    "ramp": _ramp,
}
