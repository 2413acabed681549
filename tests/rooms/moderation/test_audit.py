"""The audit log: one chain, to which things are only ever added, and in which every change shows."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import asyncpg
import msgspec
import pytest

from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.moderation.audit import Deed, Entry, Fault, Verdict, history, record, verify, verify_chain
from townsquare.moderation.checkpoints import make, vouched
from townsquare.moderation.model import OPERATOR, Actor

MOD = Actor(7, "@mod", "moderator")


class Back(Exception):  # noqa: N818 (nothing is wrong)
    """What was tried is taken back."""


def broken(number: int, fault: Fault) -> Verdict:
    """All before it is whole."""
    return Verdict(number - 1, b"", number, fault)


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
            await tx.connection.execute(sql)
    assert (await verify(db)).entries == 1


AGAIN = """
WITH RECURSIVE made AS (
    SELECT number, entry, previous, digest FROM audit.log WHERE number = 1
    UNION ALL
    SELECT l.number, l.entry, m.digest,
        sha256(m.digest || int8send(l.number) || convert_to(l.entry, 'UTF8'))
    FROM made m JOIN audit.log l ON l.number = m.number + 1)
UPDATE audit.log l SET previous = m.previous, digest = m.digest FROM made m WHERE m.number = l.number
"""
"""Make the chain anew, as whoever knows how it is made would."""
CLOSE_UP = "UPDATE audit.log SET number = number - 1 WHERE number > 2"
ROOM = (
    "UPDATE audit.log SET number = -number - 1 WHERE number > 2",
    "UPDATE audit.log SET number = -number WHERE number < 0",
)
PUT_IN = """
INSERT INTO audit.log (number, entry, previous, digest)
SELECT 3, replace(entry, '"b"', '"x"'), digest,
    sha256(digest || int8send(3) || convert_to(replace(entry, '"b"', '"x"'), 'UTF8'))
