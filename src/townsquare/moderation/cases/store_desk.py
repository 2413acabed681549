"""The SQL of what the desk shows: what waits, what is known of a case, what somebody has looked at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Case
from townsquare.moderation.cases.roles import DeskRole
from townsquare.moderation.cases.store_queue import CASE, apart
from townsquare.statuses import messages

BANDS_IN_COMMON: Final = 3
"""From so many on two pictures are taken to be alike where they are not compared themselves."""


class Waiting(msgspec.Struct, frozen=True):
    """How much of a severity waits in a queue."""

    queue: str
    severity: int
    waiting: int
    overdue: int
    snoozed: int
    first_due: datetime


class Said(msgspec.Struct, frozen=True):
    """What one report says, of how many things, and how often whoever said it was right before."""

    report_id: int
    reporter_id: int
    policy: str
    filed_at: datetime
    things: int
    decided: int
    upheld: int


class Before(msgspec.Struct, frozen=True):
    """A case that was decided, without who decided it."""

    id: int
    policy: str
    action: str
    account_action: str
    decided_at: datetime
    items_count: int
    alike: bool


class Note(msgspec.Struct, frozen=True):
    id: int
    actor_id: int
    text: str


class Exposure(msgspec.Struct, frozen=True):
    """How many cases of the worst kind somebody has looked at."""

    today: int = 0
    lately: int = 0
    in_a_row: bool = False
    """The last ones were all of it."""


class Current(msgspec.Struct, frozen=True):
    """A post as it is now."""

    text: str
    spoiler_text: str
    visibility: int
    edited_at: datetime | None


class Made(msgspec.Struct, frozen=True):
    """The last that somebody decided, and what has become of it."""

    case_id: int
    round: int
    stands: bool
    """Whether it took effect and still does."""


class Member(msgspec.Struct, frozen=True):
    account_id: int
    site_role: str
    role: DeskRole | None
    decided: int
    """Cases in the last thirty days."""


async def waiting(db: Db, queues: Sequence[str], now: datetime) -> list[Waiting]:
    return await db.rows(
        Waiting,
        """
        SELECT queue, severity,
            count(*) FILTER (WHERE snoozed_until IS NULL OR snoozed_until <= $2)::int AS waiting,
            count(*) FILTER (WHERE due_at < $2)::int AS overdue,
            count(*) FILTER (WHERE snoozed_until > $2)::int AS snoozed, min(due_at) AS first_due
        FROM cases WHERE state = 'open' AND queue = ANY($1::text[])
        GROUP BY queue, severity ORDER BY severity, queue
        """,
        queues,
        now,
    )


async def mine(db: Db, account_id: int, now: datetime, limit: int) -> list[Case]:
    """What is before somebody, or was given to them."""
    return await db.rows(
        Case,
        "SELECT "
        + CASE
        + """
        FROM cases c WHERE c.state = 'open'
            AND (c.assigned_id = $1 OR c.locked_id = $1 AND c.locked_until > $2) ORDER BY c.due_at LIMIT $3
        """,
        account_id,
        now,
        limit,
    )


async def overdue(
    db: Db, queues: Sequence[str], who: int, above: Sequence[str], now: datetime, limit: int
) -> list[Case]:
    """Of what somebody may look at."""
    return await db.rows(
        Case,
        f"""
        SELECT {CASE} FROM cases c
        WHERE c.state = 'open' AND c.queue = ANY($1::text[]) AND c.due_at < $2
            AND {apart("$4", "u.role = ANY($5::text[])")}
        ORDER BY c.due_at LIMIT $3
        """,
        queues,
        now,
        limit,
        who,
        above,
    )


async def snoozed(
    db: Db, queues: Sequence[str], who: int, above: Sequence[str], now: datetime, limit: int
) -> list[Case]:
    """The same."""
    return await db.rows(
        Case,
        f"""
        SELECT {CASE} FROM cases c
        WHERE c.state = 'open' AND c.queue = ANY($1::text[]) AND c.snoozed_until > $2
            AND {apart("$4", "u.role = ANY($5::text[])")}
        ORDER BY c.snoozed_until LIMIT $3
        """,
        queues,
        now,
        limit,
        who,
        above,
    )


async def source_of(db: Db, case_id: int) -> int | None:
    """The case that a golden one was made of: an earlier one about the same things."""
    return await db.value(
        """
        SELECT o.id FROM case_items i
        JOIN case_items j ON j.kind = i.kind AND j.owner_id = i.owner_id AND j.item_id = i.item_id
        JOIN cases o ON o.id = j.case_id AND o.purpose = 'work'
        WHERE i.case_id = $1 AND o.id < $1 ORDER BY o.id DESC LIMIT 1
        """,
        case_id,
    )


async def said_of(db: Db, case_id: int, limit: int) -> list[Said]:
    """Those first who were right most often."""
    return await db.rows(
        Said,
        """
        WITH reports AS (
            SELECT report_id, reporter_id, policy, min(filed_at) AS filed_at, count(*) AS things
            FROM case_reports WHERE case_id = $1 GROUP BY report_id, reporter_id, policy
        )
        SELECT r.report_id, r.reporter_id, r.policy, r.filed_at, r.things, coalesce(o.decided, 0) AS decided,
            coalesce(o.upheld, 0) AS upheld
        FROM reports r LEFT JOIN reporters o ON o.account_id = r.reporter_id
        ORDER BY (coalesce(o.upheld, 0) + 3.0) / (coalesce(o.decided, 0) + 4.0) DESC, r.filed_at LIMIT $2
        """,
        case_id,
        limit,
    )


class Like(msgspec.Struct, frozen=True):
    """A case, for what was decided before it: whose thing it is about, and against which case it appeals."""

    case_id: int
    author_id: int
    prior_id: int | None


async def before(db: Db, queues: Sequence[str], who: int, above: Sequence[str], like: Like, limit: int) -> list[Before]:
    """Of what somebody may look at, what was decided of what is like this, and of the same author.

    Nothing that is about the very same things, where that would say what is expected of whoever decides.
    """
    return await db.rows(
        Before,
        f"""
        WITH here AS (SELECT id, purpose FROM cases WHERE id = $1), own AS (
            SELECT coalesce(array_agg(band), '{{}}') AS bands
            FROM (SELECT unnest(bands) AS band FROM case_prints WHERE case_id = $1 AND lead LIMIT 96) AS b
        ), alike AS (
            SELECT DISTINCT p.case_id AS id FROM own, case_prints p
            WHERE p.bands && own.bands AND (p.medium = 'text' OR cardinality(
                ARRAY(SELECT unnest(p.bands) INTERSECT SELECT unnest(own.bands))) >= $5)
            UNION SELECT $3 WHERE $3::bigint IS NOT NULL
        ), found AS (
            SELECT id, true AS alike FROM alike
            UNION ALL
            SELECT DISTINCT case_id, false FROM case_items WHERE author_id = $2
        )
        SELECT c.id, c.policy, c.action, c.account_action, c.decided_at, c.items_count, bool_or(found.alike) AS alike
        FROM here, found JOIN cases c ON c.id = found.id
        WHERE c.state = 'decided' AND c.purpose = 'work' AND c.id <> here.id
            AND c.queue = ANY($6::text[]) AND {apart("$7", "u.role = ANY($8::text[])")}
            AND NOT (here.purpose <> 'work' AND EXISTS (
            SELECT FROM case_items i
            JOIN case_items j ON j.kind = i.kind AND j.owner_id = i.owner_id AND j.item_id = i.item_id
            WHERE i.case_id = here.id AND j.case_id = c.id))
        GROUP BY c.id ORDER BY bool_or(found.alike) DESC, c.decided_at DESC LIMIT $4
        """,
        like.case_id,
        like.author_id,
        like.prior_id,
        limit,
        BANDS_IN_COMMON,
        queues,
        who,
        above,
    )


class Lead(msgspec.Struct, frozen=True):
    """With what a case began. `text` is empty until it is opened (see `vault`)."""

    case_id: int
    kind: str
    item_id: int
    sealed: bytes | None
    text: str = ""


async def leads(db: Db, case_ids: Sequence[int]) -> list[Lead]:
    """With what each of these cases began, but for those that are about what was not written for everybody."""
    return await db.rows(
        Lead,
        """
        SELECT case_id, kind, item_id, sealed FROM (
            SELECT DISTINCT ON (case_id) case_id, kind, item_id, sealed, private FROM case_items
            WHERE case_id = ANY($1::bigint[]) ORDER BY case_id, similarity DESC, joined_at, item_id
        ) AS i WHERE NOT private
        """,
        case_ids,
    )


class KeptFiles(msgspec.Struct, frozen=True):
    """What is kept of a thing that has files. `number`: of the report, notice or signal under which they are kept."""

    number: int
    kind: str
    item_id: int
    file_keys: list[str]
    private: bool
    sealed: bytes | None
    entity: bytes = b""
    text: str = ""
    """Both are empty until it is opened (see `vault`)."""


async def kept_files(db: Db, case_id: int, limit: int, key: str | None = None) -> list[KeptFiles]:
    """Of the things in a case those with files; with this one alone, where it is named."""
    return await db.rows(
        KeptFiles,
        """
        SELECT DISTINCT ON (k.kind, k.item_id) k.number, k.kind, k.item_id, k.file_keys, k.private, k.sealed
        FROM (
            SELECT i.report_id AS number, i.kind, i.item_id, i.file_keys, i.private, i.sealed
            FROM case_reports r
            JOIN report_items i ON i.report_id = r.report_id AND i.kind = r.kind AND i.item_id = r.item_id
            WHERE r.case_id = $1
            UNION ALL
            SELECT i.notice_id, i.kind, i.item_id, i.file_keys, i.private, i.sealed
            FROM case_reports r
            JOIN notice_items i ON i.notice_id = r.report_id AND i.kind = r.kind AND i.item_id = r.item_id
            WHERE r.case_id = $1
            UNION ALL
            SELECT e.id, e.kind, e.item_id, e.file_keys, e.private, e.sealed
            FROM case_items i
            JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
            WHERE i.case_id = $1
        ) AS k
        WHERE k.sealed IS NOT NULL AND k.file_keys <> '{}' AND ($3::text IS NULL OR $3 = ANY(k.file_keys))
        ORDER BY k.kind, k.item_id, k.number LIMIT $2
        """,
        case_id,
        limit,
        key,
    )


async def notes(db: Db, case_id: int) -> list[Note]:
    return await db.rows(Note, "SELECT id, actor_id, text FROM case_notes WHERE case_id = $1 ORDER BY id", case_id)


async def current(db: Db, owner_id: int, item_id: int) -> Current | None:
    """None for a post that is deleted."""
    found = await db.row(
        Current,
        "SELECT text, spoiler_text, visibility, edited_at FROM statuses WHERE account_id = $1 AND id = $2",
        owner_id,
        item_id,
    )
    return found and messages.opened_fields(db.keys, messages.about(owner_id, item_id), found)


async def see(tx: Tx, account_id: int, case_id: int, severity: int, now: datetime) -> None:
    """Somebody has a case before them."""
    await tx.execute(
        """
        INSERT INTO desk_seen (account_id, case_id, severity, seen_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id, case_id) DO UPDATE SET severity = $3, seen_at = $4
        """,
        account_id,
        case_id,
        severity,
        now,
    )


async def exposure(db: Db, account_id: int, worst: int, today: datetime, lately: datetime, row: int) -> Exposure:
    found = await db.row(
        Exposure,
        """
        SELECT count(*) FILTER (WHERE seen_at >= $3)::int AS today,
            count(*) FILTER (WHERE seen_at >= $4)::int AS lately,
            (SELECT count(*) = $5 FROM (
                SELECT severity FROM desk_seen WHERE account_id = $1 ORDER BY seen_at DESC LIMIT $5) AS latest
             WHERE severity <= $2) AS in_a_row
        FROM desk_seen WHERE account_id = $1 AND severity <= $2 AND seen_at >= least($3::timestamptz, $4::timestamptz)
        """,
        account_id,
        worst,
        today,
        lately,
        row,
    )
    return found or Exposure()


async def last_of(db: Db, account_id: int) -> Made | None:
    """What somebody decided last at the desk."""
    return await db.row(
        Made,
        """
        SELECT d.case_id, d.round,
            c.purpose = 'work' AND c.state = 'decided' AND c.round = d.round AND NOT EXISTS (
                SELECT FROM case_undos u WHERE u.case_id = d.case_id AND u.round = d.round) AS stands
        FROM case_decisions d JOIN cases c ON c.id = d.case_id
        WHERE d.reviewer_id = $1 AND NOT d.by_hand ORDER BY d.made_at DESC, d.id DESC LIMIT 1
        """,
        account_id,
    )


async def role_of(db: Db, account_id: int) -> DeskRole | None:
    """What somebody was made at the desk, since they have their rank."""
    return await db.value("SELECT role FROM desk_members WHERE account_id = $1", account_id)


async def set_role(tx: Tx, account_id: int, role: str) -> None:
    await tx.execute(
        """
        INSERT INTO desk_members (account_id, role) VALUES ($1, $2)
        ON CONFLICT (account_id) DO UPDATE SET role = $2, updated_at = now()
        """,
        account_id,
        role,
    )


async def members(db: Db, since: datetime) -> list[Member]:
    """All of the staff."""
    return await db.rows(
        Member,
        """
        SELECT u.account_id, u.role AS site_role,
            (SELECT m.role FROM desk_members m WHERE m.account_id = u.account_id) AS role,
            (SELECT count(*) FROM case_decisions d
             WHERE d.reviewer_id = u.account_id AND d.made_at >= $1)::int AS decided
        FROM users u WHERE u.role IN ('moderator', 'admin', 'owner') ORDER BY u.role, u.account_id
        """,
        since,
    )
