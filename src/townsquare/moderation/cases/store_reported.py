"""The SQL that says of what is reported how far it reaches."""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db

FOLLOWERS_OF_AN_ECHO: Final = 60
READERS_OF_A_REACTION: Final = 6
"""Nobody counts views here. Who still sees a post is guessed: the followers of its author, those of the people who
echoed it, and a few more for each who liked or answered it, for where people react others read."""
DIRECT: Final = 3


class Reached(msgspec.Struct, frozen=True):
    owner_id: int
    item_id: int
    """0: the account itself."""
    reach: float


_POSTS: Final[LiteralString] = """
    SELECT s.account_id AS owner_id, s.id AS item_id,
        (CASE WHEN s.visibility = $5 THEN 1 ELSE a.followers_count + $3 * s.reblogs_count
            + $4 * (s.favourites_count + s.replies_count) END)::float8 AS reach
    FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
    JOIN statuses s ON s.account_id = k.owner AND s.id = k.id
    JOIN accounts a ON a.id = s.account_id
"""


async def posts(db: Db, owners: Sequence[int], ids: Sequence[int]) -> dict[tuple[int, int], Reached]:
    """By author and post; those that are deleted are not there."""
    rows = await db.rows(Reached, _POSTS, owners, ids, FOLLOWERS_OF_AN_ECHO, READERS_OF_A_REACTION, DIRECT)
    return {(row.owner_id, row.item_id): row for row in rows}


async def followers(db: Db, ids: Sequence[int]) -> dict[int, int]:
    """How many follow each of these accounts."""
    records = await db.records("SELECT id, followers_count FROM accounts WHERE id = ANY($1::bigint[])", ids)
    return {record[0]: record[1] for record in records}
