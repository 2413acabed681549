"""The files that belong to the program (style sheet, scripts, icons): read once, served from memory, named by content.

An address with the hash of the content in its query never changes its meaning, so browsers may keep it for ever.
"""

import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import msgspec

TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
}
_TEXTS: Final = frozenset({"css", "js", "svg"})
_HASH_LENGTH: Final = 12


class Asset(msgspec.Struct, frozen=True):
    content_type: str
    data: bytes
    packed: bytes | None
    """The same in gzip, where that is smaller."""
    hash: str


Assets = Mapping[str, Asset]


@cache
def load_assets() -> Assets:
    """All files of `static/` by their names. `components.css.d` is one file: its parts, in the order of their names."""
    folder = resources.files("townsquare.web") / "static"
    return {
        name: _load(name, file) for file in folder.iterdir() if _ending(name := file.name.removesuffix(".d")) in TYPES
    }


def _load(name: str, file: Traversable) -> Asset:
    parts = sorted(file.iterdir(), key=lambda part: part.name) if file.is_dir() else [file]
    data = b"\n".join(part.read_bytes() for part in parts)
    ending = _ending(name)
    packed = gzip.compress(data, mtime=0) if ending in _TEXTS else None
    return Asset(TYPES[ending], data, packed, hashlib.sha256(data).hexdigest()[:_HASH_LENGTH])


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def address(assets: Assets, name: str) -> str:
    """Where a page finds the file. Raises KeyError for a file that there is not."""
    return f"/static/{name}?h={assets[name].hash}"
