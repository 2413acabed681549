"""The SQL of the files that belong to an account."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.statuses.read import Pair


async def of_profile(db: Db, account_id: int) -> list[str]:
    records = await db.records(
        """
        SELECT DISTINCT key FROM accounts a, LATERAL (VALUES (a.avatar_key), (a.avatar_static_key), (a.header_key),
            (a.header_static_key), (a.header_small_key)) AS k (key)
        WHERE a.id = $1 AND key IS NOT NULL
        """,
        account_id,
    )
    return [record[0] for record in records]


async def of_posts(db: Db, account_id: int, before: int, limit: int) -> list[tuple[int, str, bool]]:
    """Attachments before an id, the latest first, with the ids that they belong to and whether their posts are hidden;
    those of the last one are all there.
    """
    records = await db.records(
        """
        SELECT id, key, hidden FROM (
            SELECT m.id, m.file_key, m.preview_key, m.restricted >= 16 OR coalesce(s.restricted >= 16, false) AS hidden
            FROM media m LEFT JOIN statuses s ON s.account_id = m.account_id AND s.id = m.status_id
            WHERE m.account_id = $1 AND m.id < $2 AND coalesce(m.file_key, m.preview_key) IS NOT NULL
            ORDER BY m.id DESC LIMIT $3
        ) m, LATERAL (VALUES (m.file_key), (m.preview_key)) AS k (key)
        WHERE key IS NOT NULL ORDER BY id DESC
        """,
        account_id,
        before,
        limit,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def of_restricted(db: Db, posts: Sequence[Pair]) -> list[tuple[str, bool]]:
    """The files of these posts, and whether they are not to be given out."""
    records = await db.records(
        """
        SELECT k.key, s.restricted >= 16 OR m.restricted >= 16 OR a.suspended_at IS NOT NULL
        FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        JOIN media m ON m.account_id = s.account_id AND m.status_id = s.id,
            LATERAL (VALUES (m.file_key), (m.preview_key)) AS k (key)
        WHERE k.key IS NOT NULL
        """,
        [owner for owner, _ in posts],
        [number for _, number in posts],
    )
    return [(record[0], record[1]) for record in records]


async def of_media(db: Db, media: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The files of these attachments, whether a post shows them or not, and whether they are not to be given out."""
    records = await db.records(
        """
        SELECT k.key, m.restricted >= 16 OR a.suspended_at IS NOT NULL OR EXISTS (
            SELECT FROM statuses s WHERE s.account_id = m.account_id AND s.id = m.status_id AND s.restricted >= 16)
        FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        JOIN media m ON m.account_id = p.owner AND m.id = p.id
        JOIN accounts a ON a.id = m.account_id,
            LATERAL (VALUES (m.file_key), (m.preview_key)) AS k (key)
        WHERE k.key IS NOT NULL
        """,
        [owner for owner, _ in media],
        [number for _, number in media],
    )
    return [(record[0], record[1]) for record in records]
