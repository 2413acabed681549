"""Following, asking to, and what ends it."""

import pytest

from tests.rooms.accounts.people import entity, events, person, stranger
from townsquare.accounts.block import block, unblock
from townsquare.accounts.events import Unlocked
from townsquare.accounts.follow import (
    Wish,
    authorise,
    authorise_waiting,
    follow,
    reject,
    remove_follower,
    unfollow,
)
from townsquare.accounts.relationships import relationship, relationships
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden, NotFound
from townsquare.kernel.ids import AccountId


async def counts(db: Database, account_id: AccountId) -> tuple[int, int]:
    shown = await entity(db, account_id)
    return shown["followers_count"], shown["following_count"]


async def test_a_follow_stands_on_both_sides_and_counts(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
    seen, back = await relationship(db, ann, bob), await relationship(db, bob, ann)
    assert (seen.following, seen.showing_reblogs, seen.notifying, seen.languages) == (True, True, False, None)
    assert (back.followed_by, back.following) == (True, False)
    assert await counts(db, bob) == (1, 0)
    assert await counts(db, ann) == (0, 1)
    assert (await events(db))[-1] == "Followed"


async def test_following_again_changes_how_and_counts_once(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
        await follow(tx, ann, bob, Wish(reblogs=False, notify=True, languages=["de", "en"]))
    seen = await relationship(db, ann, bob)
    assert (seen.showing_reblogs, seen.notifying, seen.languages) == (False, True, ["de", "en"])
    assert await counts(db, bob) == (1, 0)
    async with db.transaction() as tx:
        await follow(tx, ann, bob, Wish(languages=[]))
    seen = await relationship(db, ann, bob)
    assert (seen.showing_reblogs, seen.notifying, seen.languages) == (False, True, None)


async def test_a_locked_account_is_asked_first(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob", locked=True)
    async with db.transaction() as tx:
        await follow(tx, ann, bob, Wish(notify=True))
    asked, wanted = await relationship(db, ann, bob), await relationship(db, bob, ann)
    assert (asked.following, asked.requested, asked.notifying) == (False, True, True)
    assert (wanted.followed_by, wanted.requested_by) == (False, True)
    assert await counts(db, bob) == (0, 0)
    async with db.transaction() as tx:
        await authorise(tx, bob, ann)
    granted = await relationship(db, ann, bob)
    assert (granted.following, granted.requested, granted.notifying) == (True, False, True)
    assert await counts(db, bob) == (1, 0)
    assert (await events(db))[-2:] == ["Followed", "FollowAccepted"]


async def test_a_refused_request_is_gone(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob", locked=True)
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
        await reject(tx, bob, ann)
    assert not (await relationship(db, ann, bob)).requested
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await authorise(tx, bob, ann)
    assert await counts(db, bob) == (0, 0)


async def test_a_request_is_taken_back(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob", locked=True)
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
        await unfollow(tx, ann, bob)
    with pytest.raises(NotFound):
        async with db.transaction() as tx:
            await authorise(tx, bob, ann)
    assert await counts(db, ann) == (0, 0)


async def test_unlocking_grants_what_waits(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob", locked=True)
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
    await authorise_waiting(db, [Unlocked(bob)])
    assert (await relationship(db, ann, bob)).requested, "still locked: nobody is let in"
    await db.execute("UPDATE accounts SET locked = false WHERE id = $1", bob)
    await authorise_waiting(db, [Unlocked(bob)])
    await authorise_waiting(db, [Unlocked(bob)])
    assert (await relationship(db, ann, bob)).following
    assert await counts(db, bob) == (1, 0)


async def test_somebody_elsewhere_is_always_asked(db: Database) -> None:
    ann, far = await person(db, "ann"), await stranger(db, "zoe")
    async with db.transaction() as tx:
        await follow(tx, ann, far)
    assert (await relationship(db, ann, far)).requested


async def test_who_is_limited_asks_also_where_nobody_has_to(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    await db.execute("UPDATE accounts SET limited_at = now() WHERE id = $1", ann)
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
    assert (await relationship(db, ann, bob)).requested


async def test_nobody_follows_themselves(db: Database) -> None:
    ann = await person(db, "ann")
    with pytest.raises(Forbidden):
        async with db.transaction() as tx:
            await follow(tx, ann, ann)


async def test_nobody_and_the_suspended_are_not_found(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    await db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", bob)
    for target in (bob, AccountId(17)):
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await follow(tx, ann, target)


async def test_a_block_ends_follows_both_ways_and_forbids_new_ones(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, ann, bob)
        await follow(tx, bob, ann)
        await block(tx, ann, bob)
    seen, back = await relationship(db, ann, bob), await relationship(db, bob, ann)
    assert (seen.blocking, seen.following, seen.followed_by) == (True, False, False)
    assert (back.blocked_by, back.following, back.followed_by) == (True, False, False)
    assert await counts(db, ann) == await counts(db, bob) == (0, 0)
    for follower, target in ((bob, ann), (ann, bob)):
        with pytest.raises(Forbidden):
            async with db.transaction() as tx:
                await follow(tx, follower, target)
    async with db.transaction() as tx:
        await unblock(tx, ann, bob)
        await follow(tx, bob, ann)
    assert (await relationship(db, bob, ann)).following


async def test_a_block_ends_requests(db: Database) -> None:
    ann, bob = await person(db, "ann", locked=True), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, bob, ann)
        await block(tx, ann, bob)
    assert not (await relationship(db, bob, ann)).requested
    assert not (await relationship(db, ann, bob)).requested_by


async def test_a_follower_is_removed_and_may_come_back(db: Database) -> None:
    ann, bob = await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, bob, ann)
        await remove_follower(tx, ann, bob)
        await remove_follower(tx, ann, bob)
    assert await counts(db, ann) == (0, 0)
    async with db.transaction() as tx:
        await follow(tx, bob, ann)
    assert await counts(db, ann) == (1, 0)


async def test_relationships_keep_the_order_asked_for_and_leave_out_nobody(db: Database) -> None:
    ann, bob, cid = await person(db, "ann"), await person(db, "bob"), await person(db, "cid")
    await db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", cid)
    asked = [bob, AccountId(17), cid, ann, bob]
    assert [found.id for found in await relationships(db, ann, asked)] == [str(bob), str(ann)]
    everybody = await relationships(db, ann, asked, suspended=True)
    assert [found.id for found in everybody] == [str(bob), str(cid), str(ann)]


async def test_a_hundred_relationships_cost_three_queries(db: Database) -> None:
    ann, bob, far = await person(db, "ann"), await person(db, "bob"), await stranger(db, "zoe")
    before = db.statements
    await relationships(db, ann, [bob, far, *(AccountId(number) for number in range(100))])
    assert db.statements - before == 3
