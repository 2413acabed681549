"""SQL of the roles that the place has chosen: changed ones and its own. Those as they come have no row."""

from townsquare.accounts.roles import Held
from townsquare.auth.model import Role
from townsquare.db.pool import Db, Tx
from townsquare.kernel.ids import AccountId


async def chosen(db: Db) -> list[Held]:
    """All, the lowest rank first, the oldest of each first."""
    return await db.rows(
        Held,
        """
        SELECT key, rank, name, color, permissions, highlighted FROM roles
        ORDER BY array_position(ARRAY['user', 'moderator', 'admin'], rank), length(key), key
        """,
    )


async def lock(tx: Tx) -> None:
    """Have the roles for this transaction alone to change."""
    await tx.execute("LOCK TABLE roles IN SHARE ROW EXCLUSIVE MODE")


async def put(tx: Tx, role: Held) -> None:
    await tx.execute(
        """
        INSERT INTO roles (key, rank, name, color, permissions, highlighted) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (key) DO UPDATE SET rank = $2, name = $3, color = $4, permissions = $5, highlighted = $6
        """,
        role.key, role.rank, role.name, role.color, role.permissions, role.highlighted,
    )  # fmt: skip


async def delete(tx: Tx, key: str) -> None:
    await tx.execute("DELETE FROM roles WHERE key = $1", key)


async def holders(db: Db, key: str) -> list[AccountId]:
    """All who have a role."""
    records = await db.records(
        "SELECT account_id FROM users WHERE coalesce(own_role, role) = $1 ORDER BY account_id", key
    )
    return [record[0] for record in records]


async def counts(db: Db) -> dict[str, int]:
    """How many have each, but for those who have none in particular."""
    records = await db.records(
        """
        SELECT coalesce(own_role, role) AS key, count(*) FROM users
        WHERE role <> 'user' OR own_role IS NOT NULL GROUP BY key
        """
    )
    return {record[0]: record[1] for record in records}


async def rank(tx: Tx, key: str, new: Role) -> None:
    """Give the rank of a role of one's own to all who have it."""
    await tx.execute("UPDATE users SET role = $2 WHERE own_role = $1", key, new)


async def strip(tx: Tx, key: str) -> None:
    """Leave all who have a role of one's own without any."""
    await tx.execute("UPDATE users SET role = 'user', own_role = NULL WHERE own_role = $1", key)
