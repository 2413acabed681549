"""The SQL of what the place says of itself."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from townsquare.db.pool import Db


class Translated(msgspec.Struct, frozen=True):
    """A rule in another language."""

    text: str
    hint: str


class Rule(msgspec.Struct, frozen=True):
    """`translations`: by the codes of languages."""

    id: int
    text: str
    hint: str
    translations: Mapping[str, Translated]


class Emoji(msgspec.Struct, frozen=True):
    shortcode: str
    file_key: str
    static_key: str
    category: str | None
    visible: bool


class Terms(msgspec.Struct, frozen=True):
    """A version of a document, and from when on the next one holds."""

    body: str
    effective_at: datetime
    succeeded_at: datetime | None


class Week(msgspec.Struct, frozen=True):
    """What happened here in a week that began on a Monday at midnight, UTC. `seconds` since 1970."""

    seconds: int
    statuses: int
    logins: int
    registrations: int


async def rules(db: Db) -> list[Rule]:
    """Those that hold, in their order."""
    records = await db.records(
        """
        SELECT r.id, r.text, r.hint, coalesce((
            SELECT jsonb_object_agg(t.language, jsonb_build_object('text', t.text, 'hint', t.hint))
            FROM rule_translations t WHERE t.rule_id = r.id), '{}') AS translations
        FROM rules r WHERE r.deleted_at IS NULL ORDER BY r.position, r.id
        """
    )
    return [msgspec.convert(dict(record), Rule) for record in records]


async def insert_rule(db: Db, number: int, text: str, hint: str) -> None:
    """After all others."""
    await db.execute(
        """
        INSERT INTO rules (id, text, hint, position)
        SELECT $1, $2, $3, coalesce(max(position), 0) + 1 FROM rules WHERE deleted_at IS NULL
        """,
        number, text, hint,
    )  # fmt: skip


async def update_rule(db: Db, number: int, text: str | None, hint: str | None, position: int | None) -> bool:
    """False where there is none. None: as it is."""
    return bool(
        await db.execute(
            """
            UPDATE rules SET text = coalesce($2, text), hint = coalesce($3, hint), position = coalesce($4, position)
            WHERE id = $1 AND deleted_at IS NULL
            """,
            number, text, hint, position,
        )
    )  # fmt: skip


async def end_rule(db: Db, number: int) -> bool:
    """False where there is none."""
    return bool(await db.execute("UPDATE rules SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL", number))


async def put_translation(db: Db, number: int, language: str, text: str, hint: str) -> bool:
    """False where there is no such rule."""
    return bool(
        await db.execute(
            """
            INSERT INTO rule_translations (rule_id, language, text, hint)
            SELECT id, $2, $3, $4 FROM rules WHERE id = $1 AND deleted_at IS NULL
            ON CONFLICT (rule_id, language) DO UPDATE SET text = $3, hint = $4
            """,
            number, language, text, hint,
        )
    )  # fmt: skip


async def delete_translation(db: Db, number: int, language: str) -> None:
    await db.execute("DELETE FROM rule_translations WHERE rule_id = $1 AND language = $2", number, language)


async def emojis(db: Db) -> list[Emoji]:
    """The place's own from which people choose."""
    return await db.rows(
        Emoji,
        """
        SELECT shortcode, file_key, static_key, category, visible FROM custom_emojis
        WHERE domain = '' AND NOT disabled AND visible ORDER BY category NULLS FIRST, shortcode
        """,
    )


async def owner(db: Db) -> int | None:
    """The account of the place's owner: of several the first one."""
    return await db.value("SELECT account_id FROM users WHERE role = 'owner' ORDER BY created_at LIMIT 1")


async def staff(db: Db) -> list[int]:
    """The accounts of those who look after the place, the owner first."""
    records = await db.records(
        """
        SELECT account_id FROM users WHERE role <> 'user'
        ORDER BY array_position(ARRAY['owner', 'admin', 'moderator'], role), created_at LIMIT 50
        """
    )
    return [record[0] for record in records]


async def document(db: Db, kind: str, now: datetime) -> Terms | None:
    """The version in force."""
    return await db.row(
        Terms,
        """
        SELECT d.body, d.effective_at, (
            SELECT min(n.effective_at) FROM documents n WHERE n.kind = d.kind AND n.version > d.version) AS succeeded_at
        FROM documents d WHERE d.kind = $1 AND d.effective_at <= $2 ORDER BY d.version DESC LIMIT 1
        """,
        kind,
        now,
    )


class Version(msgspec.Struct, frozen=True):
    version: int
    body: str
    effective_at: datetime


async def versions(db: Db, kind: str) -> list[Version]:
    """All of a document, the latest first."""
    return await db.rows(
        Version, "SELECT version, body, effective_at FROM documents WHERE kind = $1 ORDER BY version DESC", kind
    )


async def document_of(db: Db, kind: str, day: date) -> Terms | None:
    """The version that holds from a day on."""
    return await db.row(
        Terms,
        """
        SELECT d.body, d.effective_at, (
            SELECT min(n.effective_at) FROM documents n WHERE n.kind = d.kind AND n.version > d.version) AS succeeded_at
        FROM documents d
        WHERE d.kind = $1 AND (d.effective_at AT TIME ZONE 'UTC')::date = $2 ORDER BY d.version DESC LIMIT 1
        """,
        kind,
        day,
    )


async def peers(db: Db) -> list[str]:
    """Other places of which somebody is known here. One step in an index for each of them, however many people."""
    records = await db.records(
        """
        WITH RECURSIVE d AS (
            (SELECT domain FROM handles WHERE domain > '' ORDER BY domain LIMIT 1)
            UNION ALL
            SELECT (SELECT h.domain FROM handles h WHERE h.domain > d.domain ORDER BY h.domain LIMIT 1) FROM d
            WHERE d.domain IS NOT NULL
        )
        SELECT domain FROM d WHERE domain IS NOT NULL
        """
    )
    return [record[0] for record in records]


async def weeks(db: Db, days: Sequence[datetime], ids: Sequence[int]) -> list[Week]:
    """What happened between each of the times and the next one, the latest week first; the last time only ends a week.

    `ids` are the first ids of these times. Of a person's visits only the last one is known.
    """
    return await db.rows(
        Week,
        """
        SELECT extract(epoch FROM k.since)::bigint AS seconds,
            (SELECT count(*) FROM statuses s WHERE s.id >= k.low AND s.id < k.high AND s.local) AS statuses,
            (SELECT count(*) FROM users u WHERE u.last_seen_on >= k.since::date AND u.last_seen_on < k.until::date)
                AS logins,
            (SELECT count(*) FROM users u WHERE u.created_at >= k.since AND u.created_at < k.until) AS registrations
        FROM unnest($1::timestamptz[], $2::timestamptz[], $3::bigint[], $4::bigint[]) AS k (since, until, low, high)
        ORDER BY k.since DESC
        """,
        days[:-1],
        days[1:],
        ids[:-1],
        ids[1:],
    )
