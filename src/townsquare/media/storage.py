"""Files, in a folder or in any store that speaks S3's, Google's or Azure's protocol.

A file never changes under its key, and no key can be guessed. What a file is called decides as what it is given out,
and nothing but pictures, films and sound that we have made ourselves is.
"""

import fcntl
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast
from urllib.parse import unquote, urlsplit

import msgspec
import structlog
from obstore import sign, sign_async
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store, from_url

from townsquare.kernel.errors import NotFound, Refused, Unavailable
from townsquare.kernel.settings import Bucket, Storage
from townsquare.kernel.settings_sources import SettingsError
from townsquare.kernel.words import N_
from townsquare.media import coming
from townsquare.media.beside import Order, tell
from townsquare.media.pair import BEHIND, Pair

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import BytesStream, GetOptions, ObjectMeta, OffsetRange, SuffixRange
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Config

T = TypeVar("T")

log = structlog.get_logger("storage")

Folder = Literal["attachments", "avatars", "headers", "emojis", "cards", "copies", "places"]

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "audio/mpeg": "mp3",
}
CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}
KEPT = "public, max-age=31536000, s-maxage=30, immutable"
"""What a `Cache-Control` header may say of every file here: it never changes, and whoever has seen it may keep it; but
what is shared (RFC 9111, section 5.2.2.10) asks again, so that a file that is removed is gone from there too.
"""
PATIENCE: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
"""A person is waiting for the answer."""

CHUNK = 256 * 1024
"""Bytes of a file that are sent at a time."""
ADDRESS_HOLDS = timedelta(hours=1)
"""For so long whoever has a signed address can fetch the file."""

SIGNS = (S3Store, GCSStore, AzureStore)
"""Stores that give out files to whoever has an address with a signature."""
WITHHELD = "withheld/"
"""Where the files of suspended people stand: nothing is given out from there."""

_KEY = re.compile(r"[a-z]{1,20}/([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}/[a-z]{1,20}\.(jpg|png|webp|gif|mp4|mp3)")


class Store(msgspec.Struct, frozen=True):
    """An open store."""

    objects: "ObjectStore | Pair"
    keeps_headers: bool
    """Whether it gives a file out by itself, and so has to know its type. A folder does not."""
    elsewhere: str = ""
    """The address, without a slash at its end, where files are given out to everybody."""
    signed: bool = False
    """Whether the store gives files out to those who have a signed address."""
    origin: str = ""
    """An address from which pages load files, where that is not ours."""
    beside: str = ""
    """The folder by which a second host is told of files; empty where files stand in a store of their own."""
    arrivals: Path | None = None
    """Where keys are noted of what is written, for whoever copies the store continuously."""
    coming: Path | None = None
    """The list of files that are still on their way into the store, while there are any."""


class NoSuchPart(Refused):
    status: ClassVar[int] = 416
    default: ClassVar[str] = N_("The file has no such part")


class Part(msgspec.Struct, frozen=True):
    """Of a file: from byte `start` on, up to `end`, which is not included. Without a start: its last `end` bytes."""

    start: int | None
    end: int | None

    @property
    def wanted(self) -> "tuple[int, int] | OffsetRange | SuffixRange":
        if self.start is None:
            return {"suffix": self.end or 0}
        return {"offset": self.start} if self.end is None else (self.start, self.end)


class Piece(msgspec.Struct, frozen=True):
    """A file or a part of one, which is read while it is sent. Bytes `start` to `end` of `size`, `end` not included."""

    chunks: AsyncIterator[bytes]
    content_type: str
    start: int
    end: int
    size: int


def open_storage(settings: Storage, beside: str = "") -> Store:
    """`url`, also that of the fallback, is a path, `file:///…`, `s3://bucket/prefix`, `gs://…`, `az://…` or `memory://`.

    `beside`: see Store; a store elsewhere is the same for both hosts. Raises SettingsError.
    """
    first = _opened(settings, "storage.url")
    second = _opened(settings.fallback, "storage.fallback.url") if settings.fallback.url else None
    elsewhere = settings.public_url.rstrip("/")
    if elsewhere and not elsewhere.startswith(("https://", "http://")):
        raise SettingsError(f"storage.public_url = {elsewhere!r} is wrong: write it as https://files.example.org")
    origin = elsewhere or (_signed_address(first) if settings.signed else "")
    keeps_headers = any(not isinstance(one, LocalStore | None) for one in (first, second))
    objects = first if second is None else Pair(first, second, _headers)
    told = beside if isinstance(first, LocalStore) else ""
    return Store(objects, keeps_headers, elsewhere, settings.signed, origin, told)


def open_bucket(bucket: Bucket, name: str) -> Store:
    """One store alone; `name` is that of its setting. Raises SettingsError."""
    objects = _opened(bucket, name)
    return Store(objects, keeps_headers=not isinstance(objects, LocalStore))


