"""The SQL of `old_messages`: what older versions kept in the database as it was."""

from collections.abc import Sequence
from typing import Any

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.statuses.read import Pair


class Plain(msgspec.Struct, frozen=True):
    """A direct post as it stands; its pieces may be sealed already."""

    account_id: int
    id: int
    text: str
    content: str
    spoiler_text: str
    body: bytes


class PlainEdit(msgspec.Struct, frozen=True):
    account_id: int
    status_id: int
    created_at: Any
    text: str
    content: str
    spoiler_text: str
    media: Any
    poll_options: list[str] | None


async def reached(tx: Tx) -> Pair | None:
    """The last post that was looked at, kept from others until the transaction ends; None: all were."""
    records = await tx.records(
        "SELECT account_id, status_id FROM at_rest WHERE part = 'messages' AND done_at IS NULL FOR UPDATE"
    )
    return (records[0][0], records[0][1]) if records else None


async def reach(tx: Tx, last: Pair | None) -> None:
    """None: there are no more."""
    if last is None:
        await tx.execute("UPDATE at_rest SET done_at = now() WHERE part = 'messages'")
    else:
        await tx.execute("UPDATE at_rest SET account_id = $1, status_id = $2 WHERE part = 'messages'", *last)


async def following(db: Db, after: Pair, limit: int) -> list[tuple[int, int, bool]]:
    """The next posts, author by author, and whether they are direct."""
    records = await db.records(
        """
        SELECT account_id, id, visibility = 3 AND reblog_of_id IS NULL FROM statuses
        WHERE (account_id, id) > ($1, $2) ORDER BY account_id, id LIMIT $3
        """,
        *after,
        limit,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def posts(tx: Tx, pairs: Sequence[Pair]) -> list[Plain]:
    return await tx.rows(
        Plain,
        """
        SELECT s.account_id, s.id, s.text, s.content, s.spoiler_text, s.body
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id FOR UPDATE OF s
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def close_post(tx: Tx, post: Plain) -> None:
    """With its pieces sealed. Its tags stand in its body, its card is looked for no more, no index has its words."""
    await tx.execute(
        """
        WITH searched AS (
            DELETE FROM status_search WHERE account_id = $1 AND status_id = $2
        ), carded AS (
            DELETE FROM status_cards WHERE account_id = $1 AND status_id = $2
        )
        UPDATE statuses SET text = $3, content = $4, spoiler_text = $5, body = $6, tags = '{}'
        WHERE account_id = $1 AND id = $2
        """,
        *msgspec.structs.astuple(post),
    )


async def polls(tx: Tx, pairs: Sequence[Pair]) -> list[tuple[int, int, list[str]]]:
    records = await tx.records(
        """
        SELECT p.account_id, p.status_id, p.options FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN polls p ON p.account_id = k.owner AND p.status_id = k.id FOR UPDATE OF p
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return [(record[0], record[1], record[2]) for record in records]


async def close_poll(tx: Tx, account_id: int, status_id: int, options: Sequence[str]) -> None:
    sql = "UPDATE polls SET options = $3 WHERE account_id = $1 AND status_id = $2"
    await tx.execute(sql, account_id, status_id, options)


async def edits(tx: Tx, pairs: Sequence[Pair]) -> list[PlainEdit]:
    return await tx.rows(
        PlainEdit,
        """
        SELECT e.account_id, e.status_id, e.created_at, e.text, e.content, e.spoiler_text, e.media, e.poll_options
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN status_edits e ON e.account_id = k.owner AND e.status_id = k.id FOR UPDATE OF e
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def close_edit(tx: Tx, edit: PlainEdit) -> None:
    await tx.execute(
        """
        UPDATE status_edits SET text = $4, content = $5, spoiler_text = $6, media = $7, poll_options = $8
        WHERE account_id = $1 AND status_id = $2 AND created_at = $3
        """,
        *msgspec.structs.astuple(edit),
    )


async def scheduled(tx: Tx, limit: int) -> list[tuple[int, int, Any]]:
    """Owner, id and what it is made of, of direct posts for later."""
    records = await tx.records(
        """
        SELECT account_id, id, params FROM scheduled_statuses WHERE params ->> 'visibility' = 'direct'
        LIMIT $1 FOR UPDATE
        """,
        limit,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def close_scheduled(tx: Tx, account_id: int, number: int, params: str) -> None:
    sql = "UPDATE scheduled_statuses SET params = $3 WHERE account_id = $1 AND id = $2"
    await tx.execute(sql, account_id, number, params)
