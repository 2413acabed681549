"""The SQL of statements of what holds until it is decided: when they begin and end, and what their authors say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, LiteralString

from townsquare.db.pool import Db, Tx
from townsquare.moderation.reasons.store_statements import Told

Moment = Literal["began", "ended"]


async def told(db: Db, case_id: int, round_: int) -> Told | None:
    """What holds of an open case until it is decided, in the words of whoever had it so; None where nothing does."""
    return await db.row(
        Told,
        """
        SELECT c.id, c.round, c.origin, coalesce(d.policy, c.policy) AS policy,
            coalesce(c.meanwhile, 'none') AS account_action, CASE WHEN c.meanwhile <> '' THEN d.until END AS until,
            CASE WHEN c.meanwhile IS NULL THEN '' ELSE coalesce(d.said, '') END AS said,
            false AS heard, true AS interim, c.meanwhile_of
        FROM cases c LEFT JOIN LATERAL (
            SELECT policy, until, said FROM case_decisions r WHERE r.case_id = c.id AND r.round = $2
            ORDER BY (r.account_action = c.meanwhile) IS TRUE DESC,
                (r.action, r.account_action) <> ('none', 'none') DESC, r.stage LIMIT 1) d ON true
        WHERE c.id = $1 AND c.round = $2 AND c.state = 'open' AND c.held_at IS NOT NULL AND c.purpose = 'work'
        """,
        case_id,
        round_,
    )


async def end(tx: Tx, case_id: int, at: datetime) -> list[tuple[int, int]]:
    """Owners and ids of the interim statements of a case of which nothing is held any more: they end.

    So does that of the end of an account which follows from one, where the case does not suspend it.
    """
    records = await tx.records(
        """
        WITH ended AS (
            UPDATE statements s SET undone_at = $2
            WHERE s.interim AND s.undone_at IS NULL
                AND s.case_id IN (SELECT $1 UNION SELECT prior_id FROM cases WHERE id = $1 AND origin = 'outlier')
                AND NOT EXISTS (
                    SELECT FROM statement_items t
                    JOIN case_items i ON i.open AND i.kind = t.kind AND i.owner_id = t.owner_id
                        AND i.item_id = t.item_id
                    JOIN cases c ON c.id = i.case_id AND c.held_at IS NOT NULL
                        AND (i.kind <> 'account' OR c.meanwhile_of = i.item_id)
                        AND (c.id = s.case_id OR c.prior_id = s.case_id AND c.origin = 'outlier')
                    WHERE t.account_id = s.account_id AND t.statement_id = s.id)
            RETURNING s.account_id, s.id, s.case_id, s.round
        ), follows AS (
            UPDATE statements f SET undone_at = $2 FROM ended e
            WHERE f.account_id = e.account_id AND f.follows_id = e.id AND f.undone_at IS NULL AND NOT EXISTS (
                SELECT FROM cases c WHERE c.id = e.case_id AND c.round = e.round AND c.state = 'decided'
                    AND c.account_action = 'suspend')
        )
        SELECT account_id, id FROM ended
        """,
        case_id,
        at,
    )
    return sorted((record[0], record[1]) for record in records)


_TOLD: Final[Mapping[Moment, LiteralString]] = {
    "began": """
        UPDATE statements s SET began_told = true WHERE s.account_id = $1 AND s.id = $2
            AND (s.account_action <> 'none' OR NOT EXISTS (SELECT FROM statements o
                WHERE o.account_id = $1 AND o.interim AND o.began_told AND o.made_at > $3))
    """,
    "ended": """
        UPDATE statements s SET ended_told = true WHERE s.account_id = $1 AND s.id = $2
            AND (s.account_action <> 'none' OR NOT EXISTS (SELECT FROM statements o
                WHERE o.account_id = $1 AND o.interim AND o.ended_told AND o.undone_at > $3))
    """,
}


async def is_to_be_told(tx: Tx, account_id: int, statement_id: int, what: Moment, since: datetime) -> bool:
    """Whether there is to be a letter of what holds until it is decided, or does not any more; which is noted: always
    of an account, else where there was none of that since then.
    """
    return bool(await tx.execute(_TOLD[what], account_id, statement_id, since))


async def answer(tx: Tx, account_id: int, statement_id: int, text: str) -> bool:
    """What its author says to an interim statement. False where it has ended."""
    return bool(
        await tx.execute(
            "UPDATE statements SET answer = $3 WHERE account_id = $1 AND id = $2 AND interim AND undone_at IS NULL",
            account_id,
            statement_id,
            text,
        )
    )


async def answers(db: Db, case_id: int) -> list[str]:
    """What authors say to what is held of an open case."""
    records = await db.records(
        """
        SELECT s.answer FROM statements s, cases c
        WHERE c.id = $1 AND s.case_id IN (c.id, c.prior_id) AND s.interim AND s.undone_at IS NULL AND s.answer <> ''
            AND s.account_id IN (SELECT author_id FROM case_items WHERE case_id = $1)
        ORDER BY s.id
        """,
        case_id,
    )
    return [record[0] for record in records]


async def is_held(db: Db, case_id: int, account_id: int) -> bool:
    """Whether something of somebody holds until a case is decided."""
    return await db.value(
        """
        SELECT EXISTS (
            SELECT FROM cases c JOIN case_items i ON i.case_id = c.id AND i.open AND i.author_id = $2
            WHERE c.id = $1 AND c.state = 'open' AND c.held_at IS NOT NULL
                AND (i.kind <> 'account' OR c.meanwhile_of = $2))
        """,
        case_id,
        account_id,
    )
