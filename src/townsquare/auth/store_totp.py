"""The SQL of `totp`: the shared secret, the steps that were used, the recovery codes."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Totp(msgspec.Struct, frozen=True):
    sealed: bytes | None
    enabled_at: datetime | None


async def totp(db: Db, account_id: int) -> Totp | None:
    return await db.row(
        Totp, "SELECT totp_sealed AS sealed, totp_enabled_at AS enabled_at FROM users WHERE account_id = $1", account_id
    )


async def lock_totp(tx: Tx, account_id: int) -> Totp | None:
    """The same, which nobody else changes until the transaction ends."""
    return await tx.row(
        Totp,
        """
        SELECT totp_sealed AS sealed, totp_enabled_at AS enabled_at FROM users WHERE account_id = $1 FOR NO KEY UPDATE
        """,
        account_id,
    )


async def set_totp(tx: Tx, account_id: int, sealed: bytes | None, enabled_at: datetime | None) -> None:
    await tx.execute(
        "UPDATE users SET totp_sealed = $2, totp_enabled_at = $3, totp_last_step = NULL WHERE account_id = $1",
        account_id,
        sealed,
        enabled_at,
    )


async def enable_totp(tx: Tx, account_id: int, now: datetime) -> None:
    await tx.execute("UPDATE users SET totp_enabled_at = $2 WHERE account_id = $1", account_id, now)


async def take_step(db: Db, account_id: int, step: int) -> bool:
    """Whether this time step was not used before; it is now."""
    return bool(
        await db.execute(
            "UPDATE users SET totp_last_step = $2 WHERE account_id = $1 AND coalesce(totp_last_step, 0) < $2",
            account_id,
            step,
        )
    )


async def replace_recovery_codes(tx: Tx, account_id: int, hashes: list[bytes]) -> None:
    await tx.execute("DELETE FROM recovery_codes WHERE account_id = $1", account_id)
    await tx.execute(
        "INSERT INTO recovery_codes (account_id, code_hash) SELECT $1, unnest($2::bytea[])", account_id, hashes
    )


async def use_recovery_code(db: Db, account_id: int, hashed: bytes, now: datetime) -> bool:
    """Whether it was there and not used before; it is now."""
    return bool(
        await db.execute(
            "UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL",
            account_id,
            hashed,
            now,
        )
    )


async def recovery_codes_left(db: Db, account_id: int) -> int:
    return await db.value("SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL", account_id)
