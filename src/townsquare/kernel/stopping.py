"""Hearing that the process is told to end before the server that it runs in has waited for open connections."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_stop(act: Callable[[], None]) -> Generator[None]:
    """For the time of the block: `act` in the event loop at the first of the signals that end the process.

    Whoever handles them otherwise does so too. Where nobody does, the process ends as it always did.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    handlers = {number: handler for number, handler in before.items() if callable(handler)}

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if signal.getsignal(number) is heard:
                signal.signal(number, handler)
