"""The SQL of the lists that a person takes along: keys of their own rows, then names by arrays of ids."""

from collections.abc import Mapping, Sequence

import msgspec

from townsquare.db.pool import Db
from townsquare.statuses.visible import VISIBLE_TO


class Followed(msgspec.Struct, frozen=True):
    id: int
    reblogs: bool
    notify: bool
    languages: Sequence[str] | None


class Muted(msgspec.Struct, frozen=True):
    id: int
    notifications: bool


class Member(msgspec.Struct, frozen=True):
    """A person in a list."""

    title: str
    id: int


class Sizes(msgspec.Struct, frozen=True):
    """How much there is of each."""

    following: int
    lists: int
    mutes: int
    blocks: int
    domain_blocks: int
    bookmarks: int
    filters: int
    statuses: int
    media: int


async def sizes(db: Db, me: int) -> Sizes:
    found = await db.row(
        Sizes,
        """
        SELECT
            (SELECT count(*)::int FROM follows WHERE account_id = $1) AS following,
            (SELECT count(*)::int FROM lists WHERE account_id = $1) AS lists,
            (SELECT count(*)::int FROM mutes WHERE account_id = $1) AS mutes,
            (SELECT count(*)::int FROM blocks WHERE account_id = $1) AS blocks,
            (SELECT count(*)::int FROM domain_blocks WHERE account_id = $1) AS domain_blocks,
            (SELECT count(*)::int FROM marks WHERE account_id = $1 AND bookmark_id IS NOT NULL) AS bookmarks,
            (SELECT count(*)::int FROM filters WHERE account_id = $1) AS filters,
            (SELECT statuses_count FROM accounts WHERE id = $1) AS statuses,
            (SELECT count(*)::int FROM media WHERE account_id = $1) AS media
        """,
        me,
    )
    assert found is not None  # noqa: S101 (it is one row of counts)
    return found


async def following(db: Db, me: int) -> list[Followed]:
    """Those too who have not answered yet."""
    return await db.rows(
        Followed,
        "SELECT target_id AS id, reblogs, notify, languages FROM follows WHERE account_id = $1 ORDER BY id",
        me,
    )


async def muted(db: Db, me: int) -> list[Muted]:
    return await db.rows(
        Muted,
        """
        SELECT target_id AS id, notifications FROM mutes
        WHERE account_id = $1 AND (expires_at IS NULL OR expires_at > now()) ORDER BY id
        """,
        me,
    )


async def blocked(db: Db, me: int) -> list[int]:
    return [one[0] for one in await db.records("SELECT target_id FROM blocks WHERE account_id = $1 ORDER BY id", me)]


async def domains(db: Db, me: int) -> list[str]:
    return [one[0] for one in await db.records("SELECT domain FROM domain_blocks WHERE account_id = $1 ORDER BY 1", me)]


async def members(db: Db, me: int) -> list[Member]:
    """Of all lists, list by list."""
    return await db.rows(
        Member,
        """
        SELECT l.title, m.member_id AS id FROM lists l
        JOIN list_accounts m ON m.account_id = l.account_id AND m.list_id = l.id
        WHERE l.account_id = $1 ORDER BY l.id, m.member_id
        """,
        me,
    )


async def addresses(db: Db, ids: Sequence[int]) -> Mapping[int, tuple[str, str | None]]:
    """The name and the domain of people, None for those who live here. Those who are gone are not in it."""
    records = await db.records("SELECT id, username, domain FROM accounts WHERE id = ANY($1::bigint[])", ids)
    return {one[0]: (one[1], one[2]) for one in records}


async def bookmarked(db: Db, me: int) -> list[tuple[int, int]]:
    """Owner and id of posts, the latest first."""
    records = await db.records(
        """
        SELECT author_id, status_id FROM marks WHERE account_id = $1 AND bookmark_id IS NOT NULL
        ORDER BY bookmark_id DESC
        """,
        me,
    )
    return [(one[0], one[1]) for one in records]


async def favourited(db: Db, me: int) -> list[tuple[int, int]]:
    """The same of favourites."""
    records = await db.records(
        """
        SELECT author_id, status_id FROM marks WHERE account_id = $1 AND favourite_id IS NOT NULL
        ORDER BY favourite_id DESC
        """,
        me,
    )
    return [(one[0], one[1]) for one in records]


async def visible_uris(db: Db, me: int, pairs: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], str | None]:
    """The URIs of posts that somebody may still see; None for those of this place."""
    records = await db.records(
        f"""
        SELECT s.account_id, s.id, s.uri FROM unnest($2::bigint[], $3::bigint[]) AS p (owner, id)
        CROSS JOIN (VALUES ($1::bigint)) AS k (viewer)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        me,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return {(one[0], one[1]): one[2] for one in records}
