"""The SQL of the queue: which case is next, who has it, until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.accounts.roles import Permission
from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Case
from townsquare.moderation.cases.roles import NOT_BELOW, WORKED, DeskRole, SiteRole
from townsquare.moderation.cases.store_rating import PRIORITY

CASE: Final[LiteralString] = """
    c.id, c.origin, c.purpose, c.queue, c.state, c.policy, c.severity, c.allowed, c.reach, c.trust, c.voices,
    c.estimate, c.opened_at, c.due_at, c.items_count, c.reports_count, c.round, c.stage, c.last_word, c.held_at,
    c.assigned_id, c.locked_id, c.locked_until, c.snoozed_until, c.prior_id, c.doubles_id, c.expected, c.decided_at,
    c.action, c.account_action, c.meanwhile, c.meanwhile_of, c.entrusted_id
"""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may take."""

    reviewer_id: int
    queues: Sequence[str]
    senior: bool
    """They may have the last word where others differ."""
    above: Sequence[str]
    """The roles of people about whom they do not decide."""
    worst: int = 1
    """Nothing worse than this severity: they have seen enough of it for a day."""
    besides: int = 0
    """What they have before them."""


OVERRULED: Final[LiteralString] = """
    EXISTS (
        SELECT FROM appeals a JOIN case_items o ON o.case_id = c.id AND o.author_id = a.account_id
        WHERE a.prior_id = c.prior_id AND a.granted AND a.side = 'author')
"""
"""That an author's appeal was granted against the case which `c`, about something of theirs, was taken out of."""


def fresh(who: LiteralString) -> LiteralString:
    """That somebody has not said of the case `c` what they would say again, or of what it questions."""
    return f"""
        NOT EXISTS (
            SELECT FROM case_decisions d
            WHERE d.reviewer_id = {who} AND (d.case_id = c.id AND d.round = c.round OR d.case_id = c.doubles_id
                OR c.origin = 'appeal' AND d.case_id = c.prior_id
                OR d.case_id = c.id AND EXISTS (SELECT FROM appeals a WHERE a.prior_id = c.id AND a.granted)
                OR c.origin = 'outlier' AND d.case_id = c.prior_id AND {OVERRULED}))
    """


def apart(who: LiteralString, above: LiteralString) -> LiteralString:
    """That the case `c` is not about somebody, nor about any `u` `above` them, unless they are entrusted with it; nor
    was it, or what it doubles, reported by them.
    """
    return f"""
        NOT EXISTS (
            SELECT FROM case_reports r WHERE r.case_id = ANY(ARRAY[c.id, c.doubles_id]) AND r.reporter_id = {who})
        AND NOT EXISTS (SELECT FROM case_items i WHERE i.case_id = c.id AND (i.author_id = {who} OR EXISTS (
            SELECT FROM users u WHERE u.account_id = i.author_id AND {above}
                AND c.entrusted_id IS DISTINCT FROM {who})))
    """


_RULES: Final = msgspec.json.encode({"above": NOT_BELOW, "queues": WORKED}).decode()
"""About whom each rank does not decide, and which queues somebody works, by rank and role."""


def reviews(rules: LiteralString) -> LiteralString:
    """That somebody of the staff, `s`, may still review the case `c`, by `rules`."""
    above = apart("s.account_id", f"({rules}::text::jsonb -> 'above' -> s.site_role) ? u.role")
    return f"""
        {fresh("s.account_id")} AND {above}
        AND ({rules}::text::jsonb -> 'queues' -> s.site_role -> coalesce(s.role, '')) ? c.queue
    """


class Staff(msgspec.Struct, frozen=True):
    """Somebody of the staff, and what they were made at the desk."""

    account_id: int
    site_role: SiteRole
    role: DeskRole | None


_STAFF: Final[LiteralString] = """
    SELECT s.account_id, s.role AS site_role, (
        SELECT m.role FROM desk_members m WHERE m.account_id = s.account_id) AS role
    FROM users s JOIN accounts a ON a.id = s.account_id
    WHERE s.role <> 'user' AND s.disabled_at IS NULL AND s.frozen_at IS NULL AND a.suspended_at IS NULL
        AND coalesce((SELECT r.permissions & $1 <> 0 FROM roles r WHERE r.key = coalesce(s.own_role, s.role)), true)
"""
"""Those who can sign in and decide on reports."""
_DECIDES: Final = int(Permission.MANAGE_REPORTS | Permission.ADMINISTRATOR)


async def staff(db: Db) -> list[Staff]:
    return await db.rows(Staff, _STAFF, _DECIDES)


