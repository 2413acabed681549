"""What was made once and is kept for the next who asks, as much as there is room for: the longest unused goes first."""

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import msgspec

from townsquare.web.door.holes import Pieces
from townsquare.web.door.packed import Piece

V = TypeVar("V")


class Kept(Generic[V]):
    """`weigh`: how many bytes a value takes, its key included or not as one likes."""

    def __init__(self, room: int, weigh: Callable[[V], int]) -> None:
        self._room = room
        self._weigh = weigh
        self._values: dict[Hashable, V] = {}
        self.weight = 0

    def get(self, key: Hashable) -> V | None:
        """What was put there, if it is still there; it has been used last then."""
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value
        return value

    def put(self, key: Hashable, value: V) -> None:
        """What takes more than a quarter of the room is not kept."""
        weight = self._weigh(value)
        if weight * 4 > self._room:
            return
        self.drop(key)
        self._values[key] = value
        self.weight += weight
        while self.weight > self._room:
            self.drop(next(iter(self._values)))

    def drop(self, key: Hashable) -> None:
        gone = self._values.pop(key, None)
        if gone is not None:
            self.weight -= self._weigh(gone)


_ENTRY: Final = 300
"""Bytes that an entry takes besides its content."""


class Article(msgspec.Struct, frozen=True, gc=False):
    """A post's HTML. `hidden`: the reader's filters say that it is not to be shown at all."""

    key: bytes
    html: Piece
    hidden: bool
    picture: bytes = b""
    """The address of the one that is seen first on it, if it is ours."""


SECONDS: Final = 30.0
"""How long the frame of a page is kept: what stands beside the posts may be so old."""


class Frame(msgspec.Struct, frozen=True):
    """A page with holes, and until when it may be used, by the process's clock."""

    pieces: Pieces
    until: float


def articles(room: int) -> Kept[Article]:
    return Kept(room, lambda one: len(one.key) + len(one.html) + _ENTRY)


def frames(room: int) -> Kept[Frame]:
    return Kept(room, lambda one: sum(len(piece) for piece in one.pieces) + _ENTRY)
