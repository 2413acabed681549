"""The SQL of what the place says of itself."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from townsquare.db.pool import Db


class Rule(msgspec.Struct, frozen=True):
    id: int
    text: str
    hint: str


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
    return await db.rows(Rule, "SELECT id, text, hint FROM rules WHERE deleted_at IS NULL ORDER BY position, id")


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
