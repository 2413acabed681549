"""By what a text or a picture is recognised again."""

from typing import Literal

import msgspec

Medium = Literal["text", "image"]


class Print(msgspec.Struct, frozen=True):
    """`bands`: by which it is found; `asked`: by which it finds others. Prints of two schemes cannot be compared."""

    medium: Medium
    scheme: int
    signature: bytes
    bands: tuple[int, ...]
    asked: tuple[int, ...]
