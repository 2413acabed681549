"""The SQL that writes notifications. A query reads rows of one kind of owner: author, sender or receiver."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair
from townsquare.statuses.visible import VISIBLE_TO
from townsquare.timelines.notify_events import Written
from townsquare.timelines.store_home import array_of
from townsquare.timelines.store_policy import POLICY


class Notice(msgspec.Struct, frozen=True):
    """A notification that may come to be."""

    receiver: int
    type: str
    sender: int
    status: Pair | None = None
    """Owner and id of the post that it is about."""
    about: int | None = None
    """The id of what else it is about: a report, a warning."""


class New(msgspec.Struct, frozen=True):
    """One that may be written if the receiver wants it. `root_id` is the first post of the thread, 0 without a post."""

    notice: Notice
    id: int
    group_key: str
    root_id: int
    sender: "Sender"
    judged: bool
    """Whether the receiver's policy is asked."""
    unasked: bool
    """A private message from somebody to whom the receiver has not written."""
    people: Sequence[int]
    """The sender, and of what comes for what it says those of whom it speaks."""


class Sender(msgspec.Struct, frozen=True):
    id: int
    domain: str | None
    limited: bool
    new: bool
    """Made not long ago."""
    staff: bool


class About(msgspec.Struct, frozen=True):
    """What is to be known of a post that somebody is told of."""

    root_id: int
    root_account_id: int
    visibility: int
    named: Sequence[int] = ()
    """Others whom it names or answers."""


NOWHERE: Final = About(0, 0, 0)
"""For what is not about a post."""
OF_ONESELF: Final = ("poll", "admin.notice", "severed_relationships", "moderation_warning")
"""Of which one is told though nobody else did anything: the sender is the receiver."""

Asked = tuple[int, Pair]
"""A receiver and a post."""


async def senders(db: Db, ids: Sequence[int], since: datetime) -> Mapping[int, Sender]:
    """Those of the accounts who are not suspended. `since`: who was made after it is new."""
    rows = await db.rows(
        Sender,
        """
        SELECT a.id, a.domain, a.limited_at IS NOT NULL AS limited, a.created_at > $2 AS new,
            coalesce(u.role, 'user') <> 'user' AS staff
        FROM accounts a LEFT JOIN users u ON u.account_id = a.id
        WHERE a.id = ANY($1::bigint[]) AND a.suspended_at IS NULL
        """,
        ids,
        since,
    )
    return {row.id: row for row in rows}


