"""Wakes listeners after a commit, fifty times a second at most however much is committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

import asyncpg
import structlog

from townsquare.kernel.errors import DATABASE_LOST

log = structlog.get_logger("database")

PAUSE = 0.02


class Teller:
    """`tell` returns at once. What was told is said when the block ends, at the latest."""

    def __init__(self, say: Callable[[Sequence[str]], Awaitable[None]]) -> None:
        self._say = say
        self._channels: set[str] = set()
        self._running: asyncio.Task[None] | None = None

    def tell(self, channel: str) -> None:
        self._channels.add(channel)
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._channels:
                channels, self._channels = sorted(self._channels), set()
                await self._say(channels)
                await asyncio.sleep(PAUSE)
        except (*DATABASE_LOST, asyncpg.PostgresError) as error:
            log.warning("listeners were not woken; they look by themselves soon", error=str(error))
        finally:
            self._running = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            await self._running
