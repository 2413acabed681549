"""Where archives stand: a folder, or a store that speaks S3's, Google's or Azure's protocol."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import msgspec
from obstore.exceptions import BaseError

from townsquare.continuity.archive.model import FORMAT, HEAD, ArchiveError, Head
from townsquare.kernel.settings import Bucket
from townsquare.kernel.settings_sources import SettingsError
from townsquare.media.storage import open_bucket

if TYPE_CHECKING:  # obstore has it for type checkers only
    from obstore import ListResult, ObjectMeta
    from obstore.store import ObjectStore

_PATIENCE = 120
"""Seconds that one object may take."""


class TargetError(ArchiveError):
    """A target does not do what it should, now; it may do so later."""


class Missing(ArchiveError):
    """An object is not there."""


class Found(msgspec.Struct, frozen=True):
    """An object, as a listing gives it."""

    name: str
    size: int
    modified: datetime


class Target:
    """An open target."""

    def __init__(self, url: str, objects: "ObjectStore") -> None:
        self.url = url
        self._objects = objects

    async def put(self, name: str, data: bytes) -> None:
        """Write an object, wholly or not at all. Raises TargetError."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._objects.put_async(name, data)
        except (BaseError, OSError) as error:
            raise self._failed("write", name, error) from error

    async def get(self, name: str) -> bytes:
        """Read an object. Raises Missing, TargetError."""
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._objects.get_async(name)
                return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise Missing(f"{name} is missing in {self.url}") from error
        except (BaseError, OSError) as error:
            raise self._failed("read", name, error) from error

    async def has(self, name: str) -> bool:
        """Raises TargetError."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._objects.head_async(name)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise self._failed("read", name, error) from error
        return True

    async def walk(self, folder: str) -> AsyncIterator[Found]:
        """All objects below a folder, in no order. Raises TargetError."""
        try:
            listing: AsyncIterator[Sequence[ObjectMeta]] = cast("Any", self._objects).list(folder)
            async for batch in listing:
                for one in batch:
                    yield Found(one["path"], one["size"], one["last_modified"])
        except (BaseError, OSError) as error:
            raise self._failed("list", folder, error) from error

    async def names(self, folder: str) -> list[Found]:
        """All objects below a folder, by name. Raises TargetError."""
        return sorted([one async for one in self.walk(folder)], key=lambda one: one.name)

    async def folders(self, folder: str) -> Sequence[str]:
        """The names of folders in a folder. Raises TargetError."""
        try:
            found: ListResult[Sequence[ObjectMeta]] = await cast("Any", self._objects).list_with_delimiter_async(folder)
        except (BaseError, OSError) as error:
            raise self._failed("list", folder, error) from error
        return sorted(one.rstrip("/").rpartition("/")[2] for one in found["common_prefixes"])

    async def delete(self, names: Sequence[str]) -> None:
        """Those that are gone already are passed over. Raises TargetError."""
        for name in names:
            try:
                await self._objects.delete_async(name)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise self._failed("delete", name, error) from error

    def _failed(self, verb: str, name: str, error: Exception) -> TargetError:
        why = str(error).partition("\n")[0] or type(error).__name__
        return TargetError(f"{self.url} does not let us {verb} {name}: {why}")


def open_target(bucket: Bucket) -> Target:
    """Raises ArchiveError."""
    try:
        return Target(bucket.url, cast("ObjectStore", open_bucket(bucket, "The target").objects))
    except SettingsError as error:
        raise ArchiveError(str(error)) from error


def is_folder(url: str) -> bool:
    return "://" not in url or urlsplit(url).scheme == "file"


async def read_head(target: Target) -> Head:
    """What a target says it is. Raises ArchiveError."""
    try:
        head = msgspec.json.decode(await target.get(HEAD), type=Head)
    except Missing as error:
        raise ArchiveError(f"There is no archive of Townsquare in {target.url}") from error
    except msgspec.DecodeError as error:
        raise ArchiveError(f"{HEAD} in {target.url} is damaged: {error}") from error
    if head.format != FORMAT:
        raise ArchiveError(f"The archive in {target.url} was written by a later version of the program. Take that one")
    return head
