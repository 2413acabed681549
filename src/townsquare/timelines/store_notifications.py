"""The SQL that reads notifications, all of it from the reader's own rows; the senders come in a second query.

Those whom the reader blocks or mutes by now are left out where they are read, so that unmuting brings them back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, LiteralString, cast

import msgspec

from townsquare.accounts.store import unsuspended_entities
from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, stamp
from townsquare.statuses.store_read import FLAGS


class Wanted(msgspec.Struct, frozen=True):
    """Which of a reader's notifications. `types`: separated by commas, None: all; `sender` None: from anybody."""

    reader: int
    cursor: Cursor
    types: str | None = None
    sender: int | None = None
    filtered: bool = False
    """Also those that are kept apart (see store_notify.insert)."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """One notification; `flags` are the reader's on the post. But for these it never changes."""

    id: int
    type: str
    sender: int
    status_id: int | None
    author: int | None
    group_key: str
    about: int | None = None
    """The id of what else it is about."""
    head: bytes = b""
    """How its entity begins, where it is shown as one."""
    flags: int = 0


class Group(msgspec.Struct, frozen=True):
    """Notifications with one key: how many, the latest of them, and the oldest that stands on the page."""

    group_key: str
    type: str
    status_id: int | None
    author: int | None
    count: int
    latest: int
    oldest: int
    senders: Sequence[int]
    flags: int
    about: int | None = None


_AWAY: Final[LiteralString] = """
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT b.target_id FROM blocks b WHERE b.account_id = k.reader
            UNION ALL
            SELECT u.target_id FROM mutes u
            WHERE u.account_id = k.reader AND u.notifications AND (u.expires_at IS NULL OR u.expires_at > now())
        ) AS ids OFFSET 0
    ) h
"""
"""All whom a reader keeps away, found once for each reader and not once for each notification."""

_WANTED: Final[LiteralString] = """
    n.account_id = k.reader AND n.id < k.below AND n.id > k.above
    AND (k.sender IS NULL OR n.from_id = k.sender)
    AND (k.types IS NULL OR n.type = ANY(string_to_array(k.types, ',')))
    AND (k.filtered OR NOT n.filtered)
    AND n.from_id <> ALL(h.ids)
"""
_TOLD: Final[LiteralString] = f"""
    SELECT k.n, t.*
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::bigint[], $6::text[], $7::boolean[])
        WITH ORDINALITY AS k (reader, below, above, most, sender, types, filtered, n)
    {_AWAY}
    CROSS JOIN LATERAL (
        SELECT array_agg(x.id), array_agg(x.flags)
        FROM (
            SELECT n.id, {FLAGS} AS flags
            FROM notifications n
            LEFT JOIN marks m ON m.account_id = k.reader AND m.status_id = n.status_id
            WHERE {_WANTED}
"""


async def fetch_down(db: Db, asked: Sequence[Wanted]) -> list[list[Told]]:
    """For each reader the latest below the cursor, latest first."""
    return await _fetch(db, asked, _TOLD + " ORDER BY n.id DESC LIMIT k.most) x) t")


async def fetch_up(db: Db, asked: Sequence[Wanted]) -> list[list[Told]]:
    """For each reader those just above the cursor, latest first."""
    return [told[::-1] for told in await _fetch(db, asked, _TOLD + " ORDER BY n.id LIMIT k.most) x) t")]


async def _fetch(db: Db, asked: Sequence[Wanted], sql: LiteralString) -> list[list[Told]]:
    records: list[tuple[int, Sequence[int] | None, Sequence[int]]] = await db.records(
        sql,
        [one.reader for one in asked],
        [one.cursor.max_id for one in asked],
        [one.cursor.lowest for one in asked],
        [one.cursor.limit for one in asked],
        [one.sender for one in asked],
        [one.types for one in asked],
        [one.filtered for one in asked],
    )
    some = [(n - 1, [(asked[n - 1].reader, number) for number in ids], flags) for n, ids, flags in records if ids]
    missing = [pair for _, pairs, _ in some for pair in pairs if pair not in _KEPT]
    known = _KEPT | await _read(db, missing) if missing else _KEPT
    out: list[list[Told]] = [[] for _ in asked]
    for place, pairs, flags in some:
        out[place] = _flagged(map(known.get, pairs), flags)
    return out


