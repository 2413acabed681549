"""What is gathered while its case is decided or opened again, over two connections."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence

import pytest

from tests.rooms.moderation.cases.desk import NOW, claim, reviewer
from tests.support.database import KEYS
from townsquare.db.pool import Database, Tx
from townsquare.moderation.cases import decide
from townsquare.moderation.cases.gather import Claim, gather
from townsquare.moderation.cases.model import Review

SEATS = "Never pay for a ticket to the harbour concert again, we have the only true list of hidden free seats"
COINS = "Whoever sends me one coin before the bells ring at noon will get back three of them by tonight, I swear"
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
    await tx.execute("DELETE FROM jobs WHERE kind IN ('CaseDecided', 'CaseUndone', 'CaseHeld')")


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
