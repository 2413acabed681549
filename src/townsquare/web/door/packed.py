"""Pages in gzip (RFC 1952), put together of pieces that were packed one by one (RFC 1951).

What is kept for the next who asks is packed once, when it is made: a page of posts that are known costs no more packed
than as it is. Each piece is packed on its own and ends with a whole byte, so that pieces may stand in any order. So
nothing that one person wrote is packed together with what another did, and what stands between kept pieces (tokens of
forms) is not packed at all: the length of a page tells nothing of either (BREACH).
"""

import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END: Final = b"\x03\x00"
"""An empty last block."""
_RAW: Final = -15
"""Deflate without the marks of a format around it."""
_OFTEN, _ONCE = 6, 1
"""How hard to try with what is sent often, and once."""
_FEW, _SHORT = 32, 256
"""Bytes that are not worth packing, of what is sent often and once."""
_GZIP: Final = re.compile(r"(?:^|[,\s])(?:x-)?gzip\s*(?:;\s*q=(?P<q>[01](?:\.[0-9]*)?))?\s*(?:,|$)", re.IGNORECASE)


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A part of pages that is packed already."""

    plain: bytes
    packed: bytes

    def __len__(self) -> int:
        """What it takes in memory."""
        return len(self.plain) + len(self.packed)


Part = bytes | Piece


def piece(plain: bytes) -> Piece:
    return Piece(plain, _deflated(plain, _OFTEN) if len(plain) > _FEW else _stored(plain))


def plain(parts: Iterable[Part]) -> bytes:
    """All of it, as it is."""
    return b"".join([part.plain if isinstance(part, Piece) else part for part in parts])


def gzipped(parts: Sequence[Part]) -> bytes:
    """All of it, in gzip."""
    out, run = [_HEAD], list[bytes]()
    crc = length = 0
    for part in parts:
        if isinstance(part, Piece):
            if run:
                out.append(_between(run))
                run.clear()
            out.append(part.packed)
            text = part.plain
        else:
            run.append(part)
            text = part
        crc = zlib.crc32(text, crc)
        length += len(text)
    if run:
        out.append(_between(run))
    out += (_END, struct.pack("<II", crc, length & 0xFFFFFFFF))
    return b"".join(out)


def takes_gzip(accepted: str) -> bool:
    """Whether a browser that says this of itself (Accept-Encoding) understands gzip, and wants it."""
    found = _GZIP.search(accepted)
    return found is not None and float(found["q"] or 1) > 0


def _between(run: Sequence[bytes]) -> bytes:
    """What was made for this answer alone."""
    together = b"".join(run)
    return _deflated(together, _ONCE) if len(together) > _SHORT else _stored(together)


def _stored(data: bytes) -> bytes:
    """As it is: a block takes up to 64 KB."""
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


def _deflated(data: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _RAW)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
