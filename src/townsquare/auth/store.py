"""The SQL of people who sign in: `users` and `email_prints`."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final, LiteralString

import asyncpg
import msgspec

from townsquare.auth.emails import open_email, print_email, print_provider, seal_email
from townsquare.auth.model import Role, User
from townsquare.db.pool import Db, Tx
from townsquare.kernel.keyring import Keyring

_USER: Final[LiteralString] = """
    u.account_id, a.username, u.email_sealed AS email, u.password_hash, u.role, u.own_role, u.created_at,
    u.confirmed_at, u.approved_at,
    (SELECT r.permissions FROM roles r WHERE r.key = coalesce(u.own_role, u.role)) AS permissions,
    coalesce(nullif(u.appearance ->> 'locale', ''), u.locale) AS locale,
    coalesce(u.appearance ->> 'zone', '') AS zone, u.disabled_at, u.frozen_at, a.suspended_at, u.terms_accepted_at,
    u.sign_up_reason, u.invite_code, u.created_by_app_id, u.totp_enabled_at IS NOT NULL AS totp_enabled, u.last_seen_on
"""


class NewRow(msgspec.Struct, frozen=True):
    """A row of `users` as it is inserted."""

    account_id: int
    email: str
    password_hash: str
    role: Role
    locale: str
    created_at: datetime
    confirmed_at: datetime | None
    approved_at: datetime | None
    terms_accepted_at: datetime | None
    terms_version: int | None
    age_confirmed_at: datetime | None
    sign_up_reason: str | None
    invite_code: str | None
    created_by_app_id: int | None
    sign_up_address: IPv4Address | IPv6Address | None


async def by_id(db: Db, account_id: int) -> User | None:
    records = await db.records(
        f"SELECT {_USER} FROM users u JOIN accounts a ON a.id = u.account_id WHERE u.account_id = $1", account_id
    )
    return _user(db.keys, records[0]) if records else None


def _user(keys: Keyring, record: asyncpg.Record) -> User:
    email = open_email(keys, record["account_id"], record["email"])
    fields: dict[str, Any] = {**record, "email": email}
    return User(**fields)


async def id_by_email(db: Db, email: str) -> int | None:
    """Whose address it is, in whatever capitals."""
    return await db.value("SELECT account_id FROM email_prints WHERE print = $1", print_email(db.keys, email))


async def id_by_username(db: Db, name: str) -> int | None:
    """Somebody who lives here, by the name in any capitals."""
    return await db.value("SELECT account_id FROM handles WHERE domain = '' AND name = lower($1)", name)


async def everybody(db: Db, after: int, limit: int) -> list[User]:
    """All who can sign in, by the age of their accounts, from after an account id on."""
    records = await db.records(
        f"""
        SELECT {_USER} FROM users u JOIN accounts a ON a.id = u.account_id
        WHERE u.account_id > $1 ORDER BY u.account_id LIMIT $2
        """,
        after,
        limit,
    )
    return [_user(db.keys, record) for record in records]


async def staff_ids(db: Db) -> list[int]:
    """All who look after the place."""
    return [record[0] for record in await db.records("SELECT account_id FROM users WHERE role <> 'user'")]


async def owners(db: Db) -> list[User]:
    """Those whose place it is."""
    records = await db.records(
        f"SELECT {_USER} FROM users u JOIN accounts a ON a.id = u.account_id WHERE u.role = 'owner'"
    )
    return [_user(db.keys, record) for record in records]


async def owner_exists(db: Db) -> bool:
    return await db.value("SELECT EXISTS (SELECT FROM users WHERE role = 'owner')")


async def insert(tx: Tx, row: NewRow) -> None:
    await tx.execute(
        """
        INSERT INTO users (
            account_id, email_sealed, password_hash, role, locale, created_at, confirmed_at, approved_at,
            terms_accepted_at, terms_version, age_confirmed_at, sign_up_reason, invite_code, created_by_app_id,
            sign_up_address, email_print, email_provider)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        row.account_id,
        seal_email(tx.keys, row.account_id, row.email),
        *msgspec.structs.astuple(row)[2:],
        print_email(tx.keys, row.email),
        print_provider(tx.keys, row.email),
    )


