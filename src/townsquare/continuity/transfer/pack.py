"""An archive of a stranger's making (zip, tar, tar.gz), read without trusting it.

Nothing of it is ever written to a path that it names, and nothing is unpacked beyond what a place has room for.
"""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Final

from townsquare.continuity.transfer.model import Hostile
from townsquare.kernel.words import N_

ENTRIES: Final = 200_000
BYTES: Final = 20 * 1024**3
"""Of all that is in it, unpacked."""
RATIO: Final = 200
"""So much smaller than it is may a large file have become by being packed: text becomes a tenth."""
LARGE: Final = 10 * 1024**2
TEXT: Final = 256 * 1024**2
"""Of a file that is read whole."""
_BROKEN: Final = N_("This file is no archive that can be read: it must be a whole .zip, .tar or .tar.gz")
_BOMB: Final = N_("This archive unpacks to more than a place can take in")
_PATH: Final = N_("This archive names files outside of itself")


class Pack:
    """An open archive. `sizes`: of its files, by name."""

    def __init__(self, sizes: Mapping[str, int], source: "zipfile.ZipFile | tarfile.TarFile") -> None:
        self.sizes = sizes
        self._source = source

    def read(self, name: str, most: int = TEXT) -> bytes:
        """A whole file. Raises Hostile."""
        if self.sizes[name] > most:
            raise Hostile("A file in this archive is larger than one that a place can read")
        try:
            with self._open(name) as file:
                data = file.read(self.sizes[name] + 1)
        except (OSError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
            raise Hostile(_BROKEN) from error
        if len(data) != self.sizes[name]:
            raise Hostile(_BOMB)
        return data

    def _open(self, name: str) -> IO[bytes]:
        if isinstance(self._source, zipfile.ZipFile):
            return self._source.open(name)
        found = self._source.extractfile(name)
        if found is None:
            raise Hostile(_BROKEN)
        return found


@contextmanager
def opened(file: IO[bytes]) -> Generator[Pack]:
    """Raises Hostile for what is no archive, or one that means harm."""
    file.seek(0)
    if zipfile.is_zipfile(file):
        with _zip(file) as archive:
            yield Pack(_sizes_of_zip(archive), archive)
        return
    with TemporaryFile() as plain, _tar(_unpacked(file, plain)) as archive:
        yield Pack(_sizes_of_tar(archive), archive)


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Hostile(_BROKEN) from error


def _sizes_of_zip(archive: zipfile.ZipFile) -> dict[str, int]:
    entries = [one for one in archive.infolist() if not one.is_dir()]
    for one in entries:
        if one.flag_bits & 1:
            raise Hostile("This archive is encrypted. Take the password away first")
        if stat.S_ISLNK(one.external_attr >> 16):
            raise Hostile(_PATH)
        if one.file_size > LARGE and one.file_size > RATIO * max(one.compress_size, 1):
            raise Hostile(_BOMB)
    return _checked([(one.filename, one.file_size) for one in entries])


def _unpacked(file: IO[bytes], plain: IO[bytes]) -> IO[bytes]:
    """A tar as it is, which can be read from anywhere."""
    file.seek(0)
    if file.read(2) != b"\x1f\x8b":
        return file
    file.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while chunk := packed.read(1 << 20):
                size += len(chunk)
                if size > BYTES or (size > LARGE and size > RATIO * max(file.tell(), 1)):
                    raise Hostile(_BOMB)
                plain.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Hostile(_BROKEN) from error
    return plain


def _tar(file: IO[bytes]) -> tarfile.TarFile:
    file.seek(0)
    try:
        return tarfile.open(fileobj=file, mode="r:")
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Hostile(_BROKEN) from error


def _sizes_of_tar(archive: tarfile.TarFile) -> dict[str, int]:
    found: list[tuple[str, int]] = []
    try:
        for one in archive:
            if one.issym() or one.islnk():
                raise Hostile(_PATH)
            if one.isfile():
                found.append((one.name, one.size))
            if len(found) > ENTRIES:
                raise Hostile(_BOMB)
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Hostile(_BROKEN) from error
    return _checked(found)


def _checked(found: list[tuple[str, int]]) -> dict[str, int]:
    if len(found) > ENTRIES or sum(size for _, size in found) > BYTES:
        raise Hostile(_BOMB)
    for name, _ in found:
        if name.startswith(("/", "\\")) or "\\" in name or "\x00" in name or ".." in name.split("/") or ":" in name[:3]:
            raise Hostile(_PATH)
    if len({name for name, _ in found}) != len(found):
        raise Hostile("This archive has two files of the same name")
    return dict(found)
