"""One query for the many requests of a moment.

A round trip to PostgreSQL costs more than the rows it brings: waking two processes, and the work on both sides of the
socket. While one query of a kind is on its way, further keys wait and go together in the next one. At low load a batch
has one key and nobody waits; the higher the load, the larger the batch (docs/decisions/002 has the figures).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 64
TURNS = 8
"""Turns of the event loop in which a batch waits for company before it goes: those who were just answered get the
time to ask the next thing. They keep the requests together, which would else fall into two groups, each waiting for the
query of the other. Where the last batch had one key and this one has, nobody is there to wait for."""


class Loader(Generic[K, V]):
    """`load(key)` gives what `fetch([…, key, …])` has at the key's place. An error reaches all keys of its batch."""

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Sequence[V]]]) -> None:
        self._fetch = fetch
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._running: asyncio.Task[None] | None = None
        self._alone = True

    def load(self, key: K) -> "asyncio.Future[V]":
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return future

    async def _run(self) -> None:
        try:
            while self._waiting:
                if not self._alone or len(self._waiting) > 1:
                    for _ in range(TURNS):
                        await asyncio.sleep(0)
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._alone = len(batch) == 1
                await self._answer(batch)
        finally:
            self._running = None

    async def _answer(self, batch: list[tuple[K, "asyncio.Future[V]"]]) -> None:
        try:
            values = await self._fetch([key for key, _ in batch])
            answers = list(zip(batch, values, strict=True))
        except Exception as error:  # noqa: BLE001 (whatever it is, it belongs to those who asked)
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), value in answers:
            if not future.done():
                future.set_result(value)
