"""What was read from rows, kept in a process for as long as the rows are as they were."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
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

    def find(self, keys: Sequence[K], versions: Iterable[Version]) -> list[V | None]:
        """The value of each key, where it is of the version at the same place."""
        entries = self._entries
        out: list[V | None] = []
        for key, version in zip(keys, versions, strict=True):
            entry = entries.get(key)
            if entry is None or entry[0] != version:
                out.append(None)
            else:
                entries.move_to_end(key)
                out.append(entry[1])
        return out

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
