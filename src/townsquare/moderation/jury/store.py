"""The SQL of juries: who is ready, who may be drawn for what, and what they said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import AccountAction, Action
from townsquare.moderation.jury.model import Answer, Jury, Verdict
from townsquare.moderation.reasons.store_appeals import CONTESTED, FROM_CONTESTED

_JURY: Final[LiteralString] = """
    SELECT j.case_id, (SELECT count(*) FROM jury_seats s WHERE s.case_id = j.case_id)::int AS seats, j.drawn_at,
        j.due_at, j.closed_at, j.stands, j.lifted, j.verdict
    FROM juries j
"""


class Fit(msgspec.Struct, frozen=True):
    """An appeal that a jury may look at, and by when it is to be decided."""

    case_id: int
    prior_id: int
    due_at: datetime


class Seat(msgspec.Struct, frozen=True):
    """Somebody's place in a jury."""

    case_id: int
    due_at: datetime
    closed_at: datetime | None
    verdict: Verdict | None
    answer: Answer | None


class Matter(msgspec.Struct, frozen=True):
    """What a juror looks at: the thing as it was, and what was decided of it. Not who made, reported or decided it."""

    case_id: int
    kind: str
    item_id: int
    sealed: bytes | None
    policy: str
    action: Action
    account_action: AccountAction
    until: datetime | None
    made_at: datetime
    side: Literal["author", "reporter"]
    said: str
    text: str = ""
    """Empty until it is opened (see `vault`)."""


