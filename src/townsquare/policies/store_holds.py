"""The SQL that says of which files a copy has to stay."""

from collections.abc import Sequence

from townsquare.db.pool import Db


async def held_files(db: Db, keys: Sequence[str]) -> list[str]:
    """Those of these files of which a copy has to stay: of rows that are there, and of rows that went before them."""
    records = await db.records(
        """
        SELECT k.key FROM unnest($1::text[]) AS k (key)
        WHERE EXISTS (SELECT FROM legal_holds WHERE lifted_at IS NULL) AND (
            EXISTS (SELECT FROM kept_files f WHERE f.key = k.key)
            OR EXISTS (
                SELECT FROM media m WHERE split_part(m.file_key, '/', 4) = split_part(k.key, '/', 4)
                    AND under_hold(m.account_id, coalesce(m.status_id, 0))))
        """,
        keys,
    )
    return [record[0] for record in records]


async def awaited(db: Db, keys: Sequence[str]) -> list[tuple[str, int]]:
    """Those of these files that were reported, and of which no copy stands yet; for which report, notice or signal."""
    records = await db.records("SELECT key, source_id FROM evidence_waits WHERE key = ANY($1::text[])", keys)
    return [(record[0], record[1]) for record in records]
