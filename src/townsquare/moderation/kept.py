"""What is kept of something that is reported, as it is at that moment: what it says, sealed, and its files."""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from townsquare.accounts import store as accounts
from townsquare.db.pool import Db, Tx
from townsquare.jobs import emit
from townsquare.kernel.ids import AccountId
from townsquare.kernel.keyring import Keyring
from townsquare.media.sealed import EVIDENCE, copy_sealed, folder_of, keep_sealed
from townsquare.media.storage import Store
from townsquare.moderation import store_reports, vault
from townsquare.moderation.events import FilesReported
from townsquare.moderation.store_reports import Item
from townsquare.statuses.read import NO_FLAGS, Posts, no_filters, pairs_of
from townsquare.statuses.show import arrange
from townsquare.statuses.store_read import fetch_own, fetch_posts

NOT_FOR_ALL: Final = ("private", "direct")
"""Visibilities: the staff see such posts for a reason only."""


class Thing(Protocol):
    """What is kept of something, with its files."""

    @property
    def kind(self) -> str: ...
    @property
    def item_id(self) -> int: ...
    @property
    def file_keys(self) -> Sequence[str]: ...


class _Shown(msgspec.Struct, frozen=True):
    visibility: str = "public"


def _visibility(entity: bytes) -> str:
    return msgspec.json.decode(entity, type=_Shown).visibility if entity else "public"


def is_message(entity: bytes) -> bool:
    """Whether what was kept is a post to the people alone whom it names."""
    return _visibility(entity) == "direct"


def item(
    keys: Keyring, kind: str, item_id: int, text: str, entity: bytes, files: list[str], prints: Sequence[bytes] = ()
) -> Item:
    """Of something with a JSON of its own."""
    private = _visibility(entity) in NOT_FOR_ALL
    return Item(kind, item_id, files, private, vault.seal(keys, kind, item_id, text, entity), prints)


async def account(db: Db, account_id: AccountId) -> Item | None:
    """As it is now."""
    found = (await accounts.by_ids(db, [account_id])).get(account_id)
    if found is None:
        return None
    entities = await accounts.entities(db, [account_id])
    keys = (found.avatar_key, found.avatar_static_key, found.header_key, found.header_static_key)
    files = list(dict.fromkeys(key for key in keys if key is not None))
    return item(db.keys, "account", account_id, found.note, entities[account_id], files)


async def posts_seen(
    tx: Tx, reader: AccountId, author: AccountId, wanted: Sequence[int]
) -> tuple[list[int], list[Item]]:
    """Which of the posts of an author somebody may see, and what is kept of them, without what the reader did with
    them.
    """
    if not wanted:
        return [], []
    found = (await fetch_posts(tx, [(reader, [(author, number) for number in wanted])]))[0]
    return await _posts(tx, reader, author, wanted, found)


async def posts_of(tx: Tx, author: AccountId, wanted: Sequence[int]) -> list[Item]:
    """Posts as their author has them, whatever the place has decided of them or of the author; without those that are
    gone.
    """
    return (await _posts(tx, author, author, wanted, await fetch_own(tx, author, wanted)))[1]


async def _posts(
    tx: Tx, reader: AccountId, author: AccountId, wanted: Sequence[int], found: Posts
) -> tuple[list[int], list[Item]]:
    sources = await store_reports.sources(tx, author, wanted)
    there = [number for number in wanted if number in found and number in sources]
    keys = [found[number].key for number in there]
    whole = {**(await fetch_posts(tx, [(reader, pairs_of(keys))]))[0], **found}
    shown = {key.id: await arrange(tx, 0, [key], whole, NO_FLAGS, no_filters) for key in keys}
    kept = [
        item(tx.keys, "status", number, one.text, shown[number][0], one.file_keys, one.prints)
        for number, one in ((number, sources[number]) for number in there)
        if shown[number]
    ]
    return there, kept


def place_of_deleted(status_id: int) -> str:
    """Where the copies of the files of a deleted post stand."""
    return f"{EVIDENCE}/deleted/{status_id}"


async def say_files(tx: Tx, source_id: int, things: Sequence[Thing]) -> None:
    """Have sealed copies kept of the files of what a report, a notice or a signal names."""
    await emit(tx, *(FilesReported(source_id, one.kind, one.item_id) for one in things if one.file_keys))


async def keep_files(db: Db, storage: Store, events: Sequence[FilesReported]) -> None:
    """Effect of FilesReported: the copies, which stay when the post goes; of a deleted post from what is kept of it."""
    for one in events:
        file_keys = await store_reports.file_keys(db, one.source_id, one.kind, one.item_id)
        folder = folder_of(one.source_id)
        await keep_sealed(db.keys, storage, file_keys, folder)
        if one.kind == "status":
            await copy_sealed(db.keys, storage, file_keys, place_of_deleted(one.item_id), folder)
        await store_reports.stands(db, one.source_id, file_keys)
