"""The SQL of threads. All posts of a thread are entered with the author of its first, so one owner's rows hold it."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair
from townsquare.statuses.visible import VISIBLE_TO

MOST = 10_000


class Place(msgspec.Struct, frozen=True):
    """To which thread a post belongs."""

    root_id: int
    root_account_id: int


class ThreadPost(msgspec.Struct, frozen=True):
    """A post of a thread; `in_reply_to_id` is 0 for the first."""

    status_id: int
    author_id: int
    in_reply_to_id: int


async def place(db: Db, viewer: int, status_id: int) -> Place | None:
    """The thread of a post that the viewer may see."""
    return await db.row(
        Place,
        f"""
        SELECT s.root_id, s.root_account_id
        FROM (VALUES ($1::bigint)) AS k (viewer), statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.id = $2 AND {VISIBLE_TO}
        """,
        viewer,
        status_id,
    )


async def posts(db: Db, owner: int, root_id: int) -> list[ThreadPost]:
    """All posts of a thread but the first, by time."""
    return await db.rows(
        ThreadPost,
        """
        SELECT status_id, author_id, in_reply_to_id FROM thread_posts
        WHERE account_id = $1 AND root_id = $2 ORDER BY status_id LIMIT $3
        """,
        owner,
        root_id,
        MOST,
    )


async def mute(db: Db, me: int, root_id: int, ids: Sequence[int], authors: Sequence[int]) -> None:
    """No more notifications from a thread; its posts as they are now show it, later ones by `mark_joined`."""
    await db.execute(
        """
        WITH muted AS (
            INSERT INTO thread_mutes (account_id, root_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
        )
        INSERT INTO marks (account_id, status_id, author_id, muted)
        SELECT $1, k.id, k.author, true FROM unnest($3::bigint[], $4::bigint[]) AS k (id, author)
        ON CONFLICT (account_id, status_id) DO UPDATE SET muted = true
        """,
        me,
        root_id,
        ids,
        authors,
    )


async def mark_joined(db: Db, answers: Sequence[Pair]) -> None:
    """Answers, as posts of threads that some have muted."""
    await db.execute(
        """
        INSERT INTO marks (account_id, status_id, author_id, muted)
        SELECT t.account_id, s.id, s.account_id, true
        FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN thread_mutes t ON t.root_id = s.root_id
        ORDER BY 1, 2
        ON CONFLICT (account_id, status_id) DO UPDATE SET muted = true
        """,
        [author for author, _ in answers],
        [number for _, number in answers],
    )


async def unmute(db: Db, me: int, root_id: int, ids: Sequence[int]) -> None:
    await db.execute(
        """
        WITH heard AS (DELETE FROM thread_mutes WHERE account_id = $1 AND root_id = $2)
        UPDATE marks SET muted = false WHERE account_id = $1 AND status_id = ANY($3::bigint[]) AND muted
        """,
        me,
        root_id,
        ids,
    )
