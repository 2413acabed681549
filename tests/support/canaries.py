"""Looks for things that must not be there, in whatever way bytes can be written: as they are, encoded, packed."""

import base64
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from backports import zstd

_PACKED = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|PK\x03\x04.{4}\x08\x00", re.DOTALL)
"""How gzip, zstd, and a packed file in a zip begin."""
_AT_ONCE = 4 << 20
"""So much of something packed is looked at."""
_EMPTY = bytes(4096)
"""Most of what databases reserve: nothing is in it."""
_DEPTH = 3
"""Packed in packed in packed: backups are tar files of packed files."""


def ways(secret: str | bytes) -> list[bytes]:
    """All bytes as which something is found: plain, UTF-16, hexadecimal, base64 at any place of a longer text."""
    plain = secret.encode() if isinstance(secret, str) else secret
    forms = [plain, plain.hex().encode(), plain.hex().upper().encode()]
    for codec in (base64.b64encode, base64.urlsafe_b64encode):
        # What stands before decides how the letters fall: the first and last of them hold bits of neighbours.
        for before in range(3):
            letters = codec(bytes(before) + plain).rstrip(b"=")
            first = (0, 2, 3)[before]
            forms.append(letters[first : len(letters) - 1])
    if isinstance(secret, str):
        forms += [secret.encode("utf-16-le"), secret.encode("utf-16-be")]
    return forms


def found(data: bytes, canaries: Mapping[str, str | bytes]) -> set[str]:
    """The names of the canaries that are in some bytes, or in what is packed in them."""
    wanted = {form: name for name, secret in canaries.items() for form in ways(secret)}
    pattern = re.compile(_any_of(sorted(wanted)), re.DOTALL)
    return {wanted[one[0]] for layer in _layers(data, _DEPTH) for one in pattern.finditer(layer)}


def _any_of(forms: Sequence[bytes]) -> bytes:
    """A pattern for any of them that looks at each letter once: those that begin alike are together."""
    if len(forms) == 1:
        return re.escape(forms[0])
    by_first = {first: list(some) for first, some in groupby(forms, key=lambda form: form[:1])}
    branches = [re.escape(first) + _any_of([form[1:] for form in some]) for first, some in by_first.items() if first]
    return b"(?:" + b"|".join(branches) + b")"


def found_in(folder: Path, canaries: Mapping[str, str | bytes], *, but: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """The files of a folder in which, or in whose names, canaries are, and which."""
    told: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_file() and name not in but and (known := found(name.encode() + file.read_bytes(), canaries)):
            told[name] = known
    return told


def _layers(data: bytes, depth: int) -> Iterator[bytes]:
    data = data.replace(_EMPTY, b"")
    yield data
    if depth:
        for place in _PACKED.finditer(data):
            if inner := _unpacked(data[place.start() : place.start() + _AT_ONCE]):
                yield from _layers(inner, depth - 1)


def _unpacked(data: bytes) -> bytes:
    """As much as can be unpacked of what begins here."""
    with suppress(zlib.error, zstd.ZstdError):
        if data[:2] == b"\x1f\x8b":
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
        if data[:2] == b"PK":
            begin = 30 + int.from_bytes(data[26:28], "little") + int.from_bytes(data[28:30], "little")
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[begin:])
        return zstd.ZstdDecompressor().decompress(data)
    return b""


def packed(data: bytes) -> list[bytes]:
    """The same thing as it may lie about, for a test that has to find it."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("it", data)
    return [gzip.compress(data), zstd.compress(data), gzip.compress(zstd.compress(data)), whole.getvalue()]
