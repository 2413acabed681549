"""The SQL of misuse: what was decided of somebody's reports and appeals, and who was warned or suspended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.misuse import Counts, Step, Way


async def lock(tx: Tx, account_id: int) -> None:
    """Others who look at the same account wait until the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('misuse', $1))", account_id)


def _stands(way: LiteralString, who: LiteralString) -> LiteralString:
    """That something was done about somebody, and not taken back."""
    return f"EXISTS (SELECT FROM misuse m WHERE m.account_id = {who} AND m.way = '{way}' AND m.undone_at IS NULL)"


_DECIDED_OF: Final[LiteralString] = """
    SELECT unnest($1::bigint[]) UNION SELECT prior_id FROM appeals WHERE case_id = ANY($1::bigint[])
"""
"""Cases, and of those of appeals what they are about: whoever had reported that stands there."""


async def reporters(db: Db, case_ids: Sequence[int]) -> list[int]:
    """People here who had reported what was decided in these cases, and were wrong, or were found to be before."""
    records = await db.records(
        f"""
        SELECT DISTINCT reporter_id FROM case_reports r
        WHERE case_id IN ({_DECIDED_OF}) AND reporter_id <> 0 AND (NOT upheld OR {_stands("reports", "reporter_id")})
        ORDER BY reporter_id
        """,
        case_ids,
    )
    return [record[0] for record in records]


async def appellants(db: Db, case_ids: Sequence[int]) -> list[int]:
    """People whose appeals were turned down in these cases, or had been before."""
    records = await db.records(
        f"""
        SELECT DISTINCT account_id FROM appeals a
        WHERE case_id = ANY($1::bigint[]) AND account_id <> 0 AND (NOT granted OR {_stands("appeals", "a.account_id")})
        ORDER BY account_id
        """,
        case_ids,
    )
    return [record[0] for record in records]


_COUNTED: Final[LiteralString] = """
    SELECT count(*) FILTER (WHERE NOT one.upheld AND NOT EXISTS (
            SELECT FROM case_decisions d
            WHERE (d.action <> 'none' OR d.account_action <> 'none') AND d.case_id IN (
                SELECT one.case_id UNION ALL SELECT a.case_id FROM appeals a WHERE a.prior_id = one.case_id)
        )) AS unfounded,
        count(*) AS decided
    FROM (
        SELECT r.case_id, bool_or(r.upheld) AS upheld FROM case_reports r JOIN cases c ON c.id = r.case_id
"""
"""Of cases, those of which nobody who looked, also for an appeal, said that anything was to be done."""
_OF_REPORTS: Final[LiteralString] = """
    WHERE r.reporter_id = $1 AND r.upheld IS NOT NULL AND c.decided_at > $2 AND r.filed_at <= $3
    GROUP BY r.case_id
"""
_OF_NOTICES: Final[LiteralString] = """
    JOIN notices n ON n.id = r.report_id AND n.sender_id = $1
    WHERE r.reporter_id = 0 AND r.upheld IS NOT NULL AND c.decided_at > $2 AND r.filed_at <= $3
    GROUP BY r.case_id
"""


async def counts_of_reports(db: Db, account_id: int, since: datetime, filed: datetime) -> Counts:
    """Of what was decided since then, and filed until `filed`."""
    record = await db.row(Counts, f"{_COUNTED} {_OF_REPORTS}) AS one", account_id, since, filed)
    return record or Counts(0, 0)


async def senders(db: Db, case_ids: Sequence[int]) -> list[int]:
    """Those who gave notice of what was decided in these cases, and are known again; as `reporters`."""
    records = await db.records(
        f"""
        SELECT DISTINCT n.sender_id FROM case_reports r JOIN notices n ON n.id = r.report_id
        WHERE r.case_id IN ({_DECIDED_OF}) AND r.reporter_id = 0 AND n.sender_id IS NOT NULL
            AND (NOT r.upheld OR {_stands("notices", "n.sender_id")})
        ORDER BY n.sender_id
        """,
        case_ids,
    )
    return [record[0] for record in records]


