"""The SQL of moving to another domain."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Carried(msgspec.Struct, frozen=True):
    """A browser on its way from one domain to the other."""

    account_id: int
    session_id: int
    state: bytes


async def insert(db: Db, code_hash: bytes, one: Carried, expires_at: datetime) -> None:
    await db.execute(
        "INSERT INTO carried (code_hash, account_id, session_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        code_hash,
        *msgspec.structs.astuple(one),
        expires_at,
    )


async def take(tx: Tx, code_hash: bytes, now: datetime) -> Carried | None:
    """What a code stands for, which then is no more. Those that are too old go with it."""
    await tx.execute("DELETE FROM carried WHERE expires_at <= $1", now)
    return await tx.row(
        Carried, "DELETE FROM carried WHERE code_hash = $1 RETURNING account_id, session_id, state", code_hash
    )


async def renew_session(tx: Tx, account_id: int, session_id: int, token_hash: bytes, now: datetime) -> datetime | None:
    """The session opens with another token from now on; until when. None where it has ended."""
    return await tx.value(
        """
        UPDATE sessions SET token_hash = $3, used_at = $4
        WHERE account_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $4 RETURNING expires_at
        """,
        account_id,
        session_id,
        token_hash,
        now,
    )


async def leave_passkeys(tx: Tx, host: str) -> int:
    """Those that were made at the domain that the place leaves stay there. How many these are."""
    return await tx.execute("UPDATE passkeys SET made_at_host = $1 WHERE made_at_host IS NULL", host)


async def return_passkeys(tx: Tx, host: str) -> None:
    """Those that were made at the domain to which the place comes back are at home again."""
    await tx.execute("UPDATE passkeys SET made_at_host = NULL WHERE made_at_host = $1", host)