def _opened(bucket: Bucket, name: str) -> "ObjectStore":
    try:
        return _open(bucket)
    except (BaseError, OSError, ValueError) as error:
        raise SettingsError(
            f"{name} = {bucket.url!r} cannot be opened: {_first_line(error)}. "
            "Write a folder, or s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
        ) from error


def _signed_address(objects: "ObjectStore") -> str:
    """Of no file in particular. Raises SettingsError."""
    if not isinstance(objects, SIGNS):
        raise SettingsError("storage.signed is for stores like S3 only: a folder gives nothing out by itself")
    try:
        return sign(objects, "GET", "-", ADDRESS_HOLDS)
    except (BaseError, OSError, ValueError) as error:
        raise SettingsError(f"storage.signed cannot be done: {_first_line(error)}. Are the keys set?") from error


def _open(bucket: Bucket) -> "ObjectStore":
    url = bucket.url
    match urlsplit(url).scheme if "://" in url else "file":
        case "file":
            folder = Path(unquote(urlsplit(url).path) if "://" in url else url).absolute()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # pictures of posts that are not for everybody
            return LocalStore(folder, automatic_cleanup=True)
        case "memory":
            return MemoryStore()
        case "s3" | "s3a":
            return _s3(bucket)
        case _:
            return from_url(url, retry_config=PATIENCE)


def _s3(bucket: Bucket) -> S3Store:
    """What is not set is taken from the usual environment variables (AWS_…)."""
    config: S3Config = {}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.region:
        config["region"] = bucket.region
    if bucket.access_key_id:
        config["access_key_id"] = bucket.access_key_id
        config["secret_access_key"] = bucket.secret_access_key
    options: ClientConfig = {"allow_http": bucket.endpoint.startswith("http://")}
    return S3Store.from_url(bucket.url, config=config, client_options=options, retry_config=PATIENCE)


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


def key_as_sent(prefix: str) -> str:
    """The key of a file before it is worked on. Nothing is given out under it."""
    return f"{prefix}/sent"


async def put(store: Store, key: str, data: bytes | IO[bytes] | AsyncIterable[bytes]) -> None:
    """Write a file, wholly or not at all. Raises Unavailable."""
    headers = _headers(key) if store.keeps_headers else None
    try:
        await store.objects.put_async(key, data, attributes=headers)
    except (BaseError, OSError) as error:
        log.error("a file could not be written", file=key, error=_first_line(error))
        raise Unavailable("Files cannot be stored right now. Try again later") from error
    await tell(store.beside, Order("put", key))
    _note(store, key)


def _note(store: Store, key: str) -> None:
    """A hint, which may be lost: who copies the store looks through all of it from time to time."""
    if store.arrivals is None or not store.arrivals.parent.exists():
        return
    try:
        with store.arrivals.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH)
            stream.write(f"{key}\n".encode())
    except OSError as error:
        log.warning("a new file could not be noted", file=key, error=str(error))


def _headers(key: str) -> dict[str, str]:
    if _KEY.fullmatch(key) is None:
        return {"Content-Type": "application/octet-stream", "Cache-Control": "private, no-store"}
    return {"Content-Type": content_type_of(key), "Cache-Control": KEPT}


async def read(store: Store, key: str) -> tuple[bytes, str]:
    """A file and its content type. Raises NotFound, Unavailable."""
    found = await piece(store, key)
    return b"".join([chunk async for chunk in found.chunks]), found.content_type


async def piece(store: Store, key: str, part: Part | None = None) -> Piece:
    """A file, or a part of it. Raises NotFound, NoSuchPart, Unavailable."""
    return await _piece(store, key, content_type_of(key), part)


async def piece_withheld(store: Store, key: str, part: Part | None = None) -> Piece:
    """The same, also of a file that is withheld: for whoever was found to be allowed to see it."""
    try:
        return await piece(store, key, part)
    except NotFound:
        return await _piece(store, f"{WITHHELD}{key}", content_type_of(key), part)


async def _piece(store: Store, key: str, content_type: str, part: Part | None) -> Piece:
    try:
        options: GetOptions | None = {"range": part.wanted} if part else None
        found = await there(store, key, lambda: store.objects.get_async(key, options=options))
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        if part is not None and part.start is not None:
            size = await _size(store, key)
            if part.start >= size:
                raise NoSuchPart(headers={"content-range": f"bytes */{size}"}) from error
        raise _unreadable(key, error) from error
    start, end = found.range
    return Piece(_sent(found.stream(CHUNK)), content_type, start, end, found.meta["size"])


