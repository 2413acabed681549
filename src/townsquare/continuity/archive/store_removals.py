"""The SQL of what was taken away: read for the archive, done again in what was restored."""

from datetime import timedelta

import asyncpg

from townsquare.continuity.archive.model import Removal
from townsquare.db.pool import Db

MANY = 5000
"""In an object of the archive."""
KEPT = timedelta(days=400)
"""Copies that are older than that are nobody's to restore from."""


async def after(one: asyncpg.Connection, xid: str, number: int) -> list[tuple[Removal, str, int]]:
    """The next ones of transactions that are over, so that none comes in later between those that were read."""
    rows = await one.fetch(
        """
        SELECT account_id, kind, item_id, removed_at, xid::text AS xid, number FROM removals
        WHERE (xid, number) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid, number LIMIT $3
        """,
        xid,
        number,
        MANY,
    )
    return [
        (Removal(row["account_id"], row["kind"], row["item_id"], row["removed_at"]), row["xid"], row["number"])
        for row in rows
    ]


async def forget(db: Db, age: timedelta) -> None:
    """Those of which no copy is kept any more that could bring them back."""
    await db.execute("DELETE FROM removals WHERE removed_at < now() - $1::interval", age)


async def files_of(db: Db, account_id: int, ids: list[int], media: list[int]) -> list[str]:
    """The keys of the files of posts, and of media."""
    records = await db.records(
        """
        SELECT k.key FROM media m, LATERAL (VALUES (m.file_key), (m.preview_key), (m.upload_key)) AS k (key)
        WHERE m.account_id = $1 AND (m.status_id = ANY($2) OR m.id = ANY($3)) AND k.key IS NOT NULL
        """,
        account_id,
        ids,
        media,
    )
    return [record[0] for record in records]


async def delete_media(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM media WHERE account_id = $1 AND id = ANY($2)", account_id, ids)


async def delete_sessions(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM sessions WHERE account_id = $1 AND id = ANY($2)", account_id, ids)


async def delete_tokens(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM oauth_tokens WHERE account_id = $1 AND id = ANY($2)", account_id, ids)
