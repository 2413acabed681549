"""The SQL of people as the staff see them: an account with who signs in to it, found by many things."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final, Literal, LiteralString

import asyncpg
import msgspec

from townsquare.accounts.roles import Held
from townsquare.auth.emails import open_email, print_email, print_provider
from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.keyring import Keyring

State = Literal["active", "pending", "disabled", "silenced", "suspended", "sensitized"]
Origin = Literal["local", "remote"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts; None: of any kind. Names by their beginning, an email address whole or as `@domain`."""

    cursor: Cursor
    origin: Origin | None = None
    state: State | None = None
    username: str | None = None
    display_name: str | None = None
    domain: str | None = None
    email: str | None = None
    address: str | None = None
    """An address or a network."""
    roles: tuple[str, ...] = ()
    """Their keys."""
    invited_by: int | None = None


class Person(msgspec.Struct, frozen=True):
    """What the staff see of an account besides its entity. Those of other servers do not sign in here."""

    id: int
    username: str
    domain: str | None
    created_at: datetime
    suspended_at: datetime | None
    limited_at: datetime | None
    sensitized_at: datetime | None
    email: str | None
    locale: str | None
    sign_up_reason: str | None
    role: str | None
    """The rank."""
    held: Held | None
    """The role itself, where it is not the one that the rank comes with."""
    confirmed: bool
    approved: bool
    disabled: bool
    frozen: bool
    app_id: int | None
    invite_code: str | None
    sign_up_address: IPv4Address | IPv6Address | None
    signed_up_at: datetime | None


class Visit(msgspec.Struct, frozen=True):
    """From where somebody came, and when last."""

    account_id: int
    address: IPv4Address | IPv6Address
    used_at: datetime


_PERSON: Final[LiteralString] = """
    SELECT a.id, a.username, a.domain, a.created_at, a.suspended_at, a.limited_at, a.sensitized_at,
        u.email_sealed AS email, u.locale, u.sign_up_reason, u.role,
        (SELECT to_jsonb(r) FROM roles r WHERE r.key = coalesce(u.own_role, u.role)) AS held,
        u.confirmed_at IS NOT NULL AS confirmed, u.approved_at IS NOT NULL AS approved,
        u.disabled_at IS NOT NULL AS disabled, u.frozen_at IS NOT NULL AS frozen,
        u.created_by_app_id AS app_id, u.invite_code, u.sign_up_address,
        u.created_at AS signed_up_at
    FROM accounts a LEFT JOIN users u ON u.account_id = a.id
"""
_PAGE: Final[LiteralString] = f"""
    {_PERSON} CROSS JOIN (VALUES (
        $1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::bytea, $7::text::inet, $8::text[], $9::bigint
    )) AS k (below, above, username, display_name, domain, email, address, roles, invited_by)
    WHERE a.id < k.below AND a.id > k.above AND a.deleted_at IS NULL
"""
_ORIGINS: Final[dict[Origin | None, LiteralString]] = {
    None: "",
    "local": " AND a.domain IS NULL",
    "remote": " AND a.domain IS NOT NULL",
}
_STATES: Final[dict[State | None, LiteralString]] = {
    None: "",
    "active": " AND a.suspended_at IS NULL",
    "pending": " AND u.approved_at IS NULL AND u.account_id IS NOT NULL",
    "disabled": " AND u.disabled_at IS NOT NULL AND a.suspended_at IS NULL",
    "silenced": " AND a.limited_at IS NOT NULL",
    "suspended": " AND a.suspended_at IS NOT NULL",
    "sensitized": " AND a.sensitized_at IS NOT NULL",
}
_ADDRESS: Final[LiteralString] = """
    AND a.id IN (
        SELECT s.account_id FROM sessions s WHERE s.address <<= k.address
        UNION SELECT o.account_id FROM users o WHERE o.sign_up_address <<= k.address)
"""


async def page(db: Db, wanted: Wanted) -> list[Person]:
    """Accounts, the youngest first. Only what is asked for stands in the statement, so that its indexes are used."""
    sql = _PAGE + _ORIGINS[wanted.origin] + _STATES[wanted.state]
    if wanted.username:
        sql += " AND a.username ILIKE k.username"
    if wanted.display_name:
        sql += " AND a.display_name ILIKE k.display_name"
    if wanted.domain:
        sql += " AND a.domain = k.domain"
    if wanted.email:
        sql += " AND u.email_provider = k.email" if _is_provider(wanted.email) else " AND u.email_print = k.email"
    if wanted.address:
        sql += _ADDRESS
    if wanted.roles:
        sql += " AND coalesce(u.own_role, u.role) = ANY(k.roles)"
    if wanted.invited_by is not None:
        sql += " AND u.invite_code IN (SELECT i.code FROM invites i WHERE i.account_id = k.invited_by)"
    cursor = wanted.cursor
    sql += " ORDER BY a.id LIMIT $10" if cursor.upwards else " ORDER BY a.id DESC LIMIT $10"
    records = await db.records(
        sql,
        cursor.max_id,
        cursor.lowest,
        _beginning(wanted.username),
        _beginning(wanted.display_name),
        wanted.domain,
        _print(db.keys, wanted.email),
        wanted.address,
        wanted.roles,
        wanted.invited_by,
        cursor.limit,
    )
    rows = [_person(db.keys, record) for record in records]
    return rows[::-1] if cursor.upwards else rows


async def by_ids(db: Db, ids: Sequence[int]) -> list[Person]:
    records = await db.records(_PERSON + " WHERE a.id = ANY($1::bigint[])", ids)
    return [_person(db.keys, record) for record in records]


def _person(keys: Keyring, record: asyncpg.Record) -> Person:
    held = msgspec.convert(record["held"], Held | None)
    email = None if record["email"] is None else open_email(keys, record["id"], record["email"])
    fields: dict[str, Any] = {**record, "held": held, "email": email}
    return Person(**fields)


def _is_provider(email: str) -> bool:
    return email.startswith("@")


def _print(keys: Keyring, email: str | None) -> bytes | None:
    if not email:
        return None
    return print_provider(keys, email) if _is_provider(email) else print_email(keys, email)


async def visits(db: Db, ids: Sequence[int]) -> list[Visit]:
    """From where people came with a browser, of each address the last time, latest first."""
    return await db.rows(
        Visit,
        """
        SELECT account_id, address, max(used_at) AS used_at FROM sessions
        WHERE account_id = ANY($1::bigint[]) AND address IS NOT NULL
        GROUP BY account_id, address ORDER BY used_at DESC
        """,
        ids,
    )


async def inviters(db: Db, codes: Sequence[str]) -> dict[str, int]:
    """Who made an invitation, by its code."""
    records = await db.records("SELECT code, account_id FROM invites WHERE code = ANY($1::text[])", codes)
    return {record[0]: record[1] for record in records}


def _beginning(text: str | None) -> str | None:
    if text is None:
        return None
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