async def latest_notice(db: Db, sender_id: int) -> int | None:
    """The last that they gave and that was looked at; none once what tells of them is gone."""
    return await db.value("SELECT id FROM notices WHERE sender_id = $1 AND heeded ORDER BY id DESC LIMIT 1", sender_id)


async def counts_of_notices(db: Db, sender_id: int, since: datetime, filed: datetime) -> Counts:
    """By cases, as those of reports."""
    record = await db.row(Counts, f"{_COUNTED} {_OF_NOTICES}) AS one", sender_id, since, filed)
    return record or Counts(0, 0)


async def counts_of_appeals(db: Db, account_id: int, since: datetime, filed: datetime) -> Counts:
    record = await db.row(
        Counts,
        """
        SELECT count(*) FILTER (WHERE NOT granted) AS unfounded, count(*) AS decided
        FROM appeals WHERE account_id = $1 AND decided_at > $2 AND made_at <= $3
        """,
        account_id,
        since,
        filed,
    )
    return record or Counts(0, 0)


_FILED: Final[Mapping[Way, LiteralString]] = {
    "reports": """
        SELECT FROM case_reports r JOIN cases c ON c.id = r.case_id
        WHERE r.reporter_id = $1 AND r.filed_at <= $2
    """,
    "notices": """
        SELECT FROM notices n JOIN case_reports r ON r.report_id = n.id AND r.reporter_id = 0
        JOIN cases c ON c.id = r.case_id WHERE n.sender_id = $1 AND r.filed_at <= $2
    """,
    "appeals": """
        SELECT FROM appeals a JOIN cases c ON c.id = a.case_id WHERE a.account_id = $1 AND a.made_at <= $2
    """,
}


async def is_looked_at_again(db: Db, account_id: int, way: Way, filed: datetime) -> bool:
    """Whether something of what they had filed until then was decided, and waits to be decided anew."""
    return await db.value(
        f"""
        SELECT EXISTS ({_FILED[way]} AND c.state = 'open' AND EXISTS (
            SELECT FROM case_decisions d
            WHERE d.round < c.round AND d.case_id IN (c.id, CASE c.origin WHEN 'outlier' THEN c.prior_id END)))
        """,
        account_id,
        filed,
    )


async def steps(db: Db, account_id: int, way: Way) -> list[Step]:
    return await db.rows(Step, "SELECT * FROM misuse WHERE account_id = $1 AND way = $2 ORDER BY id", account_id, way)


async def insert(tx: Tx, step: Step) -> None:
    await tx.execute(
        """
        INSERT INTO misuse (account_id, id, way, step, unfounded, decided, made_at, until, undone_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        *msgspec.structs.astuple(step),
    )


async def undo(tx: Tx, account_id: int, step_id: int, now: datetime) -> Step | None:
    """What was taken back; None where there is nothing of the kind, or it was taken back before."""
    return await tx.row(
        Step,
        "UPDATE misuse SET undone_at = $3 WHERE account_id = $1 AND id = $2 AND undone_at IS NULL RETURNING *",
        account_id,
        step_id,
        now,
    )


async def latest(db: Db, since: datetime, limit: int) -> list[Step]:
    """What stands, the latest first."""
    return await db.rows(
        Step,
        "SELECT * FROM misuse WHERE undone_at IS NULL AND made_at > $1 ORDER BY made_at DESC LIMIT $2",
        since,
        limit,
    )


async def worst_severity(db: Db, rule_ids: Sequence[int]) -> int | None:
    """Of the policies that these rules are cases of."""
    return await db.value(
        """
        SELECT min(p.severity) FROM policy_rules r JOIN policies p ON p.code = r.policy
        WHERE r.rule_id = ANY($1::bigint[])
        """,
        rule_ids,
    )
