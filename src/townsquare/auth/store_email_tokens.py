"""The SQL of `email_tokens`: what a link in a message, or the second step of signing in, stands for."""

from datetime import datetime
from typing import Literal

import asyncpg
import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.keyring import Keyring

Purpose = Literal["confirm", "reset", "claim", "change_email", "second_factor"]


class Token(msgspec.Struct, frozen=True):
    account_id: int | None
    email: str
    expires_at: datetime


class NewToken(msgspec.Struct, frozen=True):
    token_hash: bytes
    account_id: int | None
    purpose: Purpose
    email: str
    created_at: datetime
    expires_at: datetime


async def insert(db: Db, token: NewToken) -> None:
    await db.execute(
        """
        INSERT INTO email_tokens (token_hash, account_id, purpose, sealed, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        token.token_hash,
        token.account_id,
        token.purpose,
        db.keys.seal("addresses", token.email.encode(), about(token.token_hash)) if token.email else None,
        token.created_at,
        token.expires_at,
    )


def about(token_hash: bytes) -> str:
    """What its address is sealed for."""
    return f"token:{token_hash.hex()}"


def _token(keys: Keyring, token_hash: bytes, records: list[asyncpg.Record]) -> Token | None:
    for account_id, sealed, expires_at in records:
        email = keys.open("addresses", sealed, about(token_hash)).decode() if sealed else ""
        return Token(account_id, email, expires_at)
    return None


async def find(db: Db, token_hash: bytes, purpose: Purpose, now: datetime) -> Token | None:
    records = await db.records(
        """
        SELECT account_id, sealed, expires_at FROM email_tokens
        WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
        """,
        token_hash,
        purpose,
        now,
    )
    return _token(db.keys, token_hash, records)


async def take(tx: Tx, token_hash: bytes, purpose: Purpose, now: datetime) -> Token | None:
    """The token, which then is no more: of two who come with it one gets it."""
    records = await tx.records(
        """
        DELETE FROM email_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
        RETURNING account_id, sealed, expires_at
        """,
        token_hash,
        purpose,
        now,
    )
    return _token(tx.keys, token_hash, records)


async def delete(tx: Tx, account_id: int | None, purpose: Purpose) -> None:
    """All of an account, or of nobody yet, for a purpose."""
    await tx.execute(
        "DELETE FROM email_tokens WHERE account_id IS NOT DISTINCT FROM $1 AND purpose = $2", account_id, purpose
    )


async def sweep(db: Db, now: datetime) -> None:
    await db.execute("DELETE FROM email_tokens WHERE expires_at < $1", now)