async def posts(db: Db, asked: Sequence[Asked]) -> dict[Asked, About]:
    """For each (viewer, post) that the viewer may see: where it stands, and for whom it is."""
    records = await db.records(
        f"""
        SELECT k.viewer, k.owner, k.id, s.root_id, s.root_account_id, s.visibility, coalesce(s.named, '{{}}')
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (viewer, owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        [viewer for viewer, _ in asked],
        [owner for _, (owner, _) in asked],
        [number for _, (_, number) in asked],
    )
    return {(record[0], (record[1], record[2])): About(*record[3:]) for record in records}


_NEW: Final[LiteralString] = """
    unnest($3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
            $11::bigint[], $12::text[], $13::boolean[], $14::boolean[], $15::boolean[], $16::boolean[], $17::text[])
        AS k (receiver, id, type, sender, status_id, author, about_id, group_key,
            root_id, domain, limited, new, judged, unasked, people)
"""
"""The notifications that may come to be, `k`, as `_columns` has them."""

_VERDICT: Final[LiteralString] = f"""
    CROSS JOIN LATERAL (
        SELECT CASE WHEN k.judged AND NOT EXISTS (
            SELECT FROM notification_permissions o WHERE o.account_id = k.receiver AND o.from_id = k.sender
        ) THEN (
            SELECT ARRAY[
                CASE WHEN k.limited AND NOT x.follows THEN x.for_limited_accounts END,
                CASE WHEN NOT x.follows THEN x.for_not_following END,
                CASE WHEN NOT x.followed THEN x.for_not_followers END,
                CASE WHEN k.new AND NOT x.follows THEN x.for_new_accounts END,
                CASE WHEN k.unasked AND NOT x.follows THEN x.for_private_mentions END]
            FROM (
                SELECT {POLICY}, EXISTS (
                        SELECT FROM follows f
                        WHERE f.account_id = k.receiver AND f.target_id = k.sender AND NOT f.pending) AS follows,
                    EXISTS (
                        SELECT FROM followers f
                        WHERE f.account_id = k.receiver AND f.follower_id = k.sender AND f.id < $1) AS followed
                FROM (SELECT k.receiver) me LEFT JOIN notification_policies p ON p.account_id = k.receiver
            ) x
        ) END AS says
    ) v
"""
"""What the receiver's policy has to say of each: all that applies; the strictest of it counts."""

_WELCOME: Final[LiteralString] = """
    (k.receiver <> k.sender OR k.type = ANY($2::text[]))
    AND NOT EXISTS (SELECT FROM blocks b WHERE b.account_id = k.receiver AND b.target_id = ANY(k.people::bigint[]))
    AND NOT EXISTS (
        SELECT FROM mutes u
        WHERE u.account_id = k.receiver AND u.target_id = ANY(k.people::bigint[]) AND u.notifications
            AND (u.expires_at IS NULL OR u.expires_at > now()))
    AND NOT EXISTS (SELECT FROM domain_blocks d WHERE d.account_id = k.receiver AND d.domain = k.domain)
    AND NOT EXISTS (SELECT FROM thread_mutes t WHERE t.account_id = k.receiver AND t.root_id = k.root_id)
"""
"""Whether the receiver wants to be told of this sender and these people, and of this thread, at all."""

_STANDS: Final[LiteralString] = """
    CASE k.type
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
"""
"""Whether what is told of is still so, as far as the receiver's rows say."""

_INSERT: Final[LiteralString] = f"""
    INSERT INTO notifications (
        account_id, id, type, from_id, status_id, status_author_id, about_id, group_key, filtered)
    SELECT k.receiver, k.id, k.type, k.sender, k.status_id, k.author, k.about_id, k.group_key,
        coalesce('filter' = ANY(v.says), false)
    FROM {_NEW} JOIN accounts r ON r.id = k.receiver AND r.domain IS NULL {_VERDICT}
    WHERE 'drop' = ANY(v.says) IS NOT TRUE AND {_WELCOME} AND {_STANDS}
    ON CONFLICT DO NOTHING
    RETURNING account_id, id, type, from_id, status_id, status_author_id AS author, filtered
"""


async def insert(db: Db, new: Sequence[New], followers_before: int) -> list[Written]:
    """Write those that their receivers want and whose cause still stands; one that is there already stays as it is.

    What a receiver's policy filters is kept apart, with a request in the sender's name; the others are returned.
    `followers_before`: an id; who follows since then does not count as a follower yet.
    """
    return await db.rows(
        Written,
        f"""
        WITH written AS ({_INSERT}), kept_apart AS (
            INSERT INTO notification_requests (account_id, from_id, id)
            SELECT account_id, from_id, min(id) FROM written WHERE filtered GROUP BY account_id, from_id
            ON CONFLICT DO NOTHING
        )
        SELECT account_id, id, type, from_id, status_id, author FROM written WHERE NOT filtered ORDER BY id
        """,
        followers_before,
        OF_ONESELF,
        *_columns(new),
    )


def _columns(new: Sequence[New]) -> Sequence[Sequence[object]]:
    """In the order in which `_NEW` names them."""
    notices = [one.notice for one in new]
    return (
        [notice.receiver for notice in notices],
        [one.id for one in new],
        [notice.type for notice in notices],
        [notice.sender for notice in notices],
        [notice.status and notice.status[1] for notice in notices],
        [notice.status and notice.status[0] for notice in notices],
        [notice.about for notice in notices],
        [one.group_key for one in new],
        [one.root_id for one in new],
        [one.sender.domain for one in new],
        [one.sender.limited for one in new],
        [one.sender.new for one in new],
        [one.judged for one in new],
        [one.unasked for one in new],
        [array_of(one.people) for one in new],
    )


async def said_in(db: Db, asked: Sequence[tuple[int, About]]) -> list[tuple[int, Pair]]:
    """What each receiver has written in the thread: the thread's first post, and owner and id of theirs."""
    records = await db.records(
        """
        SELECT t.root_id, t.author_id, t.status_id
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (receiver, owner, root_id)
        JOIN thread_posts t ON t.account_id = k.owner AND t.root_id = k.root_id AND t.author_id = k.receiver
        """,
        [receiver for receiver, _ in asked],
        [about.root_account_id for _, about in asked],
        [about.root_id for _, about in asked],
    )
    own = [(about.root_id, (receiver, about.root_id)) for receiver, about in asked if about.root_account_id == receiver]
    return own + [(record[0], (record[1], record[2])) for record in records]


async def written_to(db: Db, pairs: Sequence[Pair]) -> list[tuple[Pair, int]]:
    """Whom the private ones of these posts mention."""
    records = await db.records(
        """
        SELECT k.owner, k.id, m.mentioned_id FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN mentions m ON m.account_id = k.owner AND m.status_id = k.id
        WHERE s.visibility = 3
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return [((record[0], record[1]), record[2]) for record in records]


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


async def delete_updates(db: Db, ids: Sequence[int], kind: str = "update") -> None:
    """Of the edits of a post only the last one is told."""
    await db.execute("DELETE FROM notifications WHERE status_id = ANY($1::bigint[]) AND type = $2", ids, kind)


async def delete_of_statuses(db: Db, ids: Sequence[int]) -> None:
    await db.execute("DELETE FROM notifications WHERE status_id = ANY($1::bigint[])", ids)


async def delete_taken_back(db: Db, notices: Sequence[Notice]) -> None:
    """Those whose cause does not stand any more."""
    await db.execute(
        f"""
        DELETE FROM notifications n
        USING unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS k (receiver, type, sender, status_id)
        WHERE n.account_id = k.receiver AND n.type = k.type AND n.from_id = k.sender
            AND coalesce(n.status_id, n.about_id, 0) = k.status_id AND NOT {_STANDS}
        """,
        [one.receiver for one in notices],
        [one.type for one in notices],
        [one.sender for one in notices],
        [one.status[1] if one.status else 0 for one in notices],
    )


async def delete_about(db: Db, receivers: Sequence[int], types: Sequence[str], sender: int, about: int) -> None:
    """Those of these types, by a sender, that are about something that is no post."""
    await db.execute(
        """
        DELETE FROM notifications
        WHERE account_id = ANY($1::bigint[]) AND type = ANY($2::text[]) AND from_id = $3
            AND coalesce(status_id, about_id, 0) = $4
        """,
        receivers,
        types,
        sender,
        about,
    )


async def senders_to(db: Db, receiver: int) -> list[int]:
    """All of whom somebody has notifications."""
    records = await db.records("SELECT DISTINCT from_id FROM notifications WHERE account_id = $1", receiver)
    return [record[0] for record in records]


async def delete_from(db: Db, receiver: int, senders: Sequence[int]) -> None:
    await db.execute(
        "DELETE FROM notifications WHERE account_id = $1 AND from_id = ANY($2::bigint[])", receiver, senders
    )
