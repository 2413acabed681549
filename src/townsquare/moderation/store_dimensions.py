"""The SQL of what there is most of. Only names and counts leave these statements."""

from collections.abc import Mapping
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.moderation.store_figures import TAGGED, THERE, Window


class Part(msgspec.Struct, frozen=True):
    """One kind, and how much of it there is; `key` None: none is said."""

    key: str | None
    value: int


_POSTS: Final[LiteralString] = "s.id >= k.low AND s.id < k.high"

_SOURCES: Final[Mapping[str, LiteralString]] = {
    "languages": """
        SELECT u.locale AS key, 1 AS n FROM k, users u
        WHERE u.last_seen_on >= k.since::date AND u.last_seen_on < k.until::date
    """,
    "sources": """
        SELECT coalesce((SELECT p.name FROM oauth_apps p WHERE p.id = u.created_by_app_id), 'web') AS key, 1 AS n
        FROM k, users u WHERE u.created_at >= k.since AND u.created_at < k.until
    """,
    "servers": f"""
        SELECT a.domain AS key, 1 AS n FROM k, statuses s JOIN accounts a ON a.id = s.account_id
        WHERE {_POSTS} AND NOT s.local
    """,
    "tag_servers": f"""
        SELECT (SELECT a.domain FROM accounts a WHERE a.id = x.account_id) AS key, 1 AS n {TAGGED}
    """,
    "tag_languages": f"""
        SELECT (SELECT s.language FROM statuses s WHERE s.account_id = x.account_id AND s.id = x.status_id) AS key,
            1 AS n
        {TAGGED}
    """,
    "instance_accounts": f"""
        SELECT a.username AS key, (SELECT count(*) FROM followers f WHERE f.account_id = a.id AND f.local) AS n
        FROM k, accounts a WHERE a.id IN {THERE}
    """,
    "instance_languages": f"""
        SELECT s.language AS key, 1 AS n FROM k, statuses s WHERE s.account_id IN {THERE} AND {_POSTS}
    """,
}


async def dimension(db: Db, key: str, window: Window, limit: int) -> list[Part]:
    """What there is most of, the most first. Raises KeyError for none of ours."""
    sql: LiteralString = f"""
        WITH k AS (
            SELECT $1::timestamptz AS since, $2::timestamptz AS until, $3::bigint AS low, $4::bigint AS high,
                $5::bigint AS tag, $6::text AS domain
        ), e AS ({_SOURCES[key]})
        SELECT key, sum(n)::bigint AS value FROM e GROUP BY key HAVING sum(n) > 0 ORDER BY value DESC, key LIMIT $7
    """
    return await db.rows(Part, sql, *msgspec.structs.astuple(window), limit)


class Space(msgspec.Struct, frozen=True):
    """Bytes: of the database, and of the files that people sent."""

    database: int
    media: int


async def space(db: Db) -> Space:
    found = await db.row(
        Space,
        """
        SELECT pg_database_size(current_database()) AS database,
            (SELECT coalesce(sum(size_bytes), 0)::bigint FROM media) AS media
        """,
    )
    return found or Space(0, 0)


async def server_version(db: Db) -> str:
    """Of PostgreSQL."""
    return await db.value("SELECT split_part(current_setting('server_version'), ' ', 1)")
