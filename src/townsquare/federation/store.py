"""The SQL of what other servers read: people who live here and posts that are for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from townsquare.accounts.store import LET_IN
from townsquare.db.pool import Db
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.visible import VISIBLE_TO

Pair = tuple[int, int]
"""Owner and id of a post."""


class Person(msgspec.Struct, frozen=True):
    """Somebody who lives here. `body` is the stored JSON of the entity Account, without braces."""

    id: int
    username: str
    display_name: str
    kind: str
    body: bytes
    created_at: datetime
    locked: bool
    discoverable: bool
    indexable: bool
    hide_collections: bool
    attribution_domains: Sequence[str]
    avatar_key: str | None
    avatar_description: str
    header_key: str | None
    header_description: str
    public_key: str | None
    also_known_as: Sequence[str]
    suspended_at: datetime | None
    statuses_count: int
    followers_count: int
    following_count: int


class Post(msgspec.Struct, frozen=True):
    """A post of somebody who lives here. `body` as in Person, of the entity Status."""

    id: int
    account_id: int
    username: str
    visibility: int
    created_at: datetime
    edited_at: datetime | None
    content: str
    spoiler_text: str
    sensitive: bool
    language: str | None
    body: bytes
    in_reply_to_id: int | None
    in_reply_to_account_id: int | None
    root_id: int
    root_account_id: int
    reblog_of_id: int | None
    reblog_of_account_id: int | None
    favourites_count: int
    reblogs_count: int
    has_poll: bool
    restricted: int
    notices: str | None


async def person(db: Db, account_id: int) -> Person | None:
    """Suspended and deleted people too: they are gone, not unknown. Whoever is not let in yet is unknown."""
    return await db.row(
        Person,
        f"""
        SELECT a.id, a.username, a.display_name, a.kind, a.body, a.created_at, a.locked, a.discoverable, a.indexable,
            a.hide_collections, a.attribution_domains, a.avatar_key, a.avatar_description, a.header_key,
            a.header_description, a.public_key, a.also_known_as, a.suspended_at, a.statuses_count, a.followers_count,
            a.following_count
        FROM accounts a WHERE a.id = $1 AND a.domain IS NULL AND {LET_IN}
        """,
        account_id,
    )


async def id_of_name(db: Db, name: str) -> int | None:
    """Who lives here under a name, in whatever case it is written."""
    return await db.value("SELECT account_id FROM handles WHERE domain = '' AND name = $1", name.lower())


async def uris_of_people(db: Db, ids: Sequence[int]) -> Mapping[int, str | None]:
    """By id; None for those who live here (their URI follows from the id). The suspended are left out."""
    if not ids:
        return {}
    records = await db.records(
        "SELECT id, uri FROM accounts WHERE id = ANY($1::bigint[]) AND suspended_at IS NULL", ids
    )
    return {record[0]: record[1] for record in records}


def _posts(viewer: LiteralString, restricted: LiteralString) -> LiteralString:
    return f"""
    SELECT s.id, s.account_id, a.username, s.visibility, s.created_at, s.edited_at, s.content, s.spoiler_text,
        s.sensitive, s.language, s.body, s.in_reply_to_id, s.in_reply_to_account_id, s.root_id, s.root_account_id,
        s.reblog_of_id, s.reblog_of_account_id, s.favourites_count, s.reblogs_count, s.has_poll,
        {restricted}
    FROM (VALUES ({viewer}::bigint)) AS k (viewer), statuses s JOIN accounts a ON a.id = s.account_id
    WHERE s.account_id = $1 AND a.domain IS NULL AND {VISIBLE_TO}
