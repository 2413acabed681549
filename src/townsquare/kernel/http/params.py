"""Parameters as clients send them: in the query, as JSON, urlencoded or multipart, with bracketed keys.

Rack's reading of bracketed keys is what Mastodon's clients were written against: `media_ids[]=1`, `poll[options][]=a`,
`fields_attributes[0][name]=x`. Numbers and booleans may come as strings. All of it becomes one tree, which
`msgspec.convert` turns into the endpoint's struct.
"""

import asyncio
import re
import types
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import IO, Annotated, Any, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from townsquare.kernel.errors import BadRequest, Invalid, TooLarge, TooSlow, UnsupportedType
from townsquare.kernel.http.endpoint import Receive

S = TypeVar("S", bound=msgspec.Struct)
G = TypeVar("G", dict[str, Any], list[Any])
Tree = dict[str, Any]

MAX_KEYS = 1000
MAX_DEPTH = 5
MOST_DIGITS = 18
PATIENCE = 30.0
"""Seconds that a body may take,"""
SLOWEST = 16 * 1024
"""and a second more for each so many bytes that have arrived."""
SHORT = 256
"""Bytes of a query that is worth remembering."""
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
"""No text of ours has these; a body may come in a charset that has."""
_TRUE, _FALSE = ("1", "t", "true", "on"), ("0", "f", "false", "off")
_WORDS: dict[str, bool] = {word: word in _TRUE for word in (*_TRUE, *_FALSE)}
"""How a yes or a no is written in forms."""


class File(msgspec.Struct, frozen=True):
    """An uploaded file, and what the client said of it (which is not to be believed). A large one is on the disk."""

    stream: Annotated[IO[bytes], msgspec.Meta(extra_json_schema={"type": "string", "format": "binary"})]
    size: int
    name: str
    content_type: str

    @property
    def data(self) -> bytes:
        """All of it."""
        self.stream.seek(0)
        return self.stream.read()


def asked(text: bytes, shape: type[S]) -> S:
    """The query string as a struct, which is shared by all who ask the same: it is not to be changed."""
    return _asked(text, shape) if len(text) <= SHORT else convert(query(text), shape)


@lru_cache(maxsize=4096)
def _asked(text: bytes, shape: type[S]) -> S:
    return convert(query(text), shape)


def query(text: bytes) -> Tree:
    """The query string, or a form that is written like one, as a tree."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=MAX_KEYS, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequest("The parameters are not valid UTF-8") from error
    except ValueError as error:
        raise BadRequest(f"There are more than {MAX_KEYS} parameters") from error
    return nest(pairs)


async def body(headers: Headers, receive: Receive, *, limit: int) -> Tree:
    """The body as a tree; an empty body is an empty tree. Raises BadRequest, TooLarge, TooSlow or UnsupportedType."""
    check_length(headers, limit)
    kind = _kind(headers)
    bounded = _bounded(receive, limit)
    if kind == "multipart/form-data":
        return await _multipart(headers, bounded, limit)
    data = b"".join([chunk async for chunk in bounded])
    if not data:
        return {}
    if kind == "application/x-www-form-urlencoded":
        return query(data)
    if kind in ("application/json", "text/json", "") or kind.endswith("+json"):
        return _json(data)
    raise UnsupportedType(f"A body of type {kind} is not understood: send JSON, a form or multipart")


def check_length(headers: Headers, limit: int) -> None:
    """Raise TooLarge for a body that is said to be larger, before any of it is read."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > MOST_DIGITS:
        raise BadRequest("The header Content-Length is not a number of bytes")
    if int(length) > limit:
        raise TooLarge(f"The body is larger than {limit:,} bytes")


def _kind(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


class _Written(MultiPartParser):
    """Passes over what is in files, so that they take no memory and no disk. `left`: bytes that texts may have yet."""

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], texts: int) -> None:
        super().__init__(headers, stream, max_fields=MAX_KEYS, max_part_size=texts)
        self.left = texts

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            return
        self.left -= end - start
        if self.left < 0:
            raise MultiPartException(f"There is more text than {self.max_part_size:,} bytes")
        super().on_part_data(data, start, end)


async def written(headers: Headers, receive: Receive, *, limit: int, texts: int) -> Tree:
    """The body of a form without its files, of which only the names are left: of one that is not taken, however large.

    What stands before the place at which it is cut off, or too large, is there. Raises as `body` does where nothing is.
    """
    if _kind(headers) != "multipart/form-data":
        return await body(headers, receive, limit=texts)
    parser = _Written(headers, _bounded(receive, limit), texts)
    with suppress(MultiPartException, UnicodeDecodeError, LookupError, ValueError, BadRequest, TooLarge, TooSlow):
        await parser.parse()
    return nest([(key, _file(value)) for key, value in parser.items])


async def _multipart(headers: Headers, bounded: AsyncGenerator[bytes, None], limit: int) -> Tree:
    try:
        form = await MultiPartParser(headers, bounded, max_fields=MAX_KEYS, max_part_size=limit).parse()
    except (MultiPartException, UnicodeDecodeError, LookupError, ValueError) as error:
        raise BadRequest(f"The form could not be read: {error}") from error
    return nest([(key, _file(value)) for key, value in form.multi_items()])


