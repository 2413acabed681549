"""Whatever four people do to each other, both sides of every follow agree and every counter is right."""

from collections.abc import Awaitable, Callable, Sequence
from typing import LiteralString

import asyncpg
import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rooms.accounts.people import person
from townsquare.accounts.block import block, unblock
from townsquare.accounts.follow import authorise, follow, reject, remove_follower, unfollow
from townsquare.db.pool import Database, Tx
from townsquare.kernel import keyring
from townsquare.kernel.errors import Refused
from townsquare.kernel.ids import AccountId


async def lock(tx: Tx, me: AccountId, other: AccountId) -> None:
    await tx.execute("UPDATE accounts SET locked = NOT locked WHERE id = $1", me)


Act = Callable[[Tx, AccountId, AccountId], Awaitable[None]]
Step = tuple[Act, int, int]

ACTS: list[Act] = [follow, follow, unfollow, block, unblock, authorise, authorise, reject, remove_follower, lock]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3)), max_size=40)


class Seen(msgspec.Struct, frozen=True):
    """Pairs of who and whom: from the side of who does it, and from the other side; and the counters of each."""

    follows: set[tuple[int, int]]
    followers: set[tuple[int, int]]
    asked: set[tuple[int, int]]
    requests: set[tuple[int, int]]
    blocks: set[tuple[int, int]]
    counted: dict[int, tuple[int, int]]


@given(steps=STEPS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_both_sides_of_every_follow_agree(connection: asyncpg.Connection, steps: list[Step]) -> None:
    whole = connection.transaction()
    await whole.start()
    try:
        seen = await play(Database.over(connection, keyring.fresh()), steps)
    finally:
        await whole.rollback()
    assert disagreements(seen) == []


def disagreements(seen: Seen) -> list[str]:
    """What does not hold of it; nothing where all is well."""
    across = seen.blocks | {(b, a) for a, b in seen.blocks}
    right = {
        one: (sum(b == one for _, b in seen.follows), sum(a == one for a, _ in seen.follows)) for one in seen.counted
    }
    holds = {
        "both sides of a follow agree": seen.follows == seen.followers,
        "both sides of a request agree": seen.asked == seen.requests,
        "nobody follows across a block": not across & (seen.follows | seen.asked),
        "nobody does it to themselves": all(a != b for a, b in seen.follows | seen.asked | seen.blocks),
        "every counter is right": seen.counted == right,
    }
    return [what for what, true in holds.items() if not true]


async def play(db: Database, steps: list[Step]) -> Seen:
    people = [await person(db, name) for name in ("ann", "bob", "cid", "dot")]
    for act, me, other in steps:
        try:
            async with db.transaction() as tx:
                await act(tx, people[me], people[other])
        except Refused:
            continue
    return await seen_by_both(db, people)


async def seen_by_both(db: Database, people: Sequence[AccountId]) -> Seen:
    async def pairs(sql: LiteralString) -> set[tuple[int, int]]:
        return {(record[0], record[1]) for record in await db.records(sql, people)}

    counted = "SELECT id, followers_count, following_count FROM accounts WHERE id = ANY($1)"
    return Seen(
        await pairs("SELECT account_id, target_id FROM follows WHERE NOT pending AND account_id = ANY($1)"),
        await pairs("SELECT follower_id, account_id FROM followers WHERE account_id = ANY($1)"),
        await pairs("SELECT account_id, target_id FROM follows WHERE pending AND account_id = ANY($1)"),
        await pairs("SELECT requester_id, account_id FROM follow_requests WHERE account_id = ANY($1)"),
        await pairs("SELECT account_id, target_id FROM blocks WHERE account_id = ANY($1)"),
        {record[0]: (record[1], record[2]) for record in await db.records(counted, people)},
    )
