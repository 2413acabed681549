"""The SQL by which cases are rated, and by which the order of the queue is made of what they are rated.

    priority = severity × reach × trust × age

**Severity** is that of the policy which a case is most seriously taken to be about: the worst that has at least a
quarter of what its reporters and machines say. A step is a factor of 32. **Reach** is how many are likely to see it
still, by estimate (nobody counts views here); it counts by its fourth root, so that what ten thousand times as many see
weighs ten times as much. **Trust** is the chance that something is wrong: each reporter counts by how often they were
right before (a Beta(3, 1) prior, so a newcomer by three quarters), a machine by that times its own score. **Age** is
one and the time that has passed, by the time that is allowed. What is held is a step less urgent: it harms nobody while
it waits for its second pair of eyes.

Reporters who act together count as fewer: n who report the same things are n / (1 + (n - 1) r) voices, where r is in
how many other cases two of them meet on the average, at most 1. (It is the effective size of a sample that was drawn in
clusters; Kish 1965.) What counts is other cases of which at least half the reports are theirs: busy people meet by
chance in what everybody reports. So a brigade of 150 is one voice, and a post that upsets 150 strangers is 150.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from townsquare.db.pool import Db, Tx

PRIORITY: Final[LiteralString] = """
    (32::float8 ^ (4 - c.severity) * (1 + c.reach) ^ 0.25 * c.trust
        * (1 + greatest(date_part('epoch', $1::timestamptz - c.opened_at), 0) / date_part('epoch', c.allowed))
        / CASE WHEN c.held_at IS NULL THEN 1 ELSE 32 END)
"""
"""Of a case `c` at the moment `$1`. In floats all along: with `numeric`, which is what `extract` and 32.0 are, it takes
several times as long, and it is worked out of all that waits whenever somebody takes a case.
"""

CROWD: Final = 5
"""From so many reporters on it is asked whether they act together."""
SOME: Final = 50
"""So many of them are asked about, and of each the last so many cases."""
LATEST: Final = 20


_SAID: Final[LiteralString] = """
    said AS MATERIALIZED (
        SELECT DISTINCT r.case_id, r.reporter_id, r.policy,
            CASE WHEN r.reporter_id = 0 THEN r.report_id ELSE r.reporter_id END AS voice,
            (coalesce(o.upheld, 0) + 3.0) / (coalesce(o.decided, 0) + 4.0) AS accuracy
        FROM asked JOIN case_reports r ON r.case_id = asked.id
        LEFT JOIN reporters o ON o.account_id = r.reporter_id
    ), crowd AS MATERIALIZED (
        SELECT case_id, count(DISTINCT voice) AS size, avg(accuracy) AS accuracy FROM said GROUP BY case_id
    ), sampled AS MATERIALIZED (
        SELECT crowd.case_id, least(crowd.size, $3) AS size, one.reporter_id
        FROM crowd, LATERAL (
            SELECT DISTINCT s.reporter_id FROM case_reports s
            WHERE s.case_id = crowd.case_id AND s.reporter_id <> 0 LIMIT $3
        ) AS one
        WHERE crowd.size >= $2
    )
"""
"""What people say of the cases that are `asked`, and the crowd that says it; of large ones a sample."""

_COMMON: Final[LiteralString] = """
    common AS (
        SELECT pair.case_id, sum(pair.many * (pair.many - 1.0) / (pair.size * (pair.size - 1.0))) AS met
        FROM (
            SELECT sampled.case_id, o.case_id AS other, sampled.size, count(*) AS many
            FROM sampled, LATERAL (
                SELECT DISTINCT o.case_id FROM (
                    SELECT case_id FROM case_reports
                    WHERE reporter_id = sampled.reporter_id AND reporter_id <> 0 ORDER BY case_id DESC LIMIT $4
                ) AS o WHERE o.case_id <> sampled.case_id
            ) AS o
            GROUP BY sampled.case_id, o.case_id, sampled.size
            HAVING count(*) >= 3
        ) AS pair
        JOIN cases c ON c.id = pair.other
        JOIN crowd ON crowd.case_id = pair.case_id AND pair.many * crowd.size / pair.size >= 0.5 * c.reports_count
        GROUP BY pair.case_id
    )
"""
"""How much those of a crowd have reported together elsewhere."""

_THOUGHT: Final[LiteralString] = """
    thought AS MATERIALIZED (
        SELECT i.case_id, e.policy, max(e.score * (m.upheld + 3.0) / (m.decided + 4.0)) AS score
        FROM asked
        JOIN case_items i ON i.case_id = asked.id
        JOIN estimates e ON e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id
        JOIN machines m ON m.source = e.source
        GROUP BY i.case_id, e.policy
    )
