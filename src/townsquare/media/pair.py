"""Two stores of objects, at two suppliers: what is written goes to both, and what is read comes from whichever has it.

What only one of them took is noted there (below `behind/`, so that the note is lost only with the file itself), and
`mend` brings it to the other as soon as that answers again. What takes something away (deleting, moving) has to be done
in both, and fails until it was: whoever asked tries again. So nothing that is gone comes back with a store.

The names of the methods are obstore's, because a pair stands where a store does.
"""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import IO, TYPE_CHECKING, Final, TypeVar

import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore

if TYPE_CHECKING:  # obstore has these for type checkers only
    from obstore import Attributes, GetOptions, GetResult, ObjectMeta
    from obstore.store import ObjectStore

    Headers = Callable[[str], Attributes]
    Act = Callable[[ObjectStore], Awaitable[object]]

T = TypeVar("T")
Named = Callable[[list[str]], Awaitable[set[str]]]
"""Which of some files somebody or something here has."""

BEHIND: Final = "behind/"
REST: Final = 30.0
"""Seconds for which a store that has just failed is asked last, and not waited for when something is written."""
PROBE: Final = 3.0
"""Seconds in which a store that works says whether it has something."""
FAILED: Final = (BaseError, OSError)

log = structlog.get_logger("storage")


class Pair:
    """A store that does what either of two can. Raises what they do; FileNotFoundError when both say so.

    `headers`: with which a file is written, by its key, where a store keeps such.
    """

    def __init__(self, first: "ObjectStore", second: "ObjectStore", headers: "Headers") -> None:
        self.first = first
        self.second = second
        self._headers = headers
        self._failed_at: dict[int, float] = {}
        self._asked_at = -REST

    async def put_async(
        self, key: str, data: bytes | IO[bytes] | AsyncIterable[bytes], *, attributes: "Attributes | None" = None
    ) -> None:
        """Done when one of them has it. What can be read but once goes to one, and is brought to the other."""
        errors: list[Exception] = []
        done: list[ObjectStore] = []
        once = isinstance(data, AsyncIterable)
        for side in sorted(self._sides(), key=self._rests):
            if done and (once or self._rests(side)):
                continue
            if not isinstance(data, bytes | AsyncIterable):
                data.seek(0)
            try:
                await side.put_async(key, data, attributes=_kept(side, attributes))
                done.append(side)
            except FAILED as error:
                self._failed(side, error)
                errors.append(error)
                if once:  # what has been read of it is lost
                    break
        if not done:
            raise errors[0]
        if len(done) == 1:
            await done[0].put_async(BEHIND + key, b"")

    async def get_async(self, key: str, *, options: "GetOptions | None" = None) -> "GetResult":
        return await self._first_that_has(key, lambda side: side.get_async(key, options=options))

    async def head_async(self, key: str) -> "ObjectMeta":
        return await self._first_that_has(key, lambda side: side.head_async(key))

    async def delete_async(self, key: str) -> None:
        await self._in_both(lambda side: side.delete_async(key))

    async def rename_async(self, start: str, end: str) -> None:
        done = await self._in_both(lambda side: side.rename_async(start, end))
        if len(done) == 1:
            await done[0].put_async(BEHIND + end, b"")

    async def first_answers(self) -> bool:
        """Whether the first of them does; asked of itself now and then, where nothing else would notice."""
        if time.monotonic() - self._asked_at > REST:
            self._asked_at = time.monotonic()
            if not await self._answers(self.first, "-"):
                self._failed(self.first, TimeoutError("it does not answer"))
        return not self._rests(self.first)

    async def mend(self) -> int:
        """Bring to each what only the other took: how many files. What cannot be yet waits for the next time."""
        done = 0
        for here, there in ((self.first, self.second), (self.second, self.first)):
            try:
                async for note in _keys(here, BEHIND):
                    await self._bring(here, there, note.removeprefix(BEHIND))
                    await here.delete_async(note)
                    done += 1
            except FAILED as error:
                log.warning("files of one store could not be brought to the other yet", error=_first_line(error))
        return done

    async def fill(self, named: "Named") -> AsyncIterator[str]:
        """Bring to the second all that only the first has, and the other way round; the keys, as it is done.

        What nothing names was deleted while one of them was away, and stays where it is until it is deleted there.
        """
        for here, there in ((self.first, self.second), (self.second, self.first)):
            there_already = {key async for key in _keys(there, "")}
            async for keys in _batches(here, ""):
                lacking = [key for key in keys if key not in there_already and not key.startswith(BEHIND)]
                wanted = await named(lacking)
                for key in lacking:
                    if key in wanted:
                        await self._bring(here, there, key)
                        yield key

    def _sides(self) -> "tuple[ObjectStore, ObjectStore]":
        return self.first, self.second

    def _rests(self, side: "ObjectStore") -> bool:
        return time.monotonic() - self._failed_at.get(id(side), -REST) < REST

    def _failed(self, side: "ObjectStore", error: Exception) -> None:
        which = "first" if side is self.first else "fallback"
        log.error("a store does not work: the other is used", store=which, error=_first_line(error))
        self._failed_at[id(side)] = time.monotonic()

    async def _first_that_has(self, key: str, ask: "Callable[[ObjectStore], Awaitable[T]]") -> T:
        """The answer of the first that works and has it."""
        errors: list[Exception] = []
        for side in sorted(self._sides(), key=self._rests):
            try:
                return await ask(side)
            except FileNotFoundError as error:
                errors.append(error)
            except FAILED as error:
                if await self._answers(side, key):  # what was asked is wrong, and not the store
                    raise
                self._failed(side, error)
                errors.append(error)
        raise _worst(errors)

    async def _in_both(self, act: "Act") -> "list[ObjectStore]":
        """Where it was done. Raises FileNotFoundError where neither has it, and what failed where one does not work."""
        done: list[ObjectStore] = []
        errors: list[Exception] = []
        for side in self._sides():
            try:
                await act(side)
                done.append(side)
            except FileNotFoundError:
                continue
            except FAILED as error:
                errors.append(error)
        if errors:
            raise errors[0]
        if not done:
            raise FileNotFoundError
        return done

    async def _answers(self, side: "ObjectStore", key: str) -> bool:
        try:
            async with asyncio.timeout(PROBE):
                await side.head_async(key)
        except FileNotFoundError:
            return True
        except FAILED:
            return False
        return True

    async def _bring(self, here: "ObjectStore", there: "ObjectStore", key: str) -> None:
        """Copy a file; where it was deleted meanwhile it stays deleted."""
        try:
            found = await here.get_async(key)
        except FileNotFoundError:
            return
        await there.put_async(key, found.stream(), attributes=_kept(there, self._headers(key)))
        try:
            await here.head_async(key)
        except FileNotFoundError:
            await there.delete_async(key)


def _worst(errors: list[Exception]) -> Exception:
    """That something is nowhere is known only when both have said so."""
    return next((one for one in errors if not isinstance(one, FileNotFoundError)), errors[0])


def _kept(store: "ObjectStore", headers: "Attributes | None") -> "Attributes | None":
    """A folder keeps none."""
    return None if isinstance(store, LocalStore) else headers


async def _batches(store: "ObjectStore", prefix: str) -> AsyncIterator[list[str]]:
    """All keys, as many at once as the store gives."""
    listed = store.list(prefix or None)  # pyright: ignore[reportUnknownMemberType] (a table, where pyarrow is there)
    async for batch in listed:
        yield [one["path"] for one in batch]


async def _keys(store: "ObjectStore", prefix: str) -> AsyncIterator[str]:
    async for batch in _batches(store, prefix):
        for key in batch:
            yield key


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