async def reserve_email(tx: Tx, email: str, account_id: int) -> bool:
    """False when somebody has it."""
    sql = "INSERT INTO email_prints (print, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    return bool(await tx.execute(sql, print_email(tx.keys, email), account_id))


async def release_emails(tx: Tx, account_id: int, but: str) -> None:
    """All addresses of an account but one."""
    sql = "DELETE FROM email_prints WHERE account_id = $1 AND print <> $2"
    await tx.execute(sql, account_id, print_email(tx.keys, but))


async def set_email(tx: Tx, account_id: int, email: str) -> None:
    await tx.execute(
        "UPDATE users SET email_sealed = $2, email_print = $3, email_provider = $4 WHERE account_id = $1",
        account_id,
        seal_email(tx.keys, account_id, email),
        print_email(tx.keys, email),
        print_provider(tx.keys, email),
    )


async def set_password(db: Db, account_id: int, hashed: str) -> None:
    await db.execute("UPDATE users SET password_hash = $2 WHERE account_id = $1", account_id, hashed)


async def set_confirmed(tx: Tx, account_id: int, email: str, now: datetime) -> bool:
    """False when the address is another by now, or was confirmed before."""
    return bool(
        await tx.execute(
            "UPDATE users SET confirmed_at = $3 WHERE account_id = $1 AND email_print = $2 AND confirmed_at IS NULL",
            account_id,
            print_email(tx.keys, email),
            now,
        )
    )


async def set_approved(tx: Tx, account_id: int, now: datetime) -> bool:
    """False when nobody waits under this id."""
    return bool(
        await tx.execute(
            "UPDATE users SET approved_at = $2 WHERE account_id = $1 AND approved_at IS NULL", account_id, now
        )
    )


async def set_disabled(tx: Tx, account_id: int, since: datetime | None) -> bool:
    return bool(await tx.execute("UPDATE users SET disabled_at = $2 WHERE account_id = $1", account_id, since))


async def set_frozen(tx: Tx, account_id: int, since: datetime | None) -> bool:
    return bool(await tx.execute("UPDATE users SET frozen_at = $2 WHERE account_id = $1", account_id, since))


async def set_role(tx: Tx, account_id: int, role: Role, own: str | None) -> bool:
    return bool(
        await tx.execute("UPDATE users SET role = $2, own_role = $3 WHERE account_id = $1", account_id, role, own)
    )


async def accept_terms(tx: Tx, account_id: int, version: int | None, now: datetime) -> None:
    await tx.execute(
        "UPDATE users SET terms_accepted_at = $3, terms_version = $2 WHERE account_id = $1", account_id, version, now
    )


async def delete_pending(tx: Tx, account_id: int) -> bool:
    """The account of somebody who was never let in, with all that hangs on it."""
    return bool(
        await tx.execute(
            """
            DELETE FROM accounts a USING users u
            WHERE a.id = $1 AND u.account_id = a.id AND u.approved_at IS NULL
            """,
            account_id,
        )
    )


async def delete_unconfirmed(db: Db, before: datetime) -> None:
    """The accounts of those who signed up before a time and never showed that the address is theirs."""
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM accounts a USING users u
            WHERE u.account_id = a.id AND u.confirmed_at IS NULL AND u.created_at < $1 AND a.statuses_count = 0
            RETURNING a.id
        )
        DELETE FROM oauth_tokens t USING gone WHERE t.account_id = gone.id
        """,
        before,
    )


async def forget_addresses(db: Db, before: datetime) -> None:
    """From where people signed up before a time."""
    await db.execute(
        "UPDATE users SET sign_up_address = NULL WHERE sign_up_address IS NOT NULL AND created_at < $1", before
    )


async def preferences(db: Db, account_id: int) -> dict[str, object]:
    return await db.value("SELECT preferences FROM users WHERE account_id = $1", account_id) or {}


async def set_preferences(tx: Tx, account_id: int, preferences: object) -> None:
    await tx.execute("UPDATE users SET preferences = $2 WHERE account_id = $1", account_id, preferences)


async def appearance(db: Db, account_id: int) -> dict[str, object]:
    return await db.value("SELECT appearance FROM users WHERE account_id = $1", account_id) or {}


async def set_appearance(tx: Tx, account_id: int, appearance: object) -> None:
    await tx.execute("UPDATE users SET appearance = $2 WHERE account_id = $1", account_id, appearance)
