"""The SQL of `old_addresses`: what older versions kept in the database as it was."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Tx


class Plain(msgspec.Struct, frozen=True):
    """An address that is not sealed yet, and whose it is."""

    account_id: int
    email: str


class PlainToken(msgspec.Struct, frozen=True):
    token_hash: bytes
    email: str


async def users(tx: Tx, limit: int) -> list[Plain]:
    return await tx.rows(Plain, "SELECT account_id, email FROM users WHERE email <> '' LIMIT $1 FOR UPDATE", limit)


async def close_users(
    tx: Tx, owners: Sequence[int], sealed: Sequence[bytes], prints: Sequence[bytes], providers: Sequence[bytes]
) -> None:
    await tx.execute(
        """
        UPDATE users SET email = '', email_sealed = d.sealed, email_print = d.print, email_provider = d.provider
        FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[]) AS d (owner, sealed, print, provider)
        WHERE account_id = d.owner
        """,
        owners,
        sealed,
        prints,
        providers,
    )


async def take_reserved(tx: Tx, limit: int) -> list[Plain]:
    """Addresses as they were reserved; they leave their table with this transaction."""
    return await tx.rows(
        Plain,
        """
        DELETE FROM emails WHERE email IN (SELECT email FROM emails LIMIT $1) RETURNING account_id, email
        """,
        limit,
    )


async def reserve(tx: Tx, owners: Sequence[int], prints: Sequence[bytes]) -> None:
    await tx.execute(
        """
        INSERT INTO email_prints (print, account_id) SELECT * FROM unnest($2::bytea[], $1::bigint[])
        ON CONFLICT DO NOTHING
        """,
        owners,
        prints,
    )


async def tokens(tx: Tx, limit: int) -> list[PlainToken]:
    sql = "SELECT token_hash, email FROM email_tokens WHERE email <> '' LIMIT $1 FOR UPDATE"
    return await tx.rows(PlainToken, sql, limit)


async def close_tokens(tx: Tx, hashes: Sequence[bytes], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE email_tokens t SET email = '', sealed = d.sealed
        FROM unnest($1::bytea[], $2::bytea[]) AS d (token_hash, sealed) WHERE t.token_hash = d.token_hash
        """,
        hashes,
        sealed,
    )
