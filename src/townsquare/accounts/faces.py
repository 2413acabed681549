"""What is shown of people who have no picture: each is a house on the square, by the id of their account.

A drawing never changes at its address, for browsers keep it and it stands in what is stored of accounts: who draws
another way gives the addresses another folder.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from townsquare.kernel.colours import mix
from townsquare.kernel.drawing import Drawing, Shape, box, disc, draw, png, slope
from townsquare.kernel.ids import AccountId

FOLDER: Final = "static/faces"
SIZE: Final = 216
GROUNDS: Final = (
    "#177862", "#3f8a6b", "#6e7a2e", "#9a6410", "#8a6a50", "#b4573f",
    "#c23a31", "#99568f", "#4a64cc", "#40717a", "#5a7a83", "#7d7466",
)  # fmt: skip
"""Accent, leaf, star, roof, danger, mark, water, pane, stone and what lies between them (tokens.css): so light that
they stand out from a light page and from a dark one, and walls from them.
"""
WALL: Final = "#fbf3e2"
LAMP: Final = "#f7cf72"
_INK: Final = "#1d1713"
_GROUND, _WALL, _ROOF, _PANE, _LAMP, _STREET = range(6)

# A house: its front is from 52 to 164 and 100 to 180, and its corners are within the circle to which some apps cut it.

_ROOFS: Final[Sequence[Sequence[Shape]]] = (
    (slope(_ROOF, 42, 100, (108, 108), (40, 176)),),
    (box(_ROOF, 134, 38, 148, 76), slope(_ROOF, 54, 100, (68, 148), (40, 176))),
    (slope(_WALL, 28, 100, (108, 108), (52, 164)), slope(_ROOF, 22, 54, (108, 108), (80, 136))),
    tuple(
        box(ink, 52 + step, top - step, 164 - step, 100)
        for step in (0, 14, 28, 42)
        for ink, top in ((_ROOF, 86), (_WALL, 94))
    ),
    (box(_ROOF, 104, 28, 112, 52), disc(_ROOF, 108, 100, 56, half=True)),
    (
        box(_ROOF, 44, 82, 172, 100),
        *(box(_ROOF, left, 68, left + 16, 82) for left in (44, 72, 100, 128, 156)),
    ),
    (slope(_ROOF, 46, 100, (40, 72), (40, 176)),),
    (slope(_ROOF, 52, 100, (76, 76), (40, 112)), slope(_ROOF, 52, 100, (140, 140), (104, 176))),
)
_FRONTS: Final[Sequence[Sequence[Shape]]] = (
    (
        box(_PANE, 66, 116, 86, 136), box(_LAMP, 98, 116, 118, 136), box(_PANE, 130, 116, 150, 136),
        box(_PANE, 66, 150, 86, 168), box(_PANE, 98, 148, 118, 180), box(_PANE, 130, 150, 150, 168),
    ),
    (
        disc(_LAMP, 76, 128, 10, half=True), box(_LAMP, 66, 128, 86, 160), disc(_PANE, 140, 128, 10, half=True),
        box(_PANE, 130, 128, 150, 160), disc(_PANE, 108, 146, 12, half=True), box(_PANE, 96, 146, 120, 180),
    ),
    (
        disc(_LAMP, 108, 124, 14), box(_PANE, 66, 148, 86, 166), box(_PANE, 96, 150, 120, 180),
        box(_PANE, 130, 148, 150, 166),
    ),
    (
        box(_PANE, 66, 114, 88, 136), box(_PANE, 102, 114, 124, 136), box(_LAMP, 66, 146, 88, 168),
        disc(_PANE, 136, 146, 12, half=True), box(_PANE, 124, 146, 148, 180),
    ),
    (
        box(_PANE, 66, 112, 84, 128), box(_PANE, 99, 112, 117, 128), box(_PANE, 132, 112, 150, 128),
        slope(_ROOF, 138, 150, (64, 116), (58, 122)), box(_LAMP, 64, 150, 116, 172), box(_PANE, 128, 144, 150, 180),
    ),
)  # fmt: skip
COUNT: Final = len(GROUNDS) * len(_ROOFS) * len(_FRONTS)


def face_path(account_id: AccountId) -> str:
    """Where the picture of somebody who has none is. (0107_faces.sql works it out by the same rule.)"""
    return f"{FOLDER}/{account_id % COUNT}.png"


def face(number: int) -> bytes:
    """One of COUNT, as PNG."""
    number, ground = divmod(number, len(GROUNDS))
    return png(_house(number), _colours(GROUNDS[ground]))


def faces() -> Mapping[str, bytes]:
    """All of them by their paths."""
    return {f"{FOLDER}/{number}.png": face(number) for number in range(COUNT)}


@cache
def _house(number: int) -> Drawing:
    front, roof = divmod(number, len(_ROOFS))
    street = box(_STREET, 0, 180, SIZE, SIZE)
    return draw(SIZE, [street, box(_WALL, 52, 100, 164, 180), *_ROOFS[roof], *_FRONTS[front]])


def _colours(ground: str) -> Sequence[str]:
    """By ink."""
    return ground, WALL, mix(_INK, ground, 0.55), mix(_INK, ground, 0.4), LAMP, mix(_INK, ground, 0.3)