"""


_POSTS: Final[LiteralString] = _posts("0", "s.restricted, s.notices")
_OWN_POSTS: Final[LiteralString] = _posts("$1", "0 AS restricted, NULL AS notices")


async def post(db: Db, account_id: int, status_id: int) -> Post | None:
    return await db.row(Post, _POSTS + " AND s.id = $2", account_id, status_id)


async def posts_below(db: Db, account_id: int, max_id: int, limit: int) -> list[Post]:
    """Posts and echoes, latest first."""
    return await db.rows(Post, _POSTS + " AND s.id < $2 ORDER BY s.id DESC LIMIT $3", account_id, max_id, limit)


async def own_posts_above(db: Db, account_id: int, min_id: int, limit: int) -> list[Post]:
    """All posts and echoes, also those that few may see, as their author sees them: the earliest first."""
    rows = await db.rows(Post, _OWN_POSTS + " AND s.id > $2 ORDER BY s.id LIMIT $3", account_id, min_id, limit)
    return [_opened(db.keys, row) for row in rows]


def _opened(keys: Keyring, row: Post) -> Post:
    """With what a direct one says."""
    of = messages.about(row.account_id, row.id)
    body = messages.opened_body(keys, of, row.body)
    return messages.opened_fields(keys, of, row if body is row.body else msgspec.structs.replace(row, body=body))


async def pinned(db: Db, account_id: int) -> list[Post]:
    """The last one pinned first."""
    return await db.rows(Post, _POSTS + " AND s.pinned_id IS NOT NULL ORDER BY s.pinned_id DESC", account_id)


async def uris_of_posts(db: Db, pairs: Sequence[Pair]) -> Mapping[int, str | None]:
    """By id; None for posts of this place. Only where a post is, and nothing of what it says."""
    if not pairs:
        return {}
    records = await db.records(
        """
        SELECT s.id, s.uri FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        """,
        *_apart(pairs),
    )
    return {record[0]: record[1] for record in records}


async def visible_uris(db: Db, pairs: Sequence[Pair]) -> Mapping[int, str | None]:
    """The same for those that everybody may see."""
    if not pairs:
        return {}
    records = await db.records(
        f"""
        SELECT s.id, s.uri FROM unnest($1::bigint[], $2::bigint[]) AS p (owner, id)
        CROSS JOIN (VALUES (0::bigint)) AS k (viewer)
        JOIN statuses s ON s.account_id = p.owner AND s.id = p.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        *_apart(pairs),
    )
    return {record[0]: record[1] for record in records}


async def answers(db: Db, root: Pair, status_id: int, min_id: int, limit: int) -> list[Pair]:
    """Posts that answer a post of a thread, by time; also those that not everybody may see."""
    records = await db.records(
        """
        SELECT author_id, status_id FROM thread_posts
        WHERE account_id = $1 AND root_id = $2 AND in_reply_to_id = $3 AND status_id > $4
        ORDER BY status_id LIMIT $5
        """,
        *root,
        status_id,
        min_id,
        limit,
    )
    return [(record[0], record[1]) for record in records]


async def deleted_at(db: Db, account_id: int, status_id: int) -> datetime | None:
    """When a post was deleted."""
    return await db.value(
        "SELECT deleted_at FROM tombstones WHERE account_id = $1 AND status_id = $2", account_id, status_id
    )


async def lock_key(db: Db, account_id: int) -> str | None:
    """The public key, for this transaction alone to make until it ends."""
    return await db.value("SELECT public_key FROM accounts WHERE id = $1 FOR NO KEY UPDATE", account_id)


async def insert_keys(db: Db, account_id: int, sealed: bytes, public_key: str) -> None:
    """A private key, sealed, and the public one in PEM."""
    await db.execute(
        """
        WITH kept AS (INSERT INTO account_keys (account_id, sealed) VALUES ($1, $2))
        UPDATE accounts SET public_key = $3 WHERE id = $1
        """,
        account_id,
        sealed,
        public_key,
    )


def _apart(pairs: Iterable[Pair]) -> tuple[list[int], list[int]]:
    found = list(pairs)
    return [owner for owner, _ in found], [number for _, number in found]
