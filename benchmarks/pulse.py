"""How fast the machine is at the moment: what it rents out to others as well is not always as fast.

A fixed piece of work that, like a service, waits for memory more than it computes: from one place of a list to the
next, in an order that no cache can guess.
"""

import random
import time
from typing import Final

PLACES: Final = 500_000
STEPS: Final = 200_000
TIMES: Final = 5


class Pulse:
    """To make one takes half a second."""

    def __init__(self) -> None:
        order = random.Random(1).sample(range(PLACES), PLACES)
        self._next = [0] * PLACES
        for here, there in zip(order, [*order[1:], order[0]], strict=True):
            self._next[here] = there

    def take(self) -> float:
        """Nanoseconds a step: the least of some tries, so that work in between does not count."""
        return min(self._once() for _ in range(TIMES))

    def _once(self) -> float:
        following, place = self._next, 0
        begun = time.perf_counter_ns()
        for _ in range(STEPS):
            place = following[place]
        return (time.perf_counter_ns() - begun) / STEPS
