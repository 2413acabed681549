"""The SQL of posts for later."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages


class Row(msgspec.Struct, frozen=True):
    """A post for later. `params` is what the entity tells of it, and what it is made of."""

    account_id: AccountId
    id: int
    scheduled_at: datetime
    params: dict[str, Any]
    media_ids: list[int]
    application: dict[str, Any] | None


class Waiting(msgspec.Struct, frozen=True):
    """How many posts of somebody wait, and how many of them for one day."""

    total: int
    that_day: int


class Due(Row, frozen=True):
    username: str


R = TypeVar("R", bound=Row)


async def lock(tx: Tx, me: AccountId) -> None:
    """One after the other: what somebody schedules at the same moment is counted."""
    await tx.execute("SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", me)


async def waiting(db: Db, me: AccountId, at: datetime, but: int = 0) -> Waiting:
    """`at`: some time of that day (UTC). `but`: one that is not counted."""
    found = await db.row(
        Waiting,
        """
        SELECT count(*) AS total, count(*) FILTER (
            WHERE (scheduled_at AT TIME ZONE 'UTC')::date = ($2::timestamptz AT TIME ZONE 'UTC')::date) AS that_day
        FROM scheduled_statuses WHERE account_id = $1 AND id <> $3
        """,
        me,
        at,
        but,
    )
    return found or Waiting(0, 0)


async def insert(db: Db, row: Row) -> None:
    await db.execute(
        """
        INSERT INTO scheduled_statuses (account_id, id, scheduled_at, params, media_ids, application)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        row.account_id,
        row.id,
        row.scheduled_at,
        _closed(db.keys, row) if row.params["visibility"] == "direct" else row.params,
        row.media_ids,
        row.application,
    )


def about_scheduled(account_id: int, number: int) -> str:
    """What a direct post for later is bound to."""
    return f"scheduled:{account_id}:{number}"


def _closed(keys: Keyring, row: Row) -> str:
    return messages.close_json(keys, about_scheduled(row.account_id, row.id), row.params)


def _opened(keys: Keyring, row: R) -> R:
    """With what a direct one is to say."""
    params = messages.opened_json(keys, about_scheduled(row.account_id, row.id), row.params)
    return row if params is row.params else msgspec.structs.replace(row, params=params)


async def page(db: Db, me: AccountId, cursor: Cursor) -> list[Row]:
    """Somebody's posts for later, the last one written first."""
    args = (me, cursor.max_id, cursor.lowest, cursor.limit)
    sql = """
        SELECT account_id, id, scheduled_at, params, media_ids, application FROM scheduled_statuses
        WHERE account_id = $1 AND id < $2 AND id > $3 ORDER BY id
    """
    if cursor.upwards:
        rows = (await db.rows(Row, sql + " LIMIT $4", *args))[::-1]
    else:
        rows = await db.rows(Row, sql + " DESC LIMIT $4", *args)
    return [_opened(db.keys, row) for row in rows]


async def one(db: Db, me: AccountId, number: int) -> Row | None:
    """An own post for later."""
    found = await db.row(
        Row,
        """
        SELECT account_id, id, scheduled_at, params, media_ids, application FROM scheduled_statuses
        WHERE account_id = $1 AND id = $2
        """,
        me,
        number,
    )
    return found and _opened(db.keys, found)


async def move(db: Db, me: AccountId, number: int, at: datetime) -> bool:
    """False where there is none."""
    moved = await db.execute(
        "UPDATE scheduled_statuses SET scheduled_at = $3 WHERE account_id = $1 AND id = $2", me, number, at
    )
    return moved == 1


async def delete(db: Db, me: AccountId, number: int) -> bool:
    """False where there is none."""
    return await db.execute("DELETE FROM scheduled_statuses WHERE account_id = $1 AND id = $2", me, number) == 1


async def take(tx: Tx, account_id: int, number: int) -> Due | None:
    """Take one whose time has come and whose author may post; it comes back unless the transaction commits."""
    found = await tx.row(
        Due,
        """
        DELETE FROM scheduled_statuses s USING accounts a, users u
        WHERE s.account_id = $1 AND s.id = $2 AND s.scheduled_at <= now()
            AND a.id = s.account_id AND a.suspended_at IS NULL AND u.account_id = s.account_id
            AND u.disabled_at IS NULL AND u.frozen_at IS NULL
        RETURNING s.account_id, s.id, s.scheduled_at, s.params, s.media_ids, s.application, a.username
        """,
        account_id,
        number,
    )
    return found and _opened(tx.keys, found)
