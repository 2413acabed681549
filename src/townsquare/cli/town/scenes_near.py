"""Pictures of things that somebody in the town stands before."""

from collections.abc import Mapping
from random import Random
from typing import Final

from townsquare.cli.town.canvas import HEIGHT, WIDTH, Canvas, Scene


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


def _rain_chart(canvas: Canvas, chance: Random) -> None:
    canvas.box(0, 0, WIDTH, HEIGHT, "#fffdf8")
    for row in range(5):
        canvas.line([(90, 680 - row * 130), (1140, 680 - row * 130)], "#ddd5c6", 2)
    for place in range(30):
        height = 470 if place == 16 else chance.choice((0, 0, 14, 30, 55, 80, 120))
        canvas.box(100 + place * 34.6, 680 - height, 24, height, "#2f6db0" if place != 16 else "#1b4678", 4)
    canvas.line([(90, 682), (1140, 682)], "#3b3630", 4)
    canvas.line([(90, 120), (90, 682)], "#3b3630", 4)


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


NEAR: Final[Mapping[str, Scene]] = {
    "honey": _honey,
    "rain_chart": _rain_chart,
    "shelves": _shelves,
    "garden": _garden,
    "hedgehog": _hedgehog,
    "tomato": _tomato,
    "bowls": _bowls,
    "noodles": _noodles,
    "stall": _stall_of_cheese,
}
