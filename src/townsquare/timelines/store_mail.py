"""The SQL of mail that tells of notifications: what a person wants, and what they have missed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.auth.emails import open_email
from townsquare.db.pool import Db
from townsquare.timelines.notify_events import Written


class Choice(msgspec.Struct, frozen=True):
    """What somebody wants to be told by mail. `types` None: the usual."""

    types: Sequence[str] | None = None
    always: bool = False


class Waiting(msgspec.Struct, frozen=True):
    """What is known of somebody for whom something waits; `told_id` is the last notification that they know of."""

    types: Sequence[str] | None
    always: bool
    told_id: int
    active_at: datetime | None


class Missed(msgspec.Struct, frozen=True):
    """`count`: of all that were missed."""

    id: int
    count: int


class Reader(msgspec.Struct, frozen=True):
    """To whom a message goes."""

    username: str
    email: str
    language: str
    types: Sequence[str] | None


class Line(msgspec.Struct, frozen=True):
    id: int
    type: str
    from_id: int
    status_id: int | None
    author: int | None


async def choice(db: Db, account_id: int) -> Choice | None:
    return await db.row(Choice, "SELECT types, always FROM notification_mail WHERE account_id = $1", account_id)


async def choose(db: Db, account_id: int, chosen: Choice) -> None:
    await db.execute(
        """
        INSERT INTO notification_mail (account_id, types, always) VALUES ($1, $2, $3)
        ON CONFLICT (account_id) DO UPDATE SET types = $2, always = $3
        """,
        account_id,
        chosen.types,
        chosen.always,
    )


async def wait(
    db: Db, told: Sequence[Written], usual: Sequence[str], now: datetime
) -> list[tuple[int, datetime | None]]:
    """Those who want mail of one of these and for whom nothing waits yet, and when they were last told.

    Something waits for them from now on. What has waited for more than a day was lost, and does not count.
    """
    records = await db.records(
        """
        INSERT INTO notification_mail AS m (account_id, due_at)
        SELECT DISTINCT u.account_id, $4::timestamptz
        FROM unnest($1::bigint[], $2::text[]) AS k (receiver, type)
        JOIN users u ON u.account_id = k.receiver
        LEFT JOIN notification_mail c ON c.account_id = k.receiver
        WHERE k.type = ANY(coalesce(c.types, $3)) AND u.confirmed_at IS NOT NULL
        ON CONFLICT (account_id) DO UPDATE SET due_at = $4
        WHERE m.due_at IS NULL OR m.due_at < $4 - interval '1 day'
        RETURNING m.account_id, m.told_at
        """,
        [one.account_id for one in told],
        [one.type for one in told],
        usual,
        now,
    )
    return [(record[0], record[1]) for record in records]


async def waiting(db: Db, account_id: int) -> Waiting | None:
    """What waited is being looked at: what comes after waits anew."""
    return await db.row(
        Waiting,
        """
        UPDATE notification_mail m SET due_at = NULL FROM users u
        WHERE m.account_id = $1 AND u.account_id = $1
        RETURNING m.types, m.always, u.active_at, greatest(m.told_id, (
            SELECT last_read_id FROM markers WHERE account_id = $1 AND timeline = 'notifications')) AS told_id
        """,
        account_id,
    )


async def missed(db: Db, account_id: int, types: Sequence[str], above: int, most: int) -> list[Missed]:
    """Notifications that are newer than an id, the latest first, of people who are not kept away."""
    return await db.rows(
        Missed,
        """
        SELECT n.id, count(*) OVER ()::int AS count FROM notifications n
        WHERE n.account_id = $1 AND n.id > $2 AND n.type = ANY($3::text[]) AND NOT n.filtered
            AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = $1 AND b.target_id = n.from_id)
            AND NOT EXISTS (
                SELECT FROM mutes u WHERE u.account_id = $1 AND u.target_id = n.from_id AND u.notifications
                    AND (u.expires_at IS NULL OR u.expires_at > now()))
        ORDER BY n.id DESC LIMIT $4
        """,
        account_id,
        above,
        types,
        most,
    )


async def set_told(db: Db, account_id: int, told_id: int, now: datetime) -> None:
    await db.execute(
        "UPDATE notification_mail SET told_id = $2, told_at = $3 WHERE account_id = $1", account_id, told_id, now
    )


async def reader(db: Db, account_id: int) -> Reader | None:
    """Somebody who may use the place."""
    records = await db.records(
        """
        SELECT a.username, u.email_sealed, coalesce(nullif(u.appearance ->> 'locale', ''), u.locale), m.types
        FROM users u JOIN accounts a ON a.id = u.account_id
        LEFT JOIN notification_mail m ON m.account_id = u.account_id
        WHERE u.account_id = $1 AND u.confirmed_at IS NOT NULL AND u.approved_at IS NOT NULL
            AND u.disabled_at IS NULL AND a.suspended_at IS NULL
        """,
        account_id,
    )
    return next((Reader(name, open_email(db.keys, account_id, email), *more) for name, email, *more in records), None)


async def lines(db: Db, account_id: int, ids: Sequence[int]) -> list[Line]:
    """Those that still stand, the latest first."""
    return await db.rows(
        Line,
        """
        SELECT id, type, from_id, status_id, status_author_id AS author FROM notifications
        WHERE account_id = $1 AND id = ANY($2::bigint[]) ORDER BY id DESC
        """,
        account_id,
        ids,
    )
