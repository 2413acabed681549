"""The SQL of notification policies, permissions and requests: all of it the receiver's own rows."""

from collections.abc import Sequence
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor

Verdict = Literal["accept", "filter", "drop"]


class Policy(msgspec.Struct, frozen=True):
    """What happens to what is told by whom."""

    for_not_following: Verdict
    for_not_followers: Verdict
    for_new_accounts: Verdict
    for_private_mentions: Verdict
    for_limited_accounts: Verdict


class Pending(msgspec.Struct, frozen=True):
    """How much is kept apart: from how many people, and how many notifications."""

    requests: int
    notifications: int


class Request(msgspec.Struct, frozen=True):
    """All that was kept apart of one sender: how many, the latest of them, and the latest post that one is about."""

    id: int
    from_id: int
    count: int
    latest: int
    status_id: int | None
    author: int | None


POLICY: Final[LiteralString] = """
    coalesce(p.for_not_following, 'accept') AS for_not_following,
    coalesce(p.for_not_followers, 'accept') AS for_not_followers,
    coalesce(p.for_new_accounts, 'accept') AS for_new_accounts,
    coalesce(p.for_private_mentions, 'accept') AS for_private_mentions,
    coalesce(p.for_limited_accounts, 'filter') AS for_limited_accounts
"""
"""The columns of a policy, with what holds for those who have chosen nothing. It expects `p`, which may be empty."""

_KEPT_APART: Final[LiteralString] = """
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS count, max(n.id) AS latest, max(n.status_id) AS status_id FROM (
            SELECT n.id, n.status_id FROM notifications n
            WHERE n.account_id = r.account_id AND n.from_id = r.from_id AND n.filtered
            ORDER BY n.id DESC LIMIT $2
        ) n
    ) x
    WHERE r.account_id = $1 AND x.count > 0
        AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = $1 AND b.target_id = r.from_id)
        AND NOT EXISTS (
            SELECT FROM mutes u WHERE u.account_id = $1 AND u.target_id = r.from_id AND u.notifications
                AND (u.expires_at IS NULL OR u.expires_at > now()))
"""
"""Requests, `r`, of which something is left, by people who are not kept away altogether; `x` says of what."""

COUNTED: Final = 1000
"""Notifications of one sender that are counted."""
MOST_REQUESTS: Final = 100
"""Requests that a summary counts."""


async def policy(db: Db, account_id: int) -> Policy:
    rows = await db.rows(
        Policy,
        f"SELECT {POLICY} FROM (SELECT $1::bigint AS id) me LEFT JOIN notification_policies p ON p.account_id = $1",
        account_id,
    )
    return rows[0]


async def set_policy(db: Db, account_id: int, chosen: Policy) -> None:
    await db.execute(
        """
        INSERT INTO notification_policies (
            account_id, for_not_following, for_not_followers, for_new_accounts, for_private_mentions,
            for_limited_accounts)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (account_id) DO UPDATE SET
            for_not_following = $2, for_not_followers = $3, for_new_accounts = $4, for_private_mentions = $5,
            for_limited_accounts = $6
        """,
        account_id,
        *msgspec.structs.astuple(chosen),
    )


async def pending(db: Db, account_id: int) -> Pending:
    """At most MOST_REQUESTS people, and what they were kept apart with."""
    rows = await db.rows(
        Pending,
        f"""
        SELECT count(*)::int AS requests, coalesce(sum(count), 0)::int AS notifications
        FROM (SELECT x.count FROM notification_requests r {_KEPT_APART} LIMIT $3) y
        """,
        account_id,
        COUNTED,
        MOST_REQUESTS,
    )
    return rows[0]


_REQUESTS: Final[LiteralString] = f"""
    SELECT r.id, r.from_id, x.count, x.latest, x.status_id, (
        SELECT n.status_author_id FROM notifications n
        WHERE n.account_id = r.account_id AND n.from_id = r.from_id AND n.filtered AND n.status_id = x.status_id
        LIMIT 1) AS author
    FROM notification_requests r {_KEPT_APART} AND r.id < $3 AND r.id > $4
"""


async def requests(db: Db, account_id: int, cursor: Cursor) -> list[Request]:
    """A page of them, latest first."""
    args = account_id, COUNTED, cursor.max_id, cursor.lowest, cursor.limit
    if cursor.upwards:
        return (await db.rows(Request, _REQUESTS + " ORDER BY r.id LIMIT $5", *args))[::-1]
    return await db.rows(Request, _REQUESTS + " ORDER BY r.id DESC LIMIT $5", *args)


async def end_requests(db: Db, account_id: int, ids: Sequence[int]) -> list[int]:
    """Delete requests; whom they were from."""
    records = await db.records(
        "DELETE FROM notification_requests WHERE account_id = $1 AND id = ANY($2::bigint[]) RETURNING from_id",
        account_id,
        ids,
    )
    return [record[0] for record in records]


async def permit(db: Db, account_id: int, senders: Sequence[int]) -> None:
    await db.execute(
        """
        INSERT INTO notification_permissions (account_id, from_id) SELECT $1, * FROM unnest($2::bigint[])
        ON CONFLICT DO NOTHING
        """,
        account_id,
        senders,
    )


async def forbid(db: Db, account_id: int, senders: Sequence[int]) -> None:
    """Let the policy judge these people again."""
    await db.execute(
        "DELETE FROM notification_permissions WHERE account_id = $1 AND from_id = ANY($2::bigint[])",
        account_id,
        senders,
    )


async def bring_in(db: Db, account_id: int, senders: Sequence[int]) -> None:
    """What was kept apart of these people stands among the others."""
    await db.execute(
        "UPDATE notifications SET filtered = false WHERE account_id = $1 AND from_id = ANY($2::bigint[]) AND filtered",
        account_id,
        senders,
    )


async def delete_filtered(db: Db, account_id: int, senders: Sequence[int]) -> None:
    await db.execute(
        "DELETE FROM notifications WHERE account_id = $1 AND from_id = ANY($2::bigint[]) AND filtered",
        account_id,
        senders,
    )


async def merged(db: Db, account_id: int) -> bool:
    """Whether nothing is kept apart any more of those who are permitted."""
    return await db.value(
        """
        SELECT NOT EXISTS (
            SELECT FROM notification_permissions o
            JOIN notifications n ON n.account_id = o.account_id AND n.from_id = o.from_id AND n.filtered
            WHERE o.account_id = $1)
        """,
        account_id,
    )
