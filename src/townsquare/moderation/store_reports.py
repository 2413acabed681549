"""The SQL of reports and of what was reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.cursor import Cursor
from townsquare.statuses import messages


class Report(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    account_id: int
    target_id: int
    """0 where it is of a hashtag alone."""
    category: str
    comment: str
    status_ids: list[int]
    collection_ids: list[int]
    rule_ids: list[int]
    media_ids: list[int]
    tags: list[str]
    forward: bool
    forwarded_at: datetime | None
    created_at: datetime
    updated_at: datetime
    assigned_id: int | None
    resolved_at: datetime | None
    resolved_by_id: int | None


class Item(msgspec.Struct, frozen=True):
    """Something that was reported, as it was at that moment: its JSON, of a post the text as written and its files.

    `sealed`: what is kept of JSON and text, which are empty until it is opened (see `vault`).
    """

    kind: str
    item_id: int
    file_keys: list[str]
    private: bool
    sealed: bytes | None
    prints: Sequence[bytes] = ()
    """Of its pictures."""
    entity: bytes = b""
    text: str = ""


class Source(msgspec.Struct, frozen=True):
    """Of a post that is reported, what its JSON does not have."""

    id: int
    text: str
    file_keys: list[str]
    prints: list[bytes]


class Filter(msgspec.Struct, frozen=True):
    """Which reports; `resolved` None: all."""

    cursor: Cursor
    resolved: bool | None = False
    account_id: int | None = None
    target_id: int | None = None


REPORT: Final[LiteralString] = """
    SELECT id, account_id, target_id, category, comment, status_ids, collection_ids, rule_ids, media_ids, tags, forward,
        forwarded_at, created_at, updated_at, assigned_id, resolved_at, resolved_by_id
    FROM reports
"""


async def insert(tx: Tx, report: Report) -> None:
    await tx.execute(
        """
        INSERT INTO reports (
            id, account_id, target_id, category, comment, status_ids, collection_ids, rule_ids, media_ids, tags,
            forward, forwarded_at, created_at, updated_at, assigned_id, resolved_at, resolved_by_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        *msgspec.structs.astuple(report),
    )


