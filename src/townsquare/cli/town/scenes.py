"""The pictures that the town posts, 1200 by 800."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from townsquare.cli.town.canvas import Canvas

WIDTH: Final = 1200
HEIGHT: Final = 800
Scene = Callable[[Canvas, Random], None]


def scene(name: str) -> bytes:
    """A picture by its name, as PNG; always the same."""
    canvas = Canvas(WIDTH, HEIGHT, "#f4efe4")
    SCENES[name](canvas, Random(name))
    return canvas.png()


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


def _honey(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#f7e6c4", "#fffaf0", down_to=560)
    canvas.box(0, 560, WIDTH, 240, "#8a5f3a")
    canvas.box(0, 560, WIDTH, 18, "#a67748")
    for place, colour in enumerate(("#f6e08a", "#f1cd5c", "#e6ad3a", "#d08d28", "#a8641c", "#6f3d12")):
        x = 70 + place * 185
        canvas.box(x, 330, 140, 240, "#fdf7e6", 22)
        canvas.box(x + 8, 362, 124, 200, colour, 18)
        canvas.box(x - 4, 300, 148, 46, "#c8a15a", 10)
        canvas.box(x + 26, 430, 88, 64, "#fffdf6", 6)
        for row in range(3):
            canvas.box(x + 40, 446 + row * 14, 60 - row * 12, 5, "#8a5f3a")


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


def _rain_chart(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#fffdf8")
    for row in range(5):
        canvas.line([(90, 680 - row * 130), (1140, 680 - row * 130)], "#ddd5c6", 2)
    for place in range(30):
        height = 470 if place == 16 else chance.choice((0, 0, 14, 30, 55, 80, 120))
        canvas.box(100 + place * 34.6, 680 - height, 24, height, "#2f6db0" if place != 16 else "#1b4678", 4)
    canvas.line([(90, 682), (1140, 682)], "#3b3630", 4)
    canvas.line([(90, 120), (90, 682)], "#3b3630", 4)


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


def _shelves(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#4a3222")
    for row in range(5):
        y = 20 + row * 160
        canvas.box(0, y + 136, WIDTH, 16, "#7a5232")
        x = 8
        while x < WIDTH:
            width, height = chance.randrange(18, 46), chance.randrange(84, 132)
            colour = chance.choice(("#84313c", "#20776a", "#2b3f6b", "#c8a15a", "#efe3c8", "#69713f", "#6d3b63"))
            canvas.box(x, y + 136 - height, width, height, colour, 3)
            canvas.box(x + 4, y + 150 - height, width - 8, 5, "#e9d9b0")
            x += width + 3
    for x in (790, 910):
        canvas.line([(x, 0), (x - 40, 800)], "#b98a52", 16)
    for row in range(9):
        canvas.line([(786 - row * 4, 60 + row * 88), (900 - row * 4, 60 + row * 88)], "#b98a52", 12)
    canvas.shape([(180, 470), (360, 470), (320, 380), (220, 380)], "#2f7a55")
    canvas.box(264, 470, 12, 110, "#c8a15a")
    canvas.oval(270, 590, 60, 14, "#c8a15a")


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


def _garden(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#b6d7e6", "#f3f2df", down_to=300)
    canvas.wave(300, 30, 200, 1, "#8fae78")
    canvas.box(0, 330, WIDTH, 470, "#7a5a3c")
    canvas.box(820, 150, 250, 210, "#8f6b4a")
    canvas.shape([(800, 160), (1090, 160), (1060, 90), (840, 90)], "#5f4630")
    canvas.box(900, 220, 70, 140, "#5f4630")
    canvas.oval(740, 320, 50, 66, "#3f6d86")
    for row in range(6):
        y = 390 + row * 72
        canvas.line([(0, y + 26), (1200, y + 26)], "#684b31", 16)
        for place in range(19):
            x = 30 + place * 64 + (row % 2) * 18
            if row % 2:
                for part, shade in ((30, "#4f8a4a"), (21, "#6ea85e"), (11, "#a4cf86")):
                    canvas.oval(x, y, part, part * 0.8, shade)
            else:
                canvas.shape(
                    [(x - 5, y + 24), (x + 5, y + 24), (x + 26, y - 40), (x - 4, y - 14), (x - 24, y - 44)], "#4d8f5c"
                )
                canvas.box(x - 6, y, 12, 28, "#f1f4e2", 5)


def _hedgehog(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#e6eef0", "#cfdcdd")
    canvas.box(0, 560, WIDTH, 240, "#b9a98c")
    canvas.box(250, 560, 700, 120, "#e9e6e0", 24)
    canvas.box(520, 590, 160, 56, "#2d3a2f", 8)
    canvas.box(548, 606, 100, 24, "#9fd08a", 4)
    canvas.oval(600, 540, 380, 70, "#7fa8d1")
    canvas.oval(600, 520, 350, 54, "#9fc0e0")
    canvas.oval(600, 400, 240, 170, "#5b4634")
    for _ in range(420):
        x, y = chance.gauss(580, 110), chance.gauss(380, 80)
        if ((x - 590) / 230) ** 2 + ((y - 395) / 165) ** 2 < 1:
            lean = (x - 590) / 10
            canvas.line([(x, y), (x + lean, y - 30)], chance.choice(("#c9b08a", "#8a6b4a", "#3d2e22", "#e6d3ae")), 4)
    canvas.oval(780, 460, 92, 70, "#d9bb92")
    canvas.oval(862, 470, 17, 14, "#2a2320")
    canvas.oval(800, 438, 10, 11, "#2a2320")
    canvas.oval(735, 405, 28, 24, "#c2a078")


def _tomato(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#efe8da")
    canvas.box(140, 40, 920, 560, "#fbfbf7", 8)
    canvas.box(180, 80, 400, 480, "#bcdcec")
    canvas.box(620, 80, 400, 480, "#c6e2ee")
    canvas.box(60, 600, 1080, 60, "#fffdf6", 8)
    canvas.shape([(500, 460), (700, 460), (670, 612), (530, 612)], "#b8623c")
    canvas.box(486, 440, 228, 44, "#c8714a", 8)
    canvas.line([(600, 450), (600, 100)], "#b98a52", 12)
    canvas.line([(600, 450), (590, 340), (612, 240), (596, 150)], "#4d8f3c", 10)
    for x, y, across in (
        (520, 360, 66),
        (680, 320, 70),
        (530, 250, 60),
        (670, 210, 54),
        (590, 140, 44),
        (540, 420, 44),
    ):
        canvas.oval(x, y, across, 30, "#5fa04c")
        canvas.line([(x, y), (600, y + 34)], "#4d8f3c", 5)
    canvas.oval(662, 396, 30, 28, "#9cc653")
    canvas.oval(654, 388, 8, 7, "#c4e08a")


def _bowls(canvas: Canvas, chance: Random) -> None:
    canvas.shade("#d9d3c8", "#efeae0", down_to=520)
    canvas.box(0, 520, WIDTH, 280, "#6f5038")
    for row in range(4):
        canvas.line([(0, 560 + row * 62), (1200, 552 + row * 64)], "#624630", 4)
    for place, (inner, outer) in enumerate(
        (
            ("#7d8a8c", "#5d6a6e"),
            ("#c07a4e", "#94563a"),
            ("#aab3ae", "#7f8a86"),
            ("#8f5a44", "#6a3f30"),
            ("#6e7f86", "#4c5a62"),
        )
    ):
        x, across = 150 + place * 226, 96 + chance.randrange(16)
        canvas.oval(x, 640, across * 0.72, 16, "#4a3525")
        canvas.slice(x, 520, across, 0, 180, outer)
        canvas.oval(x, 520, across, 30, inner)
        canvas.oval(x + 4, 524, across * 0.82, 20, outer)


def _noodles(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#7d2f28")
    for place in range(-10, 24):
        canvas.line([(place * 70, 0), (place * 70 + 240, 800)], "#853630", 14)
    canvas.oval(600, 430, 380, 330, "#2b3f6b")
    canvas.oval(600, 420, 350, 300, "#f7f1e0")
    canvas.oval(600, 425, 318, 268, "#c98a3c")
    for place in range(26):
        y = 300 + place * 10
        points = [(360 + x * 24, y + 16 * ((x + place) % 2)) for x in range(16)]
        canvas.line(points, "#f3d98c" if place % 2 else "#e8c66e", 9)
    for place in range(5):
        canvas.shape(
            [(720 + place * 26, 260 + place * 20), (800 + place * 18, 250 + place * 30), (760, 420)], "#3f8a4a"
        )
    canvas.oval(480, 330, 78, 62, "#fffdf4")
    canvas.oval(480, 332, 38, 32, "#f0a63a")
    for x in (520, 600, 690):
        canvas.line([(x, 120), (x + 22, 80), (x - 10, 46), (x + 14, 6)], "#a8584f", 9)
    canvas.line([(1180, 240), (700, 520)], "#d8b27a", 16)
    canvas.line([(1190, 300), (720, 560)], "#d8b27a", 16)


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


def _stall_of_cheese(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#e3d4b6")
    canvas.box(0, 0, WIDTH, 190, "#1f5c40")
    for place in range(12):
        shade = "#2f7a55" if place % 2 else "#f7f1e0"
        canvas.box(place * 100, 60, 100, 130, shade)
        canvas.slice(place * 100 + 50, 190, 50, 0, 180, shade)
    canvas.box(0, 600, WIDTH, 200, "#7a5232")
    canvas.box(0, 588, WIDTH, 22, "#99693f")
    for place in range(5):
        x = 60 + place * 230
        for level in range(chance.randrange(1, 4)):
            y = 540 - level * 72
            rind = chance.choice(("#c98f3a", "#a8632c", "#d9c9a0", "#e2b04a"))
            canvas.box(x, y - 26, 190, 74, rind, 18)
            canvas.oval(x + 95, y - 26, 95, 22, "#f3dd9a")
    canvas.shape([(520, 590), (700, 590), (700, 500)], "#f6de8c")
    for x, y in ((600, 570), (650, 560), (680, 540), (640, 578)):
        canvas.oval(x, y, 9, 7, "#d9b95a")
    canvas.oval(880, 330, 62, 70, "#e8b996")
    canvas.box(800, 250, 160, 40, "#27365c", 18)
    canvas.oval(880, 520, 120, 120, "#b8362f")
    canvas.box(830, 430, 100, 160, "#fbf7ee", 12)
    canvas.line([(856, 356), (880, 372), (904, 356)], "#7a3d30", 6)


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


SCENES: Final[Mapping[str, Scene]] = {
    "market": _market,
    "honey": _honey,
    "fog": _fog,
    "rain_chart": _rain_chart,
    "pitch": _pitch,
    "fountain": _fountain,
    "shelves": _shelves,
    "old_street": _old_street,
    "garden": _garden,
    "hedgehog": _hedgehog,
    "tomato": _tomato,
    "bowls": _bowls,
    "noodles": _noodles,
    "stage": _stage,
    "stall": _stall_of_cheese,
    "bench": _bench,
    "heron": _heron,
    "swimmer": _swimmer,
    "bridge": _bridge,
    "ramp": _ramp,
}
