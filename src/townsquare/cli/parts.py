"""What the processes of a service have in common, and the one that works in the background; see also http.py."""

import asyncio
import importlib
import os
import resource
import signal
from collections.abc import Awaitable
from typing import Any, Protocol, cast

import asyncpg
import structlog
import uvloop

from townsquare.db import behind
from townsquare.kernel import logs
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.settings_sources import Resolved

GRACE = 10
"""Seconds in which requests and jobs that are under way may end."""
MANY_FILES = 65536

log = structlog.get_logger("work")


class App(Protocol):
    """What `townsquare.app` has. It is imported late: it reads its settings where `settings_sources.RUN` says."""

    application: Any

    def work(self, resolved: Resolved, stop: asyncio.Event) -> Awaitable[None]:
        """Do the background work until `stop`, then finish what is under way."""
        ...


def load_app() -> App:
    """The application. Loaded before a fork, its code stands in memory once for all processes."""
    return cast("App", importlib.import_module("townsquare.app"))


def allow_many_files() -> None:
    """As many open files, and so connections, as the system lets this process have, up to what is ever needed."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, min(most, MANY_FILES)), most))


def work(resolved: Resolved) -> int:
    """Do the background work until SIGTERM or SIGINT; then the batch under way is finished."""
    logs.configure(resolved.settings.log)
    os.nice(behind.NICE)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_work(resolved))
        except (*DATABASE_LOST, asyncpg.PostgresError) as error:
            log.error("the database was lost", error=str(error))
            return 1
    return 0


async def _work(resolved: Resolved) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.ensure_future(load_app().work(resolved, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await asyncio.wait_for(working, GRACE if stop.is_set() else None)