async def volunteer(tx: Tx, account_id: int, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO jurors (account_id, ready_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", account_id, now
    )


async def withdraw(tx: Tx, account_id: int) -> None:
    await tx.execute("DELETE FROM jurors WHERE account_id = $1", account_id)


async def is_ready(db: Db, account_id: int) -> bool:
    return await db.value("SELECT EXISTS (SELECT FROM jurors WHERE account_id = $1)", account_id)


async def ready(db: Db) -> int:
    """How many are ready to be drawn."""
    return await db.value("SELECT count(*) FROM jurors")


async def points(db: Db, account_id: int, since: datetime) -> int:
    """Seats that somebody left empty in juries whose time was over since then."""
    return await db.value(
        """
        SELECT count(*) FROM jury_seats s, juries j
        WHERE s.account_id = $1 AND s.answer IS NULL AND j.case_id = s.case_id AND j.closed_at > $2
            AND j.closed_at >= j.due_at
        """,
        account_id,
        since,
    )


async def fit(tx: Tx, case_id: int) -> Fit | None:
    """An appeal about one public post of words alone, not of the worst kind, of which nobody has said anything yet."""
    return await tx.row(
        Fit,
        """
        SELECT c.id AS case_id, c.prior_id, c.due_at FROM cases c, policies p, case_items i
        WHERE c.id = $1 AND c.origin = 'appeal' AND c.state = 'open' AND c.queue = 'general' AND c.stage = 1
            AND c.items_count = 1 AND p.code = c.policy AND p.severity >= 2
            AND i.case_id = c.id AND i.kind = 'status' AND NOT i.private AND i.sealed IS NOT NULL
            AND NOT EXISTS (SELECT FROM media m WHERE m.account_id = i.owner_id AND m.status_id = i.item_id)
            AND NOT EXISTS (SELECT FROM juries j WHERE j.case_id = c.id)
        FOR UPDATE OF c
        """,
        case_id,
    )


_IN_GOOD_STANDING: Final[LiteralString] = """
    EXISTS (
        SELECT FROM users u WHERE u.account_id = j.account_id AND u.role = 'user' AND u.own_role IS NULL
            AND u.confirmed_at IS NOT NULL AND u.approved_at IS NOT NULL AND u.disabled_at IS NULL
            AND u.frozen_at IS NULL AND u.created_at <= $3)
    AND EXISTS (
        SELECT FROM accounts a
        WHERE a.id = j.account_id AND a.suspended_at IS NULL AND a.limited_at IS NULL AND a.deleted_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM strikes s
        WHERE s.account_id = j.account_id AND s.undone_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $4))
    AND (SELECT count(*) FROM jury_seats s, juries o
        WHERE s.account_id = j.account_id AND s.answer IS NULL AND o.case_id = s.case_id
            AND o.closed_at > $4::timestamptz - $5::interval AND o.closed_at >= o.due_at) < $6
"""
"""Of a juror `j`: none of the staff, here since `$3`, without strikes, with fewer than `$6` points."""

_STRANGER: Final[LiteralString] = """
    NOT EXISTS (
        SELECT FROM parties p WHERE p.id = j.account_id
            OR EXISTS (SELECT FROM follows f WHERE f.account_id = j.account_id AND f.target_id = p.id)
            OR EXISTS (SELECT FROM follows f WHERE f.account_id = p.id AND f.target_id = j.account_id)
            OR EXISTS (SELECT FROM followers f WHERE f.account_id = j.account_id AND f.follower_id = p.id)
            OR EXISTS (SELECT FROM blocks b WHERE b.account_id = j.account_id AND b.target_id = p.id)
            OR EXISTS (SELECT FROM blocks b WHERE b.account_id = p.id AND b.target_id = j.account_id)
            OR EXISTS (SELECT FROM mutes m WHERE m.account_id = j.account_id AND m.target_id = p.id)
            OR EXISTS (SELECT FROM mutes m WHERE m.account_id = p.id AND m.target_id = j.account_id))
"""
"""Of a juror `j`: none of the `parties`, and neither follows, blocks or mutes one nor is followed, blocked or muted."""

_FRESH: Final[LiteralString] = """
    NOT EXISTS (SELECT FROM same, case_decisions d WHERE d.case_id = same.id AND d.reviewer_id = j.account_id)
    AND NOT EXISTS (SELECT FROM same, jury_seats s WHERE s.case_id = same.id AND s.account_id = j.account_id)
    AND NOT EXISTS (
        SELECT FROM jury_seats s, juries o
        WHERE s.account_id = j.account_id AND s.answer IS NULL AND o.case_id = s.case_id AND o.closed_at IS NULL)
"""
"""Of a juror `j`: has not looked at the `same` thing before, and sits in no other jury."""


async def eligible(tx: Tx, one: Fit, here_since: datetime, now: datetime, lasts: timedelta, most: int) -> list[int]:
    """Who may be drawn: ready, in good standing, none of the staff, and with nothing to do with whoever has to do with
    it: who made it, reported it or appeals; follows, blocks and mutes either way count. None who looked at it before.
    """
    records = await tx.records(
        f"""
        WITH parties AS MATERIALIZED (
            SELECT author_id AS id FROM case_items WHERE case_id IN ($1, $2)
            UNION SELECT reporter_id FROM case_reports WHERE case_id = $2 AND reporter_id <> 0
            UNION SELECT account_id FROM appeals WHERE case_id = $1
        ), same AS MATERIALIZED (
            SELECT DISTINCT o.case_id AS id FROM case_items i
            JOIN case_items o ON o.kind = i.kind AND o.owner_id = i.owner_id AND o.item_id = i.item_id
            WHERE i.case_id = $1
        )
        SELECT j.account_id FROM jurors j WHERE {_IN_GOOD_STANDING} AND {_STRANGER} AND {_FRESH}
        ORDER BY j.account_id
        """,
        one.case_id,
        one.prior_id,
        here_since,
        now,
        lasts,
        most,
    )
    return [record[0] for record in records]


async def insert(
    tx: Tx, case_id: int, seed: bytes, pool: Sequence[int], seats: Sequence[int], now: datetime, due_at: datetime
) -> None:
    """The case waits until they have spoken."""
    await tx.execute(
        "INSERT INTO juries (case_id, seed, pool, drawn_at, due_at) VALUES ($1, $2, $3, $4, $5)",
        case_id,
        seed,
        pool,
        now,
        due_at,
    )
    await tx.execute(
        "INSERT INTO jury_seats (case_id, account_id) SELECT $1, id FROM unnest($2::bigint[]) AS k (id)", case_id, seats
    )
    await tx.execute(
        "UPDATE cases SET snoozed_until = $2, locked_id = NULL, locked_until = NULL WHERE id = $1", case_id, due_at
    )


async def put_off(tx: Tx, case_id: int, until: datetime | None) -> None:
    """Nobody is given it until then; None: whoever comes next is, unless a jury looks at it."""
    await tx.execute(
        """
        UPDATE cases SET snoozed_until = $2
        WHERE id = $1 AND NOT EXISTS (SELECT FROM juries j WHERE j.case_id = $1)
        """,
        case_id,
        until,
    )


async def of_case(db: Db, case_id: int) -> Jury | None:
    return await db.row(Jury, _JURY + " WHERE j.case_id = $1", case_id)


async def of_cases(db: Db, case_ids: Sequence[int]) -> dict[int, Jury]:
    return {one.case_id: one for one in await db.rows(Jury, _JURY + " WHERE j.case_id = ANY($1::bigint[])", case_ids)}


async def has_spoken(db: Db, case_id: int) -> bool:
    """Whether a jury says that what is contested is right, or that it is not."""
    sql = "SELECT EXISTS (SELECT FROM juries WHERE case_id = $1 AND verdict IN ('stands', 'lifted'))"
    return await db.value(sql, case_id)


async def lock(tx: Tx, case_id: int) -> Jury | None:
    """For this transaction alone to change, with its case."""
    await tx.execute("SELECT FROM cases WHERE id = $1 FOR UPDATE", case_id)
    return await tx.row(Jury, _JURY + " WHERE j.case_id = $1 FOR UPDATE OF j", case_id)


async def answers(db: Db, case_id: int) -> dict[int, Answer | None]:
    """By juror."""
    records = await db.records("SELECT account_id, answer FROM jury_seats WHERE case_id = $1", case_id)
    return {record[0]: record[1] for record in records}


async def answer(tx: Tx, case_id: int, account_id: int, said: Answer, now: datetime) -> None:
    await tx.execute(
        "UPDATE jury_seats SET answer = $3, answered_at = $4 WHERE case_id = $1 AND account_id = $2",
        case_id,
        account_id,
        said,
        now,
    )


async def close(tx: Tx, case_id: int, verdict: Verdict, now: datetime) -> None:
    """The case waits no longer."""
    await tx.execute(
        """
        UPDATE juries j SET closed_at = $3, verdict = $2,
            stands = (SELECT count(*) FROM jury_seats s WHERE s.case_id = j.case_id AND s.answer = 'stands'),
            lifted = (SELECT count(*) FROM jury_seats s WHERE s.case_id = j.case_id AND s.answer = 'lifted')
        WHERE j.case_id = $1
        """,
        case_id,
        verdict,
        now,
    )
    await tx.execute("UPDATE cases SET snoozed_until = NULL WHERE id = $1 AND state = 'open'", case_id)


async def over(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Juries whose time is over."""
    records = await tx.records(
        """
        SELECT j.case_id FROM juries j JOIN cases c ON c.id = j.case_id
        WHERE j.closed_at IS NULL AND j.due_at <= $1 ORDER BY j.due_at LIMIT $2
        FOR UPDATE OF c, j SKIP LOCKED
        """,
        now,
        limit,
    )
    return [record[0] for record in records]


async def seats_of(db: Db, account_id: int, limit: int) -> list[Seat]:
    """Somebody's, the latest first."""
    return await db.rows(
        Seat,
        """
        SELECT j.case_id, j.due_at, j.closed_at, j.verdict, s.answer FROM jury_seats s, juries j
        WHERE s.account_id = $1 AND j.case_id = s.case_id ORDER BY j.drawn_at DESC LIMIT $2
        """,
        account_id,
        limit,
    )


async def see(tx: Tx, case_id: int, account_id: int, now: datetime) -> Seat | None:
    """A seat of somebody, who is shown what it is about."""
    await tx.execute(
        "UPDATE jury_seats SET seen_at = coalesce(seen_at, $3) WHERE case_id = $1 AND account_id = $2",
        case_id,
        account_id,
        now,
    )
    return await tx.row(
        Seat,
        """
        SELECT j.case_id, j.due_at, j.closed_at, j.verdict, s.answer FROM jury_seats s, juries j
        WHERE s.case_id = $1 AND s.account_id = $2 AND j.case_id = s.case_id
        """,
        case_id,
        account_id,
    )


async def matter(db: Db, case_id: int) -> Matter | None:
    return await db.row(
        Matter,
        f"""
        SELECT i.case_id, i.kind, i.item_id, i.sealed, b.policy, {CONTESTED}, p.side, p.text AS said
        FROM {FROM_CONTESTED} JOIN case_items i ON i.case_id = p.case_id WHERE p.case_id = $1
        """,
        case_id,
    )
