"""The SQL of `callers`: one row a token or session, and the day on which it was last used."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Final, LiteralString

import msgspec

from townsquare.auth.model import Role
from townsquare.db.pool import Db, Tx

CHANNEL = "townsquare_forget"
ROLES_CHANNEL = "townsquare_roles"


class CallerRow(msgspec.Struct, frozen=True):
    key: bytes
    account_id: int
    app_id: int
    token_id: int
    session_id: int
    scopes: list[str]
    expires_at: datetime | None
    used_on: date | None
    last_seen_on: date | None
    active_at: datetime | None
    role: Role | None
    permissions: int | None
    """Where the place has chosen them for this role."""
    confirmed: bool
    approved: bool
    disabled: bool
    frozen: bool | None
    agreed: bool
    username: str | None
    app_name: str | None
    app_website: str | None
    preferences: dict[str, object] | None
    appearance: dict[str, object] | None


Fetch = Callable[[Db, Sequence[bytes]], Awaitable[list[CallerRow | None]]]

_PERSON: Final[LiteralString] = """
    u.last_seen_on, u.active_at, u.role,
    (SELECT r.permissions FROM roles r WHERE r.key = coalesce(u.own_role, u.role)) AS permissions,
    u.confirmed_at IS NOT NULL AS confirmed, u.approved_at IS NOT NULL AS approved,
    u.disabled_at IS NOT NULL OR a.suspended_at IS NOT NULL AS disabled, u.frozen_at IS NOT NULL AS frozen,
    u.terms_accepted_at IS NOT NULL AND coalesce(u.terms_version, 0) >= coalesce(
        (SELECT max(version) FROM documents WHERE kind = 'terms' AND effective_at <= now()), 0) AS agreed,
    a.username, u.preferences, u.appearance
"""


async def by_tokens(db: Db, keys: Sequence[bytes]) -> list[CallerRow | None]:
    """The owner of each access token, in the order of the hashes."""
    rows = await db.rows(
        CallerRow,
        f"""
        SELECT t.token_hash AS key, t.account_id, t.app_id, t.id AS token_id, 0 AS session_id, t.scopes, t.expires_at,
            t.used_on, p.name AS app_name, p.website AS app_website, {_PERSON}
        FROM oauth_tokens t
        JOIN oauth_apps p ON p.id = t.app_id
        LEFT JOIN users u ON u.account_id = t.account_id
        LEFT JOIN accounts a ON a.id = t.account_id
        WHERE t.token_hash = ANY($1) AND (t.account_id = 0 OR u.account_id IS NOT NULL)
        """,
        list(keys),
    )
    return _in_order(rows, keys)


async def by_sessions(db: Db, keys: Sequence[bytes]) -> list[CallerRow | None]:
    """The owner of each session that has not ended, in the order of the hashes."""
    rows = await db.rows(
        CallerRow,
        f"""
        SELECT s.token_hash AS key, s.account_id, 0 AS app_id, 0 AS token_id, s.id AS session_id,
            ARRAY[]::text[] AS scopes, s.expires_at, s.used_at::date AS used_on,
            NULL AS app_name, NULL AS app_website, {_PERSON}
        FROM sessions s
        JOIN users u ON u.account_id = s.account_id
        JOIN accounts a ON a.id = s.account_id
        WHERE s.token_hash = ANY($1) AND s.ended_at IS NULL
        """,
        list(keys),
    )
    return _in_order(rows, keys)


def _in_order(rows: list[CallerRow], keys: Sequence[bytes]) -> list[CallerRow | None]:
    found = {row.key: row for row in rows}
    return [found.get(key) for key in keys]


async def notify(tx: Tx, account_id: int) -> None:
    await tx.execute("SELECT pg_notify($1, $2)", CHANNEL, str(account_id))


async def notify_all(tx: Tx) -> None:
    await tx.execute("SELECT pg_notify($1, '')", ROLES_CHANNEL)


async def touch_active(db: Db, seen: Sequence[tuple[int, datetime]]) -> list[None]:
    """Who was here, and when. For `db.batched`."""
    await db.execute(
        """
        UPDATE users u SET active_at = seen.at FROM unnest($1::bigint[], $2::timestamptz[]) AS seen (account_id, at)
        WHERE u.account_id = seen.account_id
        """,
        [account_id for account_id, _ in seen],
        [at for _, at in seen],
    )
    return [None] * len(seen)


async def touch_users(tx: Tx, account_ids: list[int], days: list[date]) -> None:
    await tx.execute(
        """
        UPDATE users u SET last_seen_on = seen.day
        FROM unnest($1::bigint[], $2::date[]) AS seen (account_id, day)
        WHERE u.account_id = seen.account_id AND (u.last_seen_on IS NULL OR u.last_seen_on < seen.day)
        """,
        account_ids,
        days,
    )


async def touch_tokens(tx: Tx, account_ids: list[int], ids: list[int], days: list[date]) -> None:
    await tx.execute(
        """
        UPDATE oauth_tokens t SET used_on = seen.day
        FROM unnest($1::bigint[], $2::bigint[], $3::date[]) AS seen (account_id, id, day)
        WHERE t.account_id = seen.account_id AND t.id = seen.id AND (t.used_on IS NULL OR t.used_on < seen.day)
        """,
        account_ids,
        ids,
        days,
    )


async def touch_sessions(tx: Tx, account_ids: list[int], ids: list[int], days: list[date]) -> None:
    """A session that is used lasts as long again as it was meant to when it began."""
    await tx.execute(
        """
        UPDATE sessions s SET used_at = seen.day, expires_at = s.expires_at + (seen.day - s.used_at)
        FROM unnest($1::bigint[], $2::bigint[], $3::date[]) AS given (account_id, id, date),
            LATERAL (SELECT given.date::timestamptz AS day) AS seen
        WHERE s.account_id = given.account_id AND s.id = given.id AND s.used_at < seen.day
        """,
        account_ids,
        ids,
        days,
    )
