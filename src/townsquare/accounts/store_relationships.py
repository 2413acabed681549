"""SQL of what a person and others are to each other: one query over the person's rows, one over the others'."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId


class Mine(msgspec.Struct, frozen=True):
    """What stands in one's own rows about another account."""

    id: AccountId
    following: bool
    requested: bool
    reblogs: bool
    notify: bool
    languages: Sequence[str] | None
    followed_by: bool
    requested_by: bool
    blocking: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: datetime | None
    endorsed: bool
    note: str


class Theirs(msgspec.Struct, frozen=True):
    """What stands in another's rows."""

    id: AccountId
    domain: str | None
    blocked_by: bool


async def mine(db: Db, me: AccountId, ids: Sequence[AccountId]) -> list[Mine]:
    """One row for each id."""
    return await db.rows(
        Mine,
        """
        SELECT t.id, coalesce(NOT f.pending, false) AS following, coalesce(f.pending, false) AS requested,
               coalesce(f.reblogs, false) AS reblogs, coalesce(f.notify, false) AS notify, f.languages,
               b.id IS NOT NULL AS followed_by, r.id IS NOT NULL AS requested_by, k.id IS NOT NULL AS blocking,
               m.id IS NOT NULL AS muting, coalesce(m.notifications, false) AS muting_notifications,
               m.expires_at AS muting_expires_at, e.id IS NOT NULL AS endorsed, coalesce(n.comment, '') AS note
        FROM unnest($2::bigint[]) AS t (id)
        LEFT JOIN follows f ON f.account_id = $1 AND f.target_id = t.id
        LEFT JOIN followers b ON b.account_id = $1 AND b.follower_id = t.id
        LEFT JOIN follow_requests r ON r.account_id = $1 AND r.requester_id = t.id
        LEFT JOIN blocks k ON k.account_id = $1 AND k.target_id = t.id
        LEFT JOIN mutes m ON m.account_id = $1 AND m.target_id = t.id AND (m.expires_at IS NULL OR m.expires_at > now())
        LEFT JOIN endorsements e ON e.account_id = $1 AND e.target_id = t.id
        LEFT JOIN account_notes n ON n.account_id = $1 AND n.target_id = t.id
        """,
        me, ids,
    )  # fmt: skip


async def theirs(db: Db, me: AccountId, ids: Sequence[AccountId], *, suspended: bool) -> list[Theirs]:
    """One row for each id that exists, suspended accounts only where asked for."""
    return await db.rows(
        Theirs,
        """
        SELECT a.id, a.domain, b.id IS NOT NULL AS blocked_by
        FROM accounts a LEFT JOIN blocks b ON b.account_id = a.id AND b.target_id = $1
        WHERE a.id = ANY($2::bigint[]) AND a.deleted_at IS NULL AND (a.suspended_at IS NULL OR $3)
        """,
        me, ids, suspended,
    )  # fmt: skip