def _flagged(told: Iterable[Told | None], flags: Sequence[int]) -> list[Told]:
    return [
        msgspec.structs.replace(one, flags=flag) if flag else one
        for one, flag in zip(told, flags, strict=True)
        if one is not None
    ]


_KEPT: Final[dict[tuple[int, int], Told]] = {}
"""What was read last, by reader and id: apps ask for the same notifications again and again, and they do not change."""
MOST_KEPT: Final = 8192


async def _read(db: Db, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Told]:
    """Those of the notifications, by reader and id, that there still are."""
    records = await db.records(
        """
        SELECT n.account_id, n.id, n.type, n.from_id, n.status_id, n.status_author_id, n.group_key, n.about_id
        FROM unnest($1::bigint[], $2::bigint[]) AS k (reader, id)
        JOIN notifications n ON n.account_id = k.reader AND n.id = k.id
        """,
        [reader for reader, _ in pairs],
        [number for _, number in pairs],
    )
    found = {(reader, row[0]): Told(*row, head=_head(*row)) for reader, *row in records}
    _KEPT.update(found)
    while len(_KEPT) > MOST_KEPT:
        del _KEPT[next(iter(_KEPT))]
    return found


def _head(number: int, kind: str, _sender: int, _status: int, _author: int, group_key: str, _about: int) -> bytes:
    what = f'"id":"{number}","type":"{kind}","created_at":"{stamp(number)}","group_key":"{group_key}"'
    return f'{{{what},"account":'.encode()


async def fetch_senders(db: Db, asked: Sequence[Collection[int]]) -> Sequence[Mapping[int, bytes]]:
    """The Account entities of those asked for by any of the requests of the moment; each picks its own."""
    ids = cast("set[AccountId]", set[int]().union(*asked))
    found = cast("Mapping[int, bytes]", await unsuspended_entities(db, list(ids)))
    return [found] * len(asked)


WINDOW = 2000
"""Notifications that are looked at to make a page of groups: so many of a group are counted at most."""

_GROUPS: Final[LiteralString] = f"""
    WITH w AS (
        SELECT n.id, n.type, n.from_id, n.status_id, n.status_author_id, n.about_id,
            CASE WHEN n.type = ANY($7::text[]) THEN n.group_key ELSE 'ungrouped-' || n.id END AS group_key
        FROM (VALUES ($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::text, $6::boolean))
            AS k (reader, below, above, sender, types, filtered)
        {_AWAY} CROSS JOIN notifications n
        WHERE {_WANTED}
"""
_GROUPED: Final[LiteralString] = """
    ), g AS (
        SELECT group_key, max(type) AS type, max(status_id) AS status_id, max(status_author_id) AS author,
            max(about_id) AS about, count(*) AS count, max(id) AS latest,
            (array_agg(from_id ORDER BY id DESC))[1:8] AS senders
        FROM w GROUP BY group_key HAVING max(id) > $8
"""
_PAGED: Final[LiteralString] = f"""
    ), p AS (
        SELECT CASE WHEN count(*) < $9 THEN $8 ELSE min(latest) - 1 END AS below FROM g
    )
    SELECT g.*, (SELECT min(w.id) FROM w WHERE w.group_key = g.group_key AND w.id > p.below) AS oldest,
        {FLAGS} AS flags
    FROM p, g LEFT JOIN marks m ON m.account_id = $1 AND m.status_id = g.status_id
    ORDER BY g.latest DESC
"""


