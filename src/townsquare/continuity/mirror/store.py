"""The SQL of the mirror: what is in it, by post, person, tag and word.

Into it comes what comes before everybody at the place itself: public posts of people here, unless the place has limited
the post or its author. Everything that shows a post reads it by VISIBLE_TO besides.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db, Tx
from townsquare.statuses.visible import COMES_UP

SEARCHED: Final = 200_000
"""The newest posts, in which one can search."""
ENTRIES: Final = 20_000
"""Posts that are looked at for one part of the index."""

_ROW: Final[LiteralString] = f"""
    s.account_id, s.id, s.root_id, coalesce(s.in_reply_to_id, 0), coalesce(s.quoted_id, 0), s.tags, w.words,
    ARRAY(SELECT DISTINCT left(word, 2) FROM unnest(w.words) AS word ORDER BY 1),
    ARRAY(
        SELECT key FROM media m CROSS JOIN LATERAL unnest(ARRAY[m.file_key, m.preview_key]) AS key
        WHERE m.account_id = s.account_id AND m.id = ANY(s.media_ids) AND key IS NOT NULL ORDER BY 1)
    FROM statuses s JOIN accounts a ON a.id = s.account_id
    LEFT JOIN status_search t ON t.account_id = s.account_id AND t.status_id = s.id AND a.indexable AND s.id > $1
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT word FROM unnest(tsvector_to_array(t.terms)) AS word
            WHERE strpos(word, ' ') = 0 AND length(word) BETWEEN 2 AND 40 ORDER BY 1) AS words
    ) w
    WHERE s.visibility = 0 AND s.reblog_of_id IS NULL AND s.local AND {COMES_UP}
        AND a.suspended_at IS NULL AND a.limited_at IS NULL AND a.deleted_at IS NULL AND a.domain IS NULL
"""


_ENTER: Final[LiteralString] = """
    INSERT INTO mirror_posts (account_id, status_id, root_id, parent_id, quoted_id, tags, words, shards, files) SELECT
"""
_SEARCHED_AFTER: Final[LiteralString] = f"""
    SELECT coalesce((
        SELECT s.id FROM statuses s WHERE s.visibility = 0 AND s.reblog_of_id IS NULL AND {COMES_UP}
        ORDER BY s.id DESC OFFSET $1 LIMIT 1), 0)
