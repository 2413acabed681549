"""The SQL of who of the staff reads what in the audit log: an entry that is not for somebody has its place in the chain
for them, and says nothing.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.cases.store_queue import apart

NEVER: Final = "9999"
"""After all moments, as the log writes them."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads. What somebody may not look at on the desk they do not read in the log either."""

    account_id: int
    queues: Sequence[str] = ()
    """Whose cases are open to them."""
    above: Sequence[str] = ()
    """The roles of people about whom they do not decide."""
    legal: bool = False
    """They have to do with courts and authorities: nobody else is told of a hold, or that a law demands an end."""
    policies: bool = False
    """They know the answers to cases that measure."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: with a number below `before`, of somebody, of kinds that begin with `action`, about `target`, from
    `since` on and before `until` (moments as the log writes them).
    """

    before: int
    actor: int | None = None
    action: str = ""
    target: str = ""
    since: str = ""
    until: str = NEVER


class Read(msgspec.Struct, frozen=True):
    """An entry as somebody reads it. `entry`: None where it is not for them."""

    number: int
    entry: str | None
    previous: bytes
    digest: bytes


def _over(case_id: LiteralString) -> LiteralString:
    """That a case is one of the reader's, and that neither it nor one that asks about it again waits for anybody: who
    decides does not know what others said.
    """
    return f"""
        EXISTS (
            SELECT FROM cases c WHERE c.id = {case_id} AND c.state = 'decided' AND c.queue = ANY($9::text[])
                AND (c.purpose = 'work' OR $12)
                AND NOT EXISTS (SELECT FROM cases o WHERE o.state = 'open' AND (
                    o.doubles_id = c.id OR o.id = c.doubles_id OR o.prior_id = c.id AND o.origin = 'appeal'))
                AND {apart("$8", "u.role = ANY($10::text[])")})
    """


_READABLE: Final[LiteralString] = f"""
    (l.actor_id = $8 OR CASE
        WHEN starts_with(l.action, 'hold.') OR l.action = 'case.pack' THEN $11
        WHEN l.action = 'case.golden' AND NOT $12 THEN false
        WHEN starts_with(l.target, 'case:') THEN {_over("substr(l.target, 6)::bigint")}
        WHEN starts_with(l.target, 'report:') THEN NOT EXISTS (
                SELECT FROM case_reports r WHERE r.report_id = substr(l.target, 8)::bigint AND NOT {_over("r.case_id")})
            AND NOT EXISTS (SELECT FROM reports p WHERE p.id = substr(l.target, 8)::bigint AND p.target_id = $8)
        WHEN l.action IN ('account.ask_delete', 'account.delete')
            AND 'law' IN (l.entry::jsonb #>> '{{before,because}}', l.entry::jsonb #>> '{{after,because}}') THEN $11
        ELSE true END)
"""
"""What they did themselves everybody reads."""


async def page(db: Db, reader: Reader, wanted: Wanted, limit: int) -> list[Read]:
    """Entries with smaller numbers, latest first; those that are not for the reader stand among all, but are not found
    by what they say. Days are looked up in the index of times, once for each end.
    """
    return await db.rows(
        Read,
        f"""
        SELECT l.number, CASE WHEN {_READABLE} THEN l.entry END AS entry, l.previous, l.digest FROM audit.log l
        WHERE l.number < least($1, coalesce(
                (SELECT number FROM audit.log WHERE entry::jsonb ->> 'at' >= $7 ORDER BY entry::jsonb ->> 'at' LIMIT 1),
                $1))
            AND l.number >= coalesce(
                (SELECT number FROM audit.log WHERE entry::jsonb ->> 'at' >= $6 ORDER BY entry::jsonb ->> 'at' LIMIT 1),
                $1)
            AND ($3::bigint IS NULL OR l.actor_id = $3) AND starts_with(l.action, $4)
            AND ($5 = '' OR l.target = $5)
            AND ($3::bigint IS NULL AND $4 = '' AND $5 = '' OR {_READABLE})
        ORDER BY l.number DESC LIMIT $2
        """,
        wanted.before, limit, wanted.actor, wanted.action, wanted.target, wanted.since, wanted.until,
        reader.account_id, reader.queues, reader.above, reader.legal, reader.policies,
    )  # fmt: skip
