"""The SQL of polls. Who voted stands with the author of the poll, what they chose with who chose it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

import msgspec

from townsquare.db.pool import Db
from townsquare.kernel.ids import AccountId
from townsquare.kernel.keyring import Keyring
from townsquare.statuses import messages
from townsquare.statuses.read import Pair


class Poll(msgspec.Struct, frozen=True):
    """A poll; `tallies` are votes by option, `emojis` the encoded entities of those in its options."""

    account_id: int
    status_id: int
    options: list[str]
    tallies: list[int]
    voters_count: int
    multiple: bool
    hide_totals: bool
    expires_at: datetime | None
    emojis: bytes
    closed: bool = False
    """It is of a direct post."""


class Polls(msgspec.Struct, frozen=True):
    """Polls by the ids of their posts, and what the reader chose in those in which they voted."""

    polls: dict[int, Poll]
    choices: dict[int, list[int]]


async def fetch_polls(db: Db, asked: Sequence[tuple[int, Sequence[Pair]]]) -> list[Polls]:
    """For each (reader, pairs) of posts that the reader may see: their polls."""
    pairs = list({pair for _, of_reader in asked for pair in of_reader})
    ends = list(accumulate(len(of_reader) for _, of_reader in asked))
    records = await db.records(
        """
        SELECT p.account_id, p.status_id, p.options, p.tallies, p.voters_count, p.multiple, p.hide_totals, p.expires_at,
            p.emojis, NULL::bigint AS n, NULL::smallint[] AS choices
        FROM unnest($1::bigint[], $2::bigint[]) AS k (owner, id)
        JOIN polls p ON p.account_id = k.owner AND p.status_id = k.id
        UNION ALL
        SELECT v.account_id, v.status_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, k.n, v.choices
        FROM unnest($3::bigint[], $4::int[], $5::int[]) WITH ORDINALITY AS k (reader, first, last, n)
        JOIN votes v ON v.account_id = k.reader AND v.status_id = ANY(($6::bigint[])[k.first:k.last])
        """,
        [owner for owner, _ in pairs],
        [number for _, number in pairs],
        [reader for reader, _ in asked],
        [end - len(of_reader) + 1 for (_, of_reader), end in zip(asked, ends, strict=True)],
        ends,
        [number for _, of_reader in asked for _, number in of_reader],
    )
    polls = {record["status_id"]: _opened(db.keys, Poll(*record[:9])) for record in records if record["n"] is None}
    out = [Polls({number: polls[number] for _, number in own if number in polls}, {}) for _, own in asked]
    for record in records:
        if record["n"] is not None:
            reader: int = record["n"]
            out[reader - 1].choices[record["status_id"]] = record["choices"]
    return out


async def lock(db: Db, author: int, status_id: int) -> Poll | None:
    """A poll, which nobody else changes until the transaction ends."""
    found = await db.row(
        Poll,
        """
        SELECT account_id, status_id, options, tallies, voters_count, multiple, hide_totals, expires_at, emojis
        FROM polls WHERE account_id = $1 AND status_id = $2 FOR UPDATE
        """,
        author,
        status_id,
    )
    return found and _opened(db.keys, found)


def _opened(keys: Keyring, poll: Poll) -> Poll:
    of = messages.about(poll.account_id, poll.status_id)
    options = messages.opened_all(keys, of, poll.options)
    return poll if options == poll.options else msgspec.structs.replace(poll, options=options, closed=True)


async def choices(db: Db, me: AccountId, status_id: int) -> list[int]:
    """What somebody has chosen in a poll."""
    return (
        await db.value("SELECT choices FROM votes WHERE account_id = $1 AND status_id = $2", me, status_id)
    ) or []  # fmt: skip


async def vote(
    db: Db, me: AccountId, poll: Poll, chosen: Sequence[int], tallies: Sequence[int], *, first: bool
) -> None:
    """Write down what somebody has chosen besides what they chose before, and the count of it."""
    await db.execute(
        """
        WITH vote AS (
            INSERT INTO votes AS v (account_id, status_id, author_id, choices) VALUES ($1, $3, $2, $4)
            ON CONFLICT (account_id, status_id) DO UPDATE SET choices = v.choices || excluded.choices
        ), voter AS (
            INSERT INTO poll_voters (account_id, status_id, voter_id) VALUES ($2, $3, $1) ON CONFLICT DO NOTHING
        )
        UPDATE polls SET tallies = $5, voters_count = voters_count + $6::int WHERE account_id = $2 AND status_id = $3
        """,
        me,
        poll.account_id,
        poll.status_id,
        chosen,
        tallies,
        int(first),
    )


async def put(db: Db, poll: Poll) -> None:
    """A poll as it is now."""
    of = messages.about(poll.account_id, poll.status_id)
    await db.execute(
        """
        INSERT INTO polls
            (account_id, status_id, options, tallies, voters_count, multiple, hide_totals, expires_at, emojis)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (account_id, status_id) DO UPDATE SET options = $3, tallies = $4, voters_count = $5, multiple = $6,
            hide_totals = $7, expires_at = $8, emojis = $9
        """,
        poll.account_id,
        poll.status_id,
        messages.close_all(db.keys, of, poll.options) if poll.closed else poll.options,
        *msgspec.structs.astuple(poll)[3:9],
    )


async def forget_votes(db: Db, author: int, status_id: int) -> None:
    """Of a poll that asks something else now, or is no more."""
    await db.execute("DELETE FROM votes WHERE status_id = $2 AND author_id = $1", author, status_id)
    await db.execute("DELETE FROM poll_voters WHERE account_id = $1 AND status_id = $2", author, status_id)


async def delete(db: Db, author: int, status_id: int) -> None:
    await db.execute("DELETE FROM polls WHERE account_id = $1 AND status_id = $2", author, status_id)


async def voters(db: Db, pair: Pair, after: int, limit: int) -> list[int]:
    """Those who voted in a poll that has ended, in the order of their ids."""
    records = await db.records(
        """
        SELECT v.voter_id FROM poll_voters v JOIN polls p ON p.account_id = v.account_id AND p.status_id = v.status_id
        WHERE v.account_id = $1 AND v.status_id = $2 AND v.voter_id > $3 AND p.expires_at <= now()
        ORDER BY v.voter_id LIMIT $4
        """,
        *pair,
        after,
        limit,
    )
    return [record[0] for record in records]


async def has_ended(db: Db, pair: Pair) -> bool:
    """Whether there is a poll whose time is over."""
    return await db.value(
        "SELECT EXISTS (SELECT FROM polls WHERE account_id = $1 AND status_id = $2 AND expires_at <= now())", *pair
    )
