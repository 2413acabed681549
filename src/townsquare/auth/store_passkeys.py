"""The SQL of passkeys: what devices know people by, their public keys, and the questions that wait for an answer."""

from datetime import datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Db, Tx

Purpose = Literal["register", "sign_in", "confirm"]


class Passkey(msgspec.Struct, frozen=True):
    """A credential that one of a person's devices keeps. `synced`: it keeps it together with others."""

    id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    transports: list[str]
    discoverable: bool
    synced: bool
    created_at: datetime
    used_at: datetime | None
    made_at_host: str | None = None
    """At which former domain it was made, and opens the place; None: at the present one."""


async def handle_of(db: Db, account_id: int) -> bytes | None:
    return await db.value("SELECT handle FROM passkey_handles WHERE account_id = $1", account_id)


async def keep_handle(tx: Tx, account_id: int, handle: bytes) -> None:
    """Unless there is one already."""
    await tx.execute(
        "INSERT INTO passkey_handles (account_id, handle) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING",
        account_id,
        handle,
    )


async def by_handle(db: Db, handle: bytes) -> int | None:
    return await db.value("SELECT account_id FROM passkey_handles WHERE handle = $1", handle)


async def of_account(db: Db, account_id: int) -> list[Passkey]:
    """The oldest first."""
    return await db.rows(
        Passkey,
        """
        SELECT id, credential_id, public_key, sign_count, name, transports, discoverable, synced, created_at, used_at,
            made_at_host
        FROM passkeys WHERE account_id = $1 ORDER BY id
        """,
        account_id,
    )


async def former_hosts(db: Db) -> list[str]:
    """The former domains at which passkeys were made that are left."""
    records = await db.records("SELECT DISTINCT made_at_host FROM passkeys WHERE made_at_host IS NOT NULL ORDER BY 1")
    return [record[0] for record in records]


async def insert(tx: Tx, account_id: int, passkey: Passkey) -> bool:
    """False when it is there already."""
    return bool(
        await tx.execute(
            """
            INSERT INTO passkeys (account_id, id, credential_id, public_key, sign_count, name, transports, discoverable,
                synced, created_at, used_at, made_at_host)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (account_id, credential_id) DO NOTHING
            """,
            account_id,
            *msgspec.structs.astuple(passkey),
        )
    )


async def rename(tx: Tx, account_id: int, passkey_id: int, name: str) -> bool:
    return bool(
        await tx.execute(
            "UPDATE passkeys SET name = $3 WHERE account_id = $1 AND id = $2", account_id, passkey_id, name
        )
    )


async def delete(tx: Tx, account_id: int, passkey_id: int) -> str | None:
    """Its name; None where there is none."""
    return await tx.value(
        "DELETE FROM passkeys WHERE account_id = $1 AND id = $2 RETURNING name", account_id, passkey_id
    )


async def use(tx: Tx, account_id: int, used: Passkey) -> bool:
    """Write down that it was used. False when its counter has come this far before, or it is gone: two have it, or
    somebody repeats an old answer (WebAuthn level 3, 7.2). Devices that do not count always say 0.
    """
    return bool(
        await tx.execute(
            """
            UPDATE passkeys SET sign_count = $3, used_at = $4, synced = $5
            WHERE account_id = $1 AND id = $2 AND (sign_count < $3 OR (sign_count = 0 AND $3 = 0))
            """,
            account_id,
            used.id,
            used.sign_count,
            used.used_at,
            used.synced,
        )
    )


async def ask(db: Db, hashed: bytes, account_id: int, purpose: Purpose, expires_at: datetime) -> None:
    await db.execute(
        "INSERT INTO passkey_challenges (hash, account_id, purpose, expires_at) VALUES ($1, $2, $3, $4)",
        hashed,
        account_id,
        purpose,
        expires_at,
    )


async def take(db: Db, hashed: bytes, account_id: int, purpose: Purpose, now: datetime) -> bool:
    """Whether this was asked of them and waits for its answer; now it does no longer."""
    return bool(
        await db.execute(
            """
            DELETE FROM passkey_challenges WHERE hash = $1 AND account_id = $2 AND purpose = $3 AND expires_at > $4
            """,
            hashed,
            account_id,
            purpose,
            now,
        )
    )


async def sweep(db: Db, now: datetime) -> None:
    await db.execute("DELETE FROM passkey_challenges WHERE expires_at < $1", now)
