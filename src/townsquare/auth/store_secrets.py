"""The SQL of `vapid`."""

from townsquare.db.pool import Db


async def keep(db: Db, name: str, value: bytes) -> bytes:
    """The secret of this name: what stands there already, or else this."""
    await db.execute("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value)
    return await db.value("SELECT value FROM secrets WHERE name = $1", name)


async def find(db: Db, name: str) -> bytes | None:
    return await db.value("SELECT value FROM secrets WHERE name = $1", name)
