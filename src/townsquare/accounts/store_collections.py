"""SQL of lists of people by cursor: who follows, is followed, blocked, muted, recommended, waits for an answer.

The cursor is the id of the relation. Each list can be read from its upper end downwards and from a lower end upwards.
"""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId


class Entry(msgspec.Struct, frozen=True):
    """One person in a list, and where in it they stand."""

    account_id: AccountId
    id: int


class Collection(msgspec.Struct, frozen=True):
    """A list's two statements; each takes the owner, `max_id`, the lower end and the limit."""

    down: LiteralString
    up: LiteralString


def _collection(select: LiteralString) -> Collection:
    within = select + " AND id < $2 AND id > $3 ORDER BY id "
    return Collection(within + "DESC LIMIT $4", within + "ASC LIMIT $4")


FOLLOWERS = _collection("SELECT follower_id AS account_id, id FROM followers WHERE account_id = $1")
FOLLOWING = _collection("SELECT target_id AS account_id, id FROM follows WHERE account_id = $1 AND NOT pending")
REQUESTS = _collection("SELECT requester_id AS account_id, id FROM follow_requests WHERE account_id = $1")
BLOCKS = _collection("SELECT target_id AS account_id, id FROM blocks WHERE account_id = $1")
MUTES = _collection(
    "SELECT target_id AS account_id, id FROM mutes WHERE account_id = $1 AND (expires_at IS NULL OR expires_at > now())"
)
ENDORSEMENTS = _collection("SELECT target_id AS account_id, id FROM endorsements WHERE account_id = $1")


class DomainEntry(msgspec.Struct, frozen=True):
    domain: str
    id: int


async def page(db: Db, collection: Collection, owner: AccountId, cursor: Cursor) -> list[Entry]:
    """A page of a list, latest first."""
    sql = collection.up if cursor.upwards else collection.down
    entries = await db.rows(Entry, sql, owner, cursor.max_id, cursor.lowest, cursor.limit)
    return entries[::-1] if cursor.upwards else entries


async def domains(db: Db, owner: AccountId, cursor: Cursor) -> list[DomainEntry]:
    """A page of the blocked domains, latest first."""
    entries = await db.rows(
        DomainEntry,
        """
        SELECT domain, id FROM domain_blocks WHERE account_id = $1 AND id < $2 AND id > $3
        ORDER BY CASE WHEN $5 THEN id ELSE -id END LIMIT $4
        """,
        owner, cursor.max_id, cursor.lowest, cursor.limit, cursor.upwards,
    )  # fmt: skip
    return entries[::-1] if cursor.upwards else entries


async def members(db: Db, owner: AccountId, list_id: int, cursor: Cursor) -> list[Entry]:
    """A page of a list's members, by their account ids, the youngest account first."""
    entries = await db.rows(
        Entry,
        """
        SELECT member_id AS account_id, member_id AS id FROM list_accounts
        WHERE account_id = $1 AND list_id = $2 AND member_id < $3 AND member_id > $4
        ORDER BY CASE WHEN $6 THEN member_id ELSE -member_id END LIMIT $5
        """,
        owner, list_id, cursor.max_id, cursor.lowest, cursor.limit, cursor.upwards,
    )  # fmt: skip
    return entries[::-1] if cursor.upwards else entries


async def excluded(db: Db, viewer: AccountId, ids: Sequence[AccountId]) -> set[AccountId]:
    """Those of the accounts whom the viewer blocks or mutes."""
    records = await db.records(
        """
        SELECT target_id FROM blocks WHERE account_id = $1 AND target_id = ANY($2::bigint[])
        UNION ALL
        SELECT target_id FROM mutes
        WHERE account_id = $1 AND target_id = ANY($2::bigint[]) AND (expires_at IS NULL OR expires_at > now())
        """,
        viewer, ids,
    )  # fmt: skip
    return {record["target_id"] for record in records}


async def excluding(db: Db, viewer: AccountId, ids: Sequence[AccountId]) -> set[AccountId]:
    """Those of the accounts who block the viewer."""
    records = await db.records(
        "SELECT account_id FROM blocks WHERE account_id = ANY($2::bigint[]) AND target_id = $1", viewer, ids
    )
    return {record["account_id"] for record in records}


async def mute_ends(db: Db, me: AccountId, ids: Sequence[AccountId]) -> dict[AccountId, str | None]:
    """Until when each of the accounts is muted, as JSON writes a time; None: until unmuted."""
    records = await db.records(
        """
        SELECT target_id, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS expires_at
        FROM mutes WHERE account_id = $1 AND target_id = ANY($2::bigint[])
        """,
        me, ids,
    )  # fmt: skip
    return {record["target_id"]: record["expires_at"] for record in records}