"""


class Row(msgspec.Struct, frozen=True):
    """A post of the mirror, and where it stands there."""

    account_id: int
    status_id: int
    root_id: int
    parent_id: int
    quoted_id: int
    tags: Sequence[str]
    shards: Sequence[str]
    files: Sequence[str]


class Person(msgspec.Struct, frozen=True):
    """Somebody of whom there are posts in the mirror."""

    id: int
    username: str
    name: str
    posts: int


async def oldest_searched(db: Db) -> int:
    """The id after which posts can be searched for."""
    return await db.value(
        """
        SELECT coalesce((SELECT status_id FROM mirror_posts ORDER BY status_id DESC OFFSET $1 LIMIT 1), 0)
        """,
        SEARCHED,
    )


async def lock(tx: Tx) -> None:
    """One transaction at a time changes what is in it."""
    await tx.execute("LOCK TABLE mirror_posts IN SHARE ROW EXCLUSIVE MODE")


async def searched_after(db: Db) -> int:
    """The same, where it is not known yet what is in it."""
    return await db.value(_SEARCHED_AFTER, SEARCHED)


async def outdated(tx: Tx, after: int) -> list[tuple[int, int]]:
    """Owners and ids of posts that are in it and do not belong there, or not as they are."""
    await tx.execute("SET LOCAL statement_timeout = 0")
    records = await tx.records(
        f"""
        SELECT p.account_id, p.status_id FROM mirror_posts p
        LEFT JOIN (SELECT {_ROW}) AS t (
            account_id, status_id, root_id, parent_id, quoted_id, tags, words, shards, files
        ) USING (account_id, status_id)
        WHERE (p.root_id, p.parent_id, p.quoted_id, p.tags, p.files)
                IS DISTINCT FROM (t.root_id, t.parent_id, t.quoted_id, t.tags, t.files)
            OR (p.status_id > $1 AND p.words <> t.words)
        """,
        after,
    )
    return [(one[0], one[1]) for one in records]


async def fill(tx: Tx, after: int) -> None:
    """Put in what belongs there and is not there yet. `after`: the newer ones can be searched for."""
    await tx.execute(_ENTER + _ROW + " ON CONFLICT DO NOTHING", after)
    await tx.execute("ANALYZE mirror_posts")


async def rows(db: Db, owners: Sequence[int], ids: Sequence[int]) -> list[Row]:
    """Of these posts, those that are in it."""
    return await db.rows(
        Row,
        """
        SELECT p.account_id, p.status_id, p.root_id, p.parent_id, p.quoted_id, p.tags, p.shards, p.files
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN mirror_posts p ON p.account_id = k.owner AND p.status_id = k.id
        """,
        owners,
        ids,
    )


async def take_out(tx: Tx, owners: Sequence[int], ids: Sequence[int]) -> None:
    await tx.execute(
        """
        DELETE FROM mirror_posts p USING unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        WHERE p.account_id = k.owner AND p.status_id = k.id
        """,
        owners,
        ids,
    )


async def put_in(tx: Tx, owners: Sequence[int], ids: Sequence[int], after: int) -> None:
    """Those of these that belong there. `after`: the newer ones can be searched for."""
    await tx.execute(
        _ENTER + _ROW + " AND (s.account_id, s.id) IN (SELECT * FROM unnest($2::bigint[], $3::bigint[]))",
        after,
        owners,
        ids,
    )


async def thread_page(db: Db, root_id: int, status_id: int, most: int, share: tuple[int, int]) -> list[Row]:
    """The next posts, thread by thread. `share`: which of how many shares of all threads."""
    return await db.rows(
        Row,
        """
        SELECT account_id, status_id, root_id, parent_id, quoted_id, tags, shards, files FROM mirror_posts
        WHERE (root_id, status_id) > ($1, $2) AND abs(hashint8(root_id)::bigint) % $5::int = $4::int
        ORDER BY root_id, status_id LIMIT $3
        """,
        root_id,
        status_id,
        most,
        *share,
    )


async def threads(db: Db, roots: Sequence[int]) -> list[Row]:
    """All posts of these threads."""
    return await db.rows(
        Row,
        """
        SELECT account_id, status_id, root_id, parent_id, quoted_id, tags, shards, files FROM mirror_posts
        WHERE root_id = ANY($1::bigint[]) ORDER BY root_id, status_id
        """,
        roots,
    )


async def quoting(db: Db, ids: Sequence[int]) -> list[tuple[int, int]]:
    """Owners and ids of posts that quote these."""
    records = await db.records(
        "SELECT account_id, status_id FROM mirror_posts WHERE quoted_id = ANY($1::bigint[]) AND quoted_id <> 0", ids
    )
    return [(one[0], one[1]) for one in records]


async def of_account(db: Db, account_id: int, below: int, above: int) -> list[tuple[int, int]]:
    """Owners and ids of somebody's posts from one place in their order up to another, the oldest first."""
    records = await db.records(
        """
        SELECT account_id, status_id FROM mirror_posts WHERE account_id = $1 ORDER BY status_id LIMIT $3 OFFSET $2
        """,
        account_id,
        below,
        above - below,
    )
    return [(one[0], one[1]) for one in records]


async def of_tag(db: Db, tag: str, below: int, above: int) -> list[tuple[int, int]]:
    records = await db.records(
        """
        SELECT account_id, status_id FROM mirror_posts
        WHERE tags @> ARRAY[$1::text] ORDER BY status_id LIMIT $3 OFFSET $2
        """,
        tag,
        below,
        above - below,
    )
    return [(one[0], one[1]) for one in records]


async def newest(db: Db, most: int) -> list[tuple[int, int]]:
    """The newest of all that answer nobody else."""
    records = await db.records(
        "SELECT account_id, status_id FROM mirror_posts WHERE parent_id = 0 ORDER BY status_id DESC LIMIT $1", most
    )
    return [(one[0], one[1]) for one in records]


async def count_of_account(db: Db, account_id: int, before: int) -> int:
    """How many posts of somebody are older than one."""
    return await db.value(
        "SELECT count(*) FROM mirror_posts WHERE account_id = $1 AND status_id < $2", account_id, before
    )


async def count_of_tag(db: Db, tag: str, before: int) -> int:
    return await db.value(
        "SELECT count(*) FROM mirror_posts WHERE tags @> ARRAY[$1::text] AND status_id < $2", tag, before
    )


async def people(db: Db) -> list[Person]:
    """By name."""
    return await db.rows(
        Person,
        """
        SELECT a.id, a.username, coalesce(nullif(a.display_name, ''), a.username) AS name, p.posts
        FROM (SELECT account_id, count(*) AS posts FROM mirror_posts GROUP BY account_id) p
        JOIN accounts a ON a.id = p.account_id ORDER BY lower(a.username) COLLATE "C"
        """,
    )


