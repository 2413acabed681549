"""The SQL of what is taken out of a case before it is decided."""

from townsquare.db.pool import Tx
from townsquare.moderation.cases.model import Subject


async def leaves_some(tx: Tx, case_id: int, besides: Subject) -> bool:
    """Whether something else is still to be decided as one."""
    return await tx.value(
        """
        SELECT EXISTS (
            SELECT FROM case_items WHERE case_id = $1 AND open AND NOT outlier
                AND (kind, owner_id, item_id) <> ($2, $3, $4))
        """,
        case_id,
        besides.kind,
        besides.owner_id,
        besides.item_id,
    )


async def part(tx: Tx, case_id: int, subject: Subject, *, out: bool) -> bool:
    """Whether it is there, and for somebody to say: what is too different by itself stays an outlier."""
    return bool(
        await tx.execute(
            """
            UPDATE case_items SET outlier = $5, parted = $5
            WHERE case_id = $1 AND kind = $2 AND owner_id = $3 AND item_id = $4 AND open AND (parted OR NOT outlier)
            """,
            case_id,
            subject.kind,
            subject.owner_id,
            subject.item_id,
            out,
        )
    )
