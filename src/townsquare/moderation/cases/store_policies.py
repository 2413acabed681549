"""The SQL of policies, and of which policy a rule of the place is a case of."""

from collections.abc import Sequence

from townsquare.db.pool import Db
from townsquare.moderation.cases.model import Policy


async def all_of_them(db: Db) -> list[Policy]:
    """Those that have ended too, for what was decided by them stays."""
    return await db.rows(
        Policy,
        """
        SELECT code, name, text, severity, allowed, dsa_category, dsa_keyword, decision_ground, queue, second_review,
            hold_meanwhile, joins_from, acts_from, preserve, position, ended_at
        FROM policies ORDER BY position, code
        """,
    )


async def of_rules(db: Db, rule_ids: Sequence[int]) -> dict[int, str]:
    """By rule."""
    records = await db.records("SELECT rule_id, policy FROM policy_rules WHERE rule_id = ANY($1::bigint[])", rule_ids)
    return {record[0]: record[1] for record in records}