"""
"""What machines think of the cases, each by how often it was right."""

_TAKEN: Final[LiteralString] = """
    weighed AS (
        SELECT case_id, policy, sum(weight) AS weight, max(score) AS score
        FROM (
            SELECT case_id, policy, sum(accuracy) AS weight, 0 AS score FROM said GROUP BY case_id, policy
            UNION ALL
            SELECT case_id, policy, 2 * score, score FROM thought
        ) AS w
        GROUP BY case_id, policy
    ), taken AS (
        SELECT DISTINCT ON (w.case_id) w.case_id, p.code, p.severity, p.allowed, p.queue
        FROM (
            SELECT case_id, policy, weight, weight >= 0.25 * sum(weight) OVER (PARTITION BY case_id) AS serious
            FROM weighed
        ) AS w
        JOIN policies p ON p.code = w.policy
        ORDER BY w.case_id, w.serious DESC, p.severity, w.weight DESC, p.position
    )
"""
"""The policy that a case is taken to be about."""

_MACHINE: Final[LiteralString] = """
    machine AS (
        SELECT t.case_id, max(t.score) AS surest, max(t.score) FILTER (WHERE p.severity <= 2) AS grave
        FROM thought t JOIN policies p ON p.code = t.policy GROUP BY t.case_id
    )
"""
"""How sure the surest machine is, of anything and of what is grave."""


async def rate(tx: Tx, case_ids: Sequence[int], now: datetime) -> None:
    """Write what these cases are taken to be: policy, severity, time allowed, reach, trust."""
    await tx.execute(
        f"""
        WITH asked AS MATERIALIZED (
            SELECT id FROM cases WHERE id = ANY($1::bigint[]) AND state = 'open'
        ), {_SAID}, {_COMMON}, {_THOUGHT}, {_TAKEN}, {_MACHINE}, rated AS (
            SELECT asked.id, taken.code, taken.severity, taken.allowed, taken.queue,
                coalesce(crowd.size / (1 + (crowd.size - 1) * least(1, coalesce(common.met, 0))), 0) AS voices,
                crowd.accuracy, coalesce(machine.surest, 0) AS surest, coalesce(machine.grave, 0) AS grave
            FROM asked
            LEFT JOIN taken ON taken.case_id = asked.id
            LEFT JOIN crowd ON crowd.case_id = asked.id
            LEFT JOIN common ON common.case_id = asked.id
            LEFT JOIN machine ON machine.case_id = asked.id
        )
        UPDATE cases c SET
            policy = coalesce(r.code, c.policy),
            severity = coalesce(r.severity, c.severity),
            allowed = coalesce(r.allowed, c.allowed),
            queue = CASE WHEN c.queue = 'general' THEN coalesce(r.queue, c.queue) ELSE c.queue END,
            voices = r.voices,
            trust = CASE WHEN r.accuracy IS NULL AND r.surest = 0 THEN 0.5
                ELSE 1 - (1 - coalesce(r.accuracy, 0)) ^ least(r.voices, 50) * (1 - r.surest) END,
            estimate = r.grave,
            reach = (SELECT coalesce(sum(i.reach), 0) FROM case_items i WHERE i.case_id = c.id AND i.open),
            due_at = least(c.opened_at + coalesce(r.allowed, c.allowed), c.fixed_due_at),
            updated_at = $5
        FROM rated r
        WHERE c.id = r.id
        """,
        case_ids,
        CROWD,
        SOME,
        LATEST,
        now,
    )


async def count(tx: Tx, case_ids: Sequence[int]) -> None:
    """How many items and reports these cases have, and since when."""
    await tx.execute(
        """
        UPDATE cases c SET
            items_count = (SELECT count(*) FROM case_items i WHERE i.case_id = c.id),
            reports_count = r.reports,
            opened_at = least(c.opened_at, r.first)
        FROM unnest($1::bigint[]) AS k (id), LATERAL (
            SELECT count(*) AS reports, min(filed_at) AS first FROM case_reports WHERE case_id = k.id
        ) AS r
        WHERE c.id = k.id
        """,
        case_ids,
    )


async def join_campaigns(tx: Tx, case_ids: Sequence[int], many: int, likeness: float) -> None:
    """What was taken for an outlier while few were alike is one of a campaign where there are so many now."""
    await tx.execute(
        """
        UPDATE case_items i SET outlier = false
        FROM cases c
        WHERE c.id = ANY($1::bigint[]) AND c.state = 'open' AND c.items_count >= $2
            AND i.case_id = c.id AND i.outlier AND NOT i.parted AND i.open AND i.similarity >= $3
        """,
        case_ids,
        many,
        likeness,
    )


async def touched_by(db: Db, since: datetime, limit: int) -> list[int]:
    """Open cases of which people or machines have said something of whom more is known since then."""
    records = await db.records(
        """
        SELECT r.case_id
        FROM reporters o
        JOIN case_reports r ON r.reporter_id = o.account_id
        JOIN cases c ON c.id = r.case_id AND c.state = 'open'
        WHERE o.changed_at >= $1
        UNION
        SELECT i.case_id
        FROM machines m
        JOIN estimates e ON e.source = m.source AND e.upheld IS NULL
        JOIN case_items i ON i.kind = e.kind AND i.owner_id = e.owner_id AND i.item_id = e.item_id AND i.open
        WHERE m.changed_at >= $1
        LIMIT $2
        """,
        since,
        limit,
    )
    return [record[0] for record in records]
