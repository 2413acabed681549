"""SQL of the badges that the staff gives people."""

from townsquare.db.pool import Db


async def grant(db: Db, account_id: int, badge: str) -> bool:
    """False when somebody has the badge already."""
    return bool(
        await db.execute(
            "INSERT INTO account_badges (account_id, badge) VALUES ($1, $2) ON CONFLICT DO NOTHING", account_id, badge
        )
    )


async def withdraw(db: Db, account_id: int, badge: str) -> bool:
    """False when somebody does not have the badge."""
    return bool(await db.execute("DELETE FROM account_badges WHERE account_id = $1 AND badge = $2", account_id, badge))
