"""The SQL of what is done about accounts: their standing, strikes, texts for strikes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx


class Strike(msgspec.Struct, frozen=True):
    """Something that was done about somebody. `actor_id` 0: by an operator at the terminal."""

    account_id: int
    id: int
    actor_id: int
    action: str
    text: str
    report_id: int | None
    status_ids: list[int] | None
    created_at: datetime
    expires_at: datetime | None = None
    case_id: int | None = None
    round: int | None = None
    undone_at: datetime | None = None

    def counts(self, now: datetime) -> bool:
        """Whether it was neither taken back nor is too old."""
        return self.undone_at is None and (self.expires_at is None or self.expires_at > now)


class Preset(msgspec.Struct, frozen=True):
    """A text that is said again and again."""

    id: int
    title: str
    text: str


async def set_suspended(tx: Tx, account_id: int, since: datetime | None) -> None:
    await tx.execute("UPDATE accounts SET suspended_at = $2 WHERE id = $1", account_id, since)


async def set_limited(tx: Tx, account_id: int, since: datetime | None) -> None:
    await tx.execute("UPDATE accounts SET limited_at = $2 WHERE id = $1", account_id, since)


async def set_sensitized(tx: Tx, account_id: int, since: datetime | None) -> None:
    await tx.execute("UPDATE accounts SET sensitized_at = $2 WHERE id = $1", account_id, since)


async def mark_posts(db: Db, account_id: int, before: int, limit: int) -> int | None:
    """Have the next older posts show as sensitive, or as their author said; the oldest one's id, None at the end.

    Into a direct one it is not written, for that is sealed: a new version of its row has it read again.
    """
    return await db.value(
        """
        WITH chosen AS (
            SELECT id FROM statuses WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
        ), marked AS (
            UPDATE statuses s SET body = with_sensitive(s.body, s.sensitive OR a.sensitized_at IS NOT NULL)
            FROM chosen, accounts a
            WHERE s.account_id = $1 AND s.id = chosen.id AND a.id = s.account_id
                AND (s.visibility = 3 OR s.body <> with_sensitive(s.body, s.sensitive OR a.sensitized_at IS NOT NULL))
        )
        SELECT min(id) FROM chosen
        """,
        account_id,
        before,
        limit,
    )


STRIKE: Final[LiteralString] = """
    account_id, id, actor_id, action, text, report_id, status_ids, created_at, expires_at, case_id, round, undone_at
"""


async def insert_strike(tx: Tx, strike: Strike) -> bool:
    """False where the round of its case has given one already: that one names these posts from now on."""
    return bool(
        await tx.value(
            f"""
            INSERT INTO strikes AS s ({STRIKE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (account_id, case_id, round) WHERE case_id IS NOT NULL
                DO UPDATE SET status_ids = excluded.status_ids
            RETURNING s.id = $2
            """,
            *msgspec.structs.astuple(strike),
        )
    )


async def undo_strikes(tx: Tx, case_id: int, but_round: int | None, but_of: Collection[int], now: datetime) -> None:
    """Take back what a case has given, unless in this round and to these."""
    await tx.execute(
        """
        UPDATE strikes SET undone_at = $4
        WHERE case_id = $1 AND (round IS DISTINCT FROM $2 OR account_id <> ALL($3::bigint[])) AND undone_at IS NULL
        """,
        case_id,
        but_round,
        list(but_of),
        now,
    )


async def strikes_standing(db: Db, account_id: int, now: datetime) -> int:
    """How many of somebody's strikes count."""
    return await db.value(
        """
        SELECT count(*) FROM strikes
        WHERE account_id = $1 AND undone_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
        """,
        account_id,
        now,
    )


async def strikes_by_ids(db: Db, account_id: int, ids: Sequence[int]) -> dict[int, Strike]:
    rows = await db.rows(
        Strike,
        f"""
        SELECT {STRIKE} FROM strikes
        WHERE account_id = $1 AND id = ANY($2::bigint[])
        """,
        account_id,
        ids,
    )
    return {row.id: row for row in rows}


class Contested(msgspec.Struct, frozen=True):
    """What somebody said against what a strike is of, and whether that was granted; None: it is not decided."""

    strike_id: int
    text: str
    granted: bool | None


async def contested(db: Db, account_id: int, ids: Sequence[int]) -> dict[int, Contested]:
    """The appeals of those of somebody's strikes that they contest."""
    rows = await db.rows(
        Contested,
        """
        SELECT s.id AS strike_id, p.text, p.granted
        FROM strikes s JOIN appeals p ON p.account_id = s.account_id AND p.prior_id = s.case_id AND p.round = s.round
        WHERE p.side = 'author' AND s.account_id = $1 AND s.id = ANY($2::bigint[])
        """,
        account_id,
        ids,
    )
    return {row.strike_id: row for row in rows}


async def preset(db: Db, preset_id: int) -> Preset | None:
    return await db.row(Preset, "SELECT id, title, text FROM warning_presets WHERE id = $1", preset_id)


async def presets(db: Db) -> list[Preset]:
    return await db.rows(Preset, "SELECT id, title, text FROM warning_presets ORDER BY title, id")


async def insert_preset(tx: Tx, new: Preset) -> None:
    await tx.execute("INSERT INTO warning_presets (id, title, text) VALUES ($1, $2, $3)", *msgspec.structs.astuple(new))


async def delete_preset(tx: Tx, preset_id: int) -> bool:
    return bool(await tx.execute("DELETE FROM warning_presets WHERE id = $1", preset_id))
