"""Hears what other processes say by NOTIFY: one connection a process, opened again when it is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import asyncpg
import structlog

from townsquare.kernel.errors import DATABASE_LOST

log = structlog.get_logger("listen")

Heard = Callable[[str], None]
PAUSE = 1.0
"""Seconds between attempts to connect."""
FOLLOWING = 0.25
"""Seconds between two looks whether a server that follows another still does. It says nothing of its own meanwhile."""


async def listen(
    dsn: str, channels: Mapping[str, Heard], *, up: Callable[[], Awaitable[None]], down: Callable[[], None]
) -> None:
    """Call the channel's function with each payload, until cancelled.

    A server that follows another cannot be listened to: `up` and `down` are called each second then, until it leads.

    `down` is called when the connection is lost (what was built on hearing everything is then worth nothing), `up` when
    all channels are heard: what was said in between is not said again.
    """
    while True:
        try:
            await _hear(dsn, channels, up, down)
            log.warning("the listening connection was lost")
        except (*DATABASE_LOST, asyncpg.PostgresError) as error:
            log.warning("cannot listen", error=str(error))
            await asyncio.sleep(PAUSE)


async def _hear(
    dsn: str, channels: Mapping[str, Heard], up: Callable[[], Awaitable[None]], down: Callable[[], None]
) -> None:
    lost = asyncio.Event()
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "townsquare-listen"})
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await _until_it_leads(connection, lost, up, down)
        for channel, heard in channels.items():
            await connection.add_listener(channel, lambda _c, _p, _ch, payload, heard=heard: heard(str(payload)))
        await up()
        await lost.wait()
    finally:
        down()
        await connection.close(timeout=1)


async def _until_it_leads(
    connection: asyncpg.Connection, lost: asyncio.Event, up: Callable[[], Awaitable[None]], down: Callable[[], None]
) -> None:
    looks = 0
    while not lost.is_set() and await connection.fetchval("SELECT pg_is_in_recovery()"):
        if looks % int(PAUSE / FOLLOWING) == 0:
            await up()
            down()
        looks += 1
        await asyncio.sleep(FOLLOWING)
