"""Hears what other processes say by NOTIFY: one connection a process, opened again when it is lost."""

import asyncio
from collections.abc import Callable, Mapping

import asyncpg
import structlog

log = structlog.get_logger("listen")

Heard = Callable[[str], None]
PAUSE = 1.0
"""Seconds between attempts to connect."""


async def listen(dsn: str, channels: Mapping[str, Heard], *, up: Callable[[], None], down: Callable[[], None]) -> None:
    """Call the channel's function with each payload, until cancelled.

    `down` is called when the connection is lost (what was built on hearing everything is then worth nothing), `up` when
    all channels are heard.
    """
    while True:
        lost = asyncio.Event()
        try:
            connection = await asyncpg.connect(dsn, server_settings={"application_name": "townsquare-listen"})
        except (OSError, asyncpg.PostgresError) as error:
            log.warning("cannot listen", error=str(error))
            await asyncio.sleep(PAUSE)
            continue
        try:
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            for channel, heard in channels.items():
                await connection.add_listener(channel, lambda _c, _p, _ch, payload, heard=heard: heard(str(payload)))
            up()
            await lost.wait()
        finally:
            down()
            await connection.close(timeout=1)
        log.warning("the listening connection was lost")
