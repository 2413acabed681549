"""The SQL of signals and of the programs that give them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.moderation.signals.model import Signal

_SIGNAL: Final[LiteralString] = """
    SELECT id, kind, owner_id, item_id, author_id, policy, source, score, made_at, private, sealed, file_keys, prints,
        because_id, gathered, case_id, upheld
    FROM estimates
"""


class Use(msgspec.Struct, frozen=True):
    """How often a key was used to give signals, and when last."""

    key_id: int
    signals: int
    last_at: datetime


async def speak(
    tx: Tx, source: str, name: str, version: str, key_id: int | None, now: datetime, signals: int = 1
) -> bool:
    """Note that a program says something; without a key, the place itself. False where its name and version belong to
    another key that has not ended.
    """
    return bool(
        await tx.execute(
            """
            INSERT INTO machines AS m (source, name, version, key_id, first_at, last_at, signals)
            VALUES ($1, $2, $3, $4, $5, $5, $6)
            ON CONFLICT (source) DO UPDATE SET key_id = $4, last_at = $5, signals = m.signals + $6
            WHERE m.key_id IS NOT DISTINCT FROM $4
                OR EXISTS (SELECT FROM notice_keys k WHERE k.id = m.key_id AND k.ended_at IS NOT NULL)
            """,
            source,
            name,
            version,
            key_id,
            now,
            signals,
        )
    )


async def put(tx: Tx, signal: Signal) -> Signal:
    """What a program says of something under a policy stands once: what it says now, and the thing as it was first. A
    rule of the place's own speaks once on each occasion.
    """
    (kept,) = await tx.rows(
        Signal,
        """
        INSERT INTO estimates AS e (id, kind, owner_id, item_id, author_id, policy, source, score, made_at, private,
            sealed, file_keys, prints, because_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (kind, owner_id, item_id, policy, source, because_id) DO UPDATE SET
            score = excluded.score, made_at = excluded.made_at, gathered = false,
            private = CASE WHEN e.sealed IS NULL THEN excluded.private ELSE e.private END,
            file_keys = CASE WHEN e.sealed IS NULL THEN excluded.file_keys ELSE e.file_keys END,
            prints = CASE WHEN e.sealed IS NULL THEN excluded.prints ELSE e.prints END,
            sealed = coalesce(e.sealed, excluded.sealed)
        RETURNING id, kind, owner_id, item_id, author_id, policy, source, score, made_at, private, sealed, file_keys,
            prints, because_id, gathered, case_id, upheld
        """,
        *msgspec.structs.astuple(signal)[:14],
    )
    return kept


async def by_ids(db: Db, ids: Sequence[int]) -> list[Signal]:
    return await db.rows(Signal, _SIGNAL + " WHERE id = ANY($1::bigint[]) ORDER BY id", ids)


async def of_key(db: Db, signal_id: int, key_id: int) -> Signal | None:
    """A signal of a program that has this key."""
    return await db.row(
        Signal,
        _SIGNAL + " WHERE id = $1 AND source IN (SELECT source FROM machines WHERE key_id = $2)",
        signal_id,
        key_id,
    )


async def of_thing(db: Db, case_id: int, kind: str, item_id: int) -> Signal | None:
    """The signal that kept something in a case as it was: the first that came to this case, or else of all."""
    return await db.row(
        Signal,
        _SIGNAL
        + """
        WHERE sealed IS NOT NULL AND (kind, owner_id, item_id) IN (
            SELECT kind, owner_id, item_id FROM case_items WHERE case_id = $1 AND kind = $2 AND item_id = $3)
        ORDER BY case_id IS NOT DISTINCT FROM $1 DESC, id LIMIT 1
        """,
        case_id,
        kind,
        item_id,
    )


class Standing(msgspec.Struct, frozen=True):
    """In which case something is that a program spoke of, and whether it waits there."""

    id: int
    case_id: int
    open: bool


async def standing(db: Db, ids: Sequence[int]) -> list[Standing]:
    """Of these signals, by the open case of the thing, or else the last that decided it."""
    return await db.rows(
        Standing,
        """
        SELECT DISTINCT ON (e.id) e.id, i.case_id, i.open
        FROM estimates e
        JOIN case_items i ON i.kind = e.kind AND i.owner_id = e.owner_id AND i.item_id = e.item_id
        JOIN cases c ON c.id = i.case_id AND c.purpose = 'work'
        WHERE e.id = ANY($1::bigint[]) ORDER BY e.id, i.open DESC, i.apart, i.case_id DESC
        """,
        ids,
    )


async def set_gathered(tx: Tx, ids: Sequence[int], case_ids: Sequence[int | None]) -> list[int]:
    """They have reached their cases (None: said too little for one). Those that had not been in one before."""
    records = await tx.records(
        """
        UPDATE estimates e SET gathered = true, case_id = coalesce(e.case_id, n.case_id)
        FROM unnest($1::bigint[], $2::bigint[]) AS n (id, case_id), estimates was
        WHERE e.id = n.id AND was.id = n.id
        RETURNING e.id, was.case_id IS NULL AND e.case_id IS NOT NULL
        """,
        ids,
        case_ids,
    )
    return [record[0] for record in records if record[1]]


async def unseen(
    tx: Tx, account_id: int, source: str, because_id: int, after: int, before: int, most: int
) -> list[tuple[str, int]]:
    """Somebody's account and their posts between two ids, the latest first: kinds and ids of what the place has not
    spoken of on this occasion, what waits in no case, and, of posts, what people have not looked at as it is now.
    """
    records = await tx.records(
        """
        SELECT n.kind, n.item_id FROM (
            SELECT 'account' AS kind, id AS item_id, NULL::timestamptz AS written_at FROM accounts
            WHERE id = $1 AND deleted_at IS NULL
            UNION ALL
            SELECT 'status', id, coalesce(edited_at, created_at) FROM statuses
            WHERE account_id = $1 AND id > $4 AND id < $5 AND visibility <= 2 AND reblog_of_id IS NULL
        ) n
        WHERE NOT EXISTS (
            SELECT FROM estimates e WHERE e.kind = n.kind AND e.owner_id = $1 AND e.item_id = n.item_id
                AND e.source = $2 AND e.because_id = $3
        ) AND NOT EXISTS (
            SELECT FROM case_items i, cases c WHERE i.kind = n.kind AND i.owner_id = $1 AND i.item_id = n.item_id
                AND c.id = i.case_id AND c.purpose = 'work' AND (i.open OR n.written_at <= c.decided_at)
        )
        ORDER BY n.kind, n.item_id DESC LIMIT $6
        """,
        account_id,
        source,
        because_id,
        after,
        before,
        most,
    )
    return [(record[0], record[1]) for record in records]


async def uses(db: Db) -> dict[int, Use]:
    """How each key was used."""
    rows = await db.rows(
        Use,
        """
        SELECT key_id, sum(signals)::bigint AS signals, max(last_at) AS last_at FROM machines
        WHERE key_id IS NOT NULL GROUP BY key_id
        """,
    )
    return {row.key_id: row for row in rows}