async def _bounded(receive: Receive, limit: int) -> AsyncGenerator[bytes, None]:
    """What arrives, as long as it is not too much and does not come too slowly (which would hold a connection)."""
    size, began = 0, asyncio.get_running_loop().time()
    more = True
    while more:
        try:
            async with asyncio.timeout_at(began + PATIENCE + size / SLOWEST):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] == "http.disconnect":
            raise BadRequest("The body was cut off before its end")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"The body is larger than {limit:,} bytes")
        yield chunk


def _file(value: UploadFile | str) -> File | str:
    if isinstance(value, str):
        return value
    return File(value.file, value.size or 0, value.filename or "", value.content_type or "")


def _json(data: bytes) -> Tree:
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from error
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise BadRequest("The body must be a JSON object")
    return cast("Tree", tree)


def nest(pairs: Iterable[tuple[str, Any]]) -> Tree:
    """Bracketed keys as a tree: `a[b]=1` is {"a": {"b": 1}}, `a[]=1&a[]=2` is {"a": [1, 2]}."""
    tree: Tree = {}
    for key, value in pairs:
        head, bracket, _ = key.partition("[")
        if not bracket:
            tree[key] = value
            continue
        parts = _BRACKETS.findall(key)
        if len(parts) > MAX_DEPTH:
            raise BadRequest(f"The parameter {key[:60]} is nested too deeply")
        _put(tree, [head, *parts], value)
    return tree


def _put(tree: Tree, path: list[str], value: object) -> None:
    name, *rest = path
    if not rest:
        tree[name] = value
    elif rest[0] != "":
        _put(_grown(tree, name, dict), rest, value)
    elif not any(rest):  # `a[][]` too: some clients add brackets to a name that has them
        _grown(tree, name, list).append(value)
    else:
        _put(_last_group(_grown(tree, name, list), rest[1:]), rest[1:], value)


def _last_group(groups: list[Any], path: list[str]) -> Tree:
    """The group that `a[][b]=1` goes into: the last one, or a new one where the last has a `b` already."""
    last: object = groups[-1] if groups else None
    if not isinstance(last, dict) or (len(path) == 1 and path[0] in last):
        groups.append({})
    return groups[-1]


def _grown(tree: Tree, name: str, kind: type[G]) -> G:
    """The group or list at a name, made where there is none."""
    grown = tree.setdefault(name, kind())
    if not isinstance(grown, kind):
        raise BadRequest(f"The parameter {name[:60]} is given in two ways that do not fit together")
    return grown


def convert(tree: Tree, shape: type[S]) -> S:
    """The tree as a struct; what the struct does not know is passed over, as Rails does. Raises Invalid."""
    try:
        return msgspec.convert(_fit(tree, shape), shape, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"Validation failed: {error}") from error


def _fit(value: Any, shape: Any) -> Any:
    """Bend what the notations cannot say: a list of one, a list by numbers, an empty text for nothing, a NUL."""
    origin = get_origin(shape)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(shape) if option not in (type(None), msgspec.UnsetType)]
        if value is None or (value == "" and not _takes_text(options)):
            return None
        return _fit(value, options[0]) if len(options) == 1 else value
    if isinstance(value, dict) and isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        tree = cast("Tree", value)
        return {
            field.name: _fit(tree[field.name], field.kind)
            for field in _fields(shape)
            if field.name in tree and not field.unsaid(tree[field.name])
        }
    if origin in (list, tuple):
        return [_fit(item, get_args(shape)[0]) for item in _items(value) if item is not None and item != ""]
    return _fit_plain(cast("object", value), shape)


def _fit_plain(value: object, shape: Any) -> object:
    if isinstance(value, str) and _UNFIT.search(value):
        raise Invalid("Validation failed: a text must be valid Unicode, and not contain a NUL character")
    if shape is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _WORDS.get(value.lower(), value) if shape is bool and isinstance(value, str) else value


class _Field(msgspec.Struct, frozen=True):
    """A parameter: whether null, and whether an empty text, is a value of it. If not, it was not sent, as in Rails."""

    name: str
    kind: Any
    null: bool
    empty: bool

    def unsaid(self, value: object) -> bool:
        return (value is None and not self.null) or (value == "" and not self.empty)


@lru_cache(maxsize=512)
def _fields(shape: type[msgspec.Struct]) -> tuple[_Field, ...]:
    return tuple(_field(field.encode_name, field.type) for field in msgspec.structs.fields(shape))


def _field(name: str, kind: Any) -> _Field:
    options = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    null = type(None) in options
    return _Field(name, kind, null, null or _takes_text(options))


def _takes_text(options: Iterable[Any]) -> bool:
    """Whether an empty text means something for one of the types."""
    return any(option is str or get_origin(option) in (list, tuple) for option in options)


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, list):
        return cast("list[Any]", value)
    if isinstance(value, dict):
        return list(cast("Tree", value).values())
    return [value]
