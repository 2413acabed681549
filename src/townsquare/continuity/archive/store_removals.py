"""The SQL of what was taken away: read for the archive, done again in what was restored."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from townsquare.continuity.archive.model import Asked, Edited, Profile, Removal
from townsquare.db.pool import Db
from townsquare.statuses.model import Author

MANY = 5000
"""In an object of the archive."""
KEPT = timedelta(days=400)
"""Copies that are older than that are nobody's to restore from."""


async def after(one: asyncpg.Connection, xid: str, number: int) -> list[tuple[Removal, str, int]]:
    """The next ones of transactions that are over, so that none comes in later between those that were read."""
    rows = await one.fetch(
        """
        SELECT r.account_id, r.kind, r.item_id, r.removed_at, r.xid::text AS xid, r.number, s.id AS edited,
            s.text, s.spoiler_text, s.sensitive, s.language, m.numbers, m.descriptions,
            p.options, p.multiple, p.hide_totals, p.expires_at,
            a.id AS shown, a.display_name, a.note, a.avatar_key, a.header_key, ARRAY(
                SELECT ARRAY[field->>'name', field->>'value'] FROM jsonb_array_elements(a.fields) AS field) AS fields
        FROM removals r
        LEFT JOIN accounts a ON r.kind = 7 AND a.id = r.account_id
        LEFT JOIN statuses s ON r.kind = 6 AND s.account_id = r.account_id AND s.id = r.item_id
        LEFT JOIN polls p ON p.account_id = s.account_id AND p.status_id = s.id
        LEFT JOIN LATERAL (
            SELECT array_agg(m.id) AS numbers, array_agg(coalesce(m.description, '')) AS descriptions
            FROM unnest(s.media_ids) WITH ORDINALITY AS listed (id, place)
            JOIN media m ON m.account_id = s.account_id AND m.id = listed.id
        ) m ON true
        WHERE (r.xid, r.number) > ($1::text::xid8, $2) AND r.xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY r.xid, r.number LIMIT $3
        """,
        xid,
        number,
        MANY,
    )
    return [(_removal(row), row["xid"], row["number"]) for row in rows]


def _removal(row: asyncpg.Record) -> Removal:
    edited = None
    if row["edited"] is not None:
        media = tuple(zip(row["numbers"] or (), row["descriptions"] or (), strict=True))
        poll = None
        if row["options"] is not None:
            poll = Asked(tuple(row["options"]), row["multiple"], row["hide_totals"], row["expires_at"])
        edited = Edited(row["text"], row["spoiler_text"], row["sensitive"], row["language"], media, poll)
    profile = None
    if row["shown"] is not None:
        fields = tuple((name, value) for name, value in row["fields"])
        profile = Profile(row["display_name"], row["note"], fields, row["avatar_key"], row["header_key"])
    return Removal(row["account_id"], row["kind"], row["item_id"], row["removed_at"], edited, profile)


async def forget(db: Db, age: timedelta) -> None:
    """Those of which no copy is kept any more that could bring them back."""
    await db.execute("DELETE FROM removals WHERE removed_at < now() - $1::interval", age)


async def files_of(db: Db, account_id: int, ids: list[int], media: list[int]) -> list[str]:
    """The keys of the files of posts, and of media."""
    records = await db.records(
        """
        SELECT k.key FROM media m, LATERAL (VALUES (m.file_key), (m.preview_key), (m.upload_key)) AS k (key)
        WHERE m.account_id = $1 AND (m.status_id = ANY($2) OR m.id = ANY($3)) AND k.key IS NOT NULL
        """,
        account_id,
        ids,
        media,
    )
    return [record[0] for record in records]


async def poll(db: Db, account_id: int, status_id: int) -> Asked | None:
    """Of a post, as it is kept: where that of a message is sealed."""
    sql = "SELECT options, multiple, hide_totals, expires_at FROM polls WHERE account_id = $1 AND status_id = $2"
    return await db.row(Asked, sql, account_id, status_id)


async def author(db: Db, account_id: int) -> Author | None:
    return await db.row(Author, "SELECT id, username FROM accounts WHERE id = $1", account_id)


async def attached(db: Db, account_id: int, status_id: int, media: Sequence[int]) -> set[int]:
    """Which of these belong to a post."""
    sql = "SELECT id FROM media WHERE account_id = $1 AND status_id = $2 AND id = ANY($3)"
    return {record[0] for record in await db.records(sql, account_id, status_id, list(media))}


async def delete_media(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM media WHERE account_id = $1 AND id = ANY($2)", account_id, ids)


async def delete_passkeys(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM passkeys WHERE account_id = $1 AND id = ANY($2)", account_id, ids)


async def delete_sessions(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM sessions WHERE account_id = $1 AND id = ANY($2)", account_id, ids)


async def delete_tokens(db: Db, account_id: int, ids: list[int]) -> int:
    return await db.execute("DELETE FROM oauth_tokens WHERE account_id = $1 AND id = ANY($2)", account_id, ids)
