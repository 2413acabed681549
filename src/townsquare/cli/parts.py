"""The two kinds of processes of a service: the one that answers requests, and the one that works in the background."""

import asyncio
import importlib
import os
import resource
import signal
from collections.abc import Awaitable
from functools import partial
from typing import Any, Protocol, cast

import asyncpg
import structlog
import uvloop
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from townsquare.cli import children
from townsquare.kernel import logs
from townsquare.kernel.errors import DATABASE_LOST
from townsquare.kernel.settings import Settings

GRACE = 10
"""Seconds in which requests and jobs that are under way may end."""
MANY_FILES = 65536
LONGEST_HEAD = 64 * 1024
"""Bytes of a request before its body: address and headers. Who sends more gets status 431."""
GRANIAN_LOGS: dict[str, Any] = {"handlers": {}, "formatters": {}, "loggers": {"_granian": {"propagate": True}}}
"""Its lines go the way of all others."""

log = structlog.get_logger("work")


class App(Protocol):
    """What `townsquare.app` has. It reads its settings where `kernel.settings.RUN` says, so it is imported late."""

    application: Any

    def work(self, settings: Settings, stop: asyncio.Event) -> Awaitable[None]:
        """Do the background work until `stop`, then finish what is under way."""
        ...


def load_app() -> App:
    """The application. Loaded before a fork, its code stands in memory once for all processes."""
    return cast("App", importlib.import_module("townsquare.app"))


def serve(settings: Settings, host: str, port: int, workers: int) -> int:
    """Answer requests with `workers` processes until SIGTERM or SIGINT; then requests under way are finished."""
    logs.configure(settings.log)
    server = Server(
        "townsquare.app:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=LONGEST_HEAD),
        backlog=2048,
        websockets=True,
        log_level=LogLevels.debug if settings.log.level == "debug" else LogLevels.warning,
        log_dictconfig=GRANIAN_LOGS,
        respawn_failed_workers=True,
        respawn_interval=0,
        workers_kill_timeout=GRACE,
    )
    allow_many_files()
    load_app()
    server.serve(target_loader=partial(_in_worker, os.getpid()), wrap_loader=False)
    return 0


def allow_many_files() -> None:
    """As many open files, and so connections, as the system lets this process have, up to what is ever needed."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, min(most, MANY_FILES)), most))


def _in_worker(parent: int) -> Any:
    """Called in each worker process, which must not outlive the one that looks after it."""
    children.die_with(parent, signal.SIGKILL)
    children.name_process("townsquare-http")
    return load_app().application


def work(settings: Settings) -> int:
    """Do the background work until SIGTERM or SIGINT; then the batch under way is finished."""
    logs.configure(settings.log)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_work(settings))
        except (*DATABASE_LOST, asyncpg.PostgresError) as error:
            log.error("the database was lost", error=str(error))
            return 1
    return 0


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    working = asyncio.ensure_future(load_app().work(settings, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await asyncio.wait_for(working, GRACE if stop.is_set() else None)
