"""What follows from an act comes a moment later."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds, on a machine that is busy with other things."""


def eventually(look: Callable[[], T], *, until: Callable[[T], object] = bool) -> T:
    """Look again and again until what is seen is as it should be."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if until(seen):
            return seen
        assert time.monotonic() < deadline, f"it did not come: {seen!r}"
        time.sleep(0.1)
