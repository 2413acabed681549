"""Whatever four people do to each other, both sides of every follow agree and every counter is right."""

from collections.abc import Awaitable, Callable, Sequence
from typing import LiteralString

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rooms.accounts.people import person
from townsquare.accounts.block import block, unblock
from townsquare.accounts.follow import authorise, follow, reject, remove_follower, unfollow
from townsquare.db.pool import Database, Tx
from townsquare.kernel.errors import Refused
from townsquare.kernel.ids import AccountId


async def lock(tx: Tx, me: AccountId, other: AccountId) -> None:
    await tx.execute("UPDATE accounts SET locked = NOT locked WHERE id = $1", me)


Act = Callable[[Tx, AccountId, AccountId], Awaitable[None]]
Step = tuple[Act, int, int]

ACTS: list[Act] = [follow, follow, unfollow, block, unblock, authorise, authorise, reject, remove_follower, lock]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3)), max_size=40)


@given(steps=STEPS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_both_sides_of_every_follow_agree(connection: asyncpg.Connection, steps: list[Step]) -> None:
    whole = connection.transaction()
    await whole.start()
    try:
        await play(Database.over(connection), steps)
    finally:
        await whole.rollback()


async def play(db: Database, steps: list[Step]) -> None:
    people = [await person(db, name) for name in ("ann", "bob", "cid", "dot")]
    for act, me, other in steps:
        try:
            async with db.transaction() as tx:
                await act(tx, people[me], people[other])
        except Refused:
            continue
    await check(db, people)


async def check(db: Database, people: Sequence[AccountId]) -> None:
    async def pairs(sql: LiteralString) -> set[tuple[int, int]]:
        return {(record[0], record[1]) for record in await db.records(sql, people)}

    standing = await pairs("SELECT account_id, target_id FROM follows WHERE NOT pending AND account_id = ANY($1)")
    assert standing == await pairs("SELECT follower_id, account_id FROM followers WHERE account_id = ANY($1)")
    waiting = await pairs("SELECT account_id, target_id FROM follows WHERE pending AND account_id = ANY($1)")
    assert waiting == await pairs("SELECT requester_id, account_id FROM follow_requests WHERE account_id = ANY($1)")
    blocked = await pairs("SELECT account_id, target_id FROM blocks WHERE account_id = ANY($1)")
    assert not (blocked | {(b, a) for a, b in blocked}) & (standing | waiting), "nobody follows across a block"
    assert all(a != b for a, b in standing | waiting | blocked)
    for one in await db.records("SELECT id, followers_count, following_count FROM accounts WHERE id = ANY($1)", people):
        assert one["following_count"] == sum(a == one["id"] for a, _ in standing)
        assert one["followers_count"] == sum(b == one["id"] for _, b in standing)
