"""The files that belong to the program (style sheet, scripts, icons): read once, served from memory, named by content.

An address with the hash of the content in it never changes its meaning, so browsers may keep it for ever. Modules name
each other by relative addresses, so they stand in one folder that is named by all of them: `js/HASH/app.js`.
"""

import gzip
import hashlib
import re
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
_PAPER: Final = re.compile(rb"--paper: light-dark\((#\w+), (#\w+)\)")
_ASIDE: Final = re.compile(rb"/\*.*?\*/", re.DOTALL)
_MARGIN: Final = re.compile(rb"\n\s+")
_MODULES: Final = "js"
"""The folder of the scripts."""
ON_EVERY_PAGE: Final = "js/app.js"
_IMPORT: Final = re.compile(r"""^(?:import|export) [^;]*?"\./(\w+\.js)";""", re.MULTILINE)


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
    files = {file.name.removesuffix(".d"): file for file in folder.iterdir() if file.name != _MODULES}
    single = {name: _load(name, _lean(name, _bytes(file))) for name, file in files.items() if _ending(name) in TYPES}
    return {**single, **_load_modules(folder / _MODULES)}


def _load_modules(folder: Traversable) -> Assets:
    """The scripts, by `js/NAME`. They share a hash."""
    modules = {f"{_MODULES}/{file.name}": file.read_bytes() for file in folder.iterdir()}
    together = _hash(b"\n".join(modules[name] for name in sorted(modules)))
    return {name: msgspec.structs.replace(_load(name, data), hash=together) for name, data in modules.items()}


def _load(name: str, data: bytes) -> Asset:
    ending = _ending(name)
    packed = gzip.compress(data, mtime=0) if ending in _TEXTS else None
    return Asset(TYPES[ending], data, packed, _hash(data))


def _bytes(file: Traversable) -> bytes:
    parts = sorted(file.iterdir(), key=lambda part: part.name) if file.is_dir() else [file]
    return b"\n".join(part.read_bytes() for part in parts)


def _lean(name: str, data: bytes) -> bytes:
    """A style sheet without what only its writers read: nothing is painted before all of it is there."""
    return _MARGIN.sub(b"\n", _ASIDE.sub(b"", data)) if _ending(name) == "css" else data


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_HASH_LENGTH]


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def address(assets: Assets, name: str) -> str:
    """Where a page finds the file. Raises KeyError for a file that there is not."""
    folder, _, module = name.rpartition("/")
    if folder:
        return f"/static/{folder}/{assets[name].hash}/{module}"
    return f"/static/{name}?h={assets[name].hash}"


def imported(assets: Assets, name: str) -> list[str]:
    """What a module cannot do without, by their names: all that it and these import when they start."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        for other in _IMPORT.findall(assets[waiting.pop()].data.decode()):
            needed = f"{_MODULES}/{other}"
            if needed not in found:
                found[needed] = None
                waiting.append(needed)
    return list(found)


def needed(assets: Assets, name: str) -> list[str]:
    """What a page loads with a script that it names, by their names: what all pages have is there already."""
    there = [] if name == ON_EVERY_PAGE else [ON_EVERY_PAGE, *imported(assets, ON_EVERY_PAGE)]
    return [other for other in imported(assets, name) if other not in there]


def papers(assets: Assets) -> Mapping[str, str]:
    """The colour of the ground by scheme, for what browsers draw around a page: it is the one in tokens.css."""
    found = _PAPER.search(assets["tokens.css"].data)
    assert found is not None  # noqa: S101 (a file of ours)
    return {"light": found[1].decode("ascii"), "dark": found[2].decode("ascii")}
