"""The SQL of reactions: a row with the author of the post, a mark with the one who reacts, and the counter, at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId


class Reaction(msgspec.Struct, frozen=True):
    """Who reacted, and the id by which the list is read on."""

    account_id: AccountId
    id: int


async def favourite(db: Db, me: int, author: int, status_id: int, number: int) -> bool:
    """True if it was not there before."""
    return bool(
        await db.value(
            """
            WITH new AS (
                INSERT INTO favourites (account_id, status_id, by_id, id) VALUES ($2, $3, $1, $4)
                ON CONFLICT DO NOTHING RETURNING status_id
            ), counted AS (
                UPDATE statuses SET favourites_count = favourites_count + 1
                WHERE account_id = $2 AND id = (SELECT status_id FROM new)
            ), mark AS (
                INSERT INTO marks AS m (account_id, status_id, author_id, favourite_id)
                SELECT $1, status_id, $2, $4 FROM new
                ON CONFLICT (account_id, status_id) DO UPDATE SET favourite_id = excluded.favourite_id
            )
            SELECT count(*) FROM new
            """,
            me, author, status_id, number,
        )
    )  # fmt: skip


async def unfavourite(db: Db, me: int, author: int, status_id: int) -> bool:
    """True if it was there."""
    return bool(
        await db.value(
            """
            WITH old AS (
                DELETE FROM favourites WHERE account_id = $2 AND status_id = $3 AND by_id = $1 RETURNING status_id
            ), counted AS (
                UPDATE statuses SET favourites_count = greatest(favourites_count - 1, 0)
                WHERE account_id = $2 AND id = (SELECT status_id FROM old)
            ), mark AS (
                UPDATE marks SET favourite_id = NULL WHERE account_id = $1 AND status_id = (SELECT status_id FROM old)
            )
            SELECT count(*) FROM old
            """,
            me, author, status_id,
        )
    )  # fmt: skip


async def bookmark(db: Db, me: int, author: int, status_id: int, number: int) -> None:
    await db.execute(
        """
        INSERT INTO marks AS m (account_id, status_id, author_id, bookmark_id) VALUES ($1, $3, $2, $4)
        ON CONFLICT (account_id, status_id) DO UPDATE SET bookmark_id = coalesce(m.bookmark_id, excluded.bookmark_id)
        """,
        me, author, status_id, number,
    )  # fmt: skip


async def unbookmark(db: Db, me: int, status_id: int) -> None:
    await db.execute("UPDATE marks SET bookmark_id = NULL WHERE account_id = $1 AND status_id = $2", me, status_id)


async def visibility(db: Db, author: int, status_id: int) -> int | None:
    """For whom a post is; what the place hides is for nobody else (3). None: it is gone."""
    return await db.value(
        "SELECT CASE WHEN restricted < 16 THEN visibility ELSE 3 END FROM statuses WHERE account_id = $1 AND id = $2",
        author,
        status_id,
    )


async def mark_reblog(db: Db, me: int, author: int, status_id: int, echo_id: int) -> int:
    """The reader's echo of a post: this one, or the one that was there first."""
    return await db.value(
        """
        INSERT INTO marks AS m (account_id, status_id, author_id, reblog_id) VALUES ($1, $3, $2, $4)
        ON CONFLICT (account_id, status_id) DO UPDATE SET reblog_id = coalesce(m.reblog_id, excluded.reblog_id)
        RETURNING reblog_id
        """,
        me, author, status_id, echo_id,
    )  # fmt: skip


async def insert_reblog(
    db: Db, me: int, echo_id: int, author: int, status_id: int, shown: int, now: datetime, head: bytes
) -> list[int]:
    """Whom the post names or answers: the echo speaks of them as well."""
    return await db.value(
        """
        WITH counted AS (
            UPDATE statuses SET reblogs_count = reblogs_count + 1 WHERE account_id = $3 AND id = $4 RETURNING named
        ), echo AS (
            INSERT INTO statuses (account_id, id, visibility, created_at, root_id, root_account_id,
                reblog_of_id, reblog_of_account_id, head, named)
            VALUES ($1, $2, $5, $6, $2, $1, $4, $3, $7, (SELECT named FROM counted))
        ), entered AS (
            INSERT INTO reblogs (account_id, status_id, by_id, reblog_id, visibility) VALUES ($3, $4, $1, $2, $5)
        )
        UPDATE accounts SET statuses_count = statuses_count + 1, last_status_on = ($6 AT TIME ZONE 'UTC')::date
        WHERE id = $1
        RETURNING coalesce((SELECT named FROM counted), '{}')
        """,
        me, echo_id, author, status_id, shown, now, head,
    )  # fmt: skip


