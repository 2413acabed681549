"""What goes back: a status, headers and bytes, sent with as little work as there can be."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, Final, Protocol

import msgspec

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = (b"content-type", b"application/json; charset=utf-8")
NOSNIFF = (b"x-content-type-options", b"nosniff")
"""A browser is not to look for a page in what people wrote."""
encode = msgspec.json.encode
SHARED: Final = 3
"""Seconds for which a shared cache may give out what people wrote: so long it shows what the place has removed, and
lacks what it has given back.
"""
NEVER_KEPT: Final = (b"cache-control", b"no-store")
"""For what is one person's, so that nobody who comes to the same browser later finds it; and for what is refused: it
may be there again at once. (Some shared caches keep that for minutes where nothing is said.)
"""
WHOLE: Final = "townsquare.whole"
"""Where in a scope stands what sends a whole answer at once (`Whole`), if the server has such a thing (cli/wire.py)."""


def kept(seconds: int) -> tuple[bytes, bytes]:
    """For what shows something of people's to anybody: how long whoever asked may keep it. What is shared (RFC 9111,
    section 5.2.2.10) asks again soon.
    """
    return b"cache-control", b"public, max-age=%d, s-maxage=%d" % (seconds, SHARED)


class Whole(Protocol):
    """Sends a body that comes in pieces. False: nothing was sent, and it is to be sent by messages."""

    def __call__(
        self, status: int, headers: Sequence[tuple[bytes, bytes]], pieces: Sequence[bytes], /, *, head_only: bool
    ) -> bool: ...


class Answer:
    """One response. `headers` are lower-case names and values in bytes.

    A page of posts is tens of kilobytes: its pieces are put together once, where it is sent.
    """

    __slots__ = ("headers", "pieces", "status")

    def __init__(self, *pieces: bytes, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.pieces = pieces
        self.status = status
        self.headers = headers or []

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces)

    def header(self, name: str, value: str) -> "Answer":
        """Add a header."""
        self.headers.append((name.encode("ascii"), value.encode("latin-1", "replace")))
        return self

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        body = self.body
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, length]})
        await send({"type": "http.response.body", "body": b"" if head_only else body})


class Stream:
    """A response of a known length, which is sent as it is read."""

    __slots__ = ("chunks", "headers", "length", "status")

    def __init__(
        self, chunks: AsyncIterator[bytes], length: int, *, status: int, headers: list[tuple[bytes, bytes]]
    ) -> None:
        self.chunks = chunks
        self.length = length
        self.status = status
        self.headers = headers

    def header(self, name: str, value: str) -> "Stream":
        """Add a header."""
        self.headers.append((name.encode("ascii"), value.encode("latin-1", "replace")))
        return self

    async def send(self, send: Send, *, head_only: bool = False) -> None:
        length = (b"content-length", b"%d" % self.length)
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, length]})
        if not head_only:
            async for chunk in self.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def json(value: object, *, status: int = 200) -> Answer:
    """JSON of a struct, or of bytes that are JSON already."""
    return Answer(value if isinstance(value, bytes) else encode(value), status=status, headers=[JSON, NOSNIFF])


def json_array(items: Sequence[bytes]) -> Answer:
    """A JSON array of items that are JSON already."""
    pieces = [b","] * (2 * len(items) + 1)
    pieces[1::2] = items
    pieces[-1] = b"]"
    pieces[0] = b"[" if items else b"[]"
    return Answer(*pieces, headers=[JSON, NOSNIFF])


def joined(items: Iterable[bytes]) -> bytes:
    """The same as a part of something else."""
    return b"[%b]" % b",".join(items)
