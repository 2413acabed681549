"""The benchmark's own SQL: whether background work is left, and accounts by the thousand.

The rows are those that signing up and following write (auth/users.py, accounts/follow.py), copied from one account that
was made in earnest: a million times through the API would take half an hour.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg

from townsquare.auth.emails import print_email, print_provider, seal_email
from townsquare.db.pool import Db, Tx, prepare
from townsquare.kernel import keyring

STEP = 2048
"""Between the ids of two accounts: so a thousand of them are of one millisecond."""


@asynccontextmanager
async def connected(dsn: str, keys: Path | None = None) -> AsyncGenerator[Tx]:
    """A connection without the service's time limits; each statement commits unless a transaction is opened. `keys`:
    the service's file of them, for who reads or writes what is sealed.
    """
    settings = {"application_name": "benchmark", "timezone": "UTC", "plan_cache_mode": "force_generic_plan"}
    connection = await asyncpg.connect(dsn, server_settings=settings)
    try:
        await prepare(connection)
        yield Tx(connection, partial(keyring.read, keys) if keys else keyring.fresh)
    finally:
        await connection.close()


async def jobs_left(db: Db) -> int:
    """Jobs that wait or run; those for later do not count."""
    return await db.value("SELECT count(*) FROM jobs WHERE due_at <= now()")


async def jobs_failed(db: Db) -> int:
    """Jobs that were given up or are to be tried again: there are none in a run that counts."""
    return await db.value("SELECT (SELECT count(*) FROM jobs WHERE tries > 0) + (SELECT count(*) FROM failed_jobs)")


async def vacuum(db: Db) -> None:
    await db.execute("VACUUM (ANALYZE)")


async def server_version(db: Db) -> str:
    return await db.value("SELECT current_setting('server_version')")


async def add_accounts(db: Db, template: int, base: int, first: int, last: int) -> None:
    """Accounts fan<first> to fan<last>, whose ids are `base` and STEP times the number."""
    await db.execute(
        """
        INSERT INTO accounts (id, username, created_at, body)
        SELECT f.id, f.name, t.created_at, convert_to(
            replace(replace(convert_from(t.body, 'UTF8'), t.id::text, f.id::text), t.username, f.name), 'UTF8')
        FROM accounts t, LATERAL (
            SELECT $2 + n * $3::bigint AS id, 'fan' || n AS name FROM generate_series($4::bigint, $5::bigint) AS n) AS f
        WHERE t.id = $1
        """,
        template,
        base,
        STEP,
        first,
        last,
    )


async def add_handles(db: Db, base: int, first: int, last: int) -> None:
    await db.execute(
        """
        INSERT INTO handles (domain, name, account_id)
        SELECT '', 'fan' || n, $1 + n * $2::bigint FROM generate_series($3::bigint, $4::bigint) AS n
        """,
        base,
        STEP,
        first,
        last,
    )


async def add_users(db: Db, template: int, base: int, first: int, last: int) -> None:
    """They have been here today, so nothing is to be made up for them when they come."""
    emails = {base + number * STEP: f"fan{number}@example.org" for number in range(first, last + 1)}
    await db.execute(
        """
        INSERT INTO users (account_id, email_sealed, email_print, email_provider, password_hash, role, locale,
            created_at, confirmed_at, approved_at, terms_accepted_at, terms_version, age_confirmed_at, last_seen_on)
        SELECT n.id, n.sealed, n.print, n.provider, t.password_hash, t.role, t.locale, t.created_at, t.confirmed_at,
            t.approved_at, t.terms_accepted_at, t.terms_version, t.age_confirmed_at, current_date
        FROM users t, unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) AS n (id, sealed, print, provider)
        WHERE t.account_id = $1
        """,
        template,
        list(emails),
        [seal_email(db.keys, number, email) for number, email in emails.items()],
        [print_email(db.keys, email) for email in emails.values()],
        [print_provider(db.keys, email) for email in emails.values()],
    )


async def add_emails(db: Db, base: int, first: int, last: int) -> None:
    await db.execute(
        """
        INSERT INTO email_prints (account_id, print) SELECT * FROM unnest($1::bigint[], $2::bytea[])
        """,
        [base + number * STEP for number in range(first, last + 1)],
        [print_email(db.keys, f"fan{number}@example.org") for number in range(first, last + 1)],
    )


async def add_follows(db: Db, star: int, base: int, first: int, last: int) -> None:
    """The fans' side of following a star."""
    await db.execute(
        """
        INSERT INTO follows (account_id, target_id, id)
        SELECT $2 + n * $3::bigint, $1, $2 + n * $3::bigint FROM generate_series($4::bigint, $5::bigint) AS n
        """,
        star,
        base,
        STEP,
        first,
        last,
    )


async def add_followers(db: Db, star: int, base: int, first: int, last: int) -> None:
    """The star's side."""
    await db.execute(
        """
        INSERT INTO followers (account_id, follower_id, id, local)
        SELECT $1, $2 + n * $3::bigint, $2 + n * $3::bigint, true FROM generate_series($4::bigint, $5::bigint) AS n
        """,
        star,
        base,
        STEP,
        first,
        last,
    )


async def count_again(db: Db, star: int) -> int:
    """Set the star's count of followers by its rows, and return it."""
    return await db.value(
        """
        UPDATE accounts SET followers_count = (SELECT count(*) FROM followers WHERE account_id = $1)
        WHERE id = $1 RETURNING followers_count
        """,
        star,
    )