async def delete_reblog(db: Db, me: int, author: int, status_id: int) -> int | None:
    """The id of the echo that was taken back."""
    return await db.value(
        """
        WITH mark AS (
            UPDATE marks SET reblog_id = NULL WHERE account_id = $1 AND status_id = $3 AND reblog_id IS NOT NULL
        ), entered AS (
            DELETE FROM reblogs WHERE account_id = $2 AND status_id = $3 AND by_id = $1 RETURNING reblog_id
        ), echo AS (
            DELETE FROM statuses WHERE account_id = $1 AND id = (SELECT reblog_id FROM entered)
            RETURNING id, restricted >= 16 AS hidden
        ), original AS (
            SELECT restricted >= 16 AS hidden FROM statuses WHERE account_id = $2 AND id = $3
        ), counted AS (
            UPDATE statuses SET reblogs_count = greatest(reblogs_count - 1, 0)
            WHERE account_id = $2 AND id = $3 AND EXISTS (SELECT FROM echo WHERE NOT hidden)
        ), fewer AS (
            UPDATE accounts SET statuses_count = greatest(statuses_count - 1, 0)
            WHERE id = $1 AND EXISTS (SELECT FROM echo WHERE NOT hidden)
                AND NOT EXISTS (SELECT FROM original WHERE hidden)
        )
        SELECT id FROM echo
        """,
        me, author, status_id,
    )  # fmt: skip


async def pin(db: Db, me: int, status_id: int, number: int, most: int) -> bool:
    """False if there are as many pins as there may be."""
    return bool(
        await db.execute(
            """
            UPDATE statuses SET pinned_id = coalesce(pinned_id, $3)
            WHERE account_id = $1 AND id = $2 AND (pinned_id IS NOT NULL OR $4 > (
                SELECT count(*) FROM statuses WHERE account_id = $1 AND pinned_id IS NOT NULL))
            """,
            me, status_id, number, most,
        )
    )  # fmt: skip


async def unpin(db: Db, me: int, status_id: int) -> None:
    await db.execute("UPDATE statuses SET pinned_id = NULL WHERE account_id = $1 AND id = $2", me, status_id)


_FAVOURITED: Final[LiteralString] = """
    SELECT by_id AS account_id, id FROM favourites
    WHERE account_id = $1 AND status_id = $2 AND id < $3 AND id > $4 ORDER BY id
"""
_REBLOGGED: Final[LiteralString] = """
    SELECT by_id AS account_id, reblog_id AS id FROM reblogs
    WHERE account_id = $1 AND status_id = $2 AND visibility <= 1 AND reblog_id < $3 AND reblog_id > $4
    ORDER BY reblog_id
"""


async def favourited_by(db: Db, author: int, status_id: int, cursor: Cursor) -> Sequence[Reaction]:
    """Those who like a post, latest first."""
    return await _page(db, _FAVOURITED, author, status_id, cursor)


async def reblogged_by(db: Db, author: int, status_id: int, cursor: Cursor) -> Sequence[Reaction]:
    """Those who echoed a post for everybody, latest first."""
    return await _page(db, _REBLOGGED, author, status_id, cursor)


async def _page(db: Db, sql: LiteralString, author: int, status_id: int, cursor: Cursor) -> Sequence[Reaction]:
    args = (author, status_id, cursor.max_id, cursor.lowest, cursor.limit)
    if cursor.upwards:
        return (await db.rows(Reaction, sql + " LIMIT $5", *args))[::-1]
    return await db.rows(Reaction, sql + " DESC LIMIT $5", *args)
