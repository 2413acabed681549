"""The audit log: one chain, to which things are only ever added, and in which every change shows."""

import asyncpg
import pytest

from townsquare.db.pool import Database
from townsquare.moderation.audit import Deed, Verdict, history, record, verify
from townsquare.moderation.model import OPERATOR, Actor

MOD = Actor(7, "@mod", "moderator")


async def write(db: Database, *actions: str) -> None:
    for action in actions:
        async with db.transaction() as tx:
            deed = Deed(
                action=action, target="account:1", name="@ann", reason="“Why”", before={"a": None}, after={"a": 1}
            )
            await record(tx, MOD, deed)


async def test_entries_tell_who_did_what_and_why(db: Database) -> None:
    await write(db, "account.silence")
    async with db.transaction() as tx:
        await record(tx, OPERATOR, Deed(action="account.enable", target="account:1"), Deed(action="x", target="y"))
    last, first = await history(db, "account:1")
    assert (first.actor, first.role, first.action, first.reason, first.after) == (
        "@mod",
        "moderator",
        "account.silence",
        "“Why”",
        {"a": 1},
    )
    assert (last.actor_id, last.actor, last.role) == (0, "operator at the terminal", "")
    assert (await verify(db)).entries == 3


async def test_a_whole_chain_is_found_whole(db: Database) -> None:
    assert await verify(db) == Verdict(0, bytes(32))
    await write(db, "a", "b", "c")
    verdict = await verify(db)
    assert (verdict.entries, verdict.broken) == (3, None)
    assert verdict.head == await db.value("SELECT digest FROM audit.log WHERE number = 3")


@pytest.mark.parametrize("sql", ["UPDATE audit.log SET entry = '{}'", "DELETE FROM audit.log", "TRUNCATE audit.log"])
async def test_the_database_refuses_to_change_it(db: Database, sql: str) -> None:
    await write(db, "a")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
        async with db.transaction() as tx:
            await tx.execute(sql)  # pyright: ignore[reportArgumentType] (one of the three above)
    assert (await verify(db)).entries == 1


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit.log SET entry = replace(entry, 'account:1', 'account:2') WHERE number = 2", 2),
        ("DELETE FROM audit.log WHERE number = 2", 2),
        ("UPDATE audit.log SET digest = sha256('') WHERE number = 3", 3),
        ("UPDATE audit.log SET number = 9 WHERE number = 3", 3),
    ],
)
async def test_what_an_owner_of_the_database_does_to_it_shows(db: Database, sql: str, broken: int) -> None:
    await write(db, "a", "b", "c", "d")
    await db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    await db.execute(sql)  # pyright: ignore[reportArgumentType] (one of those above)
    assert (await verify(db)).broken == broken


async def test_nobody_chooses_number_or_digest(db: Database) -> None:
    await write(db, "a")
    await db.execute("INSERT INTO audit.log (number, entry, previous, digest) VALUES (9, '{}', '', '')")
    assert await verify(db) == Verdict(2, await db.value("SELECT digest FROM audit.log WHERE number = 2"))
