"""Compiled templates, kept on the disk where Python keeps what it compiles of this package: to compile them all takes
longer than the rest of a start.

Where Python may not write what it compiles, or cannot, they are compiled at each start.
"""

import hashlib
import marshal
import os
import sys
from contextlib import suppress
from functools import cache
from importlib import metadata, resources
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Final, cast

import jinja2
from jinja2.bccache import Bucket

TEMPLATES: Final = Path(str(resources.files("townsquare.web") / "templates"))
_SHAPING: Final = frozenset({".py", ".html", ".mo"})


class Compiled(jinja2.BytecodeCache):
    """What was compiled for one language. `file`: where it is read from and written to; None: it stays in the process,
    so that the next site in it (each test makes one) need not compile it again.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._kept: dict[str, CodeType] = _read(file) if file is not None else {}
        self._changed = False

    def load_bytecode(self, bucket: Bucket) -> None:
        """See jinja2.BytecodeCache."""
        bucket.code = self._kept.get(_name(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See jinja2.BytecodeCache."""
        if bucket.code is not None:
            self._kept[_name(bucket)] = bucket.code
            self._changed = True

    def write(self) -> None:
        """Keep for the next start what was compiled in this one."""
        if self._file is None or not self._changed:
            return
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with suppress(OSError):
            draft.parent.mkdir(exist_ok=True)
            draft.write_bytes(_mark() + marshal.dumps(self._kept))
            draft.replace(self._file)
        self._changed = False


def _name(bucket: Bucket) -> str:
    return f"{bucket.key} {bucket.checksum}"


def file_of(code: str) -> Path | None:
    """Where templates compiled for a language are kept; None where Python was told to keep nothing compiled."""
    if sys.dont_write_bytecode:
        return None
    return Path(cache_from_source(str(TEMPLATES.with_name(f"templates.{code}.py"))))


def _read(file: Path) -> dict[str, CodeType]:
    """What was kept; nothing where it is not of this Townsquare and this Python."""
    with suppress(OSError, EOFError, ValueError, TypeError):
        content = file.read_bytes()
        if content.startswith(_mark()):
            return cast("dict[str, CodeType]", marshal.loads(content[len(_mark()) :]))  # noqa: S302 (ours, as Python's own)
    return {}


@cache
def _mark() -> bytes:
    """Of all that shapes them: sentences are translated, and filters called, while a template is compiled."""
    package = Path(str(resources.files("townsquare")))
    found = sorted((str(path), path.stat()) for path in package.rglob("*") if path.suffix in _SHAPING)
    files = [(name, there.st_mtime_ns, there.st_size) for name, there in found]
    shaping = (sys.version, metadata.version("jinja2"), metadata.version("markupsafe"), files)
    return hashlib.sha256(repr(shaping).encode()).digest()
