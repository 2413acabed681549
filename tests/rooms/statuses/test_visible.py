"""The rule of who may see a post is asked in three ways, and they say the same."""

import random
from itertools import product
from typing import Final, LiteralString

from tests.support.square import Person, Square
from townsquare.statuses.visible import STANDING, VISIBLE_BY_STANDING, VISIBLE_TO, VISIBLE_TO_ALL

ALL: Final[LiteralString] = f"""
    SELECT s.id, k.viewer, {VISIBLE_TO} AS one_by_one, {VISIBLE_BY_STANDING} AS by_standing, {VISIBLE_TO_ALL} AS to_all
    FROM statuses s JOIN accounts a ON a.id = s.account_id
    CROSS JOIN unnest($1::bigint[]) AS k (viewer) CROSS JOIN LATERAL {STANDING} o
"""


async def relate(chance: random.Random, one: Person, other: Person) -> None:
    """What people may be to each other."""
    for act in chance.sample(["follow", "block", "mute", "remove_from_followers"], chance.randint(0, 2)):
        await one.request("POST", f"/api/v1/accounts/{other.id}/{act}")


async def test_whichever_way_it_is_asked(square: Square) -> None:
    chance = random.Random(11)
    people = [await square.person(name) for name in ("ann", "ben", "cleo", "dora", "emil")]
    for one, other in product(people, people):
        if one is not other:
            await relate(chance, one, other)
    for one, visibility in product(people, ("public", "unlisted", "private", "direct")):
        await one.say(f"hello @{chance.choice(people).username}", visibility=visibility)
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", people[4].id)

    records = await square.db.records(ALL, [0, *(one.id for one in people)])
    assert {(record["one_by_one"], record["to_all"]) for record in records} == {
        (True, True),
        (True, False),
        (False, False),
    }
    assert [record for record in records if record["one_by_one"] != record["by_standing"]] == []
