"""The SQL of `email_tokens`: what a link in a message, or the second step of signing in, stands for."""

from datetime import datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Db, Tx

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
        INSERT INTO email_tokens (token_hash, account_id, purpose, email, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        *msgspec.structs.astuple(token),
    )


async def find(db: Db, token_hash: bytes, purpose: Purpose, now: datetime) -> Token | None:
    return await db.row(
        Token,
        """
        SELECT account_id, email, expires_at FROM email_tokens
        WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
        """,
        token_hash,
        purpose,
        now,
    )


async def take(tx: Tx, token_hash: bytes, purpose: Purpose, now: datetime) -> Token | None:
    """The token, which then is no more: of two who come with it one gets it."""
    return await tx.row(
        Token,
        """
        DELETE FROM email_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
        RETURNING account_id, email, expires_at
        """,
        token_hash,
        purpose,
        now,
    )


async def delete(tx: Tx, account_id: int | None, purpose: Purpose) -> None:
    """All of an account, or of nobody yet, for a purpose."""
    await tx.execute(
        "DELETE FROM email_tokens WHERE account_id IS NOT DISTINCT FROM $1 AND purpose = $2", account_id, purpose
    )


async def sweep(db: Db, now: datetime) -> None:
    await db.execute("DELETE FROM email_tokens WHERE expires_at < $1", now)