async def usernames(db: Db, ids: Sequence[int]) -> dict[int, str]:
    """Of people here."""
    records = await db.records("SELECT id, username FROM accounts WHERE id = ANY($1::bigint[]) AND domain IS NULL", ids)
    return {one[0]: one[1] for one in records}


async def account_named(db: Db, username: str) -> int:
    """0 for nobody."""
    return await db.value("SELECT account_id FROM handles WHERE domain = '' AND name = $1", username.lower()) or 0


async def tags(db: Db, most: int) -> list[tuple[str, int]]:
    """The commonest first."""
    records = await db.records(
        """
        SELECT tag, count(*) FROM mirror_posts CROSS JOIN LATERAL unnest(tags) AS tag
        WHERE NOT EXISTS (SELECT FROM tags g WHERE g.name = tag AND g.restricted >= 8)
        GROUP BY tag ORDER BY 2 DESC, tag COLLATE "C" LIMIT $1
        """,
        most,
    )
    return [(one[0], one[1]) for one in records]


async def is_hidden(db: Db, tag: str) -> bool:
    """Whether the place has held or removed a hashtag: its page shows nothing."""
    return await db.value("SELECT EXISTS (SELECT FROM tags WHERE name = $1 AND restricted >= 16)", tag)


async def tags_after(db: Db, tag: str, most: int) -> list[str]:
    records = await db.records(
        """
        SELECT DISTINCT tag COLLATE "C" AS tag FROM mirror_posts CROSS JOIN LATERAL unnest(tags) AS tag
        WHERE tag COLLATE "C" > $1 ORDER BY 1 LIMIT $2
        """,
        tag,
        most,
    )
    return [one[0] for one in records]


async def shards(db: Db) -> list[str]:
    """All parts of the index, as the beginnings of words."""
    records = await db.records("SELECT DISTINCT unnest(shards) FROM mirror_posts")
    return sorted(one[0] for one in records)


async def entries(db: Db, shard: str) -> list[tuple[int, int, Sequence[str]]]:
    """Owner, id and words of the newest posts of a part of the index, the newest first."""
    records = await db.records(
        """
        SELECT account_id, status_id, ARRAY(SELECT word FROM unnest(words) AS word WHERE left(word, 2) = $1)
        FROM mirror_posts WHERE shards @> ARRAY[$1::text] ORDER BY status_id DESC LIMIT $2
        """,
        shard,
        ENTRIES,
    )
    return [(one[0], one[1], one[2]) for one in records]


async def all_words(db: Db) -> list[tuple[int, int, Sequence[str]]]:
    """Owner, id and words of the posts that can be searched for, the newest first."""
    records = await db.records(
        "SELECT account_id, status_id, words FROM mirror_posts WHERE words <> '{}' ORDER BY status_id DESC LIMIT $1",
        SEARCHED,
    )
    return [(one[0], one[1], one[2]) for one in records]


async def is_used(db: Db, key: str) -> bool:
    """Whether a post has this file, or the profile of somebody who has posts."""
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM mirror_posts WHERE files @> ARRAY[$1::text]) OR EXISTS (
            SELECT FROM accounts a WHERE $1 IN (a.avatar_static_key, a.header_static_key, a.header_small_key)
                AND EXISTS (SELECT FROM mirror_posts p WHERE p.account_id = a.id))
        """,
        key,
    )


async def pictures(db: Db, ids: Sequence[int]) -> list[str]:
    """The keys of what profiles show."""
    records = await db.records(
        """
        SELECT DISTINCT key FROM accounts a
        CROSS JOIN LATERAL unnest(ARRAY[a.avatar_static_key, a.header_static_key, a.header_small_key]) AS key
        WHERE a.id = ANY($1::bigint[]) AND key IS NOT NULL
        """,
        ids,
    )
    return [one[0] for one in records]


async def of_person(db: Db, account_id: int) -> list[int]:
    """The ids of all posts of somebody that are in it, belong there, or may be shown there within quotes."""
    records = await db.records(
        """
        SELECT status_id FROM mirror_posts WHERE account_id = $1
        UNION SELECT s.id FROM statuses s WHERE s.account_id = $1 AND s.visibility < 2 AND s.restricted < 8 AND s.local
        """,
        account_id,
    )
    return [one[0] for one in records]


# Marks and what follows from them -------------------------------------------------------------------------------------
