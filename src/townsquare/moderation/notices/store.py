"""The SQL of notices, of what they name, and of the keys with which programs give them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import asyncpg
import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.keyring import Keyring
from townsquare.moderation.cases.model import SAYS
from townsquare.moderation.notices.model import PRESSING, Item, Notice, Outcome


class File(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came with a notice, sealed."""

    notice_id: int
    position: int
    name: str
    media_type: str
    size: int
    digest: bytes
    sealed: bytes


class Kept(msgspec.Struct, frozen=True):
    """That there is such a file."""

    notice_id: int
    position: int
    name: str
    media_type: str
    size: int


class Key(msgspec.Struct, frozen=True):
    """With what a program of others gives notice."""

    id: int
    name: str
    email: str
    sender: str
    made_at: datetime
    ended_at: datetime | None


class Use(msgspec.Struct, frozen=True):
    """How often a key was used, and when last."""

    key_id: int
    notices: int
    last_at: datetime


_NOTICE: Final[LiteralString] = """
    SELECT id, way, sender, policy, reason, reference, message_id, language, key_id, contact, token_hash, heeded,
        received_at, due_at, receipt_at, decided_at, told, answered_at, proven, digest, sender_id
    FROM notices
"""


async def insert(tx: Tx, notice: Notice) -> bool:
    """False where there is one of the same message, or with the same reference of the same program, that says the
    same.
    """
    return bool(
        await tx.execute(
            """
            INSERT INTO notices (
                id, way, sender, policy, reason, reference, message_id, language, key_id, contact, token_hash, heeded,
                received_at, due_at, receipt_at, decided_at, told, answered_at, proven, digest,
                sender_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                $21)
            ON CONFLICT DO NOTHING
            """,
            *msgspec.structs.astuple(notice),
        )
    )


