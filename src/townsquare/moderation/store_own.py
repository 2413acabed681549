"""The SQL of the place's own settings: what was chosen on its pages."""

from collections.abc import Sequence
from typing import Any, Final

from townsquare.db.pool import Db, Tx

CHANNEL: Final = "townsquare_own"
"""On which processes hear that something was chosen anew."""


async def everything(db: Db) -> dict[str, Any]:
    records = await db.records("SELECT key, value FROM own_settings")
    return {record["key"]: record["value"] for record in records}


async def put(tx: Tx, keys: Sequence[str], values: Sequence[str]) -> None:
    """Values as JSON."""
    await tx.execute(
        """
        INSERT INTO own_settings (key, value)
        SELECT k.key, k.value::jsonb FROM unnest($1::text[], $2::text[]) AS k (key, value)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = now()
        """,
        keys,
        values,
    )


async def notify(tx: Tx) -> None:
    await tx.execute("SELECT pg_notify($1, '')", CHANNEL)
