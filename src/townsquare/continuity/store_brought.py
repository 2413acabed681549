"""The SQL of lists that people bring along: what is in them, how far it was taken in, and what could not be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from townsquare.db.pool import Db, Tx

Kind = Literal["following", "blocks", "mutes", "lists", "favourites", "bookmarks", "filters", "domain_blocks"]


class Brought(msgspec.Struct, frozen=True):
    """A list, and how far it has come."""

    id: int
    kind: Kind
    overwrite: bool
    file: str
    brought_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None
    lines: int
    done: int
    wrong: int


class NewList(msgspec.Struct, frozen=True):
    id: int
    kind: Kind
    overwrite: bool
    file: str
    brought_at: datetime


class Line(msgspec.Struct, frozen=True):
    number: int
    fields: Sequence[str]
    wrong: str | None


async def insert(tx: Tx, account_id: int, new: NewList, lines: Sequence[Sequence[str]]) -> None:
    await tx.execute(
        """
        INSERT INTO brought (account_id, id, kind, overwrite, file, brought_at) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        account_id,
        *msgspec.structs.astuple(new),
    )
    await tx.execute(
        """
        INSERT INTO brought_lines (account_id, brought_id, number, fields)
        SELECT $1, $2, l.number, ARRAY(SELECT jsonb_array_elements_text(l.fields))
        FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS l (fields, number)
        """,
        account_id,
        new.id,
        lines,
    )


async def of_account(db: Db, account_id: int) -> list[Brought]:
    """The latest first."""
    return await db.rows(
        Brought,
        """
        SELECT b.id, b.kind, b.overwrite, b.file, b.brought_at, b.confirmed_at, b.finished_at,
            l.lines, l.done, l.wrong
        FROM brought b CROSS JOIN LATERAL (
            SELECT count(*)::int AS lines, count(*) FILTER (WHERE done)::int AS done, count(wrong)::int AS wrong
            FROM brought_lines WHERE account_id = b.account_id AND brought_id = b.id) l
        WHERE b.account_id = $1 ORDER BY b.id DESC LIMIT 20
        """,
        account_id,
    )


async def lines(db: Db, account_id: int, brought_id: int, limit: int) -> list[Line]:
    """The first ones."""
    return await db.rows(
        Line,
        """
        SELECT number, fields, wrong FROM brought_lines
        WHERE account_id = $1 AND brought_id = $2 ORDER BY number LIMIT $3
        """,
        account_id,
        brought_id,
        limit,
    )


async def wrong_lines(db: Db, account_id: int, brought_id: int) -> list[Line]:
    return await db.rows(
        Line,
        """
        SELECT number, fields, wrong FROM brought_lines
        WHERE account_id = $1 AND brought_id = $2 AND wrong IS NOT NULL ORDER BY number
        """,
        account_id,
        brought_id,
    )


async def next_lines(tx: Tx, account_id: int, brought_id: int, limit: int) -> list[Line]:
    """Those that wait, for this transaction alone."""
    return await tx.rows(
        Line,
        """
        SELECT number, fields, wrong FROM brought_lines
        WHERE account_id = $1 AND brought_id = $2 AND NOT done ORDER BY number LIMIT $3 FOR UPDATE
        """,
        account_id,
        brought_id,
        limit,
    )


async def set_done(tx: Tx, account_id: int, brought_id: int, number: int, wrong: str | None) -> None:
    await tx.execute(
        """
        UPDATE brought_lines SET done = true, wrong = $4 WHERE account_id = $1 AND brought_id = $2 AND number = $3
        """,
        account_id,
        brought_id,
        number,
        wrong,
    )


async def first_fields(db: Db, account_id: int, brought_id: int) -> list[str]:
    """Of all lines, what stands first in them."""
    records = await db.records(
        "SELECT fields[1] FROM brought_lines WHERE account_id = $1 AND brought_id = $2", account_id, brought_id
    )
    return [one[0] for one in records]


async def confirm(tx: Tx, account_id: int, brought_id: int, now: datetime) -> bool:
    """False when it was confirmed before, or there is none."""
    return bool(
        await tx.execute(
            "UPDATE brought SET confirmed_at = $3 WHERE account_id = $1 AND id = $2 AND confirmed_at IS NULL",
            account_id,
            brought_id,
            now,
        )
    )


async def finish(tx: Tx, account_id: int, brought_id: int, now: datetime) -> None:
    await tx.execute(
        "UPDATE brought SET finished_at = $3 WHERE account_id = $1 AND id = $2", account_id, brought_id, now
    )


async def delete(tx: Tx, account_id: int, brought_id: int) -> bool:
    return bool(await tx.execute("DELETE FROM brought WHERE account_id = $1 AND id = $2", account_id, brought_id))


async def sweep(db: Db, before: datetime) -> None:
    """What was brought before a time; it was taken in, or nobody wanted it after all."""
    await db.execute("DELETE FROM brought WHERE brought_at < $1", before)


async def post_of_uri(db: Db, uri: str) -> int | None:
    """A post of elsewhere, by its address."""
    return await db.value("SELECT status_id FROM uris WHERE uri = $1 AND status_id IS NOT NULL", uri)


async def post_brought(db: Db, account_id: int, uri: str) -> int | None:
    """An own post that came along in an archive, by its address where that comes from."""
    sql = "SELECT status_id FROM transfer_posts WHERE account_id = $1 AND uri = $2 AND status_id IS NOT NULL"
    return await db.value(sql, account_id, uri)
