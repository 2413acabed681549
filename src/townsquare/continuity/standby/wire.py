"""Streams between hosts: TLS 1.3 on one port, certificates pinned on both sides.

A caller says in one line of JSON what it wants, is answered in one, and then the stream belongs to what was asked for.
"""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from townsquare.continuity.standby import identity
from townsquare.continuity.standby.folder import StandbyError
from townsquare.continuity.standby.model import split_address

T = TypeVar("T")

CHUNK: Final = 256 * 1024
"""Bytes that are passed on at a time."""
LONGEST: Final = 8 * 1024 * 1024
"""Bytes of a line: the names of the files of one folder are the longest that there is."""
PATIENCE: Final = 5.0
"""Seconds in which a host must take a call and answer."""
LOST: Final = (OSError, asyncio.IncompleteReadError, TimeoutError, asyncio.LimitOverrunError, msgspec.DecodeError)
"""What is raised when the other end is away, or says what nobody says."""


class Asking(msgspec.Struct, frozen=True):
    """The first line of a caller. What the services take beside their name stands in `given`."""

    service: str
    given: msgspec.Raw = msgspec.Raw(b"{}")


class Said(msgspec.Struct, frozen=True):
    """The answer to it."""

    wrong: str = ""
    answer: msgspec.Raw = msgspec.Raw(b"null")


class Stream:
    """One stream, by whole lines and by bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, value: object, *more: bytes) -> None:
        """A line of JSON, and bytes after it."""
        self.writer.write(msgspec.json.encode(value) + b"\n")
        for one in more:
            self.writer.write(one)
        await self.writer.drain()

    async def hear(self, shape: type[T]) -> T:
        """The next line. Raises one of LOST."""
        line = await self.reader.readuntil(b"\n")
        return msgspec.json.decode(line, type=shape)

    def caller(self) -> str:
        """The fingerprint of who is at the other end; empty for one who has shown no certificate."""
        tls = cast("ssl.SSLObject | None", self.writer.get_extra_info("ssl_object"))
        shown = tls.getpeercert(binary_form=True) if tls is not None else None
        return identity.fingerprint(shown) if shown else ""

    async def close(self) -> None:
        self.writer.close()
        with suppress(*LOST):
            await asyncio.wait_for(self.writer.wait_closed(), 1)


async def call(address: str, context: ssl.SSLContext, *, pinned: str = "", patience: float = PATIENCE) -> Stream:
    """A stream to a host. `pinned`: the fingerprint that it must have. Raises OSError, TimeoutError, StandbyError."""
    host, port = split_address(address)
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=LONGEST)
    stream = Stream(reader, writer)
    if pinned and stream.caller() != pinned:
        await stream.close()
        raise StandbyError(f"Whoever answers at {address} is not the host that has invited this one. Nothing was said")
    return stream


async def ask(stream: Stream, service: str, given: object, shape: type[T], *, patience: float = PATIENCE) -> T:
    """Ask for a service. Raises StandbyError where it is refused, and one of LOST."""
    async with asyncio.timeout(patience):
        await stream.say(Asking(service, msgspec.Raw(msgspec.json.encode(given))))
        said = await stream.hear(Said)
    if said.wrong:
        raise StandbyError(said.wrong)
    return msgspec.json.decode(said.answer, type=shape)


async def accept(stream: Stream, answer: object = None) -> None:
    """Tell the caller that it gets what it asked for."""
    await stream.say(Said(answer=msgspec.Raw(msgspec.json.encode(answer))))


async def refuse(stream: Stream, wrong: str) -> None:
    """Tell the caller why not."""
    await stream.say(Said(wrong=wrong))


async def relay(one: Stream, other: Stream) -> None:
    """Pass on what each says to the other, until one of them has ended."""
    ways = [asyncio.create_task(_pour(one.reader, other.writer)), asyncio.create_task(_pour(other.reader, one.writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        # What is said in answer to the last word still arrives: a request's end is not the answer's.
        await asyncio.wait(ways, timeout=60)
    finally:
        for way in ways:
            way.cancel()
        await one.close()
        await other.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*LOST):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    with suppress(*LOST, RuntimeError):
        writer.close()


Handling = Callable[[Stream], Awaitable[None]]


def serving(handle: Handling) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """What asyncio's servers call, for a function of a stream."""

    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream(reader, writer)
        try:
            await handle(stream)
        except (*LOST, StandbyError):
            pass
        finally:
            await stream.close()

    return taken


def decoded(given: msgspec.Raw, shape: type[T]) -> T:
    """What came with a call. Raises msgspec.DecodeError."""
    return msgspec.json.decode(cast("Any", given), type=shape)


async def local(path: Path, handle: Handling) -> asyncio.AbstractServer:
    """A door for this host's own processes, and PostgreSQL's: for the owner of the folder that it stands in."""
    await asyncio.to_thread(path.unlink, missing_ok=True)
    server = await asyncio.start_unix_server(serving(handle), str(path), limit=LONGEST)
    await asyncio.to_thread(_close_to_others, path)
    return server


async def open_local(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Through such a door."""
    return await asyncio.open_unix_connection(str(path), limit=LONGEST)


def _close_to_others(path: Path) -> None:
    there = path.parent.stat()
    os.chown(path, there.st_uid, there.st_gid)
    path.chmod(0o600)