async def groups(db: Db, wanted: Wanted, grouped: Sequence[str]) -> list[Group]:
    """A page of groups, latest first. Only those of the types `grouped` are put together."""
    cursor = wanted.cursor
    above = cursor.lowest if cursor.upwards else 0
    args = (wanted.reader, cursor.max_id, above, wanted.sender, wanted.types, wanted.filtered)
    more = (grouped, cursor.lowest, cursor.limit, WINDOW)
    if cursor.upwards:
        sql = _GROUPS + " ORDER BY n.id LIMIT $10" + _GROUPED + " ORDER BY max(id) LIMIT $9" + _PAGED
    else:
        sql = _GROUPS + " ORDER BY n.id DESC LIMIT $10" + _GROUPED + " ORDER BY max(id) DESC LIMIT $9" + _PAGED
    return await db.rows(Group, sql, *args, *more)


async def of_group(db: Db, reader: int, group_key: str) -> list[Told]:
    """All of one group that stand among the reader's, latest first."""
    return await db.rows(
        Told,
        f"""
        SELECT n.id, n.type, n.from_id AS sender, n.status_id, n.status_author_id AS author, n.group_key,
            n.about_id AS about, {FLAGS} AS flags
        FROM (SELECT $1::bigint AS reader) k {_AWAY}
        CROSS JOIN notifications n
        LEFT JOIN marks m ON m.account_id = n.account_id AND m.status_id = n.status_id
        WHERE n.account_id = k.reader AND (n.group_key = $2 OR 'ungrouped-' || n.id = $2)
            AND NOT n.filtered AND n.from_id <> ALL(h.ids)
        ORDER BY n.id DESC LIMIT $3
        """,
        reader,
        group_key,
        WINDOW,
    )


class Uncounted(msgspec.Struct, frozen=True):
    """Whose unread notifications to count, at most the cursor's limit; those of the types `grouped` in groups."""

    wanted: Wanted
    grouped: str = ""
    """Separated by commas."""


class Unread(msgspec.Struct, frozen=True):
    """Notifications that are newer than the reader's marker, a group counted once, and unread conversations."""

    unread: int = 0
    letters: int = 0


async def fetch_unread(db: Db, asked: Sequence[Uncounted]) -> list[Unread]:
    """For each what is new, each of the two counted up to the limit: what pages say of it on top is one statement."""
    records = await db.records(
        f"""
        SELECT c.count, (SELECT count(*) FROM (
            SELECT FROM conversations v WHERE v.account_id = q.reader AND v.unread LIMIT q.most) x) AS letters
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::boolean[], $6::int[], $7::text[])
            WITH ORDINALITY AS q (reader, below, sender, types, filtered, most, grouped, n)
        CROSS JOIN LATERAL (
            SELECT q.*, coalesce((SELECT last_read_id FROM markers
                WHERE account_id = q.reader AND timeline = 'notifications'), 0) AS above OFFSET 0
        ) k {_AWAY}
        CROSS JOIN LATERAL (
            SELECT count(*) FROM (
                SELECT DISTINCT CASE WHEN n.type = ANY(string_to_array(k.grouped, ',')) THEN n.group_key
                    ELSE 'ungrouped-' || n.id END
                FROM notifications n WHERE {_WANTED} LIMIT k.most
            ) x
        ) c
        ORDER BY q.n
        """,
        [one.wanted.reader for one in asked],
        [one.wanted.cursor.max_id for one in asked],
        [one.wanted.sender for one in asked],
        [one.wanted.types for one in asked],
        [one.wanted.filtered for one in asked],
        [one.wanted.cursor.limit for one in asked],
        [one.grouped for one in asked],
    )
    return [Unread(record[0], record[1]) for record in records]


async def delete(db: Db, reader: int, number: int) -> None:
    await db.execute("DELETE FROM notifications WHERE account_id = $1 AND id = $2", reader, number)


async def delete_group(db: Db, reader: int, group_key: str) -> None:
    await db.execute(
        "DELETE FROM notifications WHERE account_id = $1 AND (group_key = $2 OR 'ungrouped-' || id = $2)",
        reader,
        group_key,
    )


async def delete_all(db: Db, reader: int) -> None:
    await db.execute("DELETE FROM notifications WHERE account_id = $1", reader)
