"""Finding people, and keeping whole servers away."""

import asyncio

import msgspec
import pytest

from tests.rooms.accounts.people import SETTINGS, person, stranger
from tests.support.database import KEYS
from townsquare.accounts import block, collections, lists, search
from townsquare.accounts.events import DomainBlocked
from townsquare.accounts.follow import authorise, follow
from townsquare.accounts.relationships import relationship
from townsquare.db.pool import Database
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.ids import AccountId

HERE = SETTINGS.domains


def names(entities: list[bytes]) -> list[str]:
    return [msgspec.json.decode(one)["acct"] for one in entities]


async def found(db: Database, viewer: AccountId | None, text: str, *, following: bool = False) -> list[str]:
    wanted = search.Wanted(text, 10, following=following)
    return names(await search.search(db, viewer, wanted, here=HERE))


async def test_the_exact_handle_comes_first_then_those_one_follows(db: Database) -> None:
    me = await person(db, "me")
    rose, rosemary, rosa = await person(db, "rose"), await person(db, "rosemary"), await person(db, "rosa_rose")
    await db.execute("UPDATE accounts SET followers_count = 1000 WHERE id = $1", rosemary)
    assert await found(db, me, "rose") == ["rose", "rosemary", "rosa_rose"]
    async with db.transaction() as tx:
        await follow(tx, me, rosa)
    assert await found(db, me, "rose") == ["rose", "rosa_rose", "rosemary"]
    assert await found(db, me, "rose", following=True) == ["rosa_rose"]
    assert rose


async def test_a_search_waits_for_no_second_connection(dsn: str) -> None:
    """Many who search at once would each hold one, and wait for another for ever."""
    async with asyncio.timeout(20), Database.connect(dsn, lambda: KEYS, connections=1) as db:
        await person(db, "quaggazebra")
        assert await found(db, None, "quagagzebra") == ["quaggazebra"]


async def test_names_are_found_by_what_they_resemble(db: Database) -> None:
    await person(db, "wxyz", display_name="Maximilian Stadelmeier")
    for text in (
        "Stadelmeier",
        "stadelmeyer",
        "maximilian stadel",
        "XYZ",
        "maxmilian",
        "stadlemeier",
        "stadelmeier maxmilian",
    ):
        assert await found(db, None, text) == ["wxyz"], text
    for text in ("stadtmauer", "maximilian schmidhuber", "maxi stadtmauer"):
        assert await found(db, None, text) == [], text


@pytest.mark.parametrize(
    ("text", "least"),
    [("ann", 0.4), ("berta", 0.4), ("martinez", 0.5), ("stadelmeyer", 0.6), ("anna stadelmeyer", 0.4)],
)
def test_one_letter_of_a_word_may_be_wrong(text: str, least: float) -> None:
    assert search.likeness(text) == pytest.approx(least, abs=0.011)


async def test_who_does_not_want_to_be_found_is_found_by_handle_only(db: Database) -> None:
    me, shy = await person(db, "me"), await person(db, "shyperson", discoverable=False)
    assert await found(db, me, "shyper") == []
    assert await found(db, me, "shyperson") == ["shyperson"]
    async with db.transaction() as tx:
        await follow(tx, me, shy)
    assert await found(db, me, "shyper") == ["shyperson"]


async def test_who_is_not_confirmed_is_not_there(db: Database) -> None:
    ann = await person(db, "annabel")
    await db.execute("INSERT INTO users (account_id, email_sealed, password_hash) VALUES ($1, '', 'x')", ann)
    assert await found(db, None, "annabel") == []
    await db.execute("UPDATE users SET confirmed_at = now(), approved_at = now() WHERE account_id = $1", ann)
    assert await found(db, None, "annabel") == ["annabel"]


async def test_people_elsewhere_are_found_by_their_whole_handle(db: Database) -> None:
    await stranger(db, "zoe", discoverable=False)
    await stranger(db, "zoe", "near.example", discoverable=True)
    assert await found(db, None, "@zoe@far.example") == ["zoe@far.example"]
    assert await found(db, None, "zoe") == ["zoe@near.example"]
    assert await found(db, None, "zo") == ["zoe@near.example"]


async def test_the_directory_leaves_out_whom_one_keeps_away(db: Database) -> None:
    me, ann, bob = await person(db, "me"), await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await block.block(tx, me, ann)
        await block.block(tx, bob, me)
    everybody = names(await search.directory(db, None, "new", local=True, limit=100, offset=0))
    mine = names(await search.directory(db, me, "new", local=True, limit=100, offset=0))
    assert set(everybody) - set(mine) == {"ann", "bob"}


async def test_whom_the_reader_blocks_is_left_out_of_followers(db: Database) -> None:
    me, ann, bob = await person(db, "me"), await person(db, "ann"), await person(db, "bob")
    async with db.transaction() as tx:
        await follow(tx, bob, ann)
        await follow(tx, me, ann)
        await block.block(tx, me, bob)
    shown, ids = await collections.followers(db, me, ann, Cursor(10))
    assert names(shown) == ["me"]
    assert len(ids) == 2, "the next page begins after all that was looked at"
    async with db.transaction() as tx:
        await block.block(tx, ann, me)
    assert await collections.followers(db, me, ann, Cursor(10)) == ([], [])


async def test_a_blocked_domain_ends_what_stood_with_its_people(db: Database) -> None:
    me, zoe, yan = await person(db, "me"), await stranger(db, "zoe"), await stranger(db, "yan", "near.example")
    async with db.transaction() as tx:
        for far in (zoe, yan):
            await follow(tx, me, far)
            await authorise(tx, far, me)
            await follow(tx, far, me)
        await block.block_domain(tx, me, "far.example", here=HERE)
    await block.end_follows_of_domain(db, [DomainBlocked(me, "far.example")])
    ended, kept = await relationship(db, me, zoe), await relationship(db, me, yan)
    assert (ended.domain_blocking, ended.following, ended.followed_by) == (True, False, False)
    assert (kept.domain_blocking, kept.following, kept.followed_by) == (False, True, True)


async def test_fifty_lists_are_enough(db: Database) -> None:
    me = await person(db, "me")
    async with db.transaction() as tx:
        for number in range(lists.MOST_LISTS):
            await lists.create(tx, me, f"List {number}")
        with pytest.raises(lists.Invalid):
            await lists.create(tx, me, "One more")


async def test_expired_mutes_are_swept_away(db: Database) -> None:
    me, ann = await person(db, "me"), await person(db, "ann")
    await db.execute(
        "INSERT INTO mutes (account_id, target_id, id, expires_at) VALUES ($1, $2, 1, now() - interval '1 hour')",
        me,
        ann,
    )
    await block.end_expired_mutes(db)
    assert await db.value("SELECT count(*) FROM mutes WHERE account_id = $1", me) == 0