async def insert_items(tx: Tx, report_id: int, items: Sequence[Item]) -> None:
    for item in items:
        await tx.execute(
            """
            INSERT INTO report_items (report_id, kind, item_id, file_keys, private, sealed, prints)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            report_id,
            item.kind,
            item.item_id,
            item.file_keys,
            item.private,
            item.sealed,
            item.prints,
        )


async def items(db: Db, report_ids: Sequence[int]) -> list[tuple[int, Item]]:
    """What was reported, with the report that it belongs to, in the order of the posts."""
    records = await db.records(
        """
        SELECT report_id, kind, item_id, file_keys, private, sealed, prints FROM report_items
        WHERE report_id = ANY($1::bigint[]) ORDER BY report_id, item_id
        """,
        report_ids,
    )
    return [(record[0], Item(*record[1:])) for record in records]


async def file_keys(db: Db, source_id: int, kind: str, item_id: int) -> list[str]:
    """The files of something that a report, a notice or a signal names."""
    records = await db.records(
        """
        SELECT DISTINCT key FROM (
            SELECT file_keys FROM report_items WHERE report_id = $1 AND kind = $2 AND item_id = $3
            UNION ALL SELECT file_keys FROM notice_items WHERE notice_id = $1 AND kind = $2 AND item_id = $3
            UNION ALL SELECT file_keys FROM estimates WHERE id = $1 AND kind = $2 AND item_id = $3
        ) i, unnest(i.file_keys) AS key ORDER BY key
        """,
        source_id,
        kind,
        item_id,
    )
    return [record[0] for record in records]


async def stands(db: Db, source_id: int, file_keys: Sequence[str]) -> None:
    """Copies of these files were made: whatever deletes them need not."""
    await db.execute("DELETE FROM evidence_waits WHERE source_id = $1 AND key = ANY($2::text[])", source_id, file_keys)


async def sources(tx: Tx, author: int, ids: Sequence[int]) -> dict[int, Source]:
    """Of posts that the reporter was found to see, kept from being changed until the transaction ends."""
    rows = await tx.rows(
        Source,
        """
        SELECT s.id, s.text, ARRAY(
            SELECT key FROM media m, LATERAL (VALUES (m.file_key), (m.preview_key)) AS k (key)
            WHERE m.account_id = s.account_id AND m.status_id = s.id AND key IS NOT NULL
        ) AS file_keys, ARRAY(
            SELECT m.prints FROM media m
            WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids) AND m.prints IS NOT NULL ORDER BY m.id
        ) AS prints
        FROM statuses s WHERE s.account_id = $1 AND s.id = ANY($2::bigint[]) FOR SHARE OF s
        """,
        author,
        ids,
    )
    return {row.id: messages.opened_fields(tx.keys, messages.about(author, row.id), row) for row in rows}


async def by_id(db: Db, report_id: int) -> Report | None:
    return await db.row(Report, REPORT + " WHERE id = $1", report_id)


async def lock(tx: Tx, report_id: int) -> Report | None:
    """The same, for this transaction alone to change."""
    return await tx.row(Report, REPORT + " WHERE id = $1 FOR UPDATE", report_id)


async def by_ids(db: Db, ids: Sequence[int]) -> dict[int, Report]:
    rows = await db.rows(Report, REPORT + " WHERE id = ANY($1::bigint[])", ids)
    return {row.id: row for row in rows}


async def open_about(db: Db, target_id: int) -> list[int]:
    records = await db.records(
        "SELECT id FROM reports WHERE target_id = $1 AND resolved_at IS NULL ORDER BY id", target_id
    )
    return [record[0] for record in records]


async def categorise(tx: Tx, report_id: int, category: str, rule_ids: Sequence[int], now: datetime) -> None:
    await tx.execute(
        "UPDATE reports SET category = $2, rule_ids = $3, updated_at = $4 WHERE id = $1",
        report_id,
        category,
        rule_ids,
        now,
    )


async def assign(tx: Tx, report_id: int, account_id: int | None, now: datetime) -> None:
    await tx.execute("UPDATE reports SET assigned_id = $2, updated_at = $3 WHERE id = $1", report_id, account_id, now)


async def resolve(tx: Tx, ids: Sequence[int], by_id: int, now: datetime) -> list[int]:
    """Those that were open."""
    records = await tx.records(
        """
        UPDATE reports SET resolved_at = $3, resolved_by_id = $2, updated_at = $3
        WHERE id = ANY($1::bigint[]) AND resolved_at IS NULL RETURNING id
        """,
        ids,
        by_id,
        now,
    )
    return sorted(record[0] for record in records)


async def reopen(tx: Tx, report_id: int, now: datetime) -> None:
    await tx.execute(
        """
        UPDATE reports SET resolved_at = NULL, resolved_by_id = NULL, assigned_id = NULL, updated_at = $2
        WHERE id = $1
        """,
        report_id,
        now,
    )


class Collection(msgspec.Struct, frozen=True):
    """What a collection says, and who is in it."""

    id: int
    text: str
    members: list[int]


async def collections(db: Db, owner: int, ids: Sequence[int]) -> list[Collection]:
    """Those of the ids that are collections of an account."""
    return await db.rows(
        Collection,
        """
        SELECT c.id, concat_ws(E'\n', c.name, nullif(c.description, ''), '#' || c.tag) AS text, ARRAY(
            SELECT i.target_id FROM collection_items i
            WHERE i.account_id = c.account_id AND i.collection_id = c.id AND i.state = 'accepted' ORDER BY i.id
        ) AS members
        FROM collections c WHERE c.account_id = $1 AND c.id = ANY($2::bigint[]) ORDER BY c.id
        """,
        owner,
        ids,
    )


class File(msgspec.Struct, frozen=True):
    """An attachment, and the post that shows it."""

    id: int
    status_id: int


async def files(db: Db, owner: int, ids: Sequence[int]) -> list[File]:
    """Those of the ids that are attached to posts of an account."""
    return await db.rows(
        File,
        """
        SELECT id, status_id FROM media
        WHERE account_id = $1 AND id = ANY($2::bigint[]) AND status_id IS NOT NULL ORDER BY id
        """,
        owner,
        ids,
    )


class Tag(msgspec.Struct, frozen=True):
    id: int
    name: str


async def tags(db: Db, names: Sequence[str]) -> list[Tag]:
    """Those of the names that somebody has used."""
    return await db.rows(Tag, "SELECT id, name FROM tags WHERE name = ANY($1::text[]) ORDER BY name", names)


async def rules(db: Db, ids: Sequence[int]) -> list[int]:
    """Those of the ids that are rules of the place, also of former times."""
    records = await db.records("SELECT id FROM rules WHERE id = ANY($1::bigint[]) ORDER BY position, id", ids)
    return [record[0] for record in records]


class Rule(msgspec.Struct, frozen=True):
    id: int
    text: str
    hint: str


async def rule_texts(db: Db, ids: Sequence[int]) -> list[Rule]:
    """Rules, also of former times."""
    return await db.rows(Rule, "SELECT id, text, hint FROM rules WHERE id = ANY($1::bigint[])", ids)
