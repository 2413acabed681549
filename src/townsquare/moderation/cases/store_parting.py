"""The SQL of what is taken out of a case, before it is decided or afterwards."""

from collections.abc import Sequence
from datetime import datetime

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Case, Subject


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


async def decided(tx: Tx, case_id: int, subject: Subject) -> tuple[bool, bool]:
    """Whether something was decided of a thing in a case that holds still, and whether of any other."""
    records = await tx.records(
        """
        SELECT bool_or((kind, owner_id, item_id) = ($2, $3, $4)), bool_or((kind, owner_id, item_id) <> ($2, $3, $4))
        FROM case_items WHERE case_id = $1 AND NOT open AND action IS NOT NULL
        """,
        case_id,
        subject.kind,
        subject.owner_id,
        subject.item_id,
    )
    return bool(records[0][0]), bool(records[0][1])


async def open_again(tx: Tx, case_id: int, round_: int, held_at: datetime | None) -> None:
    """A new round begins of what has become a case of its own; where it waits in another one, too, it waits apart."""
    await tx.execute(
        """
        WITH again AS (
            UPDATE case_items i SET action = NULL, applied_at = NULL, open = true, apart = i.apart OR EXISTS (
                SELECT FROM case_items o WHERE o.kind = i.kind AND o.owner_id = i.owner_id AND o.item_id = i.item_id
                    AND o.open AND NOT o.apart)
            WHERE i.case_id = $1
        )
        UPDATE cases SET held_at = $2, round = $3 WHERE id = $1
        """,
        case_id,
        held_at,
        round_,
    )


async def lock_appeals(tx: Tx, case: Case) -> list[int]:
    """The cases of appeals against what was decided that are not settled, for this transaction alone to change: nobody
    decides them meanwhile, and what they say by now is seen.
    """
    records = await tx.records(
        """
        SELECT c.id FROM appeals p JOIN cases c ON c.id = p.case_id
        WHERE p.prior_id = $1 AND p.round = $2 AND p.decided_at IS NULL ORDER BY c.id FOR UPDATE OF c
        """,
        case.id,
        case.round,
    )
    return [record[0] for record in records]


async def leave_appeals(tx: Tx, appeals: Sequence[int], subject: Subject) -> list[int]:
    """What is given back is contested no more, and what was decided about it in these cases of appeals is not done.
    Those that had it in them, and nothing else.
    """
    records = await tx.records(
        """
        UPDATE case_items i SET open = false, apart = false, action = NULL, applied_at = NULL
        WHERE i.case_id = ANY($1::bigint[]) AND i.kind = $2 AND i.owner_id = $3 AND i.item_id = $4
        RETURNING i.case_id, EXISTS (
            SELECT FROM case_items o WHERE o.case_id = i.case_id AND (o.open OR o.action IS NOT NULL)
                AND (o.kind, o.owner_id, o.item_id) <> ($2, $3, $4))
        """,
        appeals,
        subject.kind,
        subject.owner_id,
        subject.item_id,
    )
    return sorted(record[0] for record in records if not record[1])


async def named(db: Db, case_id: int, item_id: int) -> Subject | None:
    """The thing in a case that has this number."""
    return await db.row(
        Subject, "SELECT kind, owner_id, item_id FROM case_items WHERE case_id = $1 AND item_id = $2", case_id, item_id
    )


async def taken_out(db: Db, case_id: int) -> list[int]:
    """The cases of what was taken out of one."""
    records = await db.records("SELECT id FROM cases WHERE prior_id = $1 AND origin = 'outlier' ORDER BY id", case_id)
    return [record[0] for record in records]
