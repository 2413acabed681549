"""Strikes of one moment, over several connections."""

import asyncio
from datetime import UTC, datetime

from msgspec.structs import replace

from tests.rooms.accounts.people import person
from tests.support.database import KEYS
from tests.support.square import SETTINGS
from townsquare.db.pool import Database, Tx
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases import store_apply, strikes

DECIDED = """
    WITH made AS (
        INSERT INTO cases (id, origin, policy, opened_at, due_at, updated_at, state, decided_at, action, account_action)
        VALUES ($1, 'staff', 'hate', $3, $3, $3, 'decided', $3, 'label', 'none') RETURNING id
    )
    INSERT INTO case_items (case_id, kind, owner_id, item_id, author_id, joined_at, open, action)
    SELECT id, 'account', $2, $2, $2, $3, false, 'label' FROM made
"""


async def test_two_strikes_of_one_moment_are_both_counted(dsn: str) -> None:
    settings = replace(SETTINGS, moderation=replace(SETTINGS.moderation, strikes=2))
    async with Database.connect(dsn, lambda: KEYS, connections=3) as db:
        author, now, cases = await person(db, "struck_twice"), datetime.now(UTC), [new_id(), new_id()]
        for number in cases:
            await db.execute(DECIDED, number, author, now)

        async def give(tx: Tx, number: int) -> None:
            case = await store_apply.lock(tx, number)
            assert case is not None
            await strikes.settle(tx, case, settings=settings, now=now)

        async def beside() -> None:
            async with db.transaction() as tx:
                await give(tx, cases[1])

        async with db.transaction() as tx:
            await give(tx, cases[0])
            other = asyncio.create_task(beside())
            await asyncio.wait([other], timeout=0.3)  # it waits for this one, or has counted without it
        await other
        reached = await db.value(
            "SELECT count(*) FROM jobs WHERE kind = 'StrikesReached' AND payload LIKE $1", f"%{author}%"
        )
        # Nobody else who uses this database is to work on it.
        await db.execute("DELETE FROM jobs WHERE payload LIKE $1", f"%{author}%")
        await db.execute("DELETE FROM strikes WHERE account_id = $1", author)
        await db.execute("DELETE FROM cases WHERE id = ANY($1::bigint[])", cases)
    assert reached == 1
