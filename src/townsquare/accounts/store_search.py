"""SQL of finding people by their names."""

from collections.abc import Sequence

import msgspec

from townsquare.accounts.store import ENTITY, PRESENT, entity_of
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

_NAMED = "(a.username || ' ' || a.display_name)"
_CONTAINS = _NAMED + " ILIKE $1 AND a.suspended_at IS NULL AND" + PRESENT
_RESEMBLES = "$1 <% " + _NAMED + " AND a.suspended_at IS NULL AND" + PRESENT
_BEST_FIRST = """
    ORDER BY lower(a.username) = lower($2) DESC, starts_with(lower(a.username), lower($2)) DESC,
             a.followers_count DESC, a.id
"""
_FOLLOWED = ENTITY + "WHERE a.id = ANY($3::bigint[]) AND " + _CONTAINS + _BEST_FIRST + "LIMIT $4"
FINDABLE = "a.discoverable AND a.limited_at IS NULL AND a.moved_to_id IS NULL AND a.suspended_at IS NULL"
_ANYBODY = ENTITY + "WHERE " + _CONTAINS + "AND " + FINDABLE + _BEST_FIRST + "LIMIT $3"
_NEAREST = ENTITY + "WHERE " + _RESEMBLES + "AND " + FINDABLE + " ORDER BY $1 <<-> " + _NAMED + ", a.id LIMIT $2"
_BEGINNING = ENTITY + "WHERE a.id = ANY($1::bigint[]) AND " + FINDABLE + " AND" + PRESENT
_DIRECTORY = ENTITY + "WHERE " + FINDABLE + " AND (a.domain IS NULL OR NOT $1) AND" + PRESENT


class Found(msgspec.Struct, frozen=True):
    id: AccountId
    entity: bytes


async def among(db: Db, ids: Sequence[AccountId], text: str, limit: int) -> list[Found]:
    """Those of the accounts whose name or display name contains the text, best first."""
    records = await db.records(_FOLLOWED, _pattern(text), text, ids, limit)
    return [Found(record["id"], entity_of(record)) for record in records]


async def anybody(db: Db, text: str, limit: int) -> list[Found]:
    """The same among all who want to be found. Texts of fewer than three characters take too long: see `beginning`."""
    records = await db.records(_ANYBODY, _pattern(text), text, limit)
    return [Found(record["id"], entity_of(record)) for record in records]


async def resembling(db: Db, text: str, limit: int) -> list[Found]:
    """Those who want to be found and whose name or display name has something like the text, the likest first."""
    records = await db.records(_NEAREST, text, limit)
    return [Found(record["id"], entity_of(record)) for record in records]


async def names_with(db: Db, prefix: str, limit: int) -> list[AccountId]:
    """Those whose handle begins so, the shortest first. `prefix` in lower case."""
    records = await db.records(
        """
        SELECT account_id FROM handles WHERE name ~>=~ $1 AND name ~<~ $2
        ORDER BY length(name), domain <> '', name LIMIT $3
        """,
        prefix, prefix + "\U0010ffff", limit,
    )  # fmt: skip
    return [record["account_id"] for record in records]


async def beginning(db: Db, prefix: str, limit: int) -> list[Found]:
    """Those who want to be found and whose handle begins so, the shortest first."""
    ids = await names_with(db, prefix.lower(), limit)
    records = {record["id"]: record for record in await db.records(_BEGINNING, ids)}
    return [Found(one, entity_of(records[one])) for one in ids if one in records]


async def active(db: Db, *, local: bool, limit: int, offset: int) -> list[Found]:
    """Those who want to be found, who posted last first."""
    sql = _DIRECTORY + "ORDER BY a.last_status_on DESC NULLS LAST, a.id DESC LIMIT $2 OFFSET $3"
    return [Found(record["id"], entity_of(record)) for record in await db.records(sql, local, limit, offset)]


async def newest(db: Db, *, local: bool, limit: int, offset: int) -> list[Found]:
    """Those who want to be found, who came last first."""
    sql = _DIRECTORY + "ORDER BY a.id DESC LIMIT $2 OFFSET $3"
    return [Found(record["id"], entity_of(record)) for record in await db.records(sql, local, limit, offset)]


def _pattern(text: str) -> str:
    """The text anywhere, its own wildcards taken for themselves."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
