"""The SQL of conversations. All rows are those of the participant whose conversation it is."""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.statuses.read import Key, Pair


class Conversation(msgspec.Struct, frozen=True):
    id: int
    participants: list[int]
    last_status_id: int
    last_author_id: int
    unread: bool


class Direct(msgspec.Struct, frozen=True):
    """A direct post, and whom it names."""

    account_id: int
    id: int
    root_id: int
    mentioned: list[int]


class Entry(msgspec.Struct, frozen=True):
    """The posts that come into one conversation at once. `id`: for the conversation, if it is new."""

    id: int
    receiver: int
    root_id: int
    participants: tuple[int, ...]
    posts: list[Pair]
    """By id."""

    @property
    def last(self) -> Pair:
        return self.posts[-1]


_COLUMNS: Final[LiteralString] = "id, participants, last_status_id, last_author_id, unread"


async def direct(db: Db, pairs: Sequence[Pair]) -> list[Direct]:
    """Those of the posts that are direct."""
    return await db.rows(
        Direct,
        """
        SELECT s.account_id, s.id, s.root_id, ARRAY(
            SELECT n.mentioned_id FROM mentions n WHERE n.account_id = s.account_id AND n.status_id = s.id) AS mentioned
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id AND s.visibility = 3
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


async def told_by(db: Db, reader: int, senders: Sequence[int]) -> list[Pair]:
    """The posts of some people in which a reader was mentioned, as far as the reader is told of it."""
    records = await db.records(
        """
        SELECT DISTINCT status_author_id, status_id FROM notifications
        WHERE account_id = $1 AND from_id = ANY($2::bigint[]) AND type = 'mention' AND NOT filtered
            AND status_id IS NOT NULL
        """,
        reader,
        senders,
    )
    return [(record[0], record[1]) for record in records]


async def local(db: Db, ids: Sequence[int]) -> set[int]:
    """Those of the accounts who live here."""
    records = await db.records("SELECT id FROM accounts WHERE id = ANY($1::bigint[]) AND domain IS NULL", ids)
    return {record[0] for record in records}


async def enter(db: Db, entries: Sequence[Entry]) -> list[Pair]:
    """Begin conversations and bring them up to date; returns owners and ids of those that have a new last post.

    What somebody else wrote last is unread; who answers has read.
    """
    records = await db.records(
        """
        INSERT INTO conversations AS c
            (account_id, id, root_id, participants, last_status_id, last_author_id, unread)
        SELECT k.receiver, k.id, k.root, k.participants::bigint[], k.last, k.author, k.author <> k.receiver
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
            AS k (receiver, id, root, participants, last, author)
        ORDER BY 1, 2
        ON CONFLICT (account_id, root_id, participants) DO UPDATE
        SET last_status_id = excluded.last_status_id, last_author_id = excluded.last_author_id, unread = excluded.unread
        WHERE c.last_status_id < excluded.last_status_id
        RETURNING account_id, id
        """,
        *_keys(entries),
        [one.last[1] for one in entries],
        [one.last[0] for one in entries],
    )
    return [(record[0], record[1]) for record in records]


async def enter_posts(db: Db, entries: Sequence[Entry]) -> None:
    """Note which posts belong to conversations, so that they can be taken out again."""
    receivers, _, roots, participants = _keys([one for one in entries for _ in one.posts])
    posts = [pair for one in entries for pair in one.posts]
    await db.execute(
        """
        INSERT INTO conversation_posts (account_id, conversation_id, status_id, author_id)
        SELECT c.account_id, c.id, k.status_id, k.author_id
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
            AS k (receiver, root, participants, status_id, author_id)
        JOIN conversations c
            ON c.account_id = k.receiver AND c.root_id = k.root AND c.participants = k.participants::bigint[]
        ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
        """,
        receivers,
        roots,
        participants,
        [number for _, number in posts],
        [author for author, _ in posts],
    )


def _keys(entries: Sequence[Entry]) -> tuple[list[int], list[int], list[int], list[str]]:
    return (
        [one.receiver for one in entries],
        [one.id for one in entries],
        [one.root_id for one in entries],
        [f"{{{','.join(map(str, one.participants))}}}" for one in entries],
    )


async def take_out(db: Db, ids: Sequence[int]) -> list[tuple[int, int, int]]:
    """Remove deleted posts; returns owner, conversation and post of each."""
    records = await db.records(
        """
        DELETE FROM conversation_posts WHERE status_id = ANY($1::bigint[])
        RETURNING account_id, conversation_id, status_id
        """,
        ids,
    )
    return [(record[0], record[1], record[2]) for record in records]


async def set_last(db: Db, pairs: Sequence[Pair]) -> list[Pair]:
    """Name the post that is the last one now. Conversations without any are deleted; returns the others."""
    records = await db.records(
        """
        WITH k AS (
            SELECT k.owner, k.id, l.status_id, l.author_id FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
            LEFT JOIN LATERAL (
                SELECT p.status_id, p.author_id FROM conversation_posts p
                WHERE p.account_id = k.owner AND p.conversation_id = k.id ORDER BY p.status_id DESC LIMIT 1) l ON true
        ), gone AS (
            DELETE FROM conversations c USING k WHERE c.account_id = k.owner AND c.id = k.id AND k.status_id IS NULL
        )
        UPDATE conversations c SET last_status_id = k.status_id, last_author_id = k.author_id
        FROM k WHERE c.account_id = k.owner AND c.id = k.id AND k.status_id IS NOT NULL
        RETURNING c.account_id, c.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return [(record[0], record[1]) for record in records]


async def page(db: Db, reader: int, cursor: Cursor) -> list[Conversation]:
    """A reader's conversations by their last posts, latest first."""
    sql = f"""
        SELECT {_COLUMNS} FROM conversations
        WHERE account_id = $1 AND last_status_id < $2 AND last_status_id > $3 ORDER BY last_status_id
    """
    args = (reader, cursor.max_id, cursor.lowest, cursor.limit)
    if cursor.upwards:
        return (await db.rows(Conversation, sql + " LIMIT $4", *args))[::-1]
    return await db.rows(Conversation, sql + " DESC LIMIT $4", *args)


async def one(db: Db, reader: int, number: int) -> Conversation | None:
    return await db.row(
        Conversation, f"SELECT {_COLUMNS} FROM conversations WHERE account_id = $1 AND id = $2", reader, number
    )


async def posts(db: Db, reader: int, number: int, cursor: Cursor) -> list[Key]:
    """The posts of a reader's conversation, latest first."""
    sql = """
        SELECT status_id, author_id FROM conversation_posts
        WHERE account_id = $1 AND conversation_id = $2 AND status_id < $3 AND status_id > $4 ORDER BY status_id
    """
    args = (reader, number, cursor.max_id, cursor.lowest, cursor.limit)
    if cursor.upwards:
        return [Key(*record) for record in (await db.records(sql + " LIMIT $5", *args))[::-1]]
    return [Key(*record) for record in await db.records(sql + " DESC LIMIT $5", *args)]


async def of_post(db: Db, owner: int, status_id: int) -> int | None:
    """The conversation of somebody in which a post of their own is."""
    return await db.value(
        """
        SELECT max(conversation_id) FROM conversation_posts
        WHERE account_id = $1 AND status_id = $2 AND author_id = $1
        """,
        owner,
        status_id,
    )


async def mark_read(db: Db, reader: int, number: int) -> bool:
    """Whether it was unread."""
    sql = "UPDATE conversations SET unread = false WHERE account_id = $1 AND id = $2 AND unread"
    return bool(await db.execute(sql, reader, number))


async def mark_unread(db: Db, reader: int, number: int) -> bool:
    """Whether it was read."""
    sql = "UPDATE conversations SET unread = true WHERE account_id = $1 AND id = $2 AND NOT unread"
    return bool(await db.execute(sql, reader, number))


async def delete(db: Db, reader: int, number: int) -> bool:
    """Whether there was one."""
    return bool(await db.execute("DELETE FROM conversations WHERE account_id = $1 AND id = $2", reader, number))
