"""SQL of finding people by their names."""

from collections.abc import Sequence
from typing import Any

import msgspec

from townsquare.accounts.store import ENTITY, PRESENT, entities_of
from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId

EXCHANGES = 20
"""Letters of a name in which two may have changed places."""

_NAMED = "folded(a.username || ' ' || a.display_name)"
_THERE = " a.suspended_at IS NULL AND" + PRESENT
FINDABLE = "a.discoverable AND a.limited_at IS NULL AND a.moved_to_id IS NULL AND a.suspended_at IS NULL"
# Of those who do not want to be found, and of those who are limited, whoever is followed may be found.
_WHOM = " (f.id IS NOT NULL OR NOT $3 AND " + FINDABLE + ") AND" + _THERE
_FOLLOWED_FIRST = ENTITY + "LEFT JOIN unnest($2::bigint[]) AS f (id) ON f.id = a.id "
_ANYBODY = (
    _FOLLOWED_FIRST
    + ("WHERE " + _NAMED + " LIKE folded($5) AND" + _WHOM)
    + """
    ORDER BY f.id IS NULL, folded(a.username) = folded($1) DESC, starts_with(folded(a.username), folded($1)) DESC,
        a.followers_count DESC, a.id LIMIT $4
    """
)
_EXCHANGED = "ARRAY(SELECT folded(pattern) FROM unnest($5::text[]) AS pattern)"
_NEAREST = (
    _FOLLOWED_FIRST
    + ("WHERE (folded($6) <% " + _NAMED + " AND folded($7) <% " + _NAMED + " AND folded($8) <% " + _NAMED)
    + (" OR " + _NAMED + " LIKE ANY(" + _EXCHANGED + ")) AND" + _WHOM)
    + ("ORDER BY f.id IS NULL, folded($1) <<-> " + _NAMED + ", a.followers_count DESC, a.id LIMIT $4")
)
_CONTAINS = _NAMED + " LIKE folded($1)"
_AMONG = ENTITY + "WHERE a.id = ANY($2::bigint[]) AND " + _CONTAINS + " AND" + _THERE
_CALLED = ENTITY + "WHERE " + _CONTAINS + " AND folded($2) IN (folded(a.username), folded(a.display_name)) AND "
_SAYING = """WHERE to_tsvector('simple', profile_text(a.username, a.display_name, a.note, a.fields))
    @@ plainto_tsquery('simple', search_text($1)) AND """
_BEGINNING = ENTITY + "WHERE a.id = ANY($1::bigint[]) AND " + FINDABLE + " AND" + PRESENT
_DIRECTORY = ENTITY + "WHERE " + FINDABLE + " AND (a.domain IS NULL OR NOT $1) AND" + PRESENT


class Found(msgspec.Struct, frozen=True):
    id: AccountId
    entity: bytes


async def among(db: Db, ids: Sequence[AccountId], text: str, limit: int) -> list[Found]:
    """Those of the accounts whose handle or name contains the text."""
    sql = _AMONG + " ORDER BY a.followers_count DESC, a.id LIMIT $3"
    return await _found(db, await db.records(sql, _pattern(text), ids, limit))


async def anybody(db: Db, text: str, followed: Sequence[AccountId], limit: int, *, following: bool) -> list[Found]:
    """The same of those who are followed and, unless only they are wanted, of all who want to be found: the former
    first. Texts of fewer than three characters take too long: see `beginning`.
    """
    return await _found(db, await db.records(_ANYBODY, text, followed, following, limit, _pattern(text)))


async def resembling(
    db: Db, text: str, likeness: float, followed: Sequence[AccountId], limit: int, *, following: bool
) -> list[Found]:
    """The same by something like each of the longest words of the text, the likest first.

    `likeness`: the least that a word must have, as pg_trgm's word_similarity.
    """
    patterns = [_pattern(one) for one in exchanged(text)]
    async with db.transaction() as tx:
        await tx.value("SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)", str(likeness))
        found = await tx.records(_NEAREST, text, followed, following, limit, patterns, *longest(text))
    return await _found(db, found)


async def called(db: Db, name: str, limit: int) -> list[Found]:
    """Those who want to be found and are called exactly so, whatever the accents."""
    sql = _CALLED + FINDABLE + " AND" + PRESENT + " ORDER BY a.followers_count DESC, a.id LIMIT $3"
    return await _found(db, await db.records(sql, _pattern(name), name, limit))


async def saying(db: Db, text: str, limit: int) -> list[Found]:
    """Those who want to be found and say all these words of themselves: in name, note or fields."""
    sql = ENTITY + _SAYING + FINDABLE + " AND" + PRESENT + " ORDER BY a.followers_count DESC, a.id LIMIT $2"
    return await _found(db, await db.records(sql, text, limit))


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
    found = await entities_of(db, await db.records(_BEGINNING, ids))
    return [Found(one, found[one]) for one in ids if one in found]


async def active(db: Db, *, local: bool, limit: int, offset: int) -> list[Found]:
    """Those who want to be found, who posted last first."""
    sql = _DIRECTORY + "ORDER BY a.last_status_on DESC NULLS LAST, a.id DESC LIMIT $2 OFFSET $3"
    return await _found(db, await db.records(sql, local, limit, offset))


async def newest(db: Db, *, local: bool, limit: int, offset: int) -> list[Found]:
    """Those who want to be found, who came last first."""
    sql = _DIRECTORY + "ORDER BY a.id DESC LIMIT $2 OFFSET $3"
    return await _found(db, await db.records(sql, local, limit, offset))


def longest(text: str) -> tuple[str, str, str]:
    """The three longest words of a text; the longest again where there are fewer."""
    words = sorted(text.split() or [text], key=len, reverse=True)[:3]
    return words[0], words[1 % len(words)], words[2 % len(words)]


def exchanged(text: str) -> list[str]:
    """The text with two neighbours in each other's place: the slip that leaves the least of a word's trigrams."""
    return [text[:n] + text[n + 1] + text[n] + text[n + 2 :] for n in range(min(len(text), EXCHANGES) - 1)]


def _pattern(text: str) -> str:
    """The text anywhere, its own wildcards taken for themselves."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


async def _found(db: Db, records: Sequence[Any]) -> list[Found]:
    return [Found(number, entity) for number, entity in (await entities_of(db, records)).items()]
