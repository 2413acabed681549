"""The SQL by which somebody cannot sign in any more, ever."""

from typing import Final, LiteralString

from townsquare.db.pool import Db, Tx

_TABLES: Final[tuple[LiteralString, ...]] = (
    "oauth_tokens", "oauth_codes", "sessions", "email_tokens", "recovery_codes", "invites", "email_prints",
    "carried", "users",
)  # fmt: skip


async def delete(tx: Tx, account_id: int) -> None:
    """The person as one who signs in: password, address, sessions, tokens of apps, what waits for them."""
    for table in _TABLES:
        await tx.execute("DELETE FROM " + table + " WHERE account_id = $1", account_id)


async def other_owner_exists(db: Db, account_id: int) -> bool:
    return await db.value("SELECT EXISTS (SELECT FROM users WHERE role = 'owner' AND account_id <> $1)", account_id)
