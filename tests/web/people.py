"""What no page or command does: has people come from an earlier time, and waits for what follows from what they did."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from tests.live import PATIENCE, Live


@asynccontextmanager
async def database(service: Live) -> AsyncGenerator[asyncpg.Connection]:
    """A connection to the database of a service that runs."""
    running = json.loads((service.data / "service.json").read_text(encoding="utf-8"))
    connection = await asyncpg.connect(running["settings"]["database_url"])
    try:
        yield connection
    finally:
        await connection.close()


async def forget_terms(service: Live, name: str) -> None:
    """As if somebody had come before the terms that are in force now."""
    async with database(service) as connection:
        changed = await connection.execute(
            """
            UPDATE users SET terms_accepted_at = NULL
            FROM accounts WHERE accounts.id = users.account_id AND accounts.username = $1
            """,
            name,
        )
    assert changed == "UPDATE 1"


async def settled(service: Live) -> None:
    """Return when nothing waits in the queue: all are told of all, and every timeline has what belongs there."""
    deadline = time.monotonic() + PATIENCE
    async with database(service) as connection:
        while await connection.fetchval("SELECT count(*) FROM jobs WHERE due_at <= now()"):
            assert time.monotonic() < deadline, service.output
            await asyncio.sleep(0.05)
