"""Files, in a folder or in any store that speaks S3's, Google's or Azure's protocol.

A file never changes under its key, and no key can be guessed. What a file is called decides as what it is given out,
and nothing but pictures is.
"""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

import msgspec
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store, from_url

from townsquare.kernel.errors import NotFound, Unavailable
from townsquare.kernel.settings import SettingsError, Storage

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

log = structlog.get_logger("storage")

Folder = Literal["attachments", "avatars", "headers", "emojis", "cards"]

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}
CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}
FOR_EVER = "public, max-age=31536000, immutable"
"""What a `Cache-Control` header may say of every file here."""
PATIENCE: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
"""A person is waiting for the answer."""

_KEY = re.compile(r"[a-z]{1,20}/([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}/[a-z]{1,20}\.(jpg|png|webp|gif)")


class Store(msgspec.Struct, frozen=True):
    """An open store."""

    objects: "ObjectStore"
    keeps_headers: bool
    """Whether it gives a file out by itself, and so has to know its type. A folder does not."""


def open_storage(settings: Storage) -> Store:
    """`url` is a path, `file:///…`, `s3://bucket/prefix`, `gs://…`, `az://…` or `memory://`. Raises SettingsError."""
    url = settings.url
    scheme = urlsplit(url).scheme if "://" in url else "file"
    try:
        match scheme:
            case "file":
                folder = Path(unquote(urlsplit(url).path) if "://" in url else url).absolute()
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # pictures of posts that are not for everybody
                return Store(LocalStore(folder, automatic_cleanup=True), keeps_headers=False)
            case "memory":
                return Store(MemoryStore(), keeps_headers=True)
            case "s3" | "s3a":
                return Store(_s3(settings), keeps_headers=True)
            case _:
                return Store(from_url(url, retry_config=PATIENCE), keeps_headers=True)
    except (BaseError, OSError, ValueError) as error:
        raise SettingsError(
            f"storage.url = {url!r} cannot be opened: {_first_line(error)}. "
            "Write a folder, or s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
        ) from error


def _s3(settings: Storage) -> S3Store:
    """What is not set is taken from the usual environment variables (AWS_…)."""
    config: S3Config = {}
    if settings.endpoint:
        config["endpoint"] = settings.endpoint
    if settings.region:
        config["region"] = settings.region
    if settings.access_key_id:
        config["access_key_id"] = settings.access_key_id
        config["secret_access_key"] = settings.secret_access_key
    options: ClientConfig = {"allow_http": settings.endpoint.startswith("http://")}
    return S3Store.from_url(settings.url, config=config, client_options=options, retry_config=PATIENCE)


def new_prefix(folder: Folder) -> str:
    """A place for the files of one upload: 128 random bits, fanned out over folders."""
    name = secrets.token_hex(16)
    return f"{folder}/{name[:2]}/{name[2:4]}/{name}"


def key_for(prefix: str, name: str, content_type: str) -> str:
    """The key of a file of an upload. `name` is what is in it: original, small, static. Raises KeyError."""
    return f"{prefix}/{name}.{EXTENSIONS[content_type]}"


def content_type_of(key: str) -> str:
    """As what a file is given out. Raises NotFound for what is no key of ours."""
    if _KEY.fullmatch(key) is None:
        raise NotFound
    return CONTENT_TYPES[key.rpartition(".")[2]]


async def put(store: Store, key: str, data: bytes) -> None:
    """Write a file, wholly or not at all. Raises Unavailable."""
    headers = {"Content-Type": content_type_of(key), "Cache-Control": FOR_EVER} if store.keeps_headers else None
    try:
        await store.objects.put_async(key, data, attributes=headers)
    except (BaseError, OSError) as error:
        log.error("a file could not be written", file=key, error=_first_line(error))
        raise Unavailable("Files cannot be stored right now. Try again later") from error


async def read(store: Store, key: str) -> tuple[bytes, str]:
    """A file and its content type. Raises NotFound, Unavailable."""
    content_type = content_type_of(key)
    try:
        found = await store.objects.get_async(key)
        return bytes(await found.bytes_async()), content_type
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        log.error("a file could not be read", file=key, error=_first_line(error))
        raise Unavailable("Files cannot be read right now. Try again later") from error


async def delete_files(store: Store, keys: Iterable[str]) -> None:
    """Delete files; those that are gone already are passed over, so it may be run again. Raises Unavailable."""
    for key in keys:
        try:
            await store.objects.delete_async(key)
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            log.error("a file could not be deleted", file=key, error=_first_line(error))
            raise Unavailable("Files cannot be deleted right now. Try again later") from error


async def keep_files(store: Store, keys: Iterable[str], folder: str) -> None:
    """Copy files into a folder from which nothing is given out; those that are gone are passed over."""
    for key in keys:
        try:
            await store.objects.copy_async(key, f"{folder}/{key}")
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            log.error("a file could not be copied", file=key, error=_first_line(error))
            raise Unavailable("Files cannot be copied right now. Try again later") from error


async def move_files(store: Store, keys: Iterable[str], start: str, end: str) -> None:
    """Move files from below one folder to another (empty: where they are given out); those gone are passed over."""
    for key in keys:
        try:
            await store.objects.rename_async(f"{start}{key}", f"{end}{key}")
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            log.error("a file could not be moved", file=key, error=_first_line(error))
            raise Unavailable("Files cannot be moved right now. Try again later") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
