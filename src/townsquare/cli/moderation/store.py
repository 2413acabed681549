"""The SQL of a simulation: what is known before it begins, and what came of it."""

from collections.abc import Sequence
from datetime import datetime

from townsquare.db.pool import Db, Tx
from townsquare.moderation.cases.model import Subject


async def insert_reporters(
    tx: Tx, ids: Sequence[int], decided: Sequence[int], upheld: Sequence[int], since: datetime
) -> None:
    """How often each of them was right until now."""
    await tx.execute(
        """
        INSERT INTO reporters (account_id, decided, upheld, changed_at)
        SELECT n.*, $4 FROM unnest($1::bigint[], $2::int[], $3::int[]) AS n
        """,
        ids,
        decided,
        upheld,
        since,
    )


async def insert_staff(tx: Tx, ids: Sequence[int]) -> None:
    """Those who review, each of whom may have the last word."""
    await tx.execute(
        "INSERT INTO accounts (id, username) SELECT id, 'reviewer' || id FROM unnest($1::bigint[]) AS id", ids
    )
    await tx.execute(
        """
        INSERT INTO users (account_id, email_sealed, password_hash, role)
        SELECT id, '', '', 'moderator' FROM unnest($1::bigint[]) AS id
        """,
        ids,
    )
    await tx.execute(
        "INSERT INTO desk_members (account_id, role) SELECT id, 'senior' FROM unnest($1::bigint[]) AS id", ids
    )


async def cases(db: Db) -> int:
    """How many there are."""
    return await db.value("SELECT count(*) FROM cases")


async def outcomes(db: Db) -> dict[Subject, str | None]:
    """By item, what was decided of it last."""
    records = await db.records("SELECT kind, owner_id, item_id, action FROM case_items ORDER BY case_id")
    return {Subject(record[0], record[1], record[2]): record[3] for record in records}


async def waiting(db: Db, case_id: int) -> list[Subject]:
    """What a case would decide now, what it began with first."""
    records = await db.records(
        """
        SELECT kind, owner_id, item_id FROM case_items WHERE case_id = $1 AND open
        ORDER BY outlier, similarity DESC, joined_at, item_id
        """,
        case_id,
    )
    return [Subject(record[0], record[1], record[2]) for record in records]


async def settled(db: Db, case_id: int) -> list[Subject]:
    """What was decided of a case."""
    records = await db.records(
        "SELECT kind, owner_id, item_id FROM case_items WHERE case_id = $1 AND NOT open", case_id
    )
    return [Subject(record[0], record[1], record[2]) for record in records]


async def figures(db: Db) -> tuple[int, int]:
    """How many reviews were first ones, and how many came after."""
    records = await db.records(
        "SELECT count(*) FILTER (WHERE stage = 1), count(*) FILTER (WHERE stage > 1) FROM case_decisions"
    )
    return records[0][0], records[0][1]
