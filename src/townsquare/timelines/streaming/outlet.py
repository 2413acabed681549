"""One open connection: what waits to be sent to it, and no more of that than a reader of ours may be behind.

A connection at rest has no task of its own here; one sends what waits and ends.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Generic, Literal, Protocol, TypeVar

import structlog

from townsquare.auth.callers import Caller
from townsquare.timelines.streaming.model import Feed, Stream

F = TypeVar("F", bytes, str)
End = Literal["revoked", "slow", "restart"]
"""Why a connection is ended from this side."""

MOST_WAITING = 1024 * 1024
"""Bytes of what a reader has not taken yet. One who is further behind than that is let go, and resumes."""

log = structlog.get_logger("streams")


class Message:
    """Something to be sent, encoded once for all who are sent the same. `payload` is JSON or an id, None: nothing."""

    __slots__ = ("encoded", "event", "id", "payload")

    def __init__(self, number: int, event: str, payload: bytes | None) -> None:
        self.id = number
        self.event = event
        self.payload = payload
        self.encoded: dict[tuple[str, ...], bytes | str] = {}


class Wire(Protocol[F]):
    """How messages are written on a connection of one kind."""

    kind: str

    def encode(self, message: Message, stream: Stream) -> F: ...

    def beat(self, position: int | None) -> F | None:
        """What shows that the connection lives. `position`: the place up to which everything was sent, if known."""
        ...

    async def write(self, frames: Sequence[F]) -> None: ...

    async def finish(self, why: End) -> None: ...


class Subscription:
    """A stream that a connection watches. `after`: it wants what was told after this id, which is not sent yet."""

    __slots__ = ("after", "feeds", "outlet", "stream")

    def __init__(self, outlet: "AnyOutlet", stream: Stream, feeds: list[Feed], after: int | None) -> None:
        self.outlet = outlet
        self.stream = stream
        self.feeds = feeds
        self.after = after


class Outlet(Generic[F]):
    """`token`: of an app or, with `session`, the cookie of a session of the pages. `expires`: seconds since 1970 after
    which nothing more may be sent.
    """

    __slots__ = (
        "_sending",
        "_size",
        "_waiting",
        "_wire",
        "ended",
        "expires",
        "reader",
        "scopes",
        "session",
        "subscriptions",
        "token",
    )

    def __init__(self, wire: Wire[F], caller: Caller, token: str, *, session: bool = False) -> None:
        self.reader = caller.account_id
        self.token = token
        self.session = session
        self.scopes = caller.scopes
        self.expires = None if caller.expires_at is None else caller.expires_at.timestamp()
        self.subscriptions: list[Subscription] = []
        self.ended = False
        self._wire = wire
        self._waiting: list[F] = []
        self._size = 0
        self._sending: asyncio.Task[None] | None = None

    @property
    def kind(self) -> str:
        return self._wire.kind

    def put(self, message: Message, stream: Stream) -> None:
        """Send it soon."""
        self._put(self._wire.encode(message, stream))

    def beat(self, position: int | None) -> None:
        """Show that the connection lives; not needed where something waits to be sent."""
        if self.expires is not None and self.expires <= time.time():
            self.end("revoked")
        elif self._sending is None:
            joined = all(one.after is None for one in self.subscriptions)
            frame = self._wire.beat(position if joined else None)
            if frame is not None:
                self._put(frame)

    def end(self, why: End) -> None:
        """Send nothing more and close the connection."""
        if not self.ended:
            log.debug("a stream is ended", reader=self.reader, why=why)
            self.over()
            self._sending = asyncio.create_task(self._finish(why))

    def over(self) -> None:
        """The connection is gone, or about to be: nothing is kept for it."""
        self.ended = True
        self._waiting.clear()
        self._size = 0
        if self._sending is not None:
            self._sending.cancel()

    def _put(self, frame: F) -> None:
        if self.ended:
            return
        if self.expires is not None and self.expires <= time.time():
            self.end("revoked")
            return
        self._waiting.append(frame)
        self._size += len(frame)
        if self._size > MOST_WAITING:
            self.end("slow")
        elif self._sending is None:
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._waiting:
                frames, self._waiting, self._size = self._waiting, [], 0
                await self._wire.write(frames)
            self._sending = None
        except Exception as error:  # noqa: BLE001 (each server has its own error for a connection that has gone)
            self._sending = None
            self.over()
            log.debug("a stream has broken off", reader=self.reader, error=repr(error))

    async def _finish(self, why: End) -> None:
        try:
            await self._wire.finish(why)
        except Exception as error:  # noqa: BLE001 (likewise)
            log.debug("a stream was gone before its end", reader=self.reader, error=repr(error))


AnyOutlet = Outlet[bytes] | Outlet[str]
