"""The SQL of pushes. Subscriptions are the receiver's rows; what a message says comes by arrays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses import messages
from townsquare.statuses.restricted import shown
from townsquare.statuses.visible import VISIBLE_TO
from townsquare.timelines.notify_events import Written

PolicyName = Literal["all", "followed", "follower", "none"]


class Subscription(msgspec.Struct, frozen=True):
    """Where an app wants to be told, of what (`alerts`: types), by whom. `token` is encrypted.

    `of_session`: it is a browser's, and `token_id` is the id of its session.
    """

    account_id: int
    token_id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    standard: bool
    alerts: Sequence[str]
    policy: PolicyName
    token: bytes
    of_session: bool = False
    id: int = 0


class Due(msgspec.Struct, frozen=True):
    """A notification that an app is to be told of, with all that is to be known of the app and the notification."""

    account_id: int
    token_id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    standard: bool
    token: bytes
    of_session: bool
    failing_since: datetime | None
    locale: str
    notification_id: int
    type: str
    from_id: int
    status_id: int | None
    author: int | None


class Words(msgspec.Struct, frozen=True):
    """What a post says."""

    viewer: int
    owner: int
    id: int
    spoiler_text: str
    text: str
    restricted: int
    notices: str | None

    @property
    def beginning(self) -> str:
        """What is told of it: the line before it, where there is one."""
        return shown(self.spoiler_text, False, self.restricted, self.notices)[0] or self.text


_STANDS: Final[LiteralString] = """
    (NOT p.of_session OR EXISTS (
        SELECT FROM sessions s WHERE s.account_id = p.account_id AND s.id = p.session_id
            AND s.ended_at IS NULL AND s.expires_at > now()))
"""
"""Whether the session of a browser's subscription has not ended. (Tokens that end are deleted.)"""
_COLUMNS: Final[LiteralString] = """
    account_id, token_id, endpoint, p256dh, auth, standard, alerts, policy, token, of_session, id
"""


async def put(db: Db, one: Subscription) -> Subscription:
    """Write the subscription of a token in the place of the one before, with an id of its own."""
    rows = await db.rows(
        Subscription,
        f"""
        INSERT INTO push_subscriptions (
            account_id, token_id, endpoint, p256dh, auth, standard, alerts, policy, token, of_session)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (account_id, token_id) DO UPDATE SET
            endpoint = $3, p256dh = $4, auth = $5, standard = $6, alerts = $7, policy = $8, token = $9, id = DEFAULT,
            failing_since = NULL
        RETURNING {_COLUMNS}
        """,
        *msgspec.structs.astuple(one)[:-1],
    )
    return rows[0]


async def find(db: Db, account_id: int, token_id: int) -> Subscription | None:
    return await db.row(
        Subscription,
        f"SELECT {_COLUMNS} FROM push_subscriptions WHERE account_id = $1 AND token_id = $2",
        account_id,
        token_id,
    )


async def change(
    db: Db, account_id: int, token_id: int, alerts: Sequence[str] | None, policy: PolicyName | None
) -> Subscription | None:
    """Change what is not None."""
    return await db.row(
        Subscription,
        f"""
        UPDATE push_subscriptions SET alerts = coalesce($3, alerts), policy = coalesce($4, policy)
        WHERE account_id = $1 AND token_id = $2 RETURNING {_COLUMNS}
        """,
        account_id,
        token_id,
        alerts,
        policy,
    )


async def delete(db: Db, account_id: int, token_id: int) -> None:
    await db.execute("DELETE FROM push_subscriptions WHERE account_id = $1 AND token_id = $2", account_id, token_id)


async def wanted(db: Db, told: Sequence[Written]) -> list[tuple[int, int, int]]:
    """Account, token and notification for each app that wants to be told of one of these."""
    records = await db.records(
        f"""
        SELECT p.account_id, p.token_id, k.id
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) AS k (receiver, id, type, sender)
        JOIN push_subscriptions p ON p.account_id = k.receiver AND k.type = ANY(p.alerts)
        WHERE {_STANDS} AND CASE p.policy
            WHEN 'all' THEN true
            WHEN 'followed' THEN EXISTS (
                SELECT FROM follows f WHERE f.account_id = k.receiver AND f.target_id = k.sender AND NOT f.pending)
            WHEN 'follower' THEN EXISTS (
                SELECT FROM followers f WHERE f.account_id = k.receiver AND f.follower_id = k.sender)
            ELSE false END
        """,
        [one.account_id for one in told],
        [one.id for one in told],
        [one.type for one in told],
        [one.from_id for one in told],
    )
    return [(record[0], record[1], record[2]) for record in records]


async def due(db: Db, keys: Sequence[tuple[int, int, int]]) -> list[Due]:
    """Those that still stand, of people who may use the place, by account, token and notification."""
    return await db.rows(
        Due,
        f"""
        SELECT p.account_id, p.token_id, p.endpoint, p.p256dh, p.auth, p.standard, p.token,
            p.of_session, p.failing_since, coalesce(nullif(u.appearance ->> 'locale', ''), u.locale) AS locale,
            n.id AS notification_id, n.type, n.from_id, n.status_id, n.status_author_id AS author
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (receiver, token_id, id)
        JOIN push_subscriptions p ON p.account_id = k.receiver AND p.token_id = k.token_id
        JOIN notifications n ON n.account_id = k.receiver AND n.id = k.id
        JOIN users u ON u.account_id = k.receiver
        JOIN accounts a ON a.id = k.receiver
        WHERE u.disabled_at IS NULL AND a.suspended_at IS NULL AND {_STANDS}
        """,
        [account for account, _, _ in keys],
        [token for _, token, _ in keys],
        [number for _, _, number in keys],
    )


async def words(db: Db, asked: Sequence[tuple[int, int, int]]) -> list[Words]:
    """For each (viewer, author, id): what the post says, where the viewer may see it."""
    rows = await db.rows(
        Words,
        f"""
        SELECT k.viewer, k.owner, k.id, s.spoiler_text, s.text, s.restricted, s.notices
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (viewer, owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        [viewer for viewer, _, _ in asked],
        [owner for _, owner, _ in asked],
        [number for _, _, number in asked],
    )
    return [messages.opened_fields(db.keys, messages.about(row.owner, row.id), row) for row in rows]


async def delete_ended(db: Db, gone: Sequence[Due]) -> None:
    """Subscriptions that the push service knows no more, unless they have been made anew since."""
    await db.execute(
        """
        DELETE FROM push_subscriptions p USING unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (owner, id, endpoint)
        WHERE p.account_id = k.owner AND p.token_id = k.id AND p.endpoint = k.endpoint
        """,
        [one.account_id for one in gone],
        [one.token_id for one in gone],
        [one.endpoint for one in gone],
    )


async def mark(db: Db, some: Sequence[Due], failing_since: datetime | None) -> None:
    """Since when these fail; None: they do not. What fails already has failed since it began to."""
    await db.execute(
        """
        UPDATE push_subscriptions p SET failing_since = CASE WHEN $3::timestamptz IS NULL THEN NULL
            ELSE coalesce(p.failing_since, $3) END
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        WHERE p.account_id = k.owner AND p.token_id = k.id
        """,
        [one.account_id for one in some],
        [one.token_id for one in some],
        failing_since,
    )
