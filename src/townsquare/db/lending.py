"""Lends the connections of a pool, and keeps those at hand that are used again and again.

Taking a connection out of the pool and putting it back costs as much as a small query. Those that were not needed for a
while go back, and the pool closes them: a process at rest holds few.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import asyncpg

EBB = 5.0
"""Seconds after which those that were not needed in between go back."""


class Lending:
    """`with` it open, `lend()` gives a connection for the time of a block."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._free: list[Any] = []
        self._spare = 0
        """So many of the free ones were not needed since the last ebb."""
        self._waiting = 0
        self._ebbing: asyncio.Task[None] | None = None
        self._closing = False

    def lend(self) -> "Lent":
        return Lent(self)

    async def take(self) -> Any:
        """One that is free; else one of the pool, which may have to be waited for."""
        while self._free:
            connection = self._free.pop()
            self._spare = min(self._spare, len(self._free))
            if is_open(connection):
                return connection
        self._waiting += 1
        try:
            return await self._pool.acquire()
        finally:
            self._waiting -= 1

    async def give(self, connection: Any, *, whole: bool) -> None:
        """Take it back. The pool gets it if somebody waits there, or unless it is `whole` (its block ended well)."""
        if whole and not self._closing and not self._waiting and is_open(connection):
            self._free.append(connection)
        else:
            await self._pool.release(connection)

    def sizes(self) -> tuple[int, int]:
        """How many connections are open, and how many of these are in use."""
        opened = self._pool.get_size()
        return opened, opened - self._pool.get_idle_size() - len(self._free)

    async def _ebb(self) -> None:
        while True:
            self._spare = len(self._free)
            await asyncio.sleep(EBB)
            for _ in range(min(self._spare, len(self._free))):
                await self._pool.release(self._free.pop(0))

    async def __aenter__(self) -> Self:
        self._ebbing = asyncio.create_task(self._ebb())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is still lent goes to the pool when it is given back: closing, the pool waits for it.
        self._closing = True
        if self._ebbing is not None:
            self._ebbing.cancel()
            with suppress(asyncio.CancelledError):
                await self._ebbing
        for connection in self._free:
            await self._pool.release(connection)


def is_open(connection: Any) -> bool:
    """Whether the server has not ended it: the pool has then taken it back already."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False


class Lent:
    """One connection for the time of a block."""

    __slots__ = ("_connection", "_lending")

    def __init__(self, lending: Lending) -> None:
        self._lending = lending

    async def __aenter__(self) -> Any:
        self._connection = await self._lending.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._lending.give(self._connection, whole=kind is None)
