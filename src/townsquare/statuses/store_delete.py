"""The SQL that takes a post out."""

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.store import Source


class Echo(msgspec.Struct, frozen=True):
    by_id: int
    reblog_id: int


async def forget_reblog(db: Db, me: int, author: int, status_id: int) -> None:
    """Before an echo is deleted: take it from the original."""
    await db.execute(
        """
        WITH mark AS (UPDATE marks SET reblog_id = NULL WHERE account_id = $1 AND status_id = $3),
        entered AS (DELETE FROM reblogs WHERE account_id = $2 AND status_id = $3 AND by_id = $1 RETURNING by_id)
        UPDATE statuses SET reblogs_count = greatest(reblogs_count - 1, 0)
        WHERE account_id = $2 AND id = $3 AND EXISTS (SELECT FROM entered)
        """,
        me,
        author,
        status_id,
    )


async def leave_thread(db: Db, source: Source) -> None:
    """Before an answer is deleted: take it from the thread and, if it counted, from the count of what it answers."""
    await db.execute(
        """
        WITH gone AS (
            DELETE FROM thread_posts WHERE account_id = $1 AND root_id = $2 AND status_id = $3 RETURNING status_id
        )
        UPDATE statuses SET replies_count = greatest(replies_count - 1, 0)
        WHERE $6 <= 1 AND account_id = $4 AND id = $5 AND EXISTS (SELECT FROM gone)
        """,
        source.root_account_id,
        source.root_id,
        source.id,
        source.in_reply_to_account_id,
        source.in_reply_to_id,
        source.visibility,
    )


async def reblogs(db: Db, author: int, status_id: int) -> list[Echo]:
    """All echoes of a post."""
    return await db.rows(
        Echo, "SELECT by_id, reblog_id FROM reblogs WHERE account_id = $1 AND status_id = $2", author, status_id
    )


async def mentioned(db: Db, author: int, status_id: int) -> list[int]:
    """Whom the post names."""
    sql = "SELECT mentioned_id FROM mentions WHERE account_id = $1 AND status_id = $2 ORDER BY mentioned_id"
    return [record[0] for record in await db.records(sql, author, status_id)]


async def reactions(db: Db, author: int, status_id: int) -> None:
    """What people did with the post: their marks, and the author's record of them."""
    await db.execute("DELETE FROM marks WHERE status_id = $2 AND author_id = $1", author, status_id)
    await db.execute("DELETE FROM votes WHERE status_id = $2 AND author_id = $1", author, status_id)
    await db.execute("DELETE FROM favourites WHERE account_id = $1 AND status_id = $2", author, status_id)
    await db.execute("DELETE FROM reblogs WHERE account_id = $1 AND status_id = $2", author, status_id)


async def media(db: Db, author: int, status_id: int) -> list[str]:
    """Take the pictures away; returns the keys of their files."""
    records = await db.records(
        """
        WITH gone AS (
            DELETE FROM media WHERE account_id = $1 AND status_id = $2 RETURNING file_key, preview_key, upload_key
        )
        SELECT key FROM gone, LATERAL (VALUES (file_key), (preview_key), (upload_key)) AS k (key) WHERE key IS NOT NULL
        """,
        author,
        status_id,
    )
    return [record[0] for record in records]


async def delete(db: Db, author: int, status_id: int, *, visibility: int) -> None:
    """The post's own rows, its place in the search, and one post less; the echo of what is hidden was not counted."""
    await db.execute(
        """
        WITH post AS (
            DELETE FROM statuses WHERE account_id = $1 AND id = $2
            RETURNING id, reblog_of_account_id AS original_owner, reblog_of_id AS original
        ), uncounted AS (
            SELECT FROM post p, statuses o
            WHERE o.account_id = p.original_owner AND o.id = p.original AND o.restricted >= 16
        ),
        stone AS (
            INSERT INTO tombstones (account_id, status_id) SELECT $1, id FROM post ON CONFLICT DO NOTHING
        ),
        named AS (DELETE FROM mentions WHERE account_id = $1 AND status_id = $2),
        tagged AS (DELETE FROM status_tags WHERE account_id = $1 AND status_id = $2),
        carded AS (DELETE FROM status_cards WHERE account_id = $1 AND status_id = $2),
        edited AS (DELETE FROM status_edits WHERE account_id = $1 AND status_id = $2),
        translated AS (DELETE FROM translations WHERE account_id = $1 AND status_id = $2),
        asked AS (DELETE FROM polls WHERE account_id = $1 AND status_id = $2),
        voted AS (DELETE FROM poll_voters WHERE account_id = $1 AND status_id = $2),
        found AS (DELETE FROM status_search WHERE account_id = $1 AND status_id = $2)
        UPDATE accounts SET statuses_count = greatest(
            statuses_count - ($3 < 3 AND NOT EXISTS (SELECT FROM uncounted))::int, 0)
        WHERE id = $1 AND EXISTS (SELECT FROM post)
        """,
        author,
        status_id,
        visibility,
    )
