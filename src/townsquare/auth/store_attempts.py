"""The SQL of `throttle`."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db


class Tried(msgspec.Struct, frozen=True):
    tries: int
    started_at: datetime


async def count(db: Db, subject: str, now: datetime, since: datetime) -> Tried:
    """One more, or the first one again where the first was before `since`."""
    tried = await db.row(
        Tried,
        """
        INSERT INTO attempts AS a (subject, started_at, tries) VALUES ($1, $2, 1)
        ON CONFLICT (subject) DO UPDATE SET
            tries = CASE WHEN a.started_at < $3 THEN 1 ELSE a.tries + 1 END,
            started_at = CASE WHEN a.started_at < $3 THEN $2 ELSE a.started_at END
        RETURNING tries, started_at
        """,
        subject,
        now,
        since,
    )
    return tried or Tried(1, now)


async def clear(db: Db, subject: str) -> None:
    await db.execute("DELETE FROM attempts WHERE subject = $1", subject)


async def subtract(db: Db, subject: str) -> None:
    await db.execute("UPDATE attempts SET tries = tries - 1 WHERE subject = $1 AND tries > 0", subject)


async def sweep(db: Db, before: datetime) -> None:
    await db.execute("DELETE FROM attempts WHERE started_at < $1", before)