FROM audit.log WHERE number = 2
"""
SWAP = """
UPDATE audit.log l SET entry = o.entry FROM audit.log o
WHERE (l.number, o.number) IN ((2, 3), (3, 2))
"""
FORGED: Final[Mapping[str, tuple[tuple[str, ...], Verdict]]] = {
    "put in": ((*ROOM, PUT_IN), broken(4, "changed")),
    "put in, and the chain made anew": ((*ROOM, PUT_IN, AGAIN), broken(4, "replaced")),
    "put in at the end with a digest of its own": (
        ("INSERT INTO audit.log (number, entry, previous, digest) VALUES (5, '{}', sha256(''), sha256(''))",),
        broken(5, "changed"),
    ),
    "taken out": (("DELETE FROM audit.log WHERE number = 2",), broken(2, "missing")),
    "taken out, and closed up": (("DELETE FROM audit.log WHERE number = 2", CLOSE_UP), broken(2, "changed")),
    "the first taken out": (("DELETE FROM audit.log WHERE number = 1",), broken(1, "missing")),
    "the end cut off": (("DELETE FROM audit.log WHERE number > 2",), broken(3, "missing")),
    "all of it cut off": (("DELETE FROM audit.log",), broken(1, "missing")),
    "another order": ((SWAP,), broken(2, "changed")),
    "another order, and the chain made anew": ((SWAP, AGAIN), broken(4, "replaced")),
    "other numbers": (("UPDATE audit.log SET number = 9 WHERE number = 4",), broken(4, "missing")),
}


@pytest.mark.parametrize("forged", FORGED)
async def test_what_an_owner_of_the_database_does_to_it_shows(
    db: Database, connection: asyncpg.Connection, forged: str
) -> None:
    """Somebody who may do everything, and has switched off what refuses it. How far it was had been signed before."""
    await write(db, "a", "b", "c", "d")
    await make(db, SETTINGS)
    before = await verify(db, await vouched(db))
    assert (before.entries, before.broken) == (4, None)
    await db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    statements, expected = FORGED[forged]
    for sql in statements:
        await connection.execute(sql)
    found = await verify(db, await vouched(db))
    assert (found.entries, found.broken, found.fault) == (expected.entries, expected.broken, expected.fault)


async def test_every_column_and_every_field_that_is_changed_shows(db: Database, connection: asyncpg.Connection) -> None:
    """Also those that the database makes of an entry, by which one finds it."""
    async with db.transaction() as tx:
        whole = Deed(
            action="a", target="account:1", name="@ann", reason="Why", report_id=5, before={"a": 1}, after={"a": 2}
        )
        await record(tx, MOD, whole, whole, whole)
    await db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    for name in ("actor_id", "action", "target"):
        await connection.execute(f"ALTER TABLE audit.log ALTER {name} DROP EXPRESSION")
    columns = {
        record["column_name"]: record["data_type"]
        for record in await db.records(
            "SELECT column_name, data_type FROM information_schema.columns WHERE (table_schema, table_name) = ($1, $2)",
            "audit",
            "log",
        )
    }
    written = await db.value("SELECT entry FROM audit.log WHERE number = 2")
    fields = msgspec.json.decode(written, type=dict[str, object])
    assert (msgspec.json.encode(fields).decode(), fields.keys()) == (written, set(Entry.__struct_fields__))
    others: dict[str, object] = {"bigint": 9, "text": "{}", "bytea": b"other"}
    forged = [(name, others[kind]) for name, kind in columns.items()]
    forged += [("entry", msgspec.json.encode(fields | {name: "other"}).decode()) for name in fields]
    for column, value in forged:
        with suppress(Back):
            async with db.transaction() as tx:
                await tx.connection.execute(f"UPDATE audit.log SET {column} = $1 WHERE number = 2", value)
                assert (column, value, (await verify(tx)).broken) == (column, value, 2)
                raise Back
    assert (await verify(db)).broken is None


async def test_nobody_chooses_number_or_digest(db: Database) -> None:
    await write(db, "a")
    await db.execute("INSERT INTO audit.log (number, entry, previous, digest) VALUES (9, '{}', '', '')")
    assert await verify_chain(db) == Verdict(2, await db.value("SELECT digest FROM audit.log WHERE number = 2"))


async def found(db: Database) -> tuple[int, int | None, Fault | None]:
    """Without any checkpoint."""
    verdict = await verify(db)
    return verdict.entries, verdict.broken, verdict.fault


async def test_what_is_added_by_whoever_has_not_the_key_shows_and_goes_on_to_show(db: Database) -> None:
    """It fits the chain, which the database has made itself."""
    await write(db, "a", "b")
    await db.execute("INSERT INTO audit.log (entry) SELECT replace(entry, 'b', 'x') FROM audit.log WHERE number = 2")
    assert await found(db) == (2, 3, "added")
    await write(db, "c")
    assert await found(db) == (2, 3, "added")


@pytest.mark.parametrize("last", range(4))
async def test_a_tail_that_is_cut_off_shows_without_a_checkpoint(db: Database, last: int) -> None:
    await write(db, "a", "b", "c", "d")
    await db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    await db.execute("DELETE FROM audit.log WHERE number > $1", last)
    assert await found(db) == (last, last + 1, "missing")
    await db.execute("ALTER TABLE audit.log ENABLE TRIGGER USER")
    await write(db, *"bcde"[last:])
    assert await found(db) == (3, 4, "replaced")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE audit.head SET number = 2, digest = (SELECT digest FROM audit.log WHERE number = 2)", "unsigned"),
        ("UPDATE audit.head SET mark = sha256('')", "unsigned"),
        ("DELETE FROM audit.head", "unsigned"),
        ("TRUNCATE audit.head", "unsigned"),
    ],
)
async def test_where_it_ends_cannot_be_made_up_without_the_key(
    db: Database, connection: asyncpg.Connection, sql: str, expected: Fault
) -> None:
    await write(db, "a", "b", "c")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
        async with db.transaction() as tx:
            await tx.connection.execute(sql)
    for table in ("log", "head"):
        await connection.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER")
    await db.execute("DELETE FROM audit.log WHERE number > 2")
    await connection.execute(sql)
    assert await found(db) == (2, 3, expected)


async def test_an_end_that_was_brought_back_shows_by_a_checkpoint_that_stood_elsewhere(
    db: Database, connection: asyncpg.Connection
) -> None:
    """The one thing that nothing within the database can show."""
    await write(db, "a", "b")
    await db.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM audit.head")
    await write(db, "c")
    elsewhere = await make(db, SETTINGS)
    for table in ("log", "head", "checkpoints"):
        await connection.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER")
    await db.execute("DELETE FROM audit.log WHERE number > 2")
    await db.execute("DELETE FROM audit.checkpoints")
    await db.execute("UPDATE audit.head h SET number = k.number, digest = k.digest, mark = k.mark FROM kept k")
    assert await found(db) == (2, None, None)
    assert (await verify(db, await vouched(db, [elsewhere]))).broken == 3
