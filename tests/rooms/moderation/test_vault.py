"""The vault: what is kept cannot be read from the database, opens only where it belongs, and tells who opened it."""

import io
from datetime import UTC, datetime

import asyncpg
import pytest
from obstore.store import MemoryStore

from tests.rooms.moderation.cases.desk import NOW, THREAT, claim, only
from townsquare.db.pool import Database
from townsquare.kernel import keyring
from townsquare.kernel.errors import NotFound
from townsquare.kernel.keyring import KeyringError
from townsquare.media.sealed import PIECE, keep_sealed, open_sealed
from townsquare.media.storage import Store, put
from townsquare.moderation import vault
from townsquare.moderation.cases.store_decide import items
from townsquare.moderation.looks import LASTS, Looking
from townsquare.moderation.store_reports import Item


async def test_the_database_alone_does_not_say_what_was_reported(db: Database) -> None:
    made = await only(db, claim(THREAT, post=7))
    (closed,) = await items(db, made.id)
    assert closed.text == ""
    assert closed.sealed is not None
    assert b"town hall" not in closed.sealed
    (open_,) = vault.opened(db.keys, [closed])
    assert open_.text == THREAT
    with pytest.raises(KeyringError):
        vault.opened(keyring.fresh(), [closed])
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.execute("UPDATE case_items SET text = 'in plain'")


def test_what_is_kept_opens_only_as_what_it_is() -> None:
    keys = keyring.fresh()
    sealed = vault.seal(keys, "status", 1, "one", b'{"id":"1"}')
    (there,) = vault.opened(keys, [Item("status", 1, [], False, sealed)])
    assert (there.text, there.entity) == ("one", b'{"id":"1"}')
    for moved in (Item("status", 2, [], False, sealed), Item("account", 1, [], False, sealed)):
        with pytest.raises(KeyringError):
            vault.opened(keys, [moved])
    gone = Item("status", 1, [], False, None)
    assert vault.opened(keys, [gone]) == [gone]


async def test_who_looks_is_written_down_once_in_an_hour_and_stays(db: Database) -> None:
    looking = [Looking(7, "desk", "case:1")]
    for at in (NOW, NOW + LASTS / 2, NOW + LASTS * 1.5):
        await vault.look(db, looking, [Item("status", 1, [], False, None)], at)
    assert await db.value("SELECT count(*) FROM looks WHERE actor_id = 7 AND NOT private") == 2
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM looks")


async def test_what_an_older_version_kept_is_sealed_at_the_start(db: Database) -> None:
    now = datetime.now(UTC)
    await db.execute(
        "INSERT INTO reports (id, account_id, target_id, created_at, updated_at) VALUES (1, 2, 3, $1, $1)", now
    )
    for table in ("report_items", "case_items"):
        await db.execute("ALTER TABLE " + table + " DROP CONSTRAINT " + table + "_closed")  # pyright: ignore[reportArgumentType]
    await db.execute(
        """
        INSERT INTO report_items (report_id, kind, item_id, entity, text)
        VALUES (1, 'status', 9, '{"id":"9","visibility":"direct"}', 'for one'), (1, 'account', 3, '{"id":"3"}', '')
        """
    )
    made = await only(db, claim(post=9))
    await db.execute("UPDATE case_items SET text = 'for one'")
    await vault.close_plain(db)
    await vault.close_plain(db)
    assert await db.value("SELECT count(*) FROM report_items WHERE text <> '' OR entity <> ''") == 0
    (item,) = await items(db, made.id)
    assert (item.private, vault.opened(db.keys, [item])[0].text) == (True, "for one")
    private = await db.records("SELECT kind, private FROM report_items ORDER BY kind")
    assert [tuple(one) for one in private] == [("account", False), ("status", True)]


async def test_files_are_sealed_piece_by_piece_and_none_can_be_left_out() -> None:
    keys, store = keyring.fresh(), Store(MemoryStore(), keeps_headers=True)
    film = bytes(range(256)) * (PIECE // 256) * 2 + b"the end"
    key = "attachments/aa/bb/aabb0000000000000000000000000000/original.mp4"
    await put(store, key, io.BytesIO(film))
    await keep_sealed(keys, store, [key, key.replace("aabb", "aabc")], "evidence/1")
    await keep_sealed(keys, store, [key], "evidence/1")
    assert await open_sealed(keys, store, "evidence/1", key, len(film)) == film
    assert await open_sealed(keys, store, "evidence/1", key, 1000) is None
    place = f"evidence/1/{key}.sealed"
    whole = bytes(await (await store.objects.get_async(place)).bytes_async())
    assert b"the end" not in whole
    first = int.from_bytes(whole[:4], "big") + 5
    for broken in (whole[first:], whole[: 2 * first], whole[:first] + whole[2 * first :]):
        await store.objects.put_async(place, broken)
        with pytest.raises(KeyringError):
            await open_sealed(keys, store, "evidence/1", key, len(film))
    with pytest.raises(NotFound):
        await open_sealed(keys, store, "evidence/2", key, len(film))
