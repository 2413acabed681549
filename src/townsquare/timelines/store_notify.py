"""The SQL that writes notifications. A query reads rows of one kind of owner: author, sender or receiver."""

from collections.abc import Mapping, Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair
from townsquare.statuses.visible import VISIBLE_TO


class Notice(msgspec.Struct, frozen=True):
    """A notification that may come to be."""

    receiver: int
    type: str
    sender: int
    status: Pair | None = None
    """Owner and id of the post that it is about."""


class New(msgspec.Struct, frozen=True):
    """One that may be written if the receiver wants it. `root_id` is the first post of the thread, 0 without a post."""

    notice: Notice
    id: int
    group_key: str
    root_id: int
    sender_domain: str | None
    sender_limited: bool


class Sender(msgspec.Struct, frozen=True):
    id: int
    domain: str | None
    limited: bool


async def senders(db: Db, ids: Sequence[int]) -> Mapping[int, Sender]:
    """Those of the accounts who are not suspended."""
    rows = await db.rows(
        Sender,
        """
        SELECT id, domain, limited_at IS NOT NULL AS limited FROM accounts
        WHERE id = ANY($1::bigint[]) AND suspended_at IS NULL
        """,
        ids,
    )
    return {row.id: row for row in rows}


async def roots(db: Db, asked: Sequence[tuple[int, Pair]]) -> dict[tuple[int, Pair], int]:
    """For each (viewer, post) that the viewer may see: the first post of the thread."""
    records = await db.records(
        f"""
        SELECT k.viewer, k.owner, k.id, s.root_id
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (viewer, owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        [viewer for viewer, _ in asked],
        [owner for _, (owner, _) in asked],
        [number for _, (_, number) in asked],
    )
    return {(record[0], (record[1], record[2])): record[3] for record in records}


async def insert(db: Db, new: Sequence[New]) -> None:
    """Write those that their receivers want and whose cause still stands; one that is there already stays as it is.

    What somebody whom the place has limited does is kept apart (`filtered`) from those who do not follow them.
    """
    await db.execute(
        """
        INSERT INTO notifications (account_id, id, type, from_id, status_id, status_author_id, group_key, filtered)
        SELECT k.receiver, k.id, k.type, k.sender, k.status_id, k.author, k.group_key,
            k.limited AND NOT EXISTS (
                SELECT FROM follows f WHERE f.account_id = k.receiver AND f.target_id = k.sender AND NOT f.pending)
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                $8::bigint[], $9::text[], $10::boolean[])
            AS k (receiver, id, type, sender, status_id, author, group_key, root_id, domain, limited)
        JOIN accounts r ON r.id = k.receiver AND r.domain IS NULL
        WHERE k.receiver <> k.sender
            AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = k.receiver AND b.target_id = k.sender)
            AND NOT EXISTS (
                SELECT FROM mutes u WHERE u.account_id = k.receiver AND u.target_id = k.sender AND u.notifications
                    AND (u.expires_at IS NULL OR u.expires_at > now()))
            AND NOT EXISTS (SELECT FROM domain_blocks d WHERE d.account_id = k.receiver AND d.domain = k.domain)
            AND NOT EXISTS (SELECT FROM thread_mutes t WHERE t.account_id = k.receiver AND t.root_id = k.root_id)
            AND CASE k.type
                WHEN 'favourite' THEN EXISTS (
                    SELECT FROM favourites f
                    WHERE f.account_id = k.receiver AND f.status_id = k.status_id AND f.by_id = k.sender)
                WHEN 'reblog' THEN EXISTS (
                    SELECT FROM reblogs e
                    WHERE e.account_id = k.receiver AND e.status_id = k.status_id AND e.by_id = k.sender)
                WHEN 'follow' THEN EXISTS (
                    SELECT FROM followers f WHERE f.account_id = k.receiver AND f.follower_id = k.sender)
                WHEN 'follow_request' THEN EXISTS (
                    SELECT FROM follow_requests q WHERE q.account_id = k.receiver AND q.requester_id = k.sender)
                ELSE true END
        ON CONFLICT DO NOTHING
        """,
        [one.notice.receiver for one in new],
        [one.id for one in new],
        [one.notice.type for one in new],
        [one.notice.sender for one in new],
        [one.notice.status and one.notice.status[1] for one in new],
        [one.notice.status and one.notice.status[0] for one in new],
        [one.group_key for one in new],
        [one.root_id for one in new],
        [one.sender_domain for one in new],
        [one.sender_limited for one in new],
    )


async def told_of_posts(db: Db, authors: Sequence[int]) -> list[tuple[int, int]]:
    """Author and follower of those who want to be told of all posts of these authors."""
    records = await db.records(
        "SELECT account_id, follower_id FROM followers WHERE account_id = ANY($1::bigint[]) AND notify AND local",
        authors,
    )
    return [(record[0], record[1]) for record in records]


async def who_echoed(db: Db, pairs: Sequence[Pair]) -> list[tuple[Pair, int]]:
    """Post and echoer of all echoes of these posts."""
    records = await db.records(
        """
        SELECT e.account_id, e.status_id, e.by_id FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN reblogs e ON e.account_id = k.owner AND e.status_id = k.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return [((record[0], record[1]), record[2]) for record in records]


async def delete_updates(db: Db, ids: Sequence[int]) -> None:
    """Of the edits of a post only the last one is told."""
    await db.execute("DELETE FROM notifications WHERE status_id = ANY($1::bigint[]) AND type = 'update'", ids)


async def delete_of_statuses(db: Db, ids: Sequence[int]) -> None:
    await db.execute("DELETE FROM notifications WHERE status_id = ANY($1::bigint[])", ids)


async def delete_taken_back(db: Db, notices: Sequence[Notice]) -> None:
    """Those whose cause does not stand any more."""
    await db.execute(
        """
        DELETE FROM notifications n
        USING unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS k (receiver, type, sender, status_id)
        WHERE n.account_id = k.receiver AND n.type = k.type AND n.from_id = k.sender
            AND coalesce(n.status_id, 0) = k.status_id
            AND CASE k.type
                WHEN 'favourite' THEN NOT EXISTS (
                    SELECT FROM favourites f
                    WHERE f.account_id = k.receiver AND f.status_id = k.status_id AND f.by_id = k.sender)
                WHEN 'reblog' THEN NOT EXISTS (
                    SELECT FROM reblogs e
                    WHERE e.account_id = k.receiver AND e.status_id = k.status_id AND e.by_id = k.sender)
                WHEN 'follow' THEN NOT EXISTS (
                    SELECT FROM followers f WHERE f.account_id = k.receiver AND f.follower_id = k.sender)
                WHEN 'follow_request' THEN NOT EXISTS (
                    SELECT FROM follow_requests q WHERE q.account_id = k.receiver AND q.requester_id = k.sender)
                ELSE false END
        """,
        [one.receiver for one in notices],
        [one.type for one in notices],
        [one.sender for one in notices],
        [one.status[1] if one.status else 0 for one in notices],
    )


async def senders_to(db: Db, receiver: int) -> list[int]:
    """All of whom somebody has notifications."""
    records = await db.records("SELECT DISTINCT from_id FROM notifications WHERE account_id = $1", receiver)
    return [record[0] for record in records]


async def delete_from(db: Db, receiver: int, senders: Sequence[int]) -> None:
    await db.execute(
        "DELETE FROM notifications WHERE account_id = $1 AND from_id = ANY($2::bigint[])", receiver, senders
    )
