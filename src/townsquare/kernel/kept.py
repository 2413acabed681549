"""What was read from rows, kept in a process for as long as the rows are as they were."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Version = tuple[int, int]
"""`xmin` of a row and the hash of its `ctid`: each UPDATE changes one of them, also a second one in a transaction."""
_OVERHEAD: Final = 700
"""Bytes that an entry takes besides what is counted."""


class Kept(Generic[K, V]):
    """Values by key and version, of `room` bytes together; what was not asked for the longest goes first."""

    def __init__(self, room: int) -> None:
        self._left = self._room = room
        self._entries: OrderedDict[K, tuple[Version, V, int]] = OrderedDict()

    def get(self, key: K, version: Version) -> V | None:
        """The value, if it is of this version."""
        entry = self._entries.get(key)
        if entry is None or entry[0] != version:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: K, version: Version, value: V, size: int) -> None:
        """Keep a value of so many bytes."""
        before = self._entries.pop(key, None)
        self._entries[key] = version, value, size + _OVERHEAD
        self._left += (0 if before is None else before[2]) - size - _OVERHEAD
        while self._left < 0:
            _, (_, _, freed) = self._entries.popitem(last=False)
            self._left += freed

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._left = self._room
