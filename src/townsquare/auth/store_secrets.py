"""The SQL of `old_secrets`: what older versions kept in the database as it was."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db, Tx


class Plain(msgspec.Struct, frozen=True):
    """A secret that is not sealed yet, and whose it is."""

    owner: int
    number: int
    secret: bytes


async def take(tx: Tx) -> dict[str, bytes]:
    """The keys of the place by name, which leave the database with this transaction."""
    return dict(await tx.records("DELETE FROM secrets RETURNING name, value"))


async def totp(db: Db) -> list[Plain]:
    return await db.rows(
        Plain,
        """
        SELECT account_id AS owner, 0 AS number, convert_to(totp_secret, 'UTF8') AS secret
        FROM users WHERE totp_secret IS NOT NULL
        """,
    )


async def set_totp(tx: Tx, owners: Sequence[int], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE users SET totp_sealed = d.sealed, totp_secret = NULL
        FROM unnest($1::bigint[], $2::bytea[]) AS d (owner, sealed) WHERE account_id = d.owner
        """,
        owners,
        sealed,
    )


async def actor_keys(db: Db, limit: int) -> list[Plain]:
    return await db.rows(
        Plain,
        """
        SELECT account_id AS owner, 0 AS number, convert_to(private_key, 'UTF8') AS secret
        FROM account_keys WHERE private_key IS NOT NULL LIMIT $1
        """,
        limit,
    )


async def set_actor_keys(tx: Tx, owners: Sequence[int], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE account_keys SET sealed = d.sealed, private_key = NULL
        FROM unnest($1::bigint[], $2::bytea[]) AS d (owner, sealed) WHERE account_id = d.owner
        """,
        owners,
        sealed,
    )


async def push_tokens(db: Db) -> list[Plain]:
    return await db.rows(
        Plain, "SELECT account_id AS owner, token_id AS number, token AS secret FROM push_subscriptions"
    )


async def set_push_tokens(tx: Tx, owners: Sequence[int], numbers: Sequence[int], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE push_subscriptions AS p SET token = d.sealed
        FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS d (owner, number, sealed)
        WHERE p.account_id = d.owner AND p.token_id = d.number
        """,
        owners,
        numbers,
        sealed,
    )
