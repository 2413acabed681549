"""Where in a timeline to go on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from townsquare.kernel.cursor import Cursor

__all__ = ["Cursor", "both_ways"]


class Reading(Protocol):
    @property
    def cursor(self) -> Cursor: ...


R = TypeVar("R", bound=Reading)
P = TypeVar("P")


async def both_ways(
    asked: Sequence[R], fetch: Callable[[Sequence[R], bool], Awaitable[list[list[P]]]]
) -> list[list[P]]:
    """What is asked for, each latest first: those that read upwards (min_id) by a query of their own, if there are any.

    `fetch(some, upwards)` gives for each the nearest to the cursor first.
    """
    up = [one for one in asked if one.cursor.upwards]
    if not up:
        return await fetch(asked, False)
    down = [one for one in asked if not one.cursor.upwards]
    below = iter(await fetch(down, False) if down else ())
    above = iter(await fetch(up, True))
    return [next(above)[::-1] if one.cursor.upwards else next(below) for one in asked]