async def free(db: Db, case_id: int) -> list[Staff]:
    """Those of the staff who may still review a case."""
    return await db.rows(
        Staff,
        f"SELECT s.account_id, s.site_role, s.role FROM ({_STAFF}) AS s, cases c WHERE c.id = $2 AND {reviews('$3')}",
        _DECIDES,
        case_id,
        _RULES,
    )


class Nobodys(msgspec.Struct, frozen=True):
    """A case that waits for nobody."""

    id: int
    origin: str
    policy: str
    due_at: datetime
    reports_count: int


FOR_NOBODY: Final[LiteralString] = f"""
    SELECT c.id, c.origin, c.policy, c.due_at, c.reports_count FROM cases c
    WHERE c.state = 'open' AND c.purpose = 'work' AND c.stage = 1 AND NOT EXISTS (
        SELECT FROM ({_STAFF}) AS s WHERE {reviews("$2")})
"""
"""Open cases that none of the staff may review. What somebody has said of one is settled without others."""
VALUES_OF_NOBODY: Final = (_DECIDES, _RULES)
"""What that is asked with."""


async def for_nobody(db: Db) -> list[Nobodys]:
    return await db.rows(Nobodys, FOR_NOBODY + " ORDER BY c.due_at, c.id", *VALUES_OF_NOBODY)


async def further(db: Db, held_before: datetime) -> list[int]:
    """Open cases that wait for more than their first pair of eyes, or of which something is held since before then."""
    records = await db.records(
        "SELECT id FROM cases WHERE state = 'open' AND (stage > 1 OR held_at < $1) ORDER BY id", held_before
    )
    return [record[0] for record in records]


async def next_case(
    tx: Tx, wanted: Wanted, now: datetime, until: datetime, *, by_deadline: bool, most: int | None
) -> Case | None:
    """Take the first of the cases that this reviewer may have, for them alone `until` a time.

    Of the first `most` of all that nobody has: whether somebody may have one costs more to find out than its place.
    """
    return await tx.row(
        Case,
        f"""
        WITH first AS MATERIALIZED (
            SELECT c.id, CASE WHEN $6 THEN -extract(epoch FROM c.due_at) ELSE {PRIORITY} END AS place
            FROM cases c
            WHERE c.state = 'open' AND c.queue = ANY($3::text[]) AND (NOT c.last_word OR $4) AND c.severity >= $9
                AND c.id <> $10
                AND (c.assigned_id IS NULL OR c.assigned_id = $2)
                AND (c.locked_until IS NULL OR c.locked_until <= $1 OR c.locked_id = $2)
                AND (c.snoozed_until IS NULL OR c.snoozed_until <= $1)
            ORDER BY (c.assigned_id = $2) IS TRUE DESC, place DESC LIMIT $7
        ), taken AS (
            SELECT c.id FROM first JOIN cases c ON c.id = first.id
            WHERE c.state = 'open' AND (c.locked_until IS NULL OR c.locked_until <= $1 OR c.locked_id = $2)
                AND {fresh("$2")} AND {apart("$2", "u.role = ANY($5::text[])")}
            ORDER BY (c.assigned_id = $2) IS TRUE DESC, first.place DESC LIMIT 1
            FOR UPDATE OF c SKIP LOCKED
        )
        UPDATE cases c SET locked_id = $2, locked_until = $8, snoozed_until = NULL
        FROM taken WHERE c.id = taken.id
        RETURNING """
        + CASE,
        now,
        wanted.reviewer_id,
        wanted.queues,
        wanted.senior,
        wanted.above,
        by_deadline,
        most,
        until,
        wanted.worst,
        wanted.besides,
    )


async def had(tx: Tx, account_id: int, now: datetime, until: datetime, worst: int) -> Case | None:
    """The case that somebody has before them, or was kept for them, kept further."""
    return await tx.row(
        Case,
        """
        UPDATE cases c SET locked_until = $3 WHERE c.id = (
            SELECT o.id FROM cases o
            WHERE o.state = 'open' AND o.locked_id = $1 AND o.locked_until > $2 AND o.severity >= $4
                AND (o.snoozed_until IS NULL OR o.snoozed_until <= $2)
            ORDER BY o.locked_until DESC, o.id LIMIT 1)
        RETURNING """
        + CASE,
        account_id,
        now,
        until,
        worst,
    )


