"""Keys of a moment go together in one query, and everybody who asked hears what came of it."""

import asyncio
from collections.abc import Sequence

import pytest

from townsquare.db.loader import TURNS, Loader


async def test_keys_of_one_moment_share_a_query() -> None:
    asked: list[Sequence[int]] = []

    async def fetch(keys: Sequence[int]) -> list[int]:
        asked.append(keys)
        return [key * 10 for key in keys]

    loader = Loader(fetch)
    assert await asyncio.gather(*(loader.load(key) for key in (1, 2, 3))) == [10, 20, 30]
    assert asked == [[1, 2, 3]]


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3]])
async def test_a_wrong_number_of_answers_is_an_error_for_all_who_asked(answers: list[int]) -> None:
    async def fetch(_keys: Sequence[int]) -> list[int]:
        return answers

    loader = Loader(fetch)
    heard = await asyncio.wait_for(asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True), 5)
    assert [type(one) for one in heard] == [ValueError, ValueError]


async def test_an_error_reaches_all_who_asked_and_the_next_are_answered() -> None:
    async def fetch(keys: Sequence[int]) -> list[int]:
        if 2 in keys:
            raise LookupError("no two")
        return list(keys)

    loader = Loader(fetch)
    heard = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(one) for one in heard] == [LookupError, LookupError]
    assert await loader.load(3) == 3


async def test_who_is_alone_waits_for_nobody_and_many_wait_for_each_other() -> None:
    asked: list[Sequence[int]] = []
    turns = 0

    async def fetch(keys: Sequence[int]) -> list[int]:
        nonlocal turns
        asked.append((*keys, turns))
        return list(keys)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    loader, counting = Loader(fetch), asyncio.create_task(count())
    await asyncio.sleep(0)
    begun = turns
    await loader.load(1)
    assert asked.pop() == (1, begun + 1)
    await asyncio.gather(loader.load(2), loader.load(3))
    begun = turns
    await loader.load(4)
    counting.cancel()
    assert asked.pop()[-1] >= begun + TURNS
