"""The SQL of translations."""

from datetime import timedelta

import msgspec

from townsquare.db.pool import Db


class Original(msgspec.Struct, frozen=True):
    """What of a post can be translated. Descriptions stand with the files that they are of, by id."""

    visibility: int
    language: str | None
    content: str
    spoiler_text: str
    options: list[str]
    media_ids: list[int]
    descriptions: list[str]


async def original(db: Db, account_id: int, status_id: int) -> Original | None:
    """Of a post that was found to be visible."""
    return await db.row(
        Original,
        """
        SELECT s.visibility, s.language, s.content, s.spoiler_text, coalesce(p.options, '{}') AS options,
            coalesce(m.ids, '{}') AS media_ids, coalesce(m.descriptions, '{}') AS descriptions
        FROM statuses s
        LEFT JOIN polls p ON p.account_id = s.account_id AND p.status_id = s.id
        LEFT JOIN LATERAL (
            SELECT array_agg(m.id ORDER BY m.id) AS ids, array_agg(m.description ORDER BY m.id) AS descriptions
            FROM media m WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids) AND m.description <> ''
        ) m ON m.ids IS NOT NULL
        WHERE s.account_id = $1 AND s.id = $2
        """,
        account_id,
        status_id,
    )


async def kept(db: Db, account_id: int, status_id: int, language: str, digest: bytes) -> bytes | None:
    """The translation of the same text."""
    return await db.value(
        "SELECT body FROM translations WHERE account_id = $1 AND status_id = $2 AND language = $3 AND digest = $4",
        account_id,
        status_id,
        language,
        digest,
    )


async def keep(db: Db, account_id: int, status_id: int, language: str, digest: bytes, body: bytes) -> None:
    """Nothing where the post has been deleted meanwhile."""
    await db.execute(
        """
        INSERT INTO translations (account_id, status_id, language, digest, body)
        SELECT account_id, id, $3, $4, $5 FROM statuses WHERE account_id = $1 AND id = $2
        ON CONFLICT (account_id, status_id, language) DO UPDATE SET digest = $4, body = $5, created_at = now()
        """,
        account_id,
        status_id,
        language,
        digest,
        body,
    )


async def delete_old(db: Db, age: timedelta) -> None:
    await db.execute("DELETE FROM translations WHERE created_at < now() - $1::interval", age)
