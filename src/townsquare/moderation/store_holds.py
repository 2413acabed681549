"""The SQL of legal holds: what is under one, and what was kept because of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx

Kind = Literal["account", "status", "case"]


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What may not be lost. `owner_id`: whose account or post it is; 0 for a case."""

    id: int
    kind: Kind
    owner_id: int
    item_id: int
    why: str
    set_by_id: int
    set_at: datetime
    until: datetime | None
    lifted_at: datetime | None = None
    lifted_by_id: int | None = None
    lifted_why: str = ""

    @property
    def target(self) -> str:
        """As the audit log says it."""
        return f"{self.kind}:{self.item_id}"


class KeptRow(msgspec.Struct, frozen=True):
    """A row that was deleted or changed under a hold. `content`: its JSON, until it is sealed."""

    id: int
    item_id: int
    source: str
    deleted: bool
    kept_at: datetime
    content: str | None
    sealed: bytes | None


_HOLD: Final[LiteralString] = """
    SELECT id, kind, owner_id, item_id, why, set_by_id, set_at, until, lifted_at, lifted_by_id, lifted_why
    FROM legal_holds
"""
_ROW: Final[LiteralString] = "SELECT id, item_id, source, deleted, kept_at, content::text, sealed FROM kept_rows "


async def insert(tx: Tx, hold: Hold) -> None:
    await tx.execute(
        """
        INSERT INTO legal_holds (id, kind, owner_id, item_id, why, set_by_id, set_at, until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *msgspec.structs.astuple(hold)[:8],
    )


async def lock(tx: Tx, hold_id: int) -> Hold | None:
    return await tx.row(Hold, _HOLD + " WHERE id = $1 FOR UPDATE", hold_id)


async def lift(tx: Tx, hold_id: int, by_id: int, why: str, now: datetime) -> None:
    await tx.execute(
        "UPDATE legal_holds SET lifted_at = $2, lifted_by_id = $3, lifted_why = $4 WHERE id = $1",
        hold_id,
        now,
        by_id,
        why,
    )


async def by_id(db: Db, hold_id: int) -> Hold | None:
    return await db.row(Hold, _HOLD + " WHERE id = $1", hold_id)


async def holds(db: Db, limit: int) -> list[Hold]:
    """Those that stand first, then the latest."""
    return await db.rows(Hold, _HOLD + " ORDER BY lifted_at IS NOT NULL, id DESC LIMIT $1", limit)


async def standing(db: Db, kind: Kind, item_id: int, now: datetime) -> Hold | None:
    return await db.row(
        Hold,
        _HOLD + " WHERE kind = $1 AND item_id = $2 AND lifted_at IS NULL AND (until IS NULL OR until > $3) LIMIT 1",
        kind,
        item_id,
        now,
    )


async def exists(db: Db, kind: Kind, owner_id: int, item_id: int) -> bool:
    """Whether there is such a thing, also when it was deleted."""
    match kind:
        case "account":
            return await db.value("SELECT EXISTS (SELECT FROM accounts WHERE id = $1)", item_id)
        case "case":
            return await db.value("SELECT EXISTS (SELECT FROM cases WHERE id = $1)", item_id)
        case "status":
            return await db.value(
                """
                SELECT EXISTS (SELECT FROM statuses WHERE account_id = $1 AND id = $2)
                    OR EXISTS (SELECT FROM sealed_posts WHERE account_id = $1 AND id = $2)
                    OR EXISTS (SELECT FROM case_items WHERE kind = 'status' AND owner_id = $1 AND item_id = $2)
                """,
                owner_id,
                item_id,
            )


async def plain(tx: Tx, limit: int) -> list[KeptRow]:
    """Some of what is not sealed yet."""
    return await tx.rows(KeptRow, _ROW + "WHERE content IS NOT NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED", limit)


async def close(tx: Tx, ids: Sequence[int], sealed: Sequence[bytes]) -> None:
    await tx.execute(
        """
        UPDATE kept_rows k SET content = NULL, sealed = n.sealed
        FROM unnest($1::bigint[], $2::bytea[]) AS n (id, sealed) WHERE k.id = n.id
        """,
        ids,
        sealed,
    )


async def kept(db: Db, hold: Hold, after: int, limit: int) -> list[KeptRow]:
    """What was kept of what a hold is about, the oldest first."""
    return await db.rows(
        KeptRow,
        _ROW
        + """
        WHERE id > $4 AND CASE $1 WHEN 'account' THEN owner_id = $2
            WHEN 'status' THEN owner_id = $2 AND item_id = $3
            ELSE EXISTS (SELECT FROM case_items i
                WHERE i.case_id = $3 AND i.owner_id = kept_rows.owner_id AND i.item_id = kept_rows.item_id) END
        ORDER BY id LIMIT $5
        """,
        hold.kind,
        hold.owner_id,
        hold.item_id,
        after,
        limit,
    )


async def kept_files(db: Db, hold: Hold) -> list[str]:
    records = await db.records(
        """
        SELECT key FROM kept_files
        WHERE CASE $1 WHEN 'account' THEN owner_id = $2
            WHEN 'status' THEN owner_id = $2 AND item_id = $3
            ELSE EXISTS (SELECT FROM case_items i
                WHERE i.case_id = $3 AND i.owner_id = kept_files.owner_id AND i.item_id = kept_files.item_id) END
        ORDER BY kept_at, key
        """,
        hold.kind,
        hold.owner_id,
        hold.item_id,
    )
    return [record[0] for record in records]


async def counts(db: Db, holds: Sequence[Hold]) -> dict[int, int]:
    """How many rows were kept because of each; those of cases are not counted."""
    records = await db.records(
        """
        SELECT h.id, count(*) FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS h (id, owner, item), kept_rows k
        WHERE k.owner_id = h.owner AND (h.item = h.owner OR k.item_id = h.item) GROUP BY h.id
        """,
        [one.id for one in holds],
        [one.owner_id for one in holds],
        [one.item_id for one in holds],
    )
    return {record[0]: record[1] for record in records}


async def keep_files(db: Db, owner_id: int, item_id: int, keys: Sequence[str]) -> None:
    """Note of sealed copies that they are kept because of a hold."""
    await db.execute(
        """
        INSERT INTO kept_files (key, owner_id, item_id) SELECT key, $1, $2 FROM unnest($3::text[]) AS k (key)
        ON CONFLICT DO NOTHING
        """,
        owner_id,
        item_id,
        keys,
    )


async def free_files(db: Db, limit: int) -> list[str]:
    """Files that were kept, and of which no hold stands any more."""
    records = await db.records(
        "SELECT key FROM kept_files WHERE NOT under_hold(owner_id, item_id) ORDER BY key LIMIT $1", limit
    )
    return [record[0] for record in records]


async def forget_files(db: Db, keys: Sequence[str]) -> None:
    await db.execute("DELETE FROM kept_files WHERE key = ANY($1::text[])", keys)


async def forget_rows(db: Db, limit: int) -> int:
    """Rows that were kept, and of which no hold stands any more; how many there were."""
    return await db.execute(
        """
        DELETE FROM kept_rows WHERE id = ANY(ARRAY(
            SELECT id FROM kept_rows WHERE NOT under_hold(owner_id, item_id) ORDER BY id LIMIT $1))
        """,
        limit,
    )
