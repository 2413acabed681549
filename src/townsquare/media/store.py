"""All SQL of attachments."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import asyncpg
import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.media.model import Attachment, Dimensions, Focus, MediaId, Sizes, State

COLUMNS = """
    m.account_id, m.id, m.status_id, m.kind, m.state, m.file_key, m.preview_key, m.content_type, m.remote_url, m.meta,
    m.focus_x, m.focus_y, m.description, m.blurhash, m.size_bytes, m.created_at, m.upload_key, m.error, m.restricted
"""
HIDDEN: Final = 16
"""A file that is restricted by so much is given to nobody (see `statuses.restricted`)."""


class Files(msgspec.Struct, frozen=True):
    """The files of a row that is to go."""

    account_id: AccountId
    id: MediaId
    file_key: str | None
    preview_key: str | None
    upload_key: str | None

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.file_key, self.preview_key, self.upload_key) if key is not None]


class Work(msgspec.Struct, frozen=True):
    """An upload that is to be made into what is shown."""

    kind: str
    state: State
    upload_key: str
    file_key: str
    attempts: int


async def insert(db: Db, new: Attachment, prints: bytes | None = None) -> None:
    """`prints`: by what a picture is recognised again; of a film they come with `finish`."""
    await db.execute(
        """
        INSERT INTO media (account_id, id, kind, state, file_key, preview_key, content_type, meta, focus_x, focus_y,
                           description, blurhash, size_bytes, created_at, upload_key, prints)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        new.account_id,
        new.id,
        new.kind,
        new.state,
        new.file_key,
        new.preview_key,
        new.content_type,
        new.meta,
        new.focus_x,
        new.focus_y,
        new.description,
        new.blurhash,
        new.size_bytes,
        new.created_at,
        new.upload_key,
        prints,
    )


async def make_ready(db: Db, owner: AccountId, number: MediaId) -> bool:
    """False when the row has been deleted meanwhile."""
    written = await db.execute(
        "UPDATE media SET state = 'ready' WHERE account_id = $1 AND id = $2 AND state = 'processing'", owner, number
    )
    return written == 1


async def in_work(db: Db, owner: AccountId) -> int:
    """Files of somebody that wait or are being worked on."""
    return await db.value("SELECT count(*) FROM media WHERE account_id = $1 AND state = 'processing'", owner)


async def begin(db: Db, owner: AccountId, number: MediaId) -> Work | None:
    """Count one more attempt, where one is due. None when nothing of the upload is left."""
    records = await db.records(
        """
        UPDATE media SET attempts = attempts + (state = 'processing')::int
        WHERE account_id = $1 AND id = $2 AND upload_key IS NOT NULL AND state <> 'gone'
        RETURNING kind, state, upload_key, file_key, attempts
        """,
        owner,
        number,
    )
    return msgspec.convert(dict(records[0]), Work) if records else None


async def put_off(db: Db, owner: AccountId, number: MediaId) -> None:
    """An attempt that did not come to the file itself does not count."""
    await db.execute("UPDATE media SET attempts = attempts - 1 WHERE account_id = $1 AND id = $2", owner, number)


async def finish(db: Db, owner: AccountId, number: MediaId, made: Sizes, size_bytes: int, prints: bytes | None) -> bool:
    """What is shown has been stored. False when the row has been deleted meanwhile."""
    written = await db.execute(
        """
        UPDATE media SET state = 'ready', meta = meta || $3, size_bytes = size_bytes + $4, prints = $5
        WHERE account_id = $1 AND id = $2 AND state = 'processing'
        """,
        owner,
        number,
        made,
        size_bytes,
        prints,
    )
    return written == 1


async def fail(db: Db, owner: AccountId, number: MediaId, error: str) -> None:
    await db.execute(
        "UPDATE media SET state = 'failed', error = $3 WHERE account_id = $1 AND id = $2 AND state = 'processing'",
        owner,
        number,
        error,
    )


async def forget_upload(db: Db, owner: AccountId, number: MediaId) -> None:
    """The file as it was sent has been deleted."""
    await db.execute("UPDATE media SET upload_key = NULL WHERE account_id = $1 AND id = $2", owner, number)


async def set_preview(
    db: Db, owner: AccountId, number: MediaId, key: str, size: Dimensions, blurhash: str
) -> str | None:
    """Show something else in its place; returns the key of what was shown before."""
    return await db.value(
        """
        WITH before AS (SELECT preview_key FROM media WHERE account_id = $1 AND id = $2 FOR UPDATE)
        UPDATE media m SET preview_key = $3, meta = m.meta || $4, blurhash = $5
        FROM before WHERE m.account_id = $1 AND m.id = $2
        RETURNING before.preview_key
        """,
        owner,
        number,
        key,
        Sizes(small=size),
        blurhash,
    )


async def unattached(db: Db, owner: AccountId, number: MediaId) -> Attachment | None:
    """An own picture that is in no post yet; one may wait for it."""
    records = await db.records(
        f"""
        SELECT {COLUMNS} FROM media m
        WHERE m.account_id = $1 AND m.id = $2 AND m.state <> 'gone' AND (m.status_id IS NULL OR EXISTS (
            SELECT FROM scheduled_statuses w WHERE w.account_id = m.account_id AND w.id = m.status_id))
        """,
        owner,
        number,
    )
    return _attachments(records)[0] if records else None


