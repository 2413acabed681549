"""The SQL of statements by which a suspended account has ended."""

from townsquare.db.pool import Db
from townsquare.moderation.reasons.store_statements import Statement


async def suspension(db: Db, account_id: int) -> Statement | None:
    """By which somebody was told of the suspension that holds; of several, of the last that is decided."""
    return await db.row(
        Statement,
        """
        SELECT s.* FROM statements s WHERE s.account_id = $1 AND s.account_action = 'suspend' AND s.undone_at IS NULL
        ORDER BY EXISTS (SELECT FROM restrictions r WHERE r.case_id = s.case_id AND r.kind = 'account'
            AND r.owner_id = s.account_id AND r.action = 'suspend') DESC, s.interim, s.id DESC
        LIMIT 1
        """,
        account_id,
    )


async def end_after(db: Db, one: Statement) -> Statement | None:
    """By which somebody was told that their account has ended after that suspension."""
    return await db.row(
        Statement, "SELECT * FROM statements WHERE account_id = $1 AND follows_id = $2", one.account_id, one.id
    )
