"""What is gathered, or given back, while its case or an appeal is decided, over two connections."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence

import pytest

from tests.rooms.moderation.cases.desk import NOW, actions, claim, reviewer
from tests.support.database import KEYS
from townsquare.db.pool import Database, Tx
from townsquare.kernel.ids import new_id
from townsquare.moderation.cases import decide, parting
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import Review, Subject
from townsquare.moderation.reasons import store_appeals
from townsquare.moderation.reasons.store_appeals import Appeal

SEATS = "Never pay for a ticket to the harbour concert again, we have the only true list of hidden free seats"
COINS = "Whoever sends me one coin before the bells ring at noon will get back three of them by tonight, I swear"
SWANS = "My cousin sells the swans of the castle pond to tourists for cash, write to me before the guards come back"
LABEL = Review(policy="spam", action="label", account_action="none")


@pytest.fixture
async def both(dsn: str) -> AsyncGenerator[Database]:
    """With two connections. What is decided stays, so nothing is left open."""
    async with Database.connect(dsn, lambda: KEYS, connections=2) as db:
        yield db
        for (case_id,) in await db.records("SELECT id FROM cases WHERE state = 'open' AND items_count > 0"):
            await _labelled(db, 3, case_id)


async def _quietly(tx: Tx, act: Awaitable[object]) -> None:
    """Nobody else who uses the same database is to work on it."""
    await act
    await tx.execute("DELETE FROM jobs WHERE kind IN ('CaseDecided', 'CaseUndone', 'CaseHeld', 'ThingGivenBack')")


async def _gathered(db: Database, one: Claim) -> None:
    async with db.transaction() as tx:
        await _quietly(tx, gather(tx, [one], NOW))


async def _first(db: Database, one: Claim) -> int:
    await _gathered(db, one)
    return await db.value("SELECT case_id FROM case_items WHERE item_id = $1", one.subject.item_id)


async def _labelled(db: Database, by: int, case_id: int) -> None:
    async with db.transaction() as tx:
        await _quietly(tx, decide.decide(tx, reviewer(by), case_id, LABEL, NOW))


async def _waited(tx: Tx, gathering: asyncio.Task[None]) -> None:
    while not gathering.done() and not await tx.value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
        await asyncio.wait([gathering], timeout=0.01)


async def test_what_comes_while_its_case_is_decided_is_decided_as_it_was(both: Database) -> None:
    case_id = await _first(both, claim(SEATS, post=71, policy="spam"))
    async with both.transaction() as tx:
        await _quietly(tx, decide.decide(tx, reviewer(1), case_id, LABEL, NOW))
        gathering = asyncio.create_task(_gathered(both, claim(f"{SEATS}!!", post=72, by=3, policy="spam")))
        await _waited(tx, gathering)
    await gathering
    assert await _found(both, 72) == [(case_id, "decided", False, "label", True)]


async def test_what_comes_while_its_case_is_opened_again_waits_with_it(both: Database) -> None:
    case_id = await _first(both, claim(COINS, post=73, policy="spam"))
    await _labelled(both, 1, case_id)
    async with both.transaction() as tx:
        await _quietly(tx, decide.undo(tx, reviewer(2), case_id, "Look again", NOW, again=True))
        gathering = asyncio.create_task(_gathered(both, claim(f"{COINS}!!", post=74, by=3, policy="spam")))
        await _waited(tx, gathering)
    await gathering
    assert await _found(both, 74) == [(case_id, "open", True, None, None)]


async def test_what_is_given_back_while_an_appeal_about_it_is_decided_leaves_that_as_it_is_for_the_rest(
    both: Database,
) -> None:
    case_id = await _first(both, claim(SWANS, post=75, policy="spam"))
    await _gathered(both, claim(f"{SWANS}!!", post=76, policy="spam"))
    await _labelled(both, 1, case_id)
    appeal = await _appealed(both, case_id)

    async def given_back() -> None:
        async with both.transaction() as tx:
            thing = Subject("status", 575, 75)
            await _quietly(tx, parting.give_back(tx, reviewer(3), case_id, thing, "It is about a lake", NOW))

    async with both.transaction() as tx:
        await _quietly(tx, decide.decide(tx, reviewer(2), appeal, LABEL, NOW))
        giving = asyncio.create_task(given_back())
        await _waited(tx, giving)
    await giving
    assert await actions(both, appeal) == [(75, None, False), (76, "label", False)]
    (one,) = await both.records(
        "SELECT c.state, c.action, p.granted FROM cases c JOIN appeals p ON p.case_id = c.id WHERE c.id = $1", appeal
    )
    assert tuple(one) == ("decided", "label", None)


async def _appealed(db: Database, case_id: int) -> int:
    """By somebody else than its authors, against all of it."""
    made = Appeal(609, new_id(NOW), case_id, 1, "reporter", "Remove it", new_id(NOW), NOW, None, None, "")
    async with db.transaction() as tx:
        assert await store_appeals.open_case(tx, made.case_id, case_id, 1, None, NOW)
        await store_appeals.insert(tx, made)
    return made.case_id


async def _found(db: Database, post: int) -> Sequence[tuple[object, ...]]:
    records = await db.records(
        """
        SELECT i.case_id, c.state, i.open, i.action, r.upheld FROM case_items i
        JOIN cases c ON c.id = i.case_id JOIN case_reports r ON r.case_id = c.id AND r.item_id = i.item_id
        WHERE i.item_id = $1
        """,
        post,
    )
    return [tuple(record) for record in records]
