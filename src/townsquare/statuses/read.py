"""Reading posts: keys and rows, in one query each for all requests of a moment.

A read that crosses owners is two queries. The keys say which posts, from the reader's or somebody else's own rows; the
rows come by arrays of owners and ids, with their authors, and only where the reader may see them. What the reader did
with a post, and whether they want to see its author, comes from the reader's rows (`judge`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import StatusId
from townsquare.statuses.visible import VISIBLE_TO

Pair = tuple[int, int]
"""Owner and id of a post."""
Row = Mapping[str, Any]
"""A post with its author: the columns of COLUMNS, in that order."""
Rows = dict[int, Row]

FAVOURITED: Final = 1
REBLOGGED: Final = 2
BOOKMARKED: Final = 4
MUTED: Final = 8
HIDDEN: Final = 16
"""The reader has muted or blocked the author, or the author's domain."""

COLUMNS: Final[LiteralString] = """
    s.id, s.account_id, s.head, s.body, s.replies_count, s.reblogs_count, s.favourites_count, s.quotes_count,
    s.pinned_id IS NOT NULL AS pinned, s.reblog_of_id, s.reblog_of_account_id,
    a.body AS account, a.followers_count, a.following_count, a.statuses_count, a.last_status_on::text AS last_status_on
"""

NO_FLAGS: Final[Mapping[int, int]] = {}

FLAGS: Final[LiteralString] = """
    ((m.favourite_id IS NOT NULL)::int + 2 * (m.reblog_id IS NOT NULL)::int + 4 * (m.bookmark_id IS NOT NULL)::int
     + 8 * coalesce(m.muted, false)::int)
"""


class Key(msgspec.Struct, frozen=True):
    """A place in a timeline: a post or, with an original, an echo of it."""

    id: int
    account_id: int
    original_id: int | None = None
    original_account_id: int | None = None


async def fetch_rows(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Rows]:
    """For each (viewer, pairs): the posts by id that the viewer may see."""
    owners = [pair[0] for _, pairs in asked for pair in pairs]
    ids = [pair[1] for _, pairs in asked for pair in pairs]
    viewers = [viewer for viewer, pairs in asked for _ in pairs]
    records = await db.records(
        f"""
        SELECT {COLUMNS}, k.n
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (owner, id, viewer, n)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        owners, ids, viewers,
    )  # fmt: skip
    return _apart(records, [len(pairs) for _, pairs in asked])


def _apart(records: Iterable[Any], sizes: Sequence[int]) -> list[Rows]:
    """Records of a batch, each back to the request whose keys it answers: `n` counts over all keys, from 1."""
    out: list[Rows] = [{} for _ in sizes]
    if len(out) == 1:
        out[0] = {record[0]: record for record in records}
        return out
    at = [index for index, size in enumerate(sizes) for _ in range(size)]
    for record in records:
        out[at[record["n"] - 1]][record[0]] = record
    return out


async def fetch_by_id(db: Db, asked: Sequence[tuple[int, int]]) -> list[Row | None]:
    """For each (viewer, id): the post, when nothing but its id is known."""
    records = await db.records(
        f"""
        SELECT {COLUMNS}, k.n
        FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS k (viewer, id, n)
        JOIN statuses s ON s.id = k.id
        JOIN accounts a ON a.id = s.account_id
        WHERE {VISIBLE_TO}
        """,
        [viewer for viewer, _ in asked],
        [number for _, number in asked],
    )
    out: list[Row | None] = [None] * len(asked)
    for record in records:
        out[record["n"] - 1] = record
    return out


async def fetch_marks(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Mapping[int, int]]:
    """For each (reader, pairs): the flags of the posts that have any, from the reader's own rows."""
    records = await db.records(
        f"""
        SELECT k.n, k.id, {FLAGS} + 16 * (h.target_id IS NOT NULL)::int AS flags
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (reader, owner, id, n)
        LEFT JOIN marks m ON m.account_id = k.reader AND m.status_id = k.id
        LEFT JOIN LATERAL (
            SELECT u.target_id FROM mutes u
            WHERE u.account_id = k.reader AND u.target_id = k.owner
                AND (u.expires_at IS NULL OR u.expires_at > now())
            UNION ALL
            SELECT b.target_id FROM blocks b WHERE b.account_id = k.reader AND b.target_id = k.owner
            LIMIT 1
        ) h ON true
        WHERE m.status_id IS NOT NULL OR h.target_id IS NOT NULL
        """,
        [reader for reader, pairs in asked for _ in pairs],
        [pair[0] for _, pairs in asked for pair in pairs],
        [pair[1] for _, pairs in asked for pair in pairs],
    )
    out: list[dict[int, int]] = [{} for _ in asked]
    at = [index for index, (_, pairs) in enumerate(asked) for _ in pairs]
    for n, number, flags in records:
        out[at[n - 1]][number] = flags
    return list(out)


async def texts(db: Db, pairs: Sequence[Pair]) -> dict[int, tuple[str, str]]:
    """Content warning and plain text of posts by id: what filters look at."""
    records = await db.records(
        """
        SELECT s.id, s.spoiler_text, s.text
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
    )
    return {record[0]: (record[1], record[2]) for record in records}


async def key_of(db: Db, viewer: int, status_id: StatusId) -> Key | None:
    """The key of a post that the viewer may see."""
    row = await db.batched(fetch_by_id, (viewer, status_id))
    return None if row is None else key_of_row(row)


def key_of_row(row: Row) -> Key:
    return Key(row["id"], row["account_id"], row["reblog_of_id"], row["reblog_of_account_id"])


def pairs_of(keys: Sequence[Key]) -> list[Pair]:
    """Owners and ids of all posts that the keys need, originals included."""
    pairs = [(key.account_id, key.id) for key in keys]
    pairs += [(key.original_account_id, key.original_id) for key in keys if key.original_id and key.original_account_id]
    return pairs
