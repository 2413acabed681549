"""The SQL of imports: what was loaded already, and who the people of a corpus are here."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db


class Batch(msgspec.Struct, frozen=True):
    """Rows that were loaded in one transaction."""

    lane: int
    number: int
    posted: int
    rejected: bytes
    """JSON lines."""


class Known(msgspec.Struct, frozen=True):
    """Somebody of a corpus, and who that is here."""

    name: str
    account_id: int
    username: str


async def begin(db: Db, key: bytes, file: str, now: datetime) -> datetime:
    """When this import was begun: now, or some time before."""
    return await db.value(
        """
        INSERT INTO imports AS i (key, file, started_at) VALUES ($1, $2, $3)
        ON CONFLICT (key) DO UPDATE SET key = i.key
        RETURNING started_at
        """,
        key,
        file,
        now,
    )


async def batches(db: Db, key: bytes) -> list[Batch]:
    """What has been loaded."""
    return await db.rows(
        Batch, "SELECT lane, number, posted, rejected FROM import_batches WHERE import_key = $1 ORDER BY 1, 2", key
    )


async def claim(db: Db, key: bytes, lane: int, number: int) -> bool:
    """False when the batch has been loaded already; waits for a transaction that is about it."""
    written = await db.execute(
        "INSERT INTO import_batches (import_key, lane, number) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        key,
        lane,
        number,
    )
    return written == 1


async def finish(db: Db, key: bytes, batch: Batch) -> None:
    """What became of a batch."""
    await db.execute(
        "UPDATE import_batches SET posted = $4, rejected = $5 WHERE import_key = $1 AND lane = $2 AND number = $3",
        key,
        batch.lane,
        batch.number,
        batch.posted,
        batch.rejected,
    )


async def people(db: Db, names: Sequence[str], *, made_up: bool) -> list[Known]:
    """Those of the names who have an account already."""
    return await db.rows(
        Known,
        "SELECT name, account_id, username FROM import_people WHERE made_up = $2 AND name = ANY($1::text[])",
        names,
        made_up,
    )


async def remember(db: Db, one: Known, *, made_up: bool) -> None:
    await db.execute(
        "INSERT INTO import_people (made_up, name, account_id, username) VALUES ($1, $2, $3, $4)",
        made_up,
        one.name,
        one.account_id,
        one.username,
    )
