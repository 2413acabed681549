"""The SQL of what a statement of reasons says of who brought something up."""

from collections.abc import Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.reasons.compose import Noticed
from townsquare.moderation.reasons.store_statements import Restricted


class Sources(msgspec.Struct, frozen=True):
    """Who said something of what a statement is about."""

    reporters: int
    """People with an account, each once."""
    noticed: Noticed
    estimate: float
    """How sure the surest machine was, whatever is known of it: it was before those who decided."""


async def of_things(db: Db, case_id: int, items: Sequence[Restricted]) -> Sources:
    """Of these alone, and not of what else is in the case. What an appeal is about was brought up in the case that it
    contests; what was too different to be decided with a case, in that.
    """
    records = await db.records(
        """
        WITH RECURSIVE led AS (
            SELECT id, origin, prior_id FROM cases WHERE id = $1
            UNION
            SELECT c.id, c.origin, c.prior_id FROM led
            JOIN cases c ON c.id = led.prior_id AND led.origin IN ('appeal', 'outlier')
        ), said AS (
            SELECT r.reporter_id, n.id AS notice_id, n.sender = 'flagger' AND n.proven AS flagger
            FROM led JOIN case_reports r ON r.case_id = led.id
            LEFT JOIN notices n ON n.id = r.report_id AND r.reporter_id = 0
            WHERE (r.kind, r.owner_id, r.item_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]))
        )
        SELECT (SELECT count(DISTINCT reporter_id) FROM said WHERE reporter_id <> 0) AS reporters,
            (SELECT CASE WHEN bool_or(flagger) THEN 'flagger' WHEN count(notice_id) > 0 THEN 'anybody' ELSE '' END
             FROM said) AS noticed,
            (SELECT coalesce(max(e.score), 0) FROM estimates e
             WHERE (e.kind, e.owner_id, e.item_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]))
            ) AS estimate
        """,
        case_id,
        [one.kind for one in items],
        [one.owner_id for one in items],
        [one.item_id for one in items],
    )
    return msgspec.convert(dict(records[0]), Sources)
