"""The SQL of the lists of what the place blocks and allows: each a table of its own, all of them read and cut alike."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, LiteralString, TypeVar

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.keyring import Keyring


class Listed(msgspec.Struct, frozen=True):
    """What stands in a list."""

    id: int


Row = TypeVar("Row", bound=Listed)


class PlaceList(msgspec.Struct, Generic[Row], frozen=True):
    """A list: what its rows are, its table, and the columns that make a row."""

    row: type[Row]
    table: LiteralString
    columns: LiteralString
    opened: Callable[[Keyring, Row], Row] | None = None
    """Of rows in which something is sealed."""


async def page(db: Db, of: PlaceList[Row], cursor: Cursor) -> list[Row]:
    """Latest first."""
    found = await db.rows(
        of.row,
        "SELECT " + of.columns + " FROM " + of.table + " WHERE id < $1 AND id > $2"
        " ORDER BY CASE WHEN $4 THEN id ELSE -id END LIMIT $3",
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
    )
    rows = [_opened(db, of, row) for row in found]
    return rows[::-1] if cursor.upwards else rows


async def by_id(db: Db, of: PlaceList[Row], number: int) -> Row | None:
    row = await db.row(of.row, "SELECT " + of.columns + " FROM " + of.table + " WHERE id = $1", number)
    return row and _opened(db, of, row)


async def lock(tx: Tx, of: PlaceList[Row], number: int) -> Row | None:
    """The same, for the transaction alone to change until it ends."""
    row = await tx.row(of.row, "SELECT " + of.columns + " FROM " + of.table + " WHERE id = $1 FOR UPDATE", number)
    return row and _opened(tx, of, row)


async def over(db: Db, of: PlaceList[Row], now: datetime, limit: int) -> list[int]:
    """Entries whose time has come."""
    records = await db.records("SELECT id FROM " + of.table + " WHERE expires_at <= $1 LIMIT $2", now, limit)
    return [record[0] for record in records]


async def is_over(tx: Tx, of: PlaceList[Row], number: int, now: datetime) -> bool:
    """Whether that is so still; until the transaction ends nobody else gives the entry more time."""
    return await tx.value(
        "SELECT coalesce((SELECT expires_at <= $2 FROM " + of.table + " WHERE id = $1 FOR UPDATE), false)", number, now
    )


async def take(tx: Tx, of: PlaceList[Row], number: int) -> Row | None:
    """Delete an entry; as it was, and None where there is none any more."""
    row = await tx.row(of.row, "DELETE FROM " + of.table + " WHERE id = $1 RETURNING " + of.columns, number)
    return row and _opened(tx, of, row)


def _opened(db: Db, of: PlaceList[Row], row: Row) -> Row:
    return row if of.opened is None else of.opened(db.keys, row)