async def fetch(store: Store, key: str, file: IO[bytes]) -> None:
    """Write what is stored to a file. Raises NotFound, Unavailable."""
    try:
        found = await there(store, key, lambda: store.objects.get_async(key))
        async for chunk in found.stream(CHUNK):
            file.write(chunk)
        file.flush()
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        raise _unreadable(key, error) from error


async def chunks_of(store: Store, key: str, size: int) -> AsyncIterator[bytes]:
    """What is stored, in pieces of about so many bytes. Raises NotFound, Unavailable."""
    try:
        found = await there(store, key, lambda: store.objects.get_async(key))
        async for chunk in found.stream(size):
            yield bytes(chunk)
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        raise _unreadable(key, error) from error


async def all_keys(store: Store) -> AsyncIterator[list[str]]:
    """Every key that there is, in no order; of two stores, those of both. Raises Unavailable if one does not work."""
    objects = store.objects
    for side in (objects.first, objects.second) if isinstance(objects, Pair) else (objects,):
        try:
            listing: AsyncIterator[Sequence[ObjectMeta]] = cast("Any", side).list(chunk_size=1000)
            async for batch in listing:
                yield [one["path"] for one in batch if not one["path"].startswith(BEHIND)]
        except (BaseError, OSError) as error:
            raise _unreadable("", error) from error


async def size_of(store: Store, key: str) -> int:
    """Bytes of what is stored. Raises NotFound, Unavailable."""
    try:
        return (await there(store, key, lambda: store.objects.head_async(key)))["size"]
    except FileNotFoundError as error:
        raise NotFound from error
    except (BaseError, OSError) as error:
        raise _unreadable(key, error) from error


async def address_elsewhere(store: Store, key: str) -> str | None:
    """Where else a file is given out. None when it is here: also when it is there as a rule, and that does not work.

    Raises NotFound for what is no key of ours.
    """
    content_type_of(key)
    if not store.elsewhere and not store.signed:
        return None
    objects = store.objects
    if isinstance(objects, Pair):
        if not await objects.first_answers():
            return None
        objects = objects.first
    if store.elsewhere:
        return f"{store.elsewhere}/{key}"
    return await sign_async(objects, "GET", key, ADDRESS_HOLDS) if isinstance(objects, SIGNS) else None


async def mend(store: Store) -> int:
    """Bring to each of two stores what only the other could take. How many files."""
    return await store.objects.mend() if isinstance(store.objects, Pair) else 0


async def _size(store: Store, key: str) -> int:
    try:
        return (await store.objects.head_async(key))["size"]
    except (BaseError, OSError) as error:
        raise _unreadable(key, error) from error


async def there(store: Store, key: str, ask: "Callable[[], Awaitable[T]]") -> T:
    """What the store answers, once a file that is on its way is there. Raises as the store, and Unavailable."""
    try:
        return await ask()
    except FileNotFoundError:
        if not await coming.awaited(store.coming, key):
            raise
        return await ask()


async def _sent(stream: "BytesStream") -> AsyncIterator[bytes]:
    async for chunk in stream:
        yield bytes(chunk)


def _unreadable(key: str, error: Exception) -> Unavailable:
    log.error("a file could not be read", file=key, error=_first_line(error))
    return Unavailable("Files cannot be read right now. Try again later")


async def delete_files(store: Store, keys: Iterable[str]) -> None:
    """Delete files, also withheld ones; those that are gone already are passed over, so it may be run again.

    Raises Unavailable.
    """
    both = [f"{folder}{key}" for key in keys for folder in ("", WITHHELD)]
    await coming.drop(store.coming, both)
    await _each(both, "deleted", store.objects.delete_async)
    await tell(store.beside, *(Order("drop", key, wait=False) for key in both))


async def withhold_files(store: Store, keys: Iterable[str], *, withheld: bool) -> None:
    """Have files not given out any more, or given out again; those that are so, or gone, are passed over.

    Raises Unavailable.
    """
    start, end = ("", WITHHELD) if withheld else (WITHHELD, "")
    named = list(keys)
    await coming.move(store.coming, [(f"{start}{key}", f"{end}{key}") for key in named])
    await _each(named, "moved", lambda key: store.objects.rename_async(f"{start}{key}", f"{end}{key}"))
    await tell(store.beside, *(Order("move", f"{start}{key}", f"{end}{key}", wait=False) for key in named))


async def _each(keys: Iterable[str], done: str, act: Callable[[str], Awaitable[None]]) -> None:
    """Do it with all of them, as far as it can be done; one that fails keeps no other from it."""
    failed: Exception | None = None
    for key in keys:
        try:
            await act(key)
        except FileNotFoundError:
            continue
        except (BaseError, OSError) as error:
            log.error(f"a file could not be {done}", file=key, error=_first_line(error))
            failed = error
    if failed is not None:
        raise Unavailable("Files cannot be changed right now. Try again later") from failed


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
