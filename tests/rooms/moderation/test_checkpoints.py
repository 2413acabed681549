"""Checkpoints of the audit log: signed, held against the log, and what shows by them."""

from pathlib import Path

import asyncpg
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.kernel.errors import Invalid, Unavailable
from townsquare.kernel.keyring import Keyring, fresh
from townsquare.kernel.settings import Moderation
from townsquare.moderation.audit import Deed, record, verify, verify_chain
from townsquare.moderation.checkpoints import (
    Checkpoint,
    key_of,
    latest,
    make,
    make_and_publish,
    public_key,
    read_note,
    signed,
    vouched,
)
from townsquare.moderation.model import OPERATOR

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOTE = signed(Checkpoint("town.example/audit-log", 7, b"x" * 32, "2027-01-02T03:04:05.000Z"), KEY)


async def write(db: Database, *actions: str) -> None:
    for action in actions:
        async with db.transaction() as tx:
            await record(tx, OPERATOR, Deed(action=action, target="account:1"))


async def meddle(db: Database, *statements: str) -> None:
    """As somebody who owns the database."""
    await db.execute("ALTER TABLE audit.log DISABLE TRIGGER USER")
    for sql in statements:
        await db.execute(sql)  # pyright: ignore[reportArgumentType] (of these tests)


def test_a_note_is_of_the_form_that_others_read() -> None:
    assert NOTE.split("\n") == [
        "town.example/audit-log",
        "7",
        "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
        "2027-01-02T03:04:05.000Z",
        "",
        NOTE.split("\n")[5],
        "",
    ]
    assert NOTE.split("\n")[5].startswith("— town.example/audit-log ")
    assert read_note(NOTE, [KEY.public_key()]).number == 7


@pytest.mark.parametrize(
    "note",
    [
        "",
        "town.example/audit-log\n8\n",
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace("03:04", "03:05"),
        NOTE.replace("town.example/", "other.example/"),
        NOTE.replace("— town", "- town"),
        NOTE[:-9] + "=\n",
        NOTE.partition("\n\n")[0] + "\n\n",
    ],
)
def test_a_note_that_was_changed_is_none(note: str) -> None:
    with pytest.raises(Invalid):
        read_note(note, [KEY.public_key()])


def test_a_note_of_another_key_is_none() -> None:
    with pytest.raises(Invalid, match="not signed with a key of this place"):
        read_note(NOTE, [Ed25519PrivateKey.generate().public_key()])


async def test_one_is_made_for_what_is_new(db: Database) -> None:
    assert await make(db, SETTINGS) == ""
    await write(db, "a", "b")
    note = await make(db, SETTINGS)
    found = read_note(note, [key_of(public_key(SETTINGS, db.keys))])
    assert (found.origin, found.number) == ("town.example/audit-log", 2)
    assert found.digest == await db.value("SELECT digest FROM audit.log WHERE number = 2")
    assert await make(db, SETTINGS) == note
    await write(db, "c")
    assert await make(db, SETTINGS) != note
    assert [one for one in await vouched(db)] == [2, 3]
    assert (await verify(db, await vouched(db))).broken is None


async def test_after_a_new_key_it_signs_also_what_was_signed_before(
    db: Database, connection: asyncpg.Connection
) -> None:
    await write(db, "a")
    before = await make(db, SETTINGS)
    ring = Keyring({"audit": [*fresh().of("audit"), *db.keys.of("audit")]})
    note = await make(Database.over(connection, ring), SETTINGS)
    assert note.partition("\n\n")[0] == before.partition("\n\n")[0]
    assert read_note(note, [key_of(public_key(SETTINGS, ring))]).number == 1, "with nothing written since"


async def test_a_tail_that_was_cut_off_shows(db: Database) -> None:
    await write(db, "a", "b", "c")
    kept_elsewhere = await make(db, SETTINGS)
    await meddle(db, "DELETE FROM audit.log WHERE number > 1", "ALTER TABLE audit.checkpoints DISABLE TRIGGER USER")
    assert (await verify_chain(db)).broken is None
    found = await verify_chain(db, await vouched(db))
    assert (found.entries, found.broken, found.fault) == (1, 2, "missing")
    await db.execute("DELETE FROM audit.checkpoints")
    assert (await verify_chain(db, await vouched(db))).broken is None
    assert (await verify_chain(db, await vouched(db, [kept_elsewhere]))).broken == 2


async def test_a_log_that_was_made_anew_shows(db: Database) -> None:
    await write(db, "a", "b", "c")
    await make(db, SETTINGS)
    await meddle(db, "DELETE FROM audit.log", "ALTER TABLE audit.log ENABLE TRIGGER USER")
    await write(db, "a", "something else", "c", "d")
    assert (await verify_chain(db)).broken is None
    found = await verify_chain(db, await vouched(db))
    assert (found.broken, found.fault) == (3, "replaced")


@pytest.mark.parametrize(
    "change", ["number = 2", "digest = sha256('')", "note = replace(note, E'\\n3\\n', E'\\n2\\n')"]
)
async def test_a_checkpoint_that_was_changed_shows(db: Database, change: str) -> None:
    await write(db, "a", "b", "c")
    await make(db, SETTINGS)
    await meddle(db, "ALTER TABLE audit.checkpoints DISABLE TRIGGER USER", f"UPDATE audit.checkpoints SET {change}")
    with pytest.raises(Invalid):
        await vouched(db)


async def test_it_is_laid_down_elsewhere_too(db: Database, tmp_path: Path) -> None:
    places = (str(tmp_path / "one"), str(tmp_path / "other"))
    settings = msgspec.structs.replace(SETTINGS, moderation=Moderation(checkpoints=places))
    await make_and_publish(db, settings)
    await write(db, "a")
    await make_and_publish(db, settings)
    found = await latest(db)
    assert found is not None
    for place in ("one", "other"):
        assert (tmp_path / place / "checkpoint-000000000001.txt").read_text() == found.note


async def test_a_place_that_fails_keeps_the_note_from_no_other(db: Database, tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("a file")
    (tmp_path / "full" / "checkpoint-000000000001.txt" / "in the way").mkdir(parents=True)
    places = tuple(str(tmp_path / name) for name in ("no folder", "full", "good"))
    settings = msgspec.structs.replace(SETTINGS, moderation=Moderation(checkpoints=places))
    await write(db, "a")
    with pytest.raises(Unavailable, match=r"no folder, .*full$"):
        await make_and_publish(db, settings)
    assert (tmp_path / "good" / "checkpoint-000000000001.txt").exists()


@pytest.mark.parametrize("text", ["", "no key", "a+b+c", "a+b+AgAA"])
def test_what_is_no_key_says_so(text: str) -> None:
    with pytest.raises(Invalid, match="no public key"):
        key_of(text)
