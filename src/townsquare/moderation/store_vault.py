"""The SQL of what is kept sealed, in whichever table it stands."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, LiteralString

import msgspec

from townsquare.db.pool import Tx

Table = Literal["report_items", "notice_items", "case_items", "statement_items"]


class Plain(msgspec.Struct, frozen=True):
    """Something that an older version kept as it was. `row`: where it stands, until it is written."""

    row: str
    kind: str
    item_id: int
    entity: bytes
    text: str


_WITH_ENTITY: Final[LiteralString] = "entity <> '' OR text <> ''"
_ROWS: Final[Mapping[Table, LiteralString]] = {
    "report_items": "SELECT ctid::text AS row, kind, item_id, entity, text FROM report_items WHERE " + _WITH_ENTITY,
    "notice_items": "SELECT ctid::text AS row, kind, item_id, entity, text FROM notice_items WHERE " + _WITH_ENTITY,
    "case_items": "SELECT ctid::text AS row, kind, item_id, ''::bytea AS entity, text FROM case_items WHERE text <> ''",
    "statement_items": """
        SELECT ctid::text AS row, kind, item_id, ''::bytea AS entity, text FROM statement_items WHERE text <> ''
    """,
}
_NOT_FOR_ALL: Final[LiteralString] = """
    coalesce(
        CASE WHEN entity <> '' THEN convert_from(entity, 'UTF8')::jsonb ->> 'visibility' END IN ('private', 'direct'),
        false)
"""
_CLOSE: Final[Mapping[Table, LiteralString]] = {
    "report_items": "UPDATE report_items i SET private = "
    + _NOT_FOR_ALL
    + ", entity = '', text = '', sealed = n.sealed",
    "notice_items": "UPDATE notice_items i SET private = "
    + _NOT_FOR_ALL
    + ", entity = '', text = '', sealed = n.sealed",
    "case_items": """
        UPDATE case_items i SET text = '', sealed = n.sealed, private = EXISTS (
            SELECT FROM report_items r WHERE r.item_id = i.item_id AND r.kind = i.kind AND r.private)
    """,
    "statement_items": "UPDATE statement_items i SET text = '', sealed = n.sealed",
}
_WHERE: Final[LiteralString] = """
    FROM unnest($1::text[], $2::bytea[]) AS n (row, sealed) WHERE i.ctid = n.row::tid
"""
TABLES: Final = tuple(_ROWS)
"""In this order: whether something in a case was for everybody is known of the report."""


async def plain(tx: Tx, table: Table, limit: int) -> list[Plain]:
    """Some of what is not sealed, kept from others until the transaction ends."""
    return await tx.rows(Plain, _ROWS[table] + " LIMIT $1 FOR UPDATE", limit)


async def close(tx: Tx, table: Table, rows: Sequence[Plain], sealed: Sequence[bytes]) -> None:
    await tx.execute(_CLOSE[table] + _WHERE, [one.row for one in rows], sealed)
