"""Reading the messages that a service without a mail server leaves in its log."""

import asyncio
import re
import time

from tests.live import PATIENCE, Live


async def link_in_mail(service: Live, page: str, *, after: int = 0) -> str:
    """The newest link to a page (`/confirm/`, …) in what was logged after so many characters."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = re.findall(rf"{re.escape(service.url)}({re.escape(page)}[\w-]+)", service.output[after:])
        if found:
            return found[-1]
        assert time.monotonic() < deadline, service.output[after:]
        await asyncio.sleep(0.05)
