"""Pictures are decoded in a few threads beside the event loop, as many at once as memory allows.

Pillow's codecs run without Python's lock, so requests are answered meanwhile. What waits is bounded as well: it holds
the bytes of its uploads.
"""

import asyncio
import ctypes
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Protocol, TypeVar

from townsquare.kernel.errors import Unavailable
from townsquare.media.formats import ImageLimits, open_image

T_co = TypeVar("T_co", covariant=True)

THREADS = 2
MOST_WAITING = 32
MOST_PIXELS = 50_000_000
"""Decoded at the same moment, all pictures together; a decoder takes up to some ten bytes for each."""


class Process(Protocol[T_co]):
    """`images.process`, `process_avatar` or `process_header`."""

    def __call__(self, data: bytes, *, limits: ImageLimits) -> T_co: ...


class Workshop:
    """The threads of this process and what they have in hand."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pictures")
        self.taken = 0
        self._pixels = 0
        self._changed = threading.Condition()

    @contextmanager
    def room_for(self, pixels: int) -> Generator[None]:
        """Waits until so many pixels fit beside those in hand; a picture larger than all the room goes alone."""
        with self._changed:
            self._changed.wait_for(lambda: self._pixels == 0 or self._pixels + pixels <= MOST_PIXELS)
            self._pixels += pixels
        try:
            yield
        finally:
            with self._changed:
                self._pixels -= pixels
                self._changed.notify_all()


@cache
def workshop() -> Workshop:
    return Workshop()


async def run(process: Process[T_co], data: bytes, limits: ImageLimits) -> T_co:
    """`process(data, limits=limits)` in a thread. Raises what that raises, and Unavailable when too many wait."""
    shop = workshop()
    if shop.taken >= MOST_WAITING:
        raise Unavailable("Many pictures are being worked on. Wait a moment and send yours again")
    shop.taken += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(shop.threads, _in_turn(shop, process, data, limits))
    finally:
        shop.taken -= 1


def _in_turn(shop: Workshop, process: Process[T_co], data: bytes, limits: ImageLimits) -> Callable[[], T_co]:
    def work() -> T_co:
        width, height = open_image(data, limits).image.size
        try:
            with shop.room_for(width * height):
                return process(data, limits=limits)
        finally:
            _return_memory()

    return work


def _return_memory() -> None:
    """Give the C library's free memory back to the system; without it some 60 MB stay with us after a photo."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, other C libraries give memory back anyway
    if trim is not None:
        trim(0)
