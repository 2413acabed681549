"""The SQL of the files that belong to an account."""

from townsquare.db.pool import Db


async def of_profile(db: Db, account_id: int) -> list[str]:
    records = await db.records(
        """
        SELECT DISTINCT key FROM accounts a, LATERAL (VALUES (a.avatar_key), (a.avatar_static_key), (a.header_key),
            (a.header_static_key)) AS k (key)
        WHERE a.id = $1 AND key IS NOT NULL
        """,
        account_id,
    )
    return [record[0] for record in records]


async def of_posts(db: Db, account_id: int, after: int, limit: int) -> list[tuple[int, str]]:
    """Attachments after an id, with the ids that they belong to; those of the last one are all there."""
    records = await db.records(
        """
        SELECT id, key FROM (
            SELECT id, file_key, preview_key FROM media
            WHERE account_id = $1 AND id > $2 AND coalesce(file_key, preview_key) IS NOT NULL ORDER BY id LIMIT $3
        ) m, LATERAL (VALUES (m.file_key), (m.preview_key)) AS k (key)
        WHERE key IS NOT NULL ORDER BY id
        """,
        account_id,
        after,
        limit,
    )
    return [(record[0], record[1]) for record in records]
