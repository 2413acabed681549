"""The SQL of `terms`: the place's documents, in all their versions."""

from datetime import datetime

import msgspec

from townsquare.db.pool import Db, Tx


class Document(msgspec.Struct, frozen=True):
    """Terms, privacy policy or description of the place, in one of its versions."""

    kind: str
    version: int
    body: str
    effective_at: datetime


async def document(db: Db, kind: str, now: datetime) -> Document | None:
    """The version in force."""
    return await db.row(
        Document,
        """
        SELECT kind, version, body, effective_at FROM documents
        WHERE kind = $1 AND effective_at <= $2 ORDER BY version DESC LIMIT 1
        """,
        kind,
        now,
    )


async def insert_document(tx: Tx, kind: str, body: str, effective_at: datetime) -> int:
    """Its version: one more than the last."""
    return await tx.value(
        """
        INSERT INTO documents (kind, version, body, effective_at)
        SELECT $1, coalesce(max(version), 0) + 1, $2, $3 FROM documents WHERE kind = $1
        RETURNING version
        """,
        kind,
        body,
        effective_at,
    )
