"""Posts of one moment are written by one statement, and none of them waits or fails because of another."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.rooms.accounts.people import person
from tests.support.database import KEYS
from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.kernel.ids import AccountId
from townsquare.statuses.model import Author, Draft, Visibility
from townsquare.statuses.post import NotWritten, Posted, post_status

LONG_AGO = datetime(2020, 5, 6, tzinfo=UTC)


@pytest.fixture
async def pool(dsn: str) -> AsyncGenerator[Database]:
    async with Database.connect(dsn, lambda: KEYS, connections=4) as opened:
        yield opened


@pytest.fixture
async def people(pool: Database) -> list[AccountId]:
    return [await person(pool, f"w{uuid4().hex[:12]}") for _ in range(3)]


async def say(pool: Database, author: AccountId, text: str, *, key: str = "", draft: Draft | None = None) -> Posted:
    draft = draft or Draft(text=text, idempotency_key=key)
    return await post_status(pool, SETTINGS, Author(author, "somebody"), draft)


async def counted(pool: Database, author: AccountId) -> tuple[int, int, int]:
    """How many posts the author's row says there are, how many there are, and how many jobs tell of them."""
    [row] = await pool.records(
        """
        SELECT a.statuses_count::int, (SELECT count(*)::int FROM statuses WHERE account_id = a.id),
            (SELECT count(*)::int FROM jobs
                WHERE kind = 'StatusPosted' AND (payload::jsonb ->> 'account_id')::bigint = a.id)
        FROM accounts a WHERE a.id = $1
        """,
        author,
    )
    return tuple(row)


async def test_posts_of_one_moment_share_a_statement(pool: Database, people: list[AccountId]) -> None:
    before = pool.statements
    texts = [(people[n % 3], f"post {n}") for n in range(12)]
    made = await asyncio.gather(*(say(pool, author, text) for author, text in texts))
    assert pool.statements - before <= 2  # the other wakes whoever works
    rows = await pool.records("SELECT id, account_id, text FROM statuses WHERE id = ANY($1)", [one.id for one in made])
    assert {tuple(row) for row in rows} == {(one.id, *text) for one, text in zip(made, texts, strict=True)}
    for author in people:
        assert await counted(pool, author) == (4, 4, 4)


async def test_each_is_written_as_its_author_wanted_it(pool: Database, people: list[AccountId]) -> None:
    ann, ben, _ = people
    await pool.execute("UPDATE accounts SET sensitized_at = now() WHERE id = $1", ben)
    drafts = [
        (ann, Draft(text="whispered", visibility=Visibility.PRIVATE, language="de")),
        (ann, Draft(text="from before", created_at=LONG_AGO, spoiler_text="old")),
        (ben, Draft(text="shown with care", visibility=Visibility.UNLISTED)),
    ]
    made = await asyncio.gather(*(say(pool, author, "", draft=draft) for author, draft in drafts))
    rows = {
        row[0]: tuple(row[1:])
        for row in await pool.records(
            """
            SELECT id, text, visibility, language, spoiler_text, created_at < '2021-01-01',
                convert_from(body, 'UTF8') LIKE '%"sensitive":true%'
            FROM statuses WHERE id = ANY($1)
            """,
            [one.id for one in made],
        )
    }
    assert [rows[one.id] for one in made] == [
        ("whispered", 2, "de", "", False, False),
        ("from before", 0, rows[made[1].id][2], "old", True, True),
        ("shown with care", 1, rows[made[2].id][2], "", False, True),
    ]
    last = await pool.value("SELECT last_status_on = (now() AT TIME ZONE 'UTC')::date FROM accounts WHERE id = $1", ann)
    assert last is True


async def test_a_key_that_two_of_them_have_makes_one_post(pool: Database, people: list[AccountId]) -> None:
    ann, ben, _ = people
    sent = [(ann, "once"), (ann, "once"), (ben, "once"), (ann, "")]
    made = await asyncio.gather(*(say(pool, author, "hello", key=key) for author, key in sent))
    assert made[0].id == made[1].id
    assert Counter(one.id for one in made).most_common(1) == [(made[0].id, 2)]
    again = await asyncio.gather(say(pool, ann, "hello", key="once"), say(pool, ben, "hello", key="other"))
    assert again[0].id == made[0].id
    assert (await counted(pool, ann))[:2] == (2, 2)
    assert (await counted(pool, ben))[:2] == (2, 2)


async def test_one_whose_row_is_being_written_is_waited_for_by_nobody(pool: Database, people: list[AccountId]) -> None:
    ann, ben, cleo = people
    async with pool.transaction() as tx:
        await tx.execute("UPDATE accounts SET note = 'busy' WHERE id = $1", ann)
        held = asyncio.create_task(say(pool, ann, "later"))
        others = [say(pool, ben, "now"), say(pool, cleo, "now too"), say(pool, ben, "and again")]
        await asyncio.wait_for(asyncio.gather(*others), 10)
        assert not held.done()
        await asyncio.wait_for(say(pool, cleo, "alone"), 10)
    await asyncio.wait_for(held, 10)
    assert [(await counted(pool, one))[:2] for one in people] == [(1, 1), (2, 2), (2, 2)]


async def test_one_whose_account_is_gone_is_told_so(pool: Database, people: list[AccountId]) -> None:
    ann, ben, gone = people
    await pool.execute("UPDATE accounts SET deleted_at = now() WHERE id = $1", gone)
    sent = [say(pool, ann, "one"), say(pool, gone, "no more"), say(pool, ben, "two")]
    results = await asyncio.gather(*sent, return_exceptions=True)
    assert [type(one) for one in results] == [Posted, NotWritten, Posted]
    assert (await counted(pool, gone))[:2] == (0, 0)