async def insert_items(tx: Tx, items: Sequence[Item]) -> None:
    await tx.connection.executemany(
        """
        INSERT INTO notice_items (
            notice_id, position, url, kind, owner_id, item_id, author_id, file_keys, private, sealed, prints)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        [msgspec.structs.astuple(one)[:11] for one in items],
    )


async def insert_files(tx: Tx, files: Sequence[File]) -> None:
    await tx.connection.executemany(
        """
        INSERT INTO notice_files (notice_id, position, name, media_type, size, digest, sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        [msgspec.structs.astuple(one) for one in files],
    )


async def by_ids(db: Db, ids: Sequence[int]) -> list[Notice]:
    return await db.rows(Notice, _NOTICE + " WHERE id = ANY($1::bigint[]) ORDER BY id", ids)


async def by_token(db: Db, token_hash: bytes) -> Notice | None:
    return await db.row(Notice, _NOTICE + " WHERE token_hash = $1", token_hash)


async def by_message(db: Db, message_id: str, digest: bytes) -> Notice | None:
    return await db.row(
        Notice, _NOTICE + " WHERE way = 'mail' AND digest <> '' AND message_id = $1 AND digest = $2", message_id, digest
    )


async def by_reference(db: Db, key: int, reference: str, digest: bytes) -> Notice | None:
    return await db.row(
        Notice,
        _NOTICE + " WHERE key_id = $1 AND reference = $2 AND reference <> '' AND digest = $3",
        key,
        reference,
        digest,
    )


async def items(db: Db, notice_ids: Sequence[int]) -> list[Item]:
    return await db.rows(
        Item,
        """
        SELECT notice_id, position, url, kind, owner_id, item_id, author_id, file_keys, private, sealed, prints
        FROM notice_items WHERE notice_id = ANY($1::bigint[]) ORDER BY notice_id, position
        """,
        notice_ids,
    )


async def files(db: Db, notice_ids: Sequence[int]) -> list[Kept]:
    """What came with these notices."""
    return await db.rows(
        Kept,
        """
        SELECT notice_id, position, name, media_type, size FROM notice_files
        WHERE notice_id = ANY($1::bigint[]) ORDER BY notice_id, position
        """,
        notice_ids,
    )


async def file(db: Db, notice_id: int, position: int) -> File | None:
    return await db.row(
        File,
        """
        SELECT notice_id, position, name, media_type, size, digest, sealed FROM notice_files
        WHERE notice_id = $1 AND position = $2
        """,
        notice_id,
        position,
    )


async def digests(tx: Tx, notice_id: int) -> set[bytes]:
    """Of what came with a notice."""
    records = await tx.records("SELECT digest FROM notice_files WHERE notice_id = $1", notice_id)
    return {record[0] for record in records}


async def last_file(tx: Tx, notice_id: int) -> int:
    """Its position; -1 where there is none. Others who add to the notice wait until the transaction ends."""
    await tx.execute("SELECT FROM notices WHERE id = $1 FOR UPDATE", notice_id)
    return await tx.value("SELECT coalesce(max(position), -1) FROM notice_files WHERE notice_id = $1", notice_id)


async def outcomes(db: Db, notice_ids: Sequence[int]) -> list[Outcome]:
    """Of all that these notices name: by the case to which that led, or, while what it had decided stands or is
    contested, by the last appeal against that which they have made, or which somebody was granted.
    """
    return await db.rows(
        Outcome,
        """
        SELECT i.notice_id, i.position, i.url, i.kind, c.id AS case_id, c.policy, s.action, c.account_action,
            c.decided_at, greatest(c.decided_at, n.answered_at) AS told_at, c.round, c.id = r.case_id AS first,
            (s.joined_at > c.decided_at) IS TRUE AS unseen, EXISTS (
                SELECT FROM estimates e
                WHERE e.kind = i.kind AND e.owner_id = i.owner_id AND e.item_id = i.item_id AND e.score >= $2
            ) AS by_machine
        FROM notice_items i JOIN notices n ON n.id = i.notice_id
        LEFT JOIN case_reports r ON r.report_id = i.notice_id AND r.kind = i.kind AND r.owner_id = i.owner_id
            AND r.item_id = i.item_id
        LEFT JOIN LATERAL (
            SELECT ci.case_id, ci.action, ci.joined_at FROM case_items ci
            WHERE ci.kind = i.kind AND ci.owner_id = i.owner_id AND ci.item_id = i.item_id
                AND (ci.case_id = r.case_id OR EXISTS (
                    SELECT FROM appeals a JOIN cases b ON b.id = a.prior_id AND b.round = a.round
                    WHERE a.case_id = ci.case_id AND a.prior_id = r.case_id
                        AND (a.notice_id = i.notice_id OR a.granted)))
            ORDER BY ci.case_id DESC LIMIT 1
        ) s ON true
        LEFT JOIN cases c ON c.id = s.case_id
        WHERE i.notice_id = ANY($1::bigint[]) ORDER BY i.notice_id, i.position
        """,
        notice_ids,
        SAYS,
    )


async def of_cases(db: Db, case_ids: Sequence[int]) -> list[int]:
    """The notices that have something in these cases, or in what these are appeals against."""
    records = await db.records(
        """
        SELECT DISTINCT n.id FROM case_reports r JOIN notices n ON n.id = r.report_id
        WHERE r.reporter_id = 0 AND r.case_id IN (
            SELECT unnest($1::bigint[]) UNION SELECT prior_id FROM appeals WHERE case_id = ANY($1::bigint[]))
        ORDER BY n.id
        """,
        case_ids,
    )
    return [record[0] for record in records]


async def set_due(tx: Tx, notice_ids: Sequence[int]) -> None:
    """The cases of these notices are to be decided when the first of them is due."""
    await tx.execute(
        """
        UPDATE cases c SET fixed_due_at = least(c.fixed_due_at, f.due_at)
        FROM (
            SELECT r.case_id, min(n.due_at) AS due_at FROM notices n JOIN case_reports r ON r.report_id = n.id
            WHERE n.id = ANY($1::bigint[]) GROUP BY r.case_id
        ) AS f
        WHERE c.id = f.case_id AND c.state = 'open' AND f.due_at IS NOT NULL
        """,
        notice_ids,
    )


async def to_legal(tx: Tx, notice_ids: Sequence[int], theirs: Sequence[int]) -> None:
    """The cases of these notices wait for those who know the law (`theirs`); not what is private. Nobody else has such
    a case before them any more.
    """
    await tx.execute(
        """
        UPDATE cases SET queue = 'legal',
            assigned_id = CASE WHEN assigned_id = ANY($2::bigint[]) THEN assigned_id END,
            locked_until = CASE WHEN locked_id = ANY($2::bigint[]) THEN locked_until END,
            locked_id = CASE WHEN locked_id = ANY($2::bigint[]) THEN locked_id END
        WHERE state = 'open' AND queue NOT IN ('legal', 'private')
            AND id IN (SELECT case_id FROM case_reports WHERE report_id = ANY($1::bigint[]) AND reporter_id = 0)
        """,
        notice_ids,
        theirs,
    )


async def set_receipt(tx: Tx, notice_id: int, now: datetime) -> None:
    await tx.execute("UPDATE notices SET receipt_at = coalesce(receipt_at, $2) WHERE id = $1", notice_id, now)


async def set_told(tx: Tx, notice_id: int, told: str, decided_at: datetime | None) -> bool:
    """What its sender is going to be told; False where that is what they were told last."""
    return bool(
        await tx.execute(
            "UPDATE notices SET told = $2, decided_at = $3 WHERE id = $1 AND told <> $2", notice_id, told, decided_at
        )
    )


async def set_open(tx: Tx, notice_id: int) -> None:
    """Something of it is open again."""
    await tx.execute("UPDATE notices SET decided_at = NULL, told = '' WHERE id = $1", notice_id)


async def set_answered(tx: Tx, notice_id: int, now: datetime) -> None:
    await tx.execute("UPDATE notices SET answered_at = $2 WHERE id = $1", notice_id, now)


async def to_be_late(tx: Tx, now: datetime, limit: int) -> list[int]:
    """Those that are not decided though three quarters of their time have passed, or half of it where it is short; each
    once.
    """
    records = await tx.records(
        """
        UPDATE notices SET reminded_at = $1 WHERE id IN (
            SELECT id FROM notices
            WHERE decided_at IS NULL AND reminded_at IS NULL AND heeded AND due_at IS NOT NULL
                AND $1 >= received_at + (due_at - received_at)
                    * CASE WHEN due_at - received_at <= $3 THEN 0.5 ELSE 0.75 END
            ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        now,
        limit,
        PRESSING,
    )
    return [record[0] for record in records]


class Located(msgspec.Struct, frozen=True):
    """A file in the store, the post that shows it, and by what it is recognised again."""

    account_id: int
    status_id: int | None
    id: int
    prints: bytes | None


async def of_file(db: Db, name: str) -> Located | None:
    """What has this name in the store."""
    return await db.row(
        Located,
        "SELECT account_id, status_id, id, prints FROM media WHERE split_part(file_key, '/', 4) = $1 LIMIT 1",
        name,
    )


async def author_of(db: Db, status_id: int) -> int | None:
    return await db.value("SELECT account_id FROM statuses WHERE id = $1", status_id)


async def tag_id(db: Db, name: str) -> int | None:
    return await db.value("SELECT id FROM tags WHERE name = $1", name)


async def insert_key(tx: Tx, key: Key, token_hash: bytes) -> None:
    await tx.execute(
        """
        INSERT INTO notice_keys (id, name, email_sealed, sender, made_at, ended_at, token_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        key.id,
        key.name,
        seal_key_email(tx.keys, key.id, key.email),
        key.sender,
        key.made_at,
        key.ended_at,
        token_hash,
    )


def seal_key_email(keys: Keyring, key_id: int, email: str) -> bytes | None:
    return keys.seal("addresses", email.encode(), f"notice-key:{key_id}") if email else None


def _key(ring: Keyring, record: asyncpg.Record) -> Key:
    number, name, sealed, *more = record
    email = ring.open("addresses", sealed, f"notice-key:{number}").decode() if sealed else ""
    return Key(number, name, email, *more)


async def plain_key_emails(tx: Tx) -> list[tuple[int, str]]:
    """Those that an older version kept as they are."""
    return [tuple(one) for one in await tx.records("SELECT id, email FROM notice_keys WHERE email <> '' FOR UPDATE")]


async def close_key_email(tx: Tx, key_id: int, sealed: bytes | None) -> None:
    await tx.execute("UPDATE notice_keys SET email = '', email_sealed = $2 WHERE id = $1", key_id, sealed)


async def keys(db: Db) -> list[Key]:
    sql = "SELECT id, name, email_sealed, sender, made_at, ended_at FROM notice_keys ORDER BY id"
    return [_key(db.keys, record) for record in await db.records(sql)]


async def key_of(db: Db, token_hash: bytes) -> Key | None:
    """The key that opens with this, unless it was ended."""
    records = await db.records(
        """
        SELECT id, name, email_sealed, sender, made_at, ended_at FROM notice_keys
        WHERE token_hash = $1 AND ended_at IS NULL
        """,
        token_hash,
    )
    return _key(db.keys, records[0]) if records else None


async def end_key(tx: Tx, key_id: int, now: datetime) -> str | None:
    """Whose it was; None where there is none, or it has ended."""
    return await tx.value(
        "UPDATE notice_keys SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING name", key_id, now
    )


async def uses(db: Db) -> dict[int, Use]:
    """How each key was used."""
    rows = await db.rows(
        Use,
        """
        SELECT key_id, count(*) AS notices, max(received_at) AS last_at FROM notices
        WHERE key_id IS NOT NULL GROUP BY key_id
        """,
    )
    return {row.key_id: row for row in rows}


async def by_key(db: Db, key_id: int, reference: str, cursor: Cursor) -> list[Notice]:
    """Those that were given with a key, latest first; of one reference, if one is named."""
    rows = await db.rows(
        Notice,
        _NOTICE
        + """
        WHERE key_id = $1 AND ($2 = '' OR reference = $2) AND id < $3 AND id > $4
        ORDER BY CASE WHEN $6 THEN id ELSE -id END LIMIT $5
        """,
        key_id,
        reference,
        cursor.max_id,
        cursor.lowest,
        cursor.limit,
        cursor.upwards,
    )
    return rows[::-1] if cursor.upwards else rows
