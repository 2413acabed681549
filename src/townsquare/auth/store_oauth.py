"""The SQL of OAuth: apps, authorization codes, tokens."""

from datetime import date, datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx

_APP: Final[LiteralString] = "id, client_id, client_secret_hash, name, website, redirect_uris, scopes, created_at"


class App(msgspec.Struct, frozen=True):
    """A program that people let act for them."""

    id: int
    client_id: str
    client_secret_hash: bytes
    name: str
    website: str | None
    redirect_uris: list[str]
    scopes: list[str]
    created_at: datetime


class Code(msgspec.Struct, frozen=True):
    """What somebody allowed an app, until it fetches its token."""

    code_hash: bytes
    account_id: int
    app_id: int
    redirect_uri: str
    scopes: list[str]
    challenge: str | None
    expires_at: datetime


class Token(msgspec.Struct, frozen=True):
    """A row of `oauth_tokens`: with `account_id` 0 the app's own."""

    account_id: int
    id: int
    app_id: int
    token_hash: bytes
    refresh_hash: bytes | None
    code_hash: bytes | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


class Grant(msgspec.Struct, frozen=True):
    """An app that somebody lets act for them, as they see it in their settings."""

    app_id: int
    name: str
    website: str | None
    scopes: list[str]
    since: datetime
    used_on: date | None


async def insert_app(tx: Tx, app: App) -> None:
    await tx.execute(
        f"INSERT INTO oauth_apps ({_APP}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (client_id) DO NOTHING",
        *msgspec.structs.astuple(app),
    )


async def app_by_client_id(db: Db, client_id: str) -> App | None:
    return await db.row(App, f"SELECT {_APP} FROM oauth_apps WHERE client_id = $1", client_id)


async def app_by_id(db: Db, app_id: int) -> App | None:
    return await db.row(App, f"SELECT {_APP} FROM oauth_apps WHERE id = $1", app_id)


async def insert_code(tx: Tx, code: Code) -> None:
    await tx.execute(
        """
        INSERT INTO oauth_codes (code_hash, account_id, app_id, redirect_uri, scopes, challenge, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        *msgspec.structs.astuple(code),
    )


async def use_code(tx: Tx, code_hash: bytes, now: datetime) -> Code | None:
    """The code, which then is used: None when it is unknown, too old or was used before."""
    return await tx.row(
        Code,
        """
        UPDATE oauth_codes SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
        RETURNING code_hash, account_id, app_id, redirect_uri, scopes, challenge, expires_at
        """,
        code_hash,
        now,
    )


async def owner_of_used_code(db: Db, code_hash: bytes) -> int | None:
    return await db.value("SELECT account_id FROM oauth_codes WHERE code_hash = $1 AND used_at IS NOT NULL", code_hash)


async def delete_unused_codes(tx: Tx, account_id: int) -> None:
    """Those that no app has turned into a token."""
    await tx.execute("DELETE FROM oauth_codes WHERE account_id = $1 AND used_at IS NULL", account_id)


async def end_tokens_of_code(tx: Tx, account_id: int, code_hash: bytes) -> int:
    return await tx.execute("DELETE FROM oauth_tokens WHERE account_id = $1 AND code_hash = $2", account_id, code_hash)


async def insert_token(tx: Tx, token: Token) -> None:
    await tx.execute(
        """
        INSERT INTO oauth_tokens (
            account_id, id, app_id, token_hash, refresh_hash, code_hash, scopes, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        *msgspec.structs.astuple(token),
    )


async def replace_token(tx: Tx, old_refresh_hash: bytes, app_id: int, token: "Renewed") -> Token | None:
    """Another token in the place of the one that this refresh token belongs to; None when there is none."""
    return await tx.row(
        Token,
        """
        UPDATE oauth_tokens SET
            token_hash = $3, refresh_hash = $4, old_refresh_hash = $1, created_at = $5, expires_at = $6
        WHERE refresh_hash = $1 AND app_id = $2
        RETURNING account_id, id, app_id, token_hash, refresh_hash, code_hash, scopes, created_at, expires_at
        """,
        old_refresh_hash,
        app_id,
        *msgspec.structs.astuple(token),
    )


class Renewed(msgspec.Struct, frozen=True):
    """What a refresh changes of a token."""

    token_hash: bytes
    refresh_hash: bytes
    created_at: datetime
    expires_at: datetime


async def end_token_of_old_refresh(tx: Tx, refresh_hash: bytes, app_id: int) -> int | None:
    """Whose token it was; None when this refresh token was never one of before."""
    return await tx.value(
        "DELETE FROM oauth_tokens WHERE old_refresh_hash = $1 AND app_id = $2 RETURNING account_id",
        refresh_hash,
        app_id,
    )


async def app_of_token(db: Db, token_hash: bytes) -> int | None:
    """The app that an access or refresh token belongs to."""
    return await db.value("SELECT app_id FROM oauth_tokens WHERE token_hash = $1 OR refresh_hash = $1", token_hash)


async def end_token(tx: Tx, token_hash: bytes, app_id: int) -> int | None:
    """Whose it was; None when there is no such token of the app. By its refresh token too."""
    return await tx.value(
        "DELETE FROM oauth_tokens WHERE (token_hash = $1 OR refresh_hash = $1) AND app_id = $2 RETURNING account_id",
        token_hash,
        app_id,
    )


async def end_tokens(tx: Tx, account_id: int) -> int:
    """All that act for somebody."""
    return await tx.execute("DELETE FROM oauth_tokens WHERE account_id = $1", account_id)


async def end_tokens_of_app(tx: Tx, account_id: int, app_id: int) -> int:
    return await tx.execute("DELETE FROM oauth_tokens WHERE account_id = $1 AND app_id = $2", account_id, app_id)


async def tokens_of(db: Db, account_id: int) -> list[Grant]:
    """The tokens that act for somebody with their apps, newest first. Apps belong to nobody, so each has its row."""
    return await db.rows(
        Grant,
        """
        SELECT t.app_id, p.name, p.website, t.scopes, t.created_at AS since, t.used_on
        FROM oauth_tokens t JOIN oauth_apps p ON p.id = t.app_id
        WHERE t.account_id = $1 ORDER BY t.id DESC
        """,
        account_id,
    )


async def sweep_codes(db: Db, before: datetime) -> None:
    await db.execute("DELETE FROM oauth_codes WHERE expires_at < $1", before)


async def sweep_apps(db: Db, before: datetime) -> None:
    """Those that were registered before, that nobody lets act for them and nobody signed up with."""
    await db.execute(
        """
        DELETE FROM oauth_apps a WHERE a.created_at < $1
            AND NOT EXISTS (SELECT FROM oauth_tokens t WHERE t.app_id = a.id)
            AND NOT EXISTS (SELECT FROM oauth_codes c WHERE c.app_id = a.id)
            AND NOT EXISTS (SELECT FROM users u WHERE u.created_by_app_id = a.id)
        """,
        before,
    )


async def sweep_tokens(db: Db, before: datetime) -> None:
    """Those that expired and were not renewed."""
    await db.execute("DELETE FROM oauth_tokens WHERE expires_at < $1", before)
