"""Rows that a process knows are not read again, and what has changed is."""

from collections.abc import Mapping
from typing import Any

from tests.support.square import Person, Square
from townsquare.statuses.store_posts import forget_posts
from townsquare.statuses.store_read import fetch_by_id


async def shown(reader: Person, post: Mapping[str, Any]) -> dict[str, Any]:
    return await reader.get(f"/api/v1/statuses/{post['id']}")


async def refused(reader: Person, post: Mapping[str, Any]) -> bool:
    return (await reader.request("GET", f"/api/v1/statuses/{post['id']}")).status_code == 404


async def test_a_post_that_is_known_costs_no_further_statement(square: Square) -> None:
    ann, ben = [await square.person(name) for name in ("ann", "ben")]
    post = await ann.say("hello")
    asked: list[int] = []
    for forgotten in (False, True, False):
        if forgotten:
            forget_posts()
        before = square.db.statements
        assert (await shown(ben, post))["id"] == post["id"]
        asked.append(square.db.statements - before)
    assert asked[1] == asked[2] + 1


async def test_what_changes_is_seen_at_once(square: Square) -> None:
    ann, ben = [await square.person(name) for name in ("ann", "ben")]
    post = await ann.say("hello")
    assert (await shown(ben, post))["favourites_count"] == 0
    await ben.post(f"/api/v1/statuses/{post['id']}/favourite")
    assert (await shown(ben, post))["favourites_count"] == 1
    await ann.put(f"/api/v1/statuses/{post['id']}", status="goodbye")
    assert "goodbye" in str((await shown(ben, post))["content"])
    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann of the hill")
    assert "Ann of the hill" in str((await shown(ben, post))["account"])
    await ann.delete(f"/api/v1/statuses/{post['id']}")
    assert await refused(ben, post)


async def test_two_changes_of_one_transaction_are_two_versions(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("hello")
    number = int(post["id"])
    async with square.db.transaction() as tx:
        for count in (3, 4):
            await tx.execute("UPDATE statuses SET replies_count = $2 WHERE id = $1", number, count)
            found = (await fetch_by_id(tx, [(ann.id, number)]))[0]
            assert found is not None
            assert b'"replies_count":%d' % count in found.counts


async def test_nobody_sees_what_another_could(square: Square) -> None:
    ann, ben, eve = [await square.person(name) for name in ("ann", "ben", "eve")]
    post = await ann.say("hello @ben", visibility="direct")
    assert (await shown(ben, post))["id"] == post["id"]
    assert await refused(eve, post)
