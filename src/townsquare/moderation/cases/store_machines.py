"""The SQL of what machines say: how often each was right, and what stands of a case.

A machine is right where something was done about what it said was wrong with it (see `model.SAYS`), as a reporter is.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import SAYS


class Machine(msgspec.Struct, frozen=True):
    """A program that says something, in one version."""

    source: str
    name: str
    version: str
    signals: int
    decided: int
    upheld: int
    first_at: datetime
    last_at: datetime


class Said(msgspec.Struct, frozen=True):
    """What a machine says of how many things in a case, at its surest, and how often it was right before."""

    name: str
    version: str
    policy: str
    score: float
    things: int
    decided: int
    upheld: int
    made_at: datetime
    because_id: int | None
    """Of a rule of the place's own: the case of the last strike."""


class Held(msgspec.Struct, frozen=True):
    """A case that is held because of what a machine says, and how sure that is; or (`because_id`) as a rule of the
    place's own says.
    """

    case_id: int
    round: int
    source: str
    policy: str
    certainty: float
    because_id: int | None


async def settle(tx: Tx, case_ids: Sequence[int], now: datetime) -> None:
    """Say whether machines were right about the things in these cases, as the cases stand now, and count it.

    For cases that were decided, taken back or opened again, and those that something has joined since.
    """
    await tx.execute(
        """
        WITH changed AS MATERIALIZED (
            SELECT s.* FROM (
                SELECT e.id, e.source, e.upheld AS was,
                    CASE WHEN c.state = 'decided' THEN coalesce(i.action, 'none') <> 'none'
                        OR c.account_action <> 'none' END AS upheld
                FROM cases c
                JOIN case_items i ON i.case_id = c.id
                JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
                WHERE c.id = ANY($1::bigint[]) AND c.purpose = 'work' AND e.score >= $2
            ) AS s WHERE s.was IS DISTINCT FROM s.upheld
        ), said AS (
            UPDATE estimates e SET upheld = n.upheld FROM changed n WHERE e.id = n.id
        )
        UPDATE machines m SET decided = m.decided + n.decided, upheld = m.upheld + n.upheld, changed_at = $3
        FROM (
            SELECT source, sum((upheld IS NOT NULL)::int - (was IS NOT NULL)::int) AS decided,
                sum((upheld IS TRUE)::int - (was IS TRUE)::int) AS upheld
            FROM changed GROUP BY source
        ) AS n
        WHERE m.source = n.source
        """,
        case_ids,
        SAYS,
        now,
    )


async def hold(tx: Tx, case_ids: Sequence[int], now: datetime) -> list[Held]:
    """Hold those of the cases that nobody has looked at yet and of which a machine is as sure as a policy asks for, or
    in which a rule of the place's own speaks of somebody's posts.

    It is as sure as it says, times how often it was right, by the rule for reporters. What is contested, or was opened
    again, is with people already. By a rule about its author nothing is held that stands beside things of others: these
    would be hidden for what somebody else did. Nor do any join it then (`held_for`).
    """
    return await tx.rows(
        Held,
        """
        UPDATE cases c SET held_at = $2, held_for = sure.held_for
        FROM (
            SELECT DISTINCT ON (i.case_id) i.case_id, e.source, e.policy, s.certainty, e.because_id,
                CASE WHEN e.because_id IS NOT NULL THEN i.author_id END AS held_for
            FROM case_items i
            JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
            JOIN machines m ON m.source = e.source
            JOIN policies p ON p.code = e.policy,
                LATERAL (SELECT e.score * (m.upheld + 3.0) / (m.decided + 4.0) AS certainty) AS s
            WHERE i.case_id = ANY($1::bigint[]) AND i.open AND (
                (e.because_id IS NULL AND p.ended_at IS NULL AND s.certainty >= p.acts_from)
                OR (e.because_id IS NOT NULL AND e.upheld IS NULL AND i.kind = 'status' AND NOT EXISTS (
                    SELECT FROM case_items o WHERE o.case_id = i.case_id AND o.open AND o.author_id <> i.author_id)))
            ORDER BY i.case_id, e.because_id, s.certainty DESC, e.source
        ) AS sure
        WHERE c.id = sure.case_id AND c.state = 'open' AND c.held_at IS NULL AND c.purpose = 'work'
            AND c.origin <> 'appeal' AND c.round = 1 AND c.stage = 1
        RETURNING c.id AS case_id, c.round, sure.source, sure.policy, sure.certainty::float8 AS certainty,
            sure.because_id
        """,
        case_ids,
        now,
    )


async def said_of(db: Db, case_id: int, limit: int) -> list[Said]:
    """The surest first."""
    return await db.rows(
        Said,
        """
        SELECT m.name, m.version, e.policy, max(e.score) AS score,
            count(DISTINCT (e.kind, e.owner_id, e.item_id))::int AS things, m.decided, m.upheld,
            max(e.made_at) AS made_at, max(e.because_id) AS because_id
        FROM case_items i
        JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
        JOIN machines m ON m.source = e.source
        WHERE i.case_id = $1 GROUP BY m.source, e.policy ORDER BY max(e.score) DESC, m.source LIMIT $2
        """,
        case_id,
        limit,
    )


async def machines(db: Db, limit: int) -> list[Machine]:
    """Whoever spoke last comes first."""
    return await db.rows(
        Machine,
        """
        SELECT source, name, version, signals, decided, upheld, first_at, last_at FROM machines
        ORDER BY last_at DESC LIMIT $1
        """,
        limit,
    )