async def kept_ahead(tx: Tx, account_id: int, besides: int, now: datetime, until: datetime, worst: int) -> Case | None:
    """What somebody has before them beside one case, kept `until` then at the least."""
    return await tx.row(
        Case,
        """
        UPDATE cases c SET locked_until = greatest(c.locked_until, $4) WHERE c.id = (
            SELECT o.id FROM cases o
            WHERE o.state = 'open' AND o.locked_id = $1 AND o.id <> $2 AND o.locked_until > $3 AND o.severity >= $5
                AND (o.snoozed_until IS NULL OR o.snoozed_until <= $3)
            ORDER BY o.locked_until DESC, o.id LIMIT 1)
        RETURNING """
        + CASE,
        account_id,
        besides,
        now,
        until,
        worst,
    )


async def let_go(tx: Tx, account_id: int, case_id: int) -> None:
    """It was kept for somebody who has not had it before them."""
    await tx.execute(
        """
        UPDATE cases c SET locked_id = NULL, locked_until = NULL
        WHERE c.id = $2 AND c.locked_id = $1 AND NOT EXISTS (
            SELECT FROM desk_seen s WHERE s.account_id = $1 AND s.case_id = $2)
        """,
        account_id,
        case_id,
    )


async def is_barred(db: Db, case_id: int, account_id: int, above: Sequence[str]) -> bool:
    """Whether a case is about somebody themselves, was reported by them, or is about those above them."""
    return await db.value(
        f"""
        SELECT NOT ({apart("$2", "u.role = ANY($3::text[])")}) FROM cases c WHERE c.id = $1
        """,
        case_id,
        account_id,
        above,
    )


async def pulled(tx: Tx, account_id: int) -> int:
    """One case more that they take; how many that makes."""
    return await tx.value(
        """
        INSERT INTO desk_members AS m (account_id, pulled) VALUES ($1, 1)
        ON CONFLICT (account_id) DO UPDATE SET pulled = m.pulled + 1
        RETURNING pulled
        """,
        account_id,
    )


async def by_id(db: Db, case_id: int) -> Case | None:
    return await db.row(Case, "SELECT " + CASE + " FROM cases c WHERE id = $1", case_id)


async def lock(tx: Tx, case_id: int) -> Case | None:
    """The same, for this transaction alone to change."""
    return await tx.row(Case, "SELECT " + CASE + " FROM cases c WHERE id = $1 FOR UPDATE", case_id)


async def release(tx: Tx, case_id: int) -> None:
    await tx.execute("UPDATE cases SET locked_id = NULL, locked_until = NULL WHERE id = $1", case_id)


async def keep(tx: Tx, case_id: int, account_id: int, until: datetime) -> None:
    """It is before somebody from now on, or still."""
    await tx.execute("UPDATE cases SET locked_id = $2, locked_until = $3 WHERE id = $1", case_id, account_id, until)


async def assign(tx: Tx, case_id: int, account_id: int | None) -> None:
    await tx.execute(
        "UPDATE cases SET assigned_id = $2, locked_id = NULL, locked_until = NULL WHERE id = $1", case_id, account_id
    )


async def assigned(db: Db) -> list[int]:
    """Open cases that somebody was to have, but for those that measure them."""
    records = await db.records(
        "SELECT id FROM cases WHERE state = 'open' AND assigned_id IS NOT NULL AND purpose = 'work' ORDER BY id"
    )
    return [record[0] for record in records]


async def entrust(tx: Tx, case_id: int, account_id: int) -> None:
    """It is for them, whatever their rank."""
    await tx.execute("UPDATE cases SET entrusted_id = $2 WHERE id = $1", case_id, account_id)


async def is_overruled_before(db: Db, case_id: int) -> bool:
    """Whether a case is of what was taken out of another, against which its author's appeal was granted."""
    return await db.value(
        f"SELECT EXISTS (SELECT FROM cases c WHERE c.id = $1 AND c.origin = 'outlier' AND {OVERRULED})", case_id
    )


async def unassign(tx: Tx, case_id: int) -> None:
    """It is anybody's, once nobody has it before them."""
    await tx.execute("UPDATE cases SET assigned_id = NULL WHERE id = $1", case_id)


async def move(tx: Tx, case_id: int, queue: str) -> None:
    await tx.execute(
        """
        UPDATE cases SET queue = $2, assigned_id = NULL, locked_id = NULL, locked_until = NULL WHERE id = $1
        """,
        case_id,
        queue,
    )


async def snooze(tx: Tx, case_id: int, until: datetime) -> None:
    await tx.execute(
        "UPDATE cases SET snoozed_until = $2, locked_id = NULL, locked_until = NULL WHERE id = $1", case_id, until
    )


async def insert_note(tx: Tx, case_id: int, note_id: int, actor_id: int, text: str) -> None:
    await tx.execute(
        "INSERT INTO case_notes (case_id, id, actor_id, text) VALUES ($1, $2, $3, $4)",
        case_id,
        note_id,
        actor_id,
        text,
    )
