"""Many people act on each other at the same moment, over several connections."""

import asyncio
import random

from tests.properties.test_follows import ACTS, disagreements, seen_by_both
from tests.rooms.accounts.people import person
from tests.support.database import KEYS
from townsquare.db.pool import Database
from townsquare.kernel.errors import Refused
from townsquare.kernel.ids import AccountId


async def test_nobody_waits_for_ever_and_every_counter_is_right(dsn: str) -> None:
    chance = random.Random(7)
    async with Database.connect(dsn, lambda: KEYS, connections=6) as db:
        people = [await person(db, f"together_{name}") for name in "abcd"]

        async def act() -> None:
            one, other = chance.sample(people, 2)
            try:
                async with db.transaction() as tx:
                    await chance.choice(ACTS)(tx, AccountId(one), AccountId(other))
            except Refused:
                return

        await asyncio.gather(*(act() for _ in range(300)))
        assert disagreements(await seen_by_both(db, people)) == []