async def is_attached(db: Db, owner: AccountId, number: MediaId) -> bool:
    return await db.value(
        "SELECT EXISTS (SELECT FROM media WHERE account_id = $1 AND id = $2 AND status_id IS NOT NULL)", owner, number
    )


async def by_ids(db: Db, owner: AccountId, numbers: Sequence[MediaId]) -> list[Attachment]:
    """In the order of the ids."""
    records = await db.records(
        f"""
        SELECT {COLUMNS} FROM unnest($2::bigint[]) WITH ORDINALITY AS w (id, place)
        JOIN media m ON m.account_id = $1 AND m.id = w.id
        ORDER BY w.place
        """,
        owner,
        numbers,
    )
    return _attachments(records)


async def describe(db: Db, owner: AccountId, number: MediaId, description: str | None) -> None:
    await db.execute("UPDATE media SET description = $3 WHERE account_id = $1 AND id = $2", owner, number, description)


async def focus(db: Db, owner: AccountId, number: MediaId, point: Focus) -> None:
    await db.execute(
        "UPDATE media SET focus_x = $3, focus_y = $4 WHERE account_id = $1 AND id = $2", owner, number, point.x, point.y
    )


async def attach(db: Db, owner: AccountId, numbers: Sequence[MediaId], status_id: StatusId) -> list[Attachment]:
    """Those of the pictures that could be attached, or are attached to this post already, in the order of the ids.

    What the place has hidden can be attached to nothing.
    """
    records = await db.records(
        f"""
        WITH attached AS (
            UPDATE media m SET status_id = $3, position = w.place - 1
            FROM unnest($2::bigint[]) WITH ORDINALITY AS w (id, place)
            WHERE m.account_id = $1 AND m.id = w.id AND (m.status_id IS NULL AND m.restricted < $4 OR m.status_id = $3)
                AND m.state = 'ready'
            RETURNING {COLUMNS}, m.position
        )
        SELECT {COLUMNS} FROM attached m ORDER BY m.position
        """,
        owner,
        numbers,
        status_id,
        HIDDEN,
    )
    return _attachments(records)


async def release(db: Db, owner: AccountId, status_id: StatusId, kept: Sequence[int] | None) -> None:
    """From now on they wait for a post as if they had just been sent. Only those that are `kept`; None: all."""
    await db.execute(
        """
        UPDATE media SET status_id = NULL, created_at = now()
        WHERE account_id = $1 AND status_id = $2 AND ($3::bigint[] IS NULL OR id = ANY($3))
        """,
        owner,
        status_id,
        kept,
    )


async def are_hidden(db: Db, owner: AccountId, numbers: Sequence[MediaId]) -> bool:
    """Whether the place has held or removed one of these files."""
    return await db.value(
        "SELECT EXISTS (SELECT FROM media WHERE account_id = $1 AND id = ANY($2::bigint[]) AND restricted >= $3)",
        owner,
        numbers,
        HIDDEN,
    )


async def states(db: Db, owner: AccountId, numbers: Sequence[MediaId]) -> set[State]:
    """In which states files are that no post has."""
    records = await db.records(
        "SELECT DISTINCT state FROM media WHERE account_id = $1 AND id = ANY($2::bigint[]) AND status_id IS NULL",
        owner,
        numbers,
    )
    return {State(record["state"]) for record in records}


async def mark_gone(db: Db, owner: AccountId, number: MediaId) -> Files | None:
    """From now on the picture cannot be attached. None when there is no such picture outside of posts."""
    return await db.row(
        Files,
        """
        UPDATE media SET state = 'gone' WHERE account_id = $1 AND id = $2 AND status_id IS NULL AND state <> 'gone'
        RETURNING account_id, id, file_key, preview_key, upload_key
        """,
        owner,
        number,
    )


async def mark_abandoned(db: Db, older_than: timedelta, limit: int) -> list[Files]:
    """Those that no post has taken for so long, and after a day those that were marked before and are still there."""
    return await db.rows(
        Files,
        """
        UPDATE media m SET state = 'gone'
        FROM (
            SELECT account_id, id FROM media
            WHERE status_id IS NULL AND created_at < now() - least($1::interval, interval '1 day')
                AND (state = 'gone' OR created_at < now() - $1::interval)
            ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) AS old
        WHERE m.account_id = old.account_id AND m.id = old.id
        RETURNING m.account_id, m.id, m.file_key, m.preview_key, m.upload_key
        """,
        older_than,
        limit,
    )


async def remove_gone(db: Db, rows: Iterable[Files]) -> None:
    """Their files have been deleted."""
    pairs = [(row.account_id, row.id) for row in rows]
    await db.execute(
        """
        DELETE FROM media m USING unnest($1::bigint[], $2::bigint[]) AS w (account_id, id)
        WHERE m.account_id = w.account_id AND m.id = w.id AND m.state = 'gone'
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )


def _attachments(records: Sequence[asyncpg.Record]) -> list[Attachment]:
    return [msgspec.convert(dict(record), Attachment) for record in records]
