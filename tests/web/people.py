"""What no page or command does: has people come from an earlier time, and waits for what follows from what they did."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from tests.live import PATIENCE, Live
from townsquare.auth.callers import CHANNEL
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.timelines import mail_choices


def running_settings(service: Live) -> dict[str, Any]:
    """The settings of a service that runs."""
    return json.loads((service.data / "service.json").read_text(encoding="utf-8"))["settings"]


@asynccontextmanager
async def database(service: Live) -> AsyncGenerator[asyncpg.Connection]:
    """A connection to the database of a service that runs."""
    connection = await asyncpg.connect(running_settings(service)["database_url"])
    try:
        yield connection
    finally:
        await connection.close()


async def forget_terms(service: Live, name: str) -> None:
    """As if somebody had come before the terms that are in force now."""
    async with database(service) as connection:
        number = await connection.fetchval(
            """
            UPDATE users SET terms_accepted_at = NULL
            FROM accounts WHERE accounts.id = users.account_id AND accounts.username = $1
            RETURNING accounts.id
            """,
            name,
        )
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(number))


async def settled(service: Live) -> None:
    """Return when nothing waits in the queue: all are told of all, and every timeline has what belongs there."""
    deadline = time.monotonic() + PATIENCE
    async with database(service) as connection:
        while await connection.fetchval("SELECT count(*) FROM jobs WHERE due_at <= now()"):
            assert time.monotonic() < deadline, service.output
            await asyncio.sleep(0.05)


async def way_out_of_mail(service: Live, name: str) -> str:
    """The link in mail about somebody's notifications, which a service without a mail server does not send."""
    settings = running_settings(service)
    keys = partial(keyring.read, Path(settings["keys"]["file"]))
    async with Database.connect(settings["database_url"], keys, connections=1) as db:
        account_id: int = await db.value("SELECT id FROM accounts WHERE username = $1", name)
        return f"/unsubscribe/{mail_choices.make_token(db, account_id)}"


async def make_ready_for_juries(service: Live, names: Collection[str]) -> None:
    """As if these had been here for long, and had said that they may be drawn."""
    async with database(service) as connection:
        await connection.execute(
            """
            WITH older AS (
                UPDATE users SET created_at = users.created_at - interval '60 days'
                FROM accounts WHERE accounts.id = users.account_id AND accounts.username = ANY($1) RETURNING account_id
            )
            INSERT INTO jurors (account_id, ready_at) SELECT account_id, now() FROM older
            """,
            names,
        )


async def drawn(service: Live) -> str:
    """The name of somebody who was drawn for the newest jury. Nobody else will be."""
    async with database(service) as connection:
        await connection.execute("DELETE FROM jurors")
        name: str | None = await connection.fetchval(
            """
            SELECT a.username FROM jury_seats s JOIN accounts a ON a.id = s.account_id
            ORDER BY s.case_id DESC, a.id LIMIT 1
            """
        )
    assert name is not None
    return name


async def make_trend(service: Live, url: str) -> None:
    """As if many had posted this link today. A service without cards knows of no links."""
    async with database(service) as connection:
        await connection.execute(
            """
            WITH used AS (
                INSERT INTO trend_days (kind, key, day, uses, accounts)
                VALUES ('link', $1, extract(epoch FROM now())::bigint / 86400, 90, 90)
            )
            INSERT INTO trending (kind, key, score, peak, peak_at, language, allowed)
            VALUES ('link', $1, 90, 90, now(), NULL, true)
            """,
            url,
        )


async def newest_case(service: Live) -> int:
    """The case that was opened last: others may come before it at the desk."""
    async with database(service) as connection:
        return await connection.fetchval("SELECT case_id FROM case_items WHERE open ORDER BY joined_at DESC LIMIT 1")
