"""Sees a file of a tar go by, in a stream that somebody else reads. Pure."""

from typing import Final

_BLOCK: Final = 512
_NAME: Final = slice(0, 100)
_SIZE: Final = slice(124, 136)
_BINARY: Final = 0x80


class TarWatch:
    """Is fed the stream in pieces of any size; `found` is the content of the file `name`, as far as it came by."""

    def __init__(self, name: str) -> None:
        self.found = bytearray()
        self._name = name.encode()
        self._head = bytearray()
        self._left = 0
        """Bytes of the content that is going by, with what fills its last block."""
        self._wanted = 0
        """Of them, those that are kept."""

    def feed(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            if self._left:
                taken = min(self._left, len(view))
                kept = min(self._wanted, taken)
                self.found += view[:kept]
                self._left, self._wanted = self._left - taken, self._wanted - kept
            else:
                taken = min(_BLOCK - len(self._head), len(view))
                self._head += view[:taken]
                if len(self._head) == _BLOCK:
                    self._read_head()
            view = view[taken:]

    def _read_head(self) -> None:
        size = _number(self._head[_SIZE])
        self._left = -(-size // _BLOCK) * _BLOCK
        self._wanted = size if bytes(self._head[_NAME]).rstrip(b"\0") == self._name else 0
        self._head.clear()


def _number(field: bytearray) -> int:
    """Octal, or for what is too large for that in base 256. The two empty blocks at the end have none."""
    if field[0] & _BINARY:
        return int.from_bytes(bytes([field[0] & ~_BINARY]) + field[1:])
    return int(field.strip(b"\0 ") or b"0", 8)
