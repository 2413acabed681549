"""The SQL of quotes. What a post quotes stands in its own row; what quotes it, with the author of the quoted post."""

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final, LiteralString

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId, StatusId
from townsquare.statuses.model import QuoteState
from townsquare.statuses.read import Key, Pair
from townsquare.statuses.visible import VISIBLE_TO


class Address(msgspec.Struct, frozen=True):
    """Where a post is found; `url` is null for those of this place."""

    id: StatusId
    account_id: AccountId
    username: str
    url: str | None


class Quotable(Address, frozen=True):
    """A post that the viewer may see, who `followed` its author or did not, as they may quote it."""

    local: bool
    visibility: int
    quote_policy: int
    followed: bool


async def quotable(db: Db, viewer: int, status_id: int) -> Quotable | None:
    """A post that is no echo, if the viewer may see it."""
    return await db.row(
        Quotable,
        f"""
        SELECT s.id, s.account_id, a.username, s.url, s.local, s.visibility, s.quote_policy,
            EXISTS (SELECT FROM followers f WHERE f.account_id = a.id AND f.follower_id = k.viewer) AS followed
        FROM (VALUES ($1::bigint)) AS k (viewer), statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.id = $2 AND s.reblog_of_id IS NULL AND {VISIBLE_TO}
        """,
        viewer,
        status_id,
    )


async def address(db: Db, account_id: int, status_id: int) -> Address | None:
    """Of a post that another quotes already."""
    return await db.row(
        Address,
        """
        SELECT s.id, s.account_id, a.username, s.url FROM statuses s JOIN accounts a ON a.id = s.account_id
        WHERE s.account_id = $1 AND s.id = $2
        """,
        account_id,
        status_id,
    )


async def set_policy(db: Db, account_id: int, status_id: int, policy: int) -> None:
    """Who may quote an own post from now on."""
    await db.execute(
        "UPDATE statuses SET quote_policy = $3 WHERE account_id = $1 AND id = $2", account_id, status_id, policy
    )


async def enter(db: Db, account_id: int, status_id: int, by: int, quoting_id: int) -> None:
    """Count an accepted quote with the author of the quoted post; nothing where that is gone, or has it already."""
    await db.execute(
        """
        WITH quoted AS (
            UPDATE statuses SET quotes_count = quotes_count + 1
            WHERE account_id = $1 AND id = $2 AND NOT EXISTS (
                SELECT FROM quotes WHERE account_id = $1 AND status_id = $2 AND quoting_id = $4)
            RETURNING id
        )
        INSERT INTO quotes (account_id, status_id, quoting_id, by_id) SELECT $1, id, $4, $3 FROM quoted
        """,
        account_id,
        status_id,
        by,
        quoting_id,
    )


async def leave(db: Db, quoted: Pair, quoting_id: int) -> int | None:
    """Take a quote from those of a post and from their count; whose it was, None where there is none."""
    return await db.value(
        """
        WITH gone AS (
            DELETE FROM quotes WHERE account_id = $1 AND status_id = $2 AND quoting_id = $3 RETURNING by_id
        ), fewer AS (
            UPDATE statuses SET quotes_count = greatest(quotes_count - 1, 0)
            WHERE account_id = $1 AND id = $2 AND EXISTS (SELECT FROM gone)
        )
        SELECT by_id FROM gone
        """,
        *quoted,
        quoting_id,
    )


async def leave_some(db: Db, quoted: Pair, limit: int) -> list[Pair]:
    """Take some of the quotes from those of a post that is gone; which they were."""
    records = await db.records(
        """
        DELETE FROM quotes WHERE account_id = $1 AND status_id = $2 AND quoting_id = ANY(ARRAY(
            SELECT quoting_id FROM quotes WHERE account_id = $1 AND status_id = $2 LIMIT $3))
        RETURNING by_id, quoting_id
        """,
        *quoted,
        limit,
    )
    return [(record[0], record[1]) for record in records]


async def set_state(db: Db, quoting: Sequence[Pair], state: QuoteState) -> None:
    """How the quotes of these posts stand from now on."""
    await db.execute(
        """
        UPDATE statuses s SET quote_state = $3 FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        WHERE s.account_id = k.owner AND s.id = k.id
        """,
        [owner for owner, _ in quoting],
        [number for _, number in quoting],
        int(state),
    )


_QUOTES: Final[LiteralString] = """
    SELECT quoting_id, by_id FROM quotes
    WHERE account_id = $1 AND status_id = $2 AND quoting_id < $3 AND quoting_id > $4 ORDER BY quoting_id
"""


async def page(db: Db, author: int, status_id: int, cursor: Cursor) -> list[Key]:
    """What quotes a post, latest first."""
    args = (author, status_id, cursor.max_id, cursor.lowest, cursor.limit)
    if cursor.upwards:
        return [Key(*record) for record in reversed(await db.records(_QUOTES + " LIMIT $5", *args))]
    return [Key(*record) for record in await db.records(_QUOTES + " DESC LIMIT $5", *args)]


async def fetch_followed(db: Db, asked: Sequence[tuple[int, Sequence[int]]]) -> list[Collection[int]]:
    """For each (reader, authors): those whom the reader follows."""
    ends = list(accumulate(len(authors) for _, authors in asked))
    records: list[tuple[int, int]] = await db.records(
        """
        SELECT k.n, f.target_id
        FROM unnest($1::bigint[], $2::int[], $3::int[]) WITH ORDINALITY AS k (reader, first, last, n)
        JOIN follows f ON f.account_id = k.reader AND f.target_id = ANY(($4::bigint[])[k.first:k.last])
            AND NOT f.pending
        """,
        [reader for reader, _ in asked],
        [end - len(authors) + 1 for (_, authors), end in zip(asked, ends, strict=True)],
        ends,
        [author for _, authors in asked for author in authors],
    )
    out: list[set[int]] = [set[int]() for _ in asked]
    for n, target in records:
        out[n - 1].add(target)
    return list(out)
