"""Lists of people: who follows whom, and whom one keeps away, as whole entities with the cursors of the next page."""

from collections.abc import Sequence

from townsquare.accounts import store, store_collections
from townsquare.accounts.render import with_fields
from townsquare.accounts.store_collections import (
    BLOCKS,
    ENDORSEMENTS,
    FOLLOWERS,
    FOLLOWING,
    MUTES,
    REQUESTS,
    Collection,
    Entry,
)
from townsquare.accounts.store_limits import blocks as is_blocked
from townsquare.db.pool import Db
from townsquare.kernel.cursor import Cursor
from townsquare.kernel.errors import NotFound
from townsquare.kernel.ids import AccountId

Shown = tuple[list[bytes], list[int]]
"""Entities, and the cursor ids of all that was looked at, both latest first."""


async def followers(db: Db, viewer: AccountId | None, owner: AccountId, cursor: Cursor) -> Shown:
    """Those who follow somebody; nobody, where the owner hides them. Raises NotFound."""
    return await _of_other(db, FOLLOWERS, viewer, owner, cursor)


async def following(db: Db, viewer: AccountId | None, owner: AccountId, cursor: Cursor) -> Shown:
    """Those whom somebody follows; nobody, where the owner hides them. Raises NotFound."""
    return await _of_other(db, FOLLOWING, viewer, owner, cursor)


async def endorsements(db: Db, viewer: AccountId | None, owner: AccountId, cursor: Cursor) -> Shown:
    """Those whom somebody recommends. Raises NotFound."""
    return await _of_other(db, ENDORSEMENTS, viewer, owner, cursor, hidden=False)


async def requests(db: Db, me: AccountId, cursor: Cursor) -> Shown:
    """Those who wait for an answer."""
    return await _shown(db, await store_collections.page(db, REQUESTS, me, cursor))


async def blocks(db: Db, me: AccountId, cursor: Cursor) -> Shown:
    return await _shown(db, await store_collections.page(db, BLOCKS, me, cursor))


async def mutes(db: Db, me: AccountId, cursor: Cursor) -> Shown:
    """Mastodon's MutedAccount entities."""
    entries = await store_collections.page(db, MUTES, me, cursor)
    ids = [entry.account_id for entry in entries]
    ends = await store_collections.mute_ends(db, me, ids)
    entities = await store.entities(db, ids)
    muted = [with_fields(entities[one], {"mute_expires_at": ends.get(one)}) for one in ids if one in entities]
    return muted, [entry.id for entry in entries]


async def members(db: Db, me: AccountId, list_id: int, cursor: Cursor) -> Shown:
    """Those in one's own list."""
    return await _shown(db, await store_collections.members(db, me, list_id, cursor))


async def without_hidden(db: Db, viewer: AccountId | None, ids: Sequence[AccountId]) -> list[AccountId]:
    """The accounts without those whom the viewer blocks or mutes, or who block the viewer; in the same order."""
    if viewer is None or not ids:
        return list(ids)
    hidden = await store_collections.excluded(db, viewer, ids) | await store_collections.excluding(db, viewer, ids)
    return [one for one in ids if one not in hidden]


async def _of_other(
    db: Db, collection: Collection, viewer: AccountId | None, owner: AccountId, cursor: Cursor, *, hidden: bool = True
) -> Shown:
    account = await store.by_id(db, owner)
    if account is None:
        raise NotFound
    if viewer == owner:
        return await _shown(db, await store_collections.page(db, collection, owner, cursor))
    if account.suspended_at or (hidden and account.hide_collections):
        return [], []
    if viewer is not None and await is_blocked(db, owner, viewer):
        return [], []
    entries = await store_collections.page(db, collection, owner, cursor)
    visible = set(await without_hidden(db, viewer, [entry.account_id for entry in entries]))
    shown, _ = await _shown(db, [entry for entry in entries if entry.account_id in visible])
    return shown, [entry.id for entry in entries]


async def _shown(db: Db, entries: Sequence[Entry]) -> Shown:
    entities = await store.unsuspended_entities(db, [entry.account_id for entry in entries])
    shown = [entities[entry.account_id] for entry in entries if entry.account_id in entities]
    return shown, [entry.id for entry in entries]
